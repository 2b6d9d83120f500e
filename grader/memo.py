"""A bounded memory of what was worked out last, for questions that come again."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from itertools import islice
from typing import Generic, TypeVar

from msgspec import Struct, field

T = TypeVar("T")

MOST = 256
"""How many answers are kept: a class has far fewer kinds of right work, and each takes a few kilobytes."""


class Memo(Struct, Generic[T], frozen=True, kw_only=True, eq=False):
    """Keeps the values asked for last, by key.

    It takes no lock: each step is one operation of a dict, so that two threads at worst make a value twice.
    """

    most: int = MOST
    _kept: dict[Hashable, T] = field(default_factory=dict)
    """The one asked for longest ago comes first."""

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return the value kept under a key, or make it.

        Parameters
        ----------
        key : hashable
            All that the value depends on.
        make : callable
            A pure function.

        Returns
        -------
        object
        """
        kept = self.find(key)
        if kept is not None:
            return kept
        value = make()
        self.keep(key, value)
        return value

    def find(self, key: Hashable) -> T | None:
        """Return the value kept under a key, None where there is none; it is the one asked for last from now on."""
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._kept[key] = kept
        return kept

    def keep(self, key: Hashable, value: T) -> None:
        """Keep a value, and drop the one asked for longest ago where that is one too many."""
        self._kept[key] = value
        for oldest in tuple(islice(self._kept, max(0, len(self._kept) - self.most))):
            self._kept.pop(oldest, None)

    def __len__(self) -> int:
        """Return how many values are kept."""
        return len(self._kept)

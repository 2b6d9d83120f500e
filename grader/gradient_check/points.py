"""Where a forward pass is evaluated: one leaf of a case moved a little, entry by entry and along one direction."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from msgspec import Struct

from grader.model import Array

MOST_ENTRIES = 4
"""Entries of a leaf that are looked at one by one; a direction through all of them takes care of the others."""
_TURN = 2.4
"""Radians from one entry of a direction to the next; no two entries have the same share, and none vanishes."""


class Direction(Struct, frozen=True, kw_only=True):
    """A way in which one leaf is moved."""

    leaf: str
    index: tuple[int, ...] | None
    """The entry that is moved; None where all are, each by its own share."""

    def vector(self, value: Array) -> Array:
        """Return by what the leaf changes per unit of the step, in its shape."""
        if self.index is None:
            return np.cos(1.0 + _TURN * np.arange(value.size, dtype=np.float64)).reshape(value.shape)
        moved = np.zeros(value.shape)
        moved[self.index] = 1.0
        return moved


def directions(leaf: str, value: Array, wanted: tuple[int, ...] | None) -> Iterator[Direction]:
    """Yield the ways in which a leaf is moved.

    Parameters
    ----------
    leaf : str
    value : ndarray
        Of the leaf on the case.
    wanted : tuple of int, optional
        An entry to look at before others.

    Yields
    ------
    Direction
        At most `MOST_ENTRIES` entries, spread evenly; where that leaves some out, all at once as well.
    """
    if not value.size:
        return
    places = dict.fromkeys(np.linspace(0, value.size - 1, min(value.size, MOST_ENTRIES)).astype(int).tolist())
    indices = [tuple(int(i) for i in np.unravel_index(place, value.shape)) for place in places]
    if wanted is not None and wanted not in indices and len(wanted) == value.ndim:
        indices[-1] = wanted
    for index in indices:
        yield Direction(leaf=leaf, index=index)
    if value.size > len(indices):
        yield Direction(leaf=leaf, index=None)


class Point(Struct, frozen=True, kw_only=True):
    """A case, or a case with one leaf moved."""

    case: str
    direction: Direction | None = None
    """None for the case as it is."""
    step: float = 0.0
    """By how much, with the sign of the side."""

    @property
    def key(self) -> str:
        """A name for it among all points of a unit."""
        if self.direction is None:
            return self.case
        return f"{self.case}:{self.direction.leaf}:{self.direction.index}:{self.step!r}"

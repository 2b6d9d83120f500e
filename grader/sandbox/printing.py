"""Catches what student code prints, in memory and bounded."""

from __future__ import annotations

import io
from collections.abc import Callable

MAX_WRITTEN = 8 << 20
"""Characters printed by a submission after which it is stopped."""


class Printed(io.TextIOBase):
    """Stands for `sys.stdout` and `sys.stderr`: keeps the first characters, counts the rest, never blocks.

    Parameters
    ----------
    keep : int
        Characters kept over the life of the process.
    overflow : callable
        Called when more than `MAX_WRITTEN` characters were printed; does not return.
    """

    def __init__(self, *, keep: int, overflow: Callable[[], None]) -> None:
        super().__init__()
        self.buffer = _Bytes(self)
        self.written = 0
        """Characters printed so far, kept or not."""
        self._left = keep
        self._overflow = overflow
        self._parts: list[str] = []
        self._cut = False
        self._cut_shown = False

    @property
    def encoding(self) -> str:  # type: ignore[override]  # typeshed has an attribute; the base class has None
        """What the text would be written as."""
        return "utf-8"

    def writable(self) -> bool:
        """Say that one can print here."""
        return True

    def write(self, text: str, /) -> int:
        """Take text.

        Returns
        -------
        int
            Characters taken, kept or not.

        Raises
        ------
        TypeError
            When it is no text.
        """
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        length = str.__len__(text)
        kept = str.__getitem__(text, slice(0, self._left))
        self._cut = self._cut or len(kept) < length
        if kept:
            self._left -= len(kept)
            self._parts.append(kept)
        self.written += length
        if self.written > MAX_WRITTEN:
            self._overflow()
        return length

    def take(self) -> tuple[str, bool]:
        """Give what was kept since the last time.

        Returns
        -------
        text : str
        cut : bool
            Whether text was lost for the first time.
        """
        text = "".join(self._parts)
        self._parts.clear()
        cut = self._cut and not self._cut_shown
        self._cut_shown = self._cut_shown or cut
        return text, cut


class _Bytes(io.RawIOBase):
    """What `sys.stdout.buffer` is."""

    def __init__(self, printed: Printed) -> None:
        super().__init__()
        self._printed = printed

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        raw = memoryview(data).tobytes()  # type: ignore[arg-type]  # a TypeError for anything but bytes is right
        self._printed.write(raw.decode("utf-8", "replace"))
        return len(raw)

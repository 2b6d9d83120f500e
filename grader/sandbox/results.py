"""Holds back what calls gave, so that many small results cross the border in one message.

A message for each call wakes the grader each time, which costs both sides more than all the rest of a small call. What is
held back is lost when the process dies; then the grader asks once more, and says that nothing be held back.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable

from grader.sandbox import wire
from grader.sandbox.channel import Channel

POSITION = struct.Struct("<i")
"""The index of the call that is under way, as it stands in memory shared with the grader."""
_HOLD_S = 0.002
_HOLD_BYTES = 1 << 16

_now = time.perf_counter


class Results:
    """What the calls of a job gave, on its way to the grader.

    Parameters
    ----------
    channel : Channel
    mark : callable or None
        Takes the index of the call that begins, for the grader to see at any time. None: each call is said in a frame of
        its own, and nothing is held back.
    """

    def __init__(self, channel: Channel, mark: Callable[[int], None] | None) -> None:
        self._channel = channel
        self._mark = mark
        self._texts: list[bytes] = []
        self._blobs: list[bytes] = []
        self._size = 0
        self._since = _now()

    def begin(self, index: int) -> None:
        """Say or mark that a call begins.

        Parameters
        ----------
        index : int
        """
        if self._mark is None:
            self.flush()
            self._channel.send("calling", index=index)
        else:
            if self._texts and _now() - self._since > _HOLD_S:
                self.flush()
            self._mark(index)

    def add(self, kind: str, blob: bytes = b"", **fields: object) -> None:
        """Take what a call gave.

        Parameters
        ----------
        kind : str
            `returned` or `raised`.
        blob : bytes
            The bytes of its arrays.
        **fields : object
            See `grader.sandbox.events`.
        """
        text = wire.encode_header({"kind": kind, **fields})
        if self._size + len(text) + len(blob) > _HOLD_BYTES:
            self.flush()
        self._texts.append(text)
        self._blobs.append(blob)
        self._size += len(text) + len(blob)

    def flush(self) -> None:
        """Send all that is held back."""
        self._hand_over(self._channel.send_text)

    def close(self) -> None:
        """Send what is held back with the frame that says that all is done."""
        self._hand_over(self._channel.hold_text)

    def _hand_over(self, take: Callable[[bytes, bytes], None]) -> None:
        if self._texts:
            take(*wire.results_frame(self._texts, self._blobs))
            self._texts, self._blobs, self._size = [], [], 0
        self._since = _now()

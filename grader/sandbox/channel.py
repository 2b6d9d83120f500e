"""Sends frames from the child to the grader, and ends the process when nobody can hear them any more."""

from __future__ import annotations

import os
import threading

from grader.sandbox import wire

# Taken before student code exists, so that a patched module does not silence us.
_write = os.write
_exit = os._exit


class Channel:
    """Sends frames; a channel that the student closed ends the process.

    Parameters
    ----------
    fd : int
        Where they go.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._lock = threading.Lock()
        self._held = b""

    def send(self, kind: str, /, **fields: object) -> None:
        """Send a frame without bytes."""
        self.send_text(wire.encode_header({"kind": kind, **fields}), b"")

    def hold(self, kind: str, /, **fields: object) -> None:
        """Send a frame together with the next one, which follows at once: each write wakes the other side."""
        self.hold_text(wire.encode_header({"kind": kind, **fields}), b"")

    def hold_text(self, header: bytes, blob: bytes) -> None:
        """Send a frame whose header is written already together with the next one."""
        with self._lock:
            self._held += wire.frame_of(header, blob)

    def send_text(self, header: bytes, blob: bytes) -> None:
        """Send a frame whose header is written already."""
        with self._lock:
            data = memoryview(self._held + wire.frame_of(header, blob))
            self._held = b""
            while data:
                try:
                    data = data[_write(self._fd, data) :]
                except OSError:
                    _exit(1)

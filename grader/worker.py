"""The inside of a worker process: it settles in, serves one request after the other, and leaves no process behind."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from multiprocessing.connection import Connection
from typing import NoReturn, TypeAlias

from grader.errors import GraderError

if sys.platform == "linux":
    from grader.sandbox.linux.process import die_with_parent, hide_memory

Serve: TypeAlias = Callable[[bytes], bytes]
"""Makes the answer to a request."""
Peek: TypeAlias = Callable[[], bytes | None]
"""Gives the request that will be served next, where it has come already."""
Tell: TypeAlias = Callable[[str], None]
"""Says what is being done, where that takes long."""
Start: TypeAlias = Callable[[Peek, Tell], AbstractContextManager[Serve]]
"""What a worker does first, and last: it gives what serves the requests in between."""

ANSWER, NOTE, REFUSED, BROKEN = b"a", b"n", b"r", b"b"
"""First byte of a message from a worker: an answer; what it is doing; an error that has a remedy; an exception, and the worker ends."""


def work(connection: Connection, strangers: Sequence[int], start: Start, parent: int) -> None:
    """Serve requests until the pipe is closed; what a worker process does.

    Parameters
    ----------
    connection : Connection
        Where requests come from and answers go to.
    strangers : sequence of int
        Descriptors that came with the fork and are not for here.
    start : callable
        Gives what serves.
    parent : int
        Id of the process that made this one; it ends when that does.
    """
    _settle_in(strangers, parent)
    requests = _Requests(connection)
    try:
        with start(
            requests.peek, lambda text: _say(connection, NOTE + text.encode("utf-8", "replace"))
        ) as serve:
            while (request := requests.next()) is not None:
                connection.send_bytes(ANSWER + serve(request))
    except GraderError as error:
        _say(connection, REFUSED + json.dumps({"message": error.message, "remedy": error.remedy}).encode())
    except Exception as error:  # noqa: BLE001  the edge: the other side tries again, and tells
        _say(connection, BROKEN + f"{type(error).__name__}: {error}".encode("utf-8", "replace")[:1000])


class _Requests:
    """What comes through the pipe, with a look ahead."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._ahead: bytes | None = None

    def next(self) -> bytes | None:
        """Wait for a request; None when the pipe is closed."""
        request, self._ahead = self._ahead, None
        if request is not None:
            return request
        try:
            return self._connection.recv_bytes()
        except (EOFError, OSError):
            return None

    def peek(self) -> bytes | None:
        """Give the next request if it is there."""
        with contextlib.suppress(EOFError, OSError):
            if self._ahead is None and self._connection.poll():
                self._ahead = self._connection.recv_bytes()
        return self._ahead


def _settle_in(strangers: Sequence[int], parent: int) -> None:
    # Ctrl-C goes to all processes of the terminal, and the coordinator decides what it means. A handler that does
    # nothing and not SIG_IGN, which the programs we start would inherit.
    signal.signal(signal.SIGINT, lambda _number, _frame: None)
    signal.signal(signal.SIGTERM, _leave)
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            die_with_parent()
            hide_memory()  # this memory holds the expected values
        if os.getppid() != parent:  # it ended before we asked
            os._exit(1)
    # Objects of the coordinator are never freed here: one that closes itself would close a number that is ours by now.
    gc.freeze()
    for descriptor in strangers:
        with contextlib.suppress(OSError):
            os.close(descriptor)


def _leave(_number: int, _frame: object) -> NoReturn:
    raise SystemExit(0)


def _say(connection: Connection, message: bytes) -> None:
    with contextlib.suppress(OSError):
        connection.send_bytes(message)

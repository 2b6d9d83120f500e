"""Processes that answer requests, one after the other each: fed, watched, and replaced when they break.

It knows nothing of grading. A request and its answer are bytes, so that nothing a worker sends is unpickled.
"""

from __future__ import annotations

import contextlib
import gc
import json
import multiprocessing
import os
import sys
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Literal, Self, TypeAlias

from msgspec import Struct, field

from grader.errors import HostError
from grader.worker import BROKEN, NOTE, REFUSED, Start, work

Method: TypeAlias = Literal["fork", "spawn"]

QUEUED = 2
"""Requests in the hands of one worker: one at work, and one so that it need not wait for us."""
SHORT = 32 * 1024
"""Bytes of a request that surely fit into a pipe, so that sending them waits for nobody."""
_MOST_DEATHS = 2
_SAFE_PATH = "PYTHONSAFEPATH"
_END_S = 2.0
"""For a worker to clean up when told to end; then it is killed."""


def method() -> Method:
    """Say how workers are made here.

    Returns
    -------
    str
        `fork` on Linux while there is one thread: workers share memory and what is computed already. `spawn` elsewhere,
        because a fork copies one thread and the locks of all, and system libraries of macOS do not survive it.
    """
    return "fork" if sys.platform == "linux" and threading.active_count() == 1 else "spawn"


class Answer(Struct, frozen=True, kw_only=True):
    """What came of a request."""

    number: int
    data: bytes | None
    """None where two workers broke over it."""
    why: str = ""
    """How the last of them ended; reads after "a worker process"."""


class _Request(Struct, kw_only=True):
    number: int
    data: bytes
    deaths: int = 0
    is_sent: bool = False


class _Worker(Struct, kw_only=True):
    process: BaseProcess
    connection: Connection
    queue: deque[_Request] = field(default_factory=deque)
    """Given and not answered; the first one is at work."""
    since: float = 0.0
    """When the first one began."""
    is_careful: bool = False
    """Whether it is sent a single request until that is answered. A worker looks ahead while it is at work: when one broke, it
    must be plain over which."""

    def end(self) -> None:
        """Tell it to leave what it does and to clean up."""
        self.connection.close()
        self.process.terminate()

    def take(self, request: _Request) -> None:
        if not self.queue:
            self.since = time.monotonic()
        self.queue.append(request)
        if not (self.is_careful and len(self.queue) > 1):
            self._send(request)

    def answered(self) -> _Request:
        """Take note that the first request is answered."""
        request = self.queue.popleft()
        self.since = time.monotonic()
        self.is_careful = False
        for waiting in self.queue:
            if not waiting.is_sent:
                self._send(waiting)
        return request

    def _send(self, request: _Request) -> None:
        request.is_sent = True
        # One that has just ended is noticed, and replaced, when its answer is asked for.
        with contextlib.suppress(OSError):
            self.connection.send_bytes(request.data)


class Workers:
    """A fixed number of worker processes; a context manager, for one thread.

    Parameters
    ----------
    start : callable
        Called in each worker; must be picklable where workers are spawned.
    count : int
        How many workers.
    patience_s : float
        Seconds in which a request must be answered, or something said of it; a worker that takes longer is replaced.
    how : {"fork", "spawn"}, optional
        How they are made; by default as fits here.
    on_note : callable, optional
        Hears what a worker is doing where that takes long.

    Raises
    ------
    HostError
        Where the machine gives no process, or `start` says what is wrong with it.
    """

    def __init__(
        self,
        start: Start,
        *,
        count: int,
        patience_s: float,
        how: Method | None = None,
        on_note: Callable[[str], None] | None = None,
    ) -> None:
        self._start = start
        self._patience_s = patience_s
        self._on_note = on_note or (lambda _text: None)
        self._how = how or method()
        self._ending = False
        self._refusal: HostError | None = None
        self._workers: list[_Worker] = []
        self._count = count

    def __enter__(self) -> Self:
        # Collected now, what is there is never touched again by the collector, and stays shared with the forks.
        gc.collect()
        try:
            for _ in range(self._count):
                self._workers.append(self._new())
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pids(self) -> tuple[int, ...]:
        """Process ids, for measurements and tests."""
        return tuple(worker.process.pid or 0 for worker in self._workers)

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return any(worker.queue for worker in self._workers)

    def has_room(self, size: int = 0) -> bool:
        """Say whether a request of some bytes can be given now without waiting."""
        return self._free(size) is not None

    def give(self, number: int, data: bytes) -> None:
        """Give a request to the worker with the least to do.

        Parameters
        ----------
        number : int
            Names it in its answer.
        data : bytes
            The request.

        Raises
        ------
        ValueError
            Where no worker has room.
        """
        worker = self._free(len(data))
        if worker is None:
            raise ValueError("no worker has room")
        worker.take(_Request(number=number, data=data))

    def answers(self, timeout_s: float) -> list[Answer]:
        """Wait for answers, at most for some time, and see to it that all workers live.

        Parameters
        ----------
        timeout_s : float

        Returns
        -------
        list of Answer

        Raises
        ------
        HostError
            Where a worker has said what is wrong with the machine and no answer is left to take, or where no new worker
            can be made.
        """
        ready = wait([worker.connection for worker in self._workers], timeout_s)
        came: list[Answer] = []
        for worker in list(self._workers):
            if worker.connection in ready:
                came += self._received(worker)
            elif not worker.process.is_alive():
                # Its end of the pipe may live on in a process it left behind.
                came += self._bury(worker, "ended")
            elif worker.queue and time.monotonic() - worker.since > self._patience_s:
                came += self._bury(worker, f"did not answer within {self._patience_s:.0f} s")
        if self._refusal is not None and not came:
            raise self._refusal
        return came

    def finish(self) -> None:
        """Let each worker answer what it works at, and begin nothing more; what waits is dropped."""
        self._ending = True
        for worker in list(self._workers):
            if not worker.queue:
                self._dismiss(worker)

    def close(self) -> None:
        """End all workers; what they work at is lost."""
        for worker in self._workers:
            worker.end()
        end = time.monotonic() + _END_S
        for worker in self._workers:
            _reap(worker, end)
        self._workers.clear()

    # ----------------------------------------------------------------------------------------------------------

    def _free(self, size: int) -> _Worker | None:
        """Find a worker that may be given a request: a long one only when it waits for one, and so reads it at once."""
        least = min(self._workers, key=lambda worker: len(worker.queue), default=None)
        most = QUEUED if size <= SHORT else 1
        return least if least is not None and len(least.queue) < most else None

    def _new(self) -> _Worker:
        ours, theirs = multiprocessing.Pipe()
        strangers = _open_descriptors(theirs.fileno()) if self._how == "fork" else ()
        process = _process_type(self._how)(
            target=work, args=(theirs, strangers, self._start, os.getpid()), daemon=True
        )
        try:
            with warnings.catch_warnings(), _without_current_folder(self._how):
                # Python 3.12 counts the threads of BLAS, which see to a fork themselves; of ours there is one.
                warnings.simplefilter("ignore", DeprecationWarning)
                process.start()
        except OSError as error:
            ours.close()
            raise HostError(
                f"the machine gives no process for a worker: {error.strerror}",
                remedy="end other programs, or run fewer workers with -j",
            ) from error
        finally:
            theirs.close()
        return _Worker(process=process, connection=ours)

    def _received(self, worker: _Worker) -> Iterator[Answer]:
        try:
            message = worker.connection.recv_bytes()
        except (EOFError, OSError):
            yield from self._bury(worker, "ended")
            return
        kind, data = message[:1], message[1:]
        if kind == REFUSED:
            self._refusal = HostError(**json.loads(data))
            self._workers.remove(worker)
            worker.end()
            _reap(worker, time.monotonic() + _END_S)
            return
        if kind == NOTE:
            worker.since = time.monotonic()  # each stage of a long request has its own time
            self._on_note(data.decode("utf-8", "replace"))
            return
        if kind == BROKEN:
            yield from self._bury(worker, f"broke: {data.decode('utf-8', 'replace')}")
            return
        yield Answer(number=worker.answered().number, data=data)
        if self._ending:
            self._dismiss(worker)

    def _bury(self, worker: _Worker, why: str) -> Iterator[Answer]:
        """Put a new worker in the place of one that broke; what it was at is tried once more."""
        worker.process.kill()
        worker.connection.close()
        worker.process.join()
        self._workers.remove(worker)
        if self._ending:
            return
        lost: Answer | None = None
        if worker.queue:
            first = worker.queue[0]
            first.deaths += 1
            if first.deaths >= _MOST_DEATHS:
                worker.queue.popleft()
                lost = Answer(number=first.number, data=None, why=f"{why}{_status(worker)}")
        successor = self._new()
        successor.is_careful = True
        self._workers.append(successor)
        for request in worker.queue:
            request.is_sent = False
            successor.take(request)
        if lost is not None:
            yield lost

    def _dismiss(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        worker.end()
        _reap(worker, time.monotonic() + _END_S)


def _process_type(how: Method) -> Callable[..., BaseProcess]:
    if how == "fork":
        return multiprocessing.get_context("fork").Process
    return multiprocessing.get_context("spawn").Process


@contextlib.contextmanager
def _without_current_folder(how: Method) -> Iterator[None]:
    """Keep an interpreter that starts from importing what lies in the current folder: it may be full of submissions.

    A spawned one looks there first for `multiprocessing` and `pickle`; a forked one has all it needs.
    """
    before = os.environ.get(_SAFE_PATH)
    if how == "spawn":
        os.environ[_SAFE_PATH] = "1"
    try:
        yield
    finally:
        if how == "spawn" and before is None:
            del os.environ[_SAFE_PATH]


def _reap(worker: _Worker, end: float) -> None:
    worker.process.join(max(0.0, end - time.monotonic()))
    worker.process.kill()
    worker.process.join()


def _status(worker: _Worker) -> str:
    code = worker.process.exitcode
    if code is None or code >= 0:
        return ""
    return f" (signal {-code})"


def _open_descriptors(kept: int) -> tuple[int, ...]:
    """Return what a fork would inherit beside the standard streams and its pipe: other pipes, the gradebook, the lock."""
    found = []
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208  numbers, not paths
        descriptor = int(name)
        # The listing names its own descriptor too, which is closed by now; its number may be the next one given out.
        with contextlib.suppress(OSError):
            os.fstat(descriptor)
            found.append(descriptor)
    return tuple(descriptor for descriptor in found if descriptor > 2 and descriptor != kept)  # noqa: PLR2004

"""Starts one child process with what every system offers, Windows included: pipes, threads, and a way to kill.

Student code is not limited in it. The grader's patience is the one limit: `3 x + 2` seconds of waiting for `x` seconds of
CPU time; how much of that was used, and how much memory, nobody says.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from typing import IO

from grader.sandbox.environment import environment
from grader.sandbox.process import MARK, READ, Exit, command, remove, sweep

_CHUNK = 1 << 16
_SETTLE_S = 0.2
"""Seconds in which what an ended process wrote has come through; longer only where somebody else writes, too."""
_GLANCE_S = 0.002
_CRASHES = {
    0xC0000005: signal.SIGSEGV,  # access violation
    0xC00000FD: signal.SIGSEGV,  # stack overflow
    0xC000001D: signal.SIGILL,  # illegal instruction
    0xC0000094: signal.SIGFPE,  # integer division by zero
    0xC0000409: signal.SIGABRT,  # fast fail, which is how the C library aborts
}
"""Exit codes of crashes on Windows, from "NTSTATUS values" ([MS-ERREF] 2.3.1), and the signals that say the same."""


class PlainProcess:
    """One process for one attempt at a job; see `grader.sandbox.process.Child`.

    On Windows only sockets can be waited for together, and a child cannot be given one as its output: a thread for each
    pipe moves what comes into a socket.

    What student code starts itself and leaves behind is found and killed on Linux alone.

    Parameters
    ----------
    job : bytes
        The frames that it reads.
    imports : sequence of str
        Packages that must be importable there.
    shell : bool
        Whether there are notebooks among the files.

    Raises
    ------
    OSError
        When the machine gives no process, pipe, socket or folder.
    """

    def __init__(self, job: bytes, *, imports: Sequence[str], shell: bool) -> None:
        self._lock = threading.Lock()
        self._exit: Exit | None = None
        self._settled: float | None = None
        self._mark = secrets.token_hex(16)
        with contextlib.ExitStack() as undo:
            self._folder = tempfile.mkdtemp(prefix="backprop-grader-")
            undo.callback(remove, self._folder)
            job_file = undo.enter_context(tempfile.TemporaryFile())
            job_file.write(job)
            job_file.seek(0)
            self._results, results_in = _sockets(undo)
            self._outputs, outputs_in = _sockets(undo)
            self._process = subprocess.Popen(  # noqa: S603  (our own interpreter and file)
                command("plain", imports=imports, shell=shell),
                bufsize=0,
                stdin=job_file,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=self._folder,
                env={**variables(self._folder, windows=os.name == "nt"), MARK: self._mark},
                start_new_session=True,  # nothing on Windows
                # Otherwise a window would open, or Ctrl-C would reach student code before us; nothing elsewhere.
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
            undo.callback(self._end)
            assert self._process.stdout is not None
            assert self._process.stderr is not None
            ways = ((self._process.stdout, results_in), (self._process.stderr, outputs_in))
            self._pumps = [threading.Thread(target=_pump, args=way, daemon=True) for way in ways]
            for pump in self._pumps:
                pump.start()
            undo.pop_all()
        job_file.close()
        self.result = self._results.fileno()
        self.output = self._outputs.fileno()

    def read(self, fd: int) -> bytes | None:
        """Read what has come on one of the two descriptors: empty at its end, None where nothing is there yet."""
        end = self._results if fd == self.result else self._outputs
        try:
            return end.recv(READ)
        except BlockingIOError:
            return None
        except ConnectionError:
            return b""

    def cpu_s(self) -> float | None:
        """Give None: nobody says."""
        return None

    def position(self) -> int | None:
        """Give None: this process says each call before it makes it."""
        return None

    def wait(self, seconds: float) -> bool:
        """Wait until the process is over and what it wrote can be read; say whether it is."""
        end = time.monotonic() + seconds
        while not self._over():
            if time.monotonic() >= end:
                return False
            time.sleep(_GLANCE_S)
        if self._settled is None:
            self._settled = time.monotonic() + _SETTLE_S
        for pump in self._pumps:
            pump.join(max(0.0, self._settled - time.monotonic()))
        return True

    def _over(self) -> bool:
        with self._lock:
            return self._process.poll() is not None

    def interrupt(self) -> None:
        """Do nothing: the process has said where it is, or never will; see `grader.sandbox.plain`."""

    def kill(self) -> None:
        """Kill the process, and its session where there are sessions; may be called from any thread and often."""
        with self._lock:
            # Only before its status is taken: afterwards the number may be somebody else's.
            if self._process.returncode is None:
                if hasattr(os, "killpg"):
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.killpg(self._process.pid, signal.SIGKILL)
                self._process.kill()

    def close(self) -> Exit:
        """Kill what is left, and clean up.

        Returns
        -------
        Exit
            How the process itself ended; zeros for what it took.
        """
        if self._exit is None:
            self._end()
            for end in (self._results, self._outputs):
                end.close()
            for pump in self._pumps:
                # It ends with the pipe, or when its socket is closed; each closes its own end of both.
                pump.join(_SETTLE_S)
            remove(self._folder)
            self._exit = exit_of(self._process.returncode)
        return self._exit

    def _end(self) -> None:
        self.kill()
        self._process.wait()
        sweep(self._mark)


def variables(folder: str, *, windows: bool) -> dict[str, str]:
    """Give the environment of a child.

    Parameters
    ----------
    folder : str
        Its home, and its place for temporary files.
    windows : bool
        Whether it is to run on Windows, where home has another name, and where some installations (conda) find shared
        libraries along the `PATH` alone.

    Returns
    -------
    dict
    """
    own = {"USERPROFILE": folder, "PATH": os.environ.get("PATH", "")} if windows else {}
    return {**environment(folder), **own}


def exit_of(code: int) -> Exit:
    """Say how a process ended.

    Parameters
    ----------
    code : int
        From `subprocess`: a signal is negative; a crash on Windows is one of the large numbers.

    Returns
    -------
    Exit
        Zeros for what it took.
    """
    number = -code if code < 0 else _CRASHES.get(code)
    return Exit(
        signal_number=number,
        exit_code=code if number is None else None,
        cpu_s=0.0,
        peak_memory_mib=0.0,
    )


def _sockets(undo: contextlib.ExitStack) -> tuple[socket.socket, socket.socket]:
    """Make an end to read from, which does not block, and one to write to, which does."""
    reading, writing = socket.socketpair()
    undo.callback(reading.close)
    undo.callback(writing.close)
    reading.setblocking(False)
    return reading, writing


def _pump(pipe: IO[bytes], sink: socket.socket) -> None:
    """Move what comes through a pipe into a socket, until either is closed; holds one piece at a time."""
    with pipe, sink, contextlib.suppress(OSError):
        while data := pipe.read(_CHUNK):
            sink.sendall(data)

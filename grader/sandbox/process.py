"""Starts one child process, and makes sure that it and all it started are gone afterwards."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from grader.sandbox.environment import environment
from grader.sandbox.libraries import SHELL_PACKAGE, find_libraries

_HERE = Path(__file__).resolve().parent
MARK = "BACKPROP_GRADER_RUN"
"""Variable by which all that a process starts is found."""
READ = 1 << 18
"""Most bytes that are read at once."""
_MOST_SWEEPING_S = 5.0
"""How long what was killed is waited for; on a busy machine it is a while before it ends."""
_GLANCE_S = 0.002


class BrokenError(OSError):
    """A process of our own did not start, or does not do what it is for."""


class Exit(Struct, frozen=True, kw_only=True):
    """How a process ended and what it took."""

    signal_number: int | None
    exit_code: int | None
    cpu_s: float
    """User and system time of the process and the children it waited for."""
    peak_memory_mib: float

    @property
    def signal_name(self) -> str | None:
        """Name of the signal; None where there was none, or one without a name on this system."""
        try:
            return None if self.signal_number is None else signal.Signals(self.signal_number).name
        except ValueError:
            return None


class Child(Protocol):
    """One process for one attempt at a job, started afresh or forked."""

    result: int
    """Descriptor on which frames come."""
    output: int
    """Descriptor on which everything else comes that is written."""

    def read(self, fd: int) -> bytes | None:
        """Read what has come on one of the two descriptors: empty at its end, None where nothing is there yet."""

    def cpu_s(self) -> float | None:
        """Give the CPU seconds used so far; None where the process watches them itself, or nobody does."""

    def position(self) -> int | None:
        """Give the index of the call that it has marked as under way; None where it says so in frames."""

    def wait(self, seconds: float) -> bool:
        """Wait until the process is over; say whether it is."""

    def interrupt(self) -> None:
        """Ask the process to say where it is."""

    def kill(self) -> None:
        """Kill it; may be called from any thread and any number of times."""

    def close(self) -> Exit:
        """Kill what is left, clean up, and say how it ended."""


class ChildProcess:
    """One process for one attempt at a job.

    Parameters
    ----------
    job : bytes
        The frame that it reads.
    imports : sequence of str
        Packages that must be importable there.
    shell : bool
        Whether there are notebooks among the files.

    Raises
    ------
    OSError
        When the machine gives no process, pipe or folder.
    """

    def __init__(self, job: bytes, *, imports: Sequence[str], shell: bool) -> None:
        self._lock = threading.Lock()
        self._exit: Exit | None = None
        self._mark = secrets.token_hex(16)
        with contextlib.ExitStack() as undo:
            self.folder = tempfile.mkdtemp(prefix="backprop-grader-")
            undo.callback(remove, self.folder)
            job_file = undo.enter_context(tempfile.TemporaryFile())
            job_file.write(job)
            job_file.seek(0)
            self.result, result_end = pipe(undo)
            self.output, output_end = pipe(undo)
            self._process = subprocess.Popen(  # noqa: S603  (our own interpreter and file)
                command("job", imports=imports, shell=shell, fd=result_end),
                stdin=job_file,
                stdout=output_end,
                stderr=output_end,
                pass_fds=(result_end,),
                cwd=self.folder,
                env={**environment(self.folder), MARK: self._mark},
                start_new_session=True,
            )
            undo.pop_all()
        for end in (result_end, output_end):
            os.close(end)
        job_file.close()

    def read(self, fd: int) -> bytes | None:
        """Read what has come on one of the two descriptors: empty at its end, None where nothing is there yet."""
        return read_now(fd)

    def cpu_s(self) -> float | None:
        """Give None: this process watches its own CPU time."""
        return None

    def position(self) -> int | None:
        """Give None: this process says each call before it makes it."""
        return None

    def wait(self, seconds: float) -> bool:
        """Wait until the process is over, without taking its status; False where the system cannot tell."""
        if not hasattr(os, "waitid"):
            return False
        end = time.monotonic() + seconds
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        while os.waitid(os.P_PID, self._process.pid, flags) is None:
            if time.monotonic() >= end:
                return False
            time.sleep(_GLANCE_S)
        return True

    def interrupt(self) -> None:
        """Ask the process to say where it is and to end."""
        with self._lock:
            if self._exit is None:
                os.kill(self._process.pid, signal.SIGPROF)

    def kill(self) -> None:
        """Kill the process and its session; may be called from any thread and any number of times."""
        with self._lock:
            # Only before it is reaped: afterwards the number may be somebody else's.
            if self._exit is None:
                self._kill()

    def _kill(self) -> None:
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(self._process.pid, signal.SIGKILL)

    def close(self) -> Exit:
        """Kill what is left, and clean up.

        Returns
        -------
        Exit
            How the process itself ended.
        """
        self.kill()
        # Not under the lock: another thread may ask to kill while we wait for a death that is certain.
        if self._exit is None:
            _, status, usage = os.wait4(self._process.pid, 0)
            with self._lock:
                self._exit = _exit(status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
            self._process.returncode = os.waitstatus_to_exitcode(status)
            for end in (self.result, self.output):
                os.close(end)
            sweep(self._mark)
            remove(self.folder)
        return self._exit


def command(role: str, *, imports: Sequence[str], shell: bool, fd: int | None = None) -> list[str]:
    """Give the command that starts a child for one job.

    Parameters
    ----------
    role : str
        See `grader.sandbox.child`.
    imports : sequence of str
        Packages that must be importable there.
    shell : bool
        Whether there are notebooks among the files.
    fd : int, optional
        Descriptor for the results.

    Returns
    -------
    list of str
    """
    settings = {
        "here": str(_HERE),
        "paths": find_libraries(("numpy", *imports, *((SHELL_PACKAGE,) if shell else ()))).search,
        "fd": fd,
        "parent": os.getpid(),
        "role": role,
        "settings": {"shell": shell},
    }
    return [sys.executable, "-I", "-S", "-B", str(_HERE / "child.py"), json.dumps(settings)]


def read_now(fd: int) -> bytes | None:
    """Read what is in a pipe that does not block.

    Parameters
    ----------
    fd : int

    Returns
    -------
    bytes or None
        Empty at its end, None where nothing is there yet.
    """
    try:
        return os.read(fd, READ)
    except BlockingIOError:
        return None


def pipe(undo: contextlib.ExitStack) -> tuple[int, int]:
    """Make a pipe of which the reading end does not block.

    Parameters
    ----------
    undo : ExitStack
        Closes both ends, unless told otherwise.

    Returns
    -------
    reading, writing : int

    Raises
    ------
    OSError
        When there are too many open files.
    """
    reading, writing = os.pipe()
    undo.callback(os.close, reading)
    undo.callback(os.close, writing)
    os.set_blocking(reading, False)
    return reading, writing


def _exit(status: int, cpu_s: float, max_rss: int) -> Exit:
    code = os.waitstatus_to_exitcode(status)
    return Exit(
        signal_number=-code if code < 0 else None,
        exit_code=code if code >= 0 else None,
        cpu_s=cpu_s,
        # KiB on Linux, bytes on macOS.
        peak_memory_mib=max_rss / (1 << 20 if sys.platform == "darwin" else 1 << 10),
    )


def sweep(mark: str) -> None:
    """Kill what left the session: on Linux every descendant still carries the mark in its environment.

    Parameters
    ----------
    mark : str
        Value of the variable `MARK`.
    """
    if sys.platform != "linux":
        return
    needle = f"{MARK}={mark}".encode()
    end = time.monotonic() + _MOST_SWEEPING_S
    was_empty = False
    while time.monotonic() < end:
        left = [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _carries(entry, needle)]
        # One look may pass by who forks and ends meanwhile, with a child whose number was listed already.
        if not left and was_empty:
            return
        was_empty = not left
        for pid in left:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        if left:
            time.sleep(_GLANCE_S)  # who was killed needs a moment of a core to end


def _carries(process: Path, needle: bytes) -> bool:
    try:
        return needle in (process / "environ").read_bytes()
    except OSError:  # ended meanwhile, or another user's
        return False


def remove(folder: str) -> None:
    """Remove a folder with all that student code may have put there.

    Parameters
    ----------
    folder : str
    """
    # Up to Python 3.12 `rmtree` recurses, and a folder can be nested deeper than the stack.
    with contextlib.suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    if Path(folder).exists():
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            subprocess.run(  # noqa: S603  (a folder that we made)
                ["/bin/rm", "-rf", "--", folder], check=False, timeout=30, stderr=subprocess.DEVNULL
            )

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
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.sandbox.libraries import find_libraries

_HERE = Path(__file__).resolve().parent
_MARK = "BACKPROP_GRADER_RUN"
_MAX_SWEEPS = 50
_KEPT_VARIABLES = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
"""Without these some installations of Python do not start."""
_ONE_THREAD = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
"""One thread makes CPU time and the last bits of a product the same everywhere."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Exit:
    """How a process ended and what it took."""

    signal_number: int | None
    exit_code: int | None
    cpu_s: float
    """User and system time of the process and the children it waited for."""
    peak_memory_mib: float


class ChildProcess:
    """One process for one attempt at a job.

    Parameters
    ----------
    job : bytes
        The frame that it reads.
    imports : sequence of str
        Packages that must be importable there.

    Raises
    ------
    OSError
        When the machine gives no process, pipe or folder.
    """

    def __init__(self, job: bytes, *, imports: Sequence[str]) -> None:
        self._lock = threading.Lock()
        self._exit: Exit | None = None
        self._mark = secrets.token_hex(16)
        with contextlib.ExitStack() as undo:
            self.folder = tempfile.mkdtemp(prefix="backprop-grader-")
            undo.callback(_remove, self.folder)
            job_file = undo.enter_context(tempfile.TemporaryFile())
            job_file.write(job)
            job_file.seek(0)
            self.result, result_end = _pipe(undo)
            self.output, output_end = _pipe(undo)
            settings = {
                "here": str(_HERE),
                "paths": find_libraries(("numpy", *imports)).search,
                "fd": result_end,
                "parent": os.getpid(),
                "warm": None,
            }
            self._process = subprocess.Popen(  # noqa: S603  (our own interpreter and file)
                [sys.executable, "-I", "-S", "-B", str(_HERE / "child.py"), json.dumps(settings)],
                stdin=job_file,
                stdout=output_end,
                stderr=output_end,
                pass_fds=(result_end,),
                cwd=self.folder,
                env=_environment(self.folder, self._mark),
                start_new_session=True,
            )
            undo.pop_all()
        for end in (result_end, output_end):
            os.close(end)
        job_file.close()

    def has_ended(self) -> bool:
        """Say whether the process is over, without taking its status; False where the system cannot tell."""
        if not hasattr(os, "waitid"):
            return False
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self._process.pid, flags) is not None

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
            _sweep(self._mark)
            _remove(self.folder)
        return self._exit


def _pipe(undo: contextlib.ExitStack) -> tuple[int, int]:
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


def _environment(folder: str, mark: str) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": folder,
        "TMPDIR": folder,
        "PYTHONHASHSEED": "0",  # read by the child's own children; the child itself is started isolated
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": folder,
        _MARK: mark,
        **dict.fromkeys(_ONE_THREAD, "1"),
        **{name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ},
    }


def _sweep(mark: str) -> None:
    """Kill what left the session: on Linux every descendant still carries the mark in its environment."""
    if sys.platform != "linux":
        return
    needle = f"{_MARK}={mark}".encode()
    for _ in range(_MAX_SWEEPS):
        left = [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _carries(entry, needle)]
        if not left:
            return
        for pid in left:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)


def _carries(process: Path, needle: bytes) -> bool:
    try:
        return needle in (process / "environ").read_bytes()
    except OSError:  # ended meanwhile, or another user's
        return False


def _remove(folder: str) -> None:
    # Up to Python 3.12 `rmtree` recurses, and a folder can be nested deeper than the stack.
    with contextlib.suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    if Path(folder).exists():
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            subprocess.run(  # noqa: S603  (a folder that we made)
                ["/bin/rm", "-rf", "--", folder], check=False, timeout=30, stderr=subprocess.DEVNULL
            )

"""Lets the grader's own modules see this machine as Windows: what is missing there is missing, what differs there differs.

Run as a program, it runs another one like that: `pretended_windows.py PROGRAM ARGUMENT..`, or `-m MODULE ARGUMENT..`.
Python's own library and other people's packages see the machine as it is. What cannot be pretended: files that are
open cannot be removed, and paths have another form.
"""

from __future__ import annotations

import builtins
import errno
import faulthandler
import os
import platform
import runpy
import select
import selectors
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

ABSENT = {"fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "syslog", "posix"}
"""Modules that are for Unix alone, by the library reference of Python."""
_KEPT_OS = """
abort access add_dll_directory altsep chdir chmod close closerange cpu_count curdir defpath device_encoding devnull dup dup2
environ error execl execv extsep fdopen fsdecode fsencode fspath fstat fsync ftruncate get_exec_path get_handle_inheritable
get_inheritable get_terminal_size getcwd getcwdb getenv getlogin getpid getppid isatty kill linesep link listdir lseek lstat
makedirs mkdir open pardir path pathsep pipe popen putenv read readlink remove removedirs rename renames replace rmdir scandir
sep set_inheritable spawnl spawnv stat stat_result startfile strerror supports_bytes_environ symlink system terminal_size
times truncate umask unlink unsetenv urandom utime waitpid waitstatus_to_exitcode walk write PathLike DirEntry _exit
F_OK R_OK W_OK X_OK O_APPEND O_BINARY O_CREAT O_EXCL O_NOINHERIT O_RDONLY O_RDWR O_TEMPORARY O_TEXT O_TRUNC O_WRONLY
P_NOWAIT P_WAIT SEEK_SET SEEK_CUR SEEK_END
"""
"""What `os` has on Windows, by the same reference."""
_KEPT_SIGNALS = {"SIGABRT", "SIGFPE", "SIGILL", "SIGINT", "SIGSEGV", "SIGTERM", "SIG_DFL", "SIG_IGN"}


class Seen(ModuleType):
    """A module as the grader sees it: another one with some things changed and some missing."""

    def __init__(self, real: ModuleType, changed: Mapping[str, object], missing: Collection[str]) -> None:
        super().__init__(real.__name__)
        vars(self).update(_real=real, _missing=missing, **changed)

    def __getattr__(self, name: str) -> Any:
        if name in self._missing:
            raise AttributeError(f"module {self.__name__!r} of Windows has no attribute {name!r}", name=name)
        return getattr(self._real, name)


def pretend() -> None:
    """Change what modules of the grader import from now on."""
    seen = _seen()
    real_import = builtins.__import__

    def import_(name: str, given: Mapping[str, Any] | None = None, *rest: Any, **more: Any) -> ModuleType:
        importer = str((given or {}).get("__name__"))
        if importer.partition(".")[0] not in {"grader", "reference"}:
            return real_import(name, given, *rest, **more)
        if name.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return seen.get(name) or real_import(name, given, *rest, **more)

    builtins.__import__ = import_  # type: ignore[assignment]
    # The one that Windows has, and which there takes nothing but sockets.
    selectors.DefaultSelector = selectors.SelectSelector  # type: ignore[misc, assignment]
    select.select = _only_sockets(select.select)


def _seen() -> dict[str, Seen]:
    os_missing = {name for name in dir(os) if not name.startswith("__")} - set(_KEPT_OS.split())
    signals_missing = {name for name in dir(signal) if name.startswith("SIG")} - _KEPT_SIGNALS
    signals_missing |= {
        "setitimer",
        "ITIMER_PROF",
        "pthread_sigmask",
        "alarm",
        "pause",
        "sigwait",
        "siginterrupt",
    }
    selects_missing = {name for name in dir(select) if "poll" in name.lower()}
    sockets_missing = {"AF_UNIX", "SCM_RIGHTS", "CMSG_SPACE", "send_fds", "recv_fds"}
    changed_os = {"name": "nt", "read": _no_sockets(os.read), "kill": _missing_signals(os.kill)}
    return {
        "os": Seen(os, changed_os, os_missing - set(changed_os)),
        "signal": Seen(signal, {}, signals_missing),
        "select": Seen(select, {}, selects_missing),
        "socket": Seen(socket, {"socketpair": _over_the_network}, sockets_missing),
        "faulthandler": Seen(faulthandler, {}, {"register", "unregister"}),
        "subprocess": Seen(subprocess, {"Popen": _popen, "run": _run}, ()),
        "platform": Seen(platform, {"system": lambda: "Windows"}, ()),
        "sys": Seen(sys, {"platform": "win32"}, ()),
    }


def _is_socket(fd: int) -> bool:
    return stat.S_ISSOCK(os.fstat(fd).st_mode)


def _only_sockets(real: Callable[..., Any]) -> Callable[..., Any]:
    def checked(*lists: Any) -> Any:
        for one in (one for some in lists[:3] for one in some):
            if not _is_socket(one if isinstance(one, int) else one.fileno()):
                raise OSError(errno.ENOTSOCK, "an operation was attempted on something that is not a socket")
        return real(*lists)

    return checked


def _no_sockets(real: Callable[[int, int], bytes]) -> Callable[[int, int], bytes]:
    def checked(fd: int, size: int) -> bytes:
        if _is_socket(fd):
            raise OSError(errno.EBADF, "a socket is no file")
        return real(fd, size)

    return checked


def _missing_signals(real: Callable[[int, int], None]) -> Callable[[int, int], None]:
    def checked(pid: int, number: int) -> None:
        if signal.Signals(number).name not in _KEPT_SIGNALS:
            raise OSError(errno.EINVAL, "there is no such signal")
        real(pid, number)

    return checked


def _over_the_network() -> tuple[socket.socket, socket.socket]:
    """Make a pair as Windows does: two ends of a TCP connection to this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        one = socket.create_connection(listener.getsockname())
        return one, listener.accept()[0]


def _here(command: Sequence[str]) -> list[str]:
    """Give the command that runs a program of Python so that it sees Windows, too."""
    python, *flags, program, argument = command
    return [python, *flags, str(Path(__file__).resolve()), program, argument]


def _popen(command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
    if options.get("pass_fds") or options.get("preexec_fn"):
        raise ValueError("not supported on Windows platforms")
    return subprocess.Popen(_here(command), **options)


def _run(*_command: object, **_options: object) -> None:
    raise FileNotFoundError(errno.ENOENT, "the system cannot find the file specified")


def main(arguments: Sequence[str]) -> None:
    pretend()
    # What is run begins here, so it is seen under this name.
    if arguments[0] == "-m":
        sys.argv = list(arguments[1:])
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = list(arguments)
        runpy.run_path(arguments[0], run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1:])

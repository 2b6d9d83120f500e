"""Runs a command in an outer cage: if the sandbox under test lets an attack through, it hits nothing but the cage.

`python cage.py root|user COMMAND..`: own processes, network, IPC and folders for temporary files; all else is there, read-only.
Needs Linux and leave to make namespaces; `works` says whether that is so.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import socket
import stat
import struct
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
USER = 12345
"""Stands for an ordinary user; no account of this number needs to exist."""
UNAVAILABLE = 77
"""Exit code where the cage cannot be made."""

# linux/sched.h, linux/mount.h, linux/prctl.h, linux/sockios.h
_NEWNS, _NEWCGROUP, _NEWUTS, _NEWIPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
_NEWUSER, _NEWPID, _NEWNET = 0x10000000, 0x20000000, 0x40000000
_MS_RDONLY, _MS_NOSUID, _MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 1, 2, 32, 4096, 16384, 1 << 18
_SYS_MOUNT_SETATTR = 442
_AT_FDCWD, _AT_RECURSIVE, _MOUNT_ATTR_RDONLY = -100, 0x8000, 1
_PR_SET_PDEATHSIG = 1
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1

_WRITABLE = {"/tmp": "mode=1777,size=256m", "/dev/shm": "mode=1777,size=64m"}
_KERNEL_SWITCHES = ("/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus")
"""A process that the kernel takes for root could change the machine here."""


def command(who: str, inner: Sequence[str]) -> list[str]:
    """Return the command line that runs another one in the cage.

    Parameters
    ----------
    who : str
        `root`, as far as the kernel gives it inside, or `user`.
    inner : sequence of str
        The command line to run.

    Returns
    -------
    list of str
    """
    return [sys.executable, "-I", "-S", "-B", str(Path(__file__).resolve()), who, *inner]


def works(who: str) -> bool:
    """Say whether the cage can be made here."""
    if sys.platform != "linux":
        return False
    done = subprocess.run(command(who, ["/bin/true"]), capture_output=True, check=False, timeout=60)
    return done.returncode == 0


class _Libc:
    """The calls that Python 3.11 has no function for."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)

    def check(self, result: int, what: str) -> None:
        if result < 0:
            number = ctypes.get_errno()
            raise OSError(number, f"{what}: {os.strerror(number)}")

    def unshare(self, flags: int) -> None:
        self.check(self._libc.unshare(flags), "unshare")

    def die_with_parent(self) -> None:
        self.check(self._libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0), "prctl")

    def mount(self, source: str, target: str, kind: str, flags: int, data: str = "") -> None:
        texts = [text.encode() for text in (source, target, kind)]
        self.check(
            self._libc.mount(*texts, ctypes.c_ulong(flags), data.encode() or None), f"mount on {target}"
        )

    def make_read_only(self) -> None:
        """Make all that is mounted read-only, whatever is mounted below it."""
        attributes = struct.pack("=QQQQ", _MOUNT_ATTR_RDONLY, 0, 0, 0)
        self.check(
            self._libc.syscall(
                ctypes.c_long(_SYS_MOUNT_SETATTR),
                ctypes.c_int(_AT_FDCWD),
                b"/",
                ctypes.c_uint(_AT_RECURSIVE),
                attributes,
                ctypes.c_size_t(len(attributes)),
            ),
            "mount_setattr",
        )


def main(arguments: Sequence[str]) -> int:
    """Make the cage, run the command in it, and return its exit code."""
    who, *inner = arguments
    libc = _Libc()
    libc.die_with_parent()
    try:
        _new_user_namespace(libc, _NEWUSER | _NEWNS | _NEWPID | _NEWNET | _NEWIPC | _NEWUTS | _NEWCGROUP)
    except OSError as error:
        print(f"no cage here: {error}", file=sys.stderr)
        return UNAVAILABLE
    first = os.fork()
    if first:
        return os.waitstatus_to_exitcode(os.waitpid(first, 0)[1]) & 0xFF
    libc.die_with_parent()
    try:
        _furnish(libc)
    except OSError as error:
        print(f"no cage here: {error}", file=sys.stderr)
        os._exit(UNAVAILABLE)
    os._exit(_serve(libc, who, inner))


def _new_user_namespace(libc: _Libc, flags: int) -> None:
    """Leave this process's namespaces for new ones in which the same users have the same numbers."""
    uid, gid = os.geteuid(), os.getegid()
    whole = uid == 0
    reading, writing = os.pipe()
    helper = os.fork()
    if helper == 0:  # only a process that stayed outside may map more than itself
        os.close(writing)
        os.read(reading, 1)
        os._exit(_map_all(os.getppid()) if whole else 0)
    os.close(reading)
    try:
        libc.unshare(flags)
    finally:
        os.close(writing)
        failed = os.waitstatus_to_exitcode(os.waitpid(helper, 0)[1])
    if failed:
        raise OSError(failed, "users cannot be mapped")
    if not whole:
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1", encoding="ascii")


def _map_all(pid: int) -> int:
    try:
        for kind in ("uid", "gid"):
            count = min(65536, int(Path(f"/proc/self/{kind}_map").read_text(encoding="ascii").split()[2]))
            Path(f"/proc/{pid}/{kind}_map").write_text(f"0 0 {count}", encoding="ascii")
    except OSError as error:
        return error.errno or 1
    return 0


def _furnish(libc: _Libc) -> None:
    """Set up what the first process of the cage and all after it see."""
    libc.mount("none", "/", "", _MS_REC | _MS_PRIVATE)
    libc.make_read_only()
    libc.mount("proc", "/proc", "proc", _MS_NOSUID)
    for path in filter(os.path.exists, _KERNEL_SWITCHES):
        libc.mount(path, path, "", _MS_BIND | _MS_REC)
        libc.mount("none", path, "", _MS_REMOUNT | _MS_BIND | _MS_RDONLY)
    needed = {path: os.open(path, os.O_PATH) for path in _needed()}
    for path, options in _WRITABLE.items():
        libc.mount("tmpfs", path, "tmpfs", _MS_NOSUID, options)
    for path, descriptor in needed.items():
        blocked = next((str(above) for above in [*reversed(Path(path).parents)] if _is_private(above)), None)
        if blocked is not None:
            libc.mount("tmpfs", blocked, "tmpfs", _MS_NOSUID, "mode=755")
        if not Path(path).exists():
            Path(path).mkdir(parents=True)
            libc.mount(f"/proc/self/fd/{descriptor}", path, "", _MS_BIND | _MS_REC)
        os.close(descriptor)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = fcntl.ioctl(any_socket, _SIOCGIFFLAGS, struct.pack("16sH14x", b"lo", 0))
        flags = struct.unpack_from("16sH", request)[1]
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | _IFF_UP))


def _needed() -> list[str]:
    """Return the folders of the interpreter and of the project, outermost first."""
    paths = {os.path.realpath(path) for path in (sys.base_prefix, _environment(), ROOT)}
    return sorted(paths)


def _environment() -> str:
    """Return the folder of the virtual environment; without `site` the interpreter does not look for it."""
    folder = Path(sys.executable).parent.parent
    return str(folder) if (folder / "pyvenv.cfg").exists() else sys.prefix


def _is_private(folder: Path) -> bool:
    """Say whether an ordinary user is kept out of a folder."""
    return not folder.stat().st_mode & stat.S_IXOTH if folder.exists() else False


def _serve(libc: _Libc, who: str, inner: Sequence[str]) -> int:
    """Run the command as a child of the cage's first process, and bury what it leaves."""
    child = os.fork()
    if child == 0:
        libc.die_with_parent()
        # Once more, so that nobody inside may undo what is read-only: flags are locked for a namespace below.
        _new_user_namespace(libc, _NEWUSER | _NEWNS)
        if who == "user" and os.geteuid() == 0:
            os.setgroups([])
            os.setresgid(USER, USER, USER)
            os.setresuid(USER, USER, USER)
        os.execv(inner[0], list(inner))
    while True:
        pid, status = os.wait()
        if pid == child:
            return os.waitstatus_to_exitcode(status) & 0xFF


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

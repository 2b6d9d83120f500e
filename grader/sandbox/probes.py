"""Tries what each wall must stop, in throw-away children: a wall counts only when the forbidden thing failed.

No version, file or setting is asked: containers, kernels and security modules forbid in more ways than can be listed.
Runs as a process of its own, started by `grader.sandbox.choice`.
"""

from __future__ import annotations

import json
import mmap
import os
import resource
import select
import signal
import socket
from collections.abc import Callable, Mapping
from typing import Any

from grader.sandbox.enter import enter_namespaces
from grader.sandbox.linux import calls, landlock, limits, mounts, namespaces, pidfd, process, seccomp
from grader.sandbox.linux.namespaces import New
from grader.sandbox.room import BOX, build_room

PROBE_S = 10.0
_HELD = "held"
_SPARE_UID = 61183


class NotHeldError(Exception):
    """A wall was put up, and what it forbids could be done all the same."""


def main(settings: Mapping[str, Any]) -> None:
    """Try every wall, and write what came of it to the standard output.

    Parameters
    ----------
    settings : mapping
        `paths`: `folders`, `hidden`, `packages` and `devices`, as a jail would show them.
    """
    if not calls.supported():
        print(json.dumps({}))  # noqa: T201  (the output is the answer)
        return
    paths = settings["paths"]
    probes: dict[str, Callable[[], None]] = {
        "memory limit": _memory_limit,
        "hidden memory": _hidden_memory,
        "another user": _another_user,
        "system call filter": _filter,
        "sealing filter": _sealing_filter,
        "landlock": _landlock,
        "namespaces": lambda: _namespaces(paths),
    }
    print(json.dumps({name: _in_child(probe) for name, probe in probes.items()}))  # noqa: T201


def _in_child(probe: Callable[[], None]) -> str:
    """Run a probe in a child; say `held`, or what went wrong."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            process.die_with_parent()
            probe()
            said = _HELD
        except BaseException as error:  # noqa: BLE001  (the edge of a throw-away process)
            said = f"{type(error).__name__}: {error}"
        finally:
            os.write(writing, said.encode("utf-8", "replace")[:500])
            os._exit(0)
    os.close(writing)
    if not select.select([reading], [], [], PROBE_S)[0]:
        os.kill(pid, signal.SIGKILL)
    said = os.read(reading, 500).decode("utf-8", "replace")
    os.close(reading)
    _, status = os.waitpid(pid, 0)
    return said or f"the probe died: {os.waitstatus_to_exitcode(status)}"


def _must_fail(what: str, action: Callable[[], object], *kinds: type[BaseException]) -> None:
    try:
        action()
    except kinds:
        return
    raise NotHeldError(f"{what} was possible")


def _memory_limit() -> None:
    limits.limit(resource.RLIMIT_AS, 300 << 20)
    _must_fail("to map 600 MiB under a limit of 300", lambda: mmap.mmap(-1, 600 << 20), OSError, MemoryError)


def _hidden_memory() -> None:
    process.hide_memory()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            if os.geteuid() == 0:  # root reads everything: what matters is what a job's own user can read
                process.become(_SPARE_UID)
            with open(f"/proc/{parent}/mem", "rb"):
                os._exit(1)
        except OSError:
            os._exit(0)
        finally:
            os._exit(2)
    _, status = os.waitpid(pid, 0)
    if status != 0:
        raise NotHeldError("to open another process's memory was possible")


def _another_user() -> None:
    if os.geteuid() != 0:
        raise PermissionError("only root can become another user")
    process.become(_SPARE_UID)
    process.drop_capabilities()
    _must_fail("to become root again", lambda: os.setuid(0), OSError)
    limits.limit(resource.RLIMIT_NPROC, 0)
    _must_fail("to fork under a limit of no processes", os.fork, OSError)


def _load(*, sealed: bool) -> None:
    process.no_new_privileges()
    seccomp.load(seccomp.program(sealed=sealed, deny_metadata=True, allow_kill_of=os.getpid()))


def _filter() -> None:
    _load(sealed=False)
    _must_fail("to fork", os.fork, PermissionError)
    _must_fail("to open a socket", lambda: socket.socket(socket.AF_INET), PermissionError)
    _must_fail("to signal the parent", lambda: os.kill(os.getppid(), 0), PermissionError)


def _sealing_filter() -> None:
    _load(sealed=True)
    _must_fail("to open a file", lambda: os.open("/", os.O_RDONLY), PermissionError)
    _must_fail("to ask for a file", lambda: os.stat("/"), PermissionError)


def _landlock() -> None:
    reason = landlock.why_not()
    if reason is not None:
        raise OSError(reason)
    process.no_new_privileges()
    landlock.restrict(read=["/usr/lib"], write=[])
    _must_fail("to list the root folder", lambda: os.listdir("/"), PermissionError)
    os.listdir("/usr/lib")


def _namespaces(paths: Mapping[str, Any]) -> None:
    """Build the whole jail, then a child's own room in it."""
    enter_namespaces()
    me = pidfd.open_self()
    build_room(**{name: paths[name] for name in ("folders", "hidden", "packages", "devices")})
    _must_fail("to list /proc", lambda: os.listdir("/proc"), FileNotFoundError)
    _must_fail("to read /etc/passwd", lambda: os.stat("/etc/passwd"), FileNotFoundError)
    _must_fail("to write to the root folder", lambda: os.mkdir("/x"), OSError)
    others = [name for _, name in socket.if_nameindex() if name != "lo"]
    if others:
        raise NotHeldError(f"the network is still there: {', '.join(others)[:100]}")
    pid = namespaces.fork_in_new_pid_namespace(me)
    if pid == 0:
        _own_room()
    _, status = os.waitpid(pid, 0)
    if status != 0:
        raise NotHeldError("a child got no namespaces of its own")


def _own_room() -> None:
    try:
        namespaces.unshare(New.MOUNT)
        mounts.make_private()
        mounts.mount_tmpfs(BOX, size=1 << 20, inodes=16, mode=0o700)
        os.mkdir(f"{BOX}/x")
        os._exit(0 if os.getpid() == 1 else 1)
    finally:
        os._exit(1)

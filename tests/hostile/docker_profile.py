"""Loads a filter like the one a container engine puts around everything: no namespaces, no mounts, few capabilities.

Denies what the default profile of Docker denies to a container without extra capabilities
(`profiles/seccomp/default.json` of moby/profiles), as far as a sandbox could want it.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Mapping
from contextlib import suppress

from grader.sandbox.linux.numbers import AUDIT_ARCH_OF, NUMBERS_OF

_DENIED = (
    *("unshare", "setns", "mount", "umount2", "pivot_root", "mount_setattr", "open_tree", "move_mount"),
    *(
        "fsopen",
        "fsconfig",
        "fsmount",
        "fspick",
        "bpf",
        "perf_event_open",
        "keyctl",
        "add_key",
        "request_key",
    ),
    *("userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register", "open_by_handle_at", "acct"),
    *(
        "quotactl",
        "reboot",
        "swapon",
        "swapoff",
        "settimeofday",
        "clock_settime",
        "kexec_load",
        "init_module",
    ),
    *("finit_module", "delete_module", "lookup_dcookie", "personality", "syslog", "fanotify_init", "vhangup"),
)
_CAPABILITIES = (0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31)
"""Numbers of those that a container's root keeps: chown, dac_override, fowner, fsetid, kill, setgid, setuid, setpcap, ..."""

# linux/bpf_common.h, linux/seccomp.h, linux/sched.h, linux/prctl.h, linux/capability.h
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000
_NEW_NAMESPACE = 0x7E020000
_PR_SET_SECCOMP, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 22, 24, 38
_CAPABILITY_VERSION = 0x20080522


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def load() -> None:
    """Put the profile around this process and all that it starts, for good.

    Raises
    ------
    OSError
        When the kernel refuses.
    """
    machine = os.uname().machine
    code = _code(AUDIT_ARCH_OF[machine], NUMBERS_OF[machine])
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() == 0:
        _keep_few_capabilities(libc)
    _check(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    program = _Program(len(code) // 8, code)
    _check(libc.prctl(_PR_SET_SECCOMP, 2, ctypes.byref(program), 0, 0))


def _code(architecture: int, table: Mapping[str, int]) -> bytes:
    steps = [
        _step(_LOAD, 4),
        _step(_EQUAL, architecture, 1, 0),
        _step(_RETURN, _FAIL | errno.EPERM),
        _step(_LOAD, 0),
    ]
    for name in _DENIED:
        if name in table:
            steps += [_step(_EQUAL, table[name], 0, 1), _step(_RETURN, _FAIL | errno.EPERM)]
    steps += [_step(_EQUAL, table["clone3"], 0, 1), _step(_RETURN, _FAIL | errno.ENOSYS)]
    flags = [
        _step(_LOAD, 16),
        _step(_ANY_BIT, _NEW_NAMESPACE, 0, 1),
        _step(_RETURN, _FAIL | errno.EPERM),
        _step(_RETURN, _ALLOW),
    ]
    steps += [_step(_EQUAL, table["clone"], 0, len(flags)), *flags, _step(_RETURN, _ALLOW)]
    return b"".join(steps)


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def _keep_few_capabilities(libc: ctypes.CDLL) -> None:
    for number in range(64):
        if number not in _CAPABILITIES:
            with suppress(OSError):  # past the last one there is
                _check(libc.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0))
    kept = sum(1 << number for number in _CAPABILITIES)
    sets = struct.pack("6I", kept, kept, 0, 0, 0, 0)
    _check(libc.capset(struct.pack("Ii", _CAPABILITY_VERSION, 0), sets))


def _check(result: int) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))

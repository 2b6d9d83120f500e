"""Takes away from the calling process what it could use against others: privileges, its parent's death, its memory.

The order in a child is: what needs privileges (mounts, limits), then `become`, then `drop_capabilities`,
`no_new_privileges`, and only then `die_with_parent` once more, because `become` made the kernel forget it.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import signal
import struct

from grader.sandbox.linux.calls import Prepared, libc, prctl, prepare_prctl

# linux/prctl.h
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_CAPBSET_DROP = 24
_PR_SET_NO_NEW_PRIVS = 38

_CAPABILITY_VERSION_3 = 0x20080522
"""`_LINUX_CAPABILITY_VERSION_3` of `linux/capability.h`: two sets of three 32-bit masks."""
_MOST_CAPABILITIES = 64
"""The kernel keeps them in 64 bits (`kernel_cap_t`); it says itself where they end."""


def die_with_parent() -> None:
    """Have the kernel kill this process when the thread that forked it ends.

    The kernel forgets it when the process changes its user, group or capabilities (`commit_creds` in `kernel/cred.c`, and
    PR_SET_PDEATHSIG in prctl(2)), and a fork does not inherit it. A parent that ended before the call is not noticed.

    Raises
    ------
    OSError
        When the kernel refuses.
    """
    prepare_die_with_parent()()


def prepare_die_with_parent() -> Prepared:
    """Prepare `die_with_parent` for a child.

    Returns
    -------
    Prepared
    """
    return prepare_prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))


def hide_memory() -> None:
    """Keep processes of the same user out of the memory of this one (`/proc/PID/mem`, ptrace, `process_vm_readv`).

    Children inherit it, `exec` undoes it. Files in `/proc/self` belong to root from here on, so `map_user` must come before it.
    See PR_SET_DUMPABLE in prctl(2).

    Raises
    ------
    OSError
        When the kernel refuses.
    """
    prctl(_PR_SET_DUMPABLE, 0)


def no_new_privileges() -> None:
    """Make sure that no `exec` ever gives this process or its children more than they have.

    Without it only a privileged process may load a seccomp filter or a Landlock rule set. See PR_SET_NO_NEW_PRIVS in prctl(2).

    Raises
    ------
    OSError
        When the kernel refuses.
    """
    prctl(_PR_SET_NO_NEW_PRIVS, 1)


def drop_bounding_set() -> bool:
    """Give up for good what an `exec` could gain; the process keeps what it has.

    41 calls to the kernel: children inherit it, so a parent does it once. See capabilities(7), "Capability bounding set".

    Returns
    -------
    bool
        False where the process may not (it lacks CAP_SETPCAP). The bounding set then stays as it was, which is harmless
        with `no_new_privileges`.

    Raises
    ------
    OSError
        When the kernel refuses for another reason.
    """
    for capability in range(_MOST_CAPABILITIES):
        try:
            prctl(_PR_CAPBSET_DROP, capability)
        except PermissionError:
            return False
        except OSError as error:
            if error.errno == errno.EINVAL:  # past the last capability of this kernel
                break
            raise
    return True


def drop_capabilities() -> None:
    """Give up every capability: effective, permitted, inheritable and ambient. See capset(2).

    Raises
    ------
    OSError
        When the kernel refuses.
    """
    prepare_drop_capabilities()()


def prepare_drop_capabilities() -> Prepared:
    """Prepare `drop_capabilities` for a child.

    Returns
    -------
    Prepared
        One call: no capability stays ambient that is not both permitted and inheritable (`cap_capset` in
        `security/commoncap.c`).
    """
    this_process = 0
    header = ctypes.create_string_buffer(struct.pack("=Ii", _CAPABILITY_VERSION_3, this_process))
    no_capability = bytes(2 * 3 * 4)
    return Prepared(libc().capset, (header, no_capability), "capset")


def become(uid: int) -> None:
    """Become another user for good, with the group of the same number and no other groups.

    Root stays the owner of root's files whatever its capabilities, and limits on the number of processes do not bind it.

    Parameters
    ----------
    uid : int
        User (and group) above 0; it needs no entry in `/etc/passwd`.

    Raises
    ------
    ValueError
        When it is root.
    OSError
        When the kernel refuses, or when the process could become root or its old self again.
    """
    if uid <= 0:
        raise ValueError(f"user {uid} is no other user than root")
    before = os.geteuid()
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    if os.getresuid() != (uid,) * 3 or os.getresgid() != (uid,) * 3 or os.getgroups():
        raise OSError(errno.EPERM, f"user {uid}: the process kept another user or group")
    if any(_can_become(other) for other in {0, before} - {uid}):
        raise OSError(errno.EPERM, f"user {uid}: the process may still become another user")


def _can_become(uid: int) -> bool:
    """Tell whether this process may become a user or enter the group of that number, by trying."""
    for change in (os.setresgid, os.setresuid):
        with contextlib.suppress(OSError):
            change(uid, uid, uid)
            return True
    return False

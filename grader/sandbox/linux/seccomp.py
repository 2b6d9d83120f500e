"""Turns the policy on system calls into a program and has the kernel judge every call of the process by it; seccomp(2)."""

from __future__ import annotations

import ctypes
import errno
import struct
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

from grader.sandbox.linux import bpf, policy
from grader.sandbox.linux.bpf import Label, Line
from grader.sandbox.linux.calls import MACHINE, Prepared, prepare_prctl
from grader.sandbox.linux.numbers import AUDIT_ARCH_OF, NUMBERS_OF
from grader.sandbox.linux.policy import OWN_PID, Checked, Refused

_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2

# linux/seccomp.h: SECCOMP_RET_*
_KILL_PROCESS = 0x80000000
_ALLOW = 0x7FFF0000
_ERRNO = 0x00050000

# linux/seccomp.h: offsets in `struct seccomp_data`
_NUMBER = 0
_ARCHITECTURE = 4
_FIRST_ARGUMENT = 16
"""Each argument has 8 bytes; both our architectures put the low half first."""

_X32 = 0x40000000
"""`__X32_SYSCALL_BIT`: from here on the numbers are those of another set of calls, which the table does not describe."""

_HIGHEST_PID = 1 << 22
"""`PID_MAX_LIMIT` of `linux/threads.h`."""

_INSTRUCTION_BYTES = 8
_PROGRAM = struct.Struct("@HP")
"""`struct sock_fprog` of `linux/filter.h`: how many instructions, and where they are."""

Stand: TypeAlias = Checked | int
"""What is decided about a call: what to look at, or the verdict itself."""


def program(*, sealed: bool, deny_metadata: bool, allow_kill_of: int, files: bool = True) -> bytes:
    """Return the filter for one process.

    The first call for each combination costs milliseconds, all others microseconds: a parent makes one before it forks.

    Parameters
    ----------
    sealed : bool
        No call that takes a path or lists a folder passes.
    deny_metadata : bool
        Permissions, times and sizes of files cannot be changed by path.
    allow_kill_of : int
        Number of the process itself, in its own PID namespace: the only one that it may send signals to.
    files : bool
        Whether it has a folder of its own to change; without one, making, moving and removing files fails.

    Returns
    -------
    bytes
        For `load`.

    Raises
    ------
    ValueError
        For a process number that means many processes or none, or an architecture that we do not know.
    """
    if not 0 < allow_kill_of <= _HIGHEST_PID:
        raise ValueError(f"{allow_kill_of} is no number of one process")
    parts = _parts(MACHINE, sealed=sealed, deny_metadata=deny_metadata, files=files)
    return struct.pack("=I", allow_kill_of).join(parts)


def load(program: bytes) -> None:
    """Put a filter in force for this thread and what it starts, for good. It needs `process.no_new_privileges` before.

    Parameters
    ----------
    program : bytes
        Of `program`.

    Raises
    ------
    OSError
        EACCES without `no_new_privileges`; EINVAL where the kernel has no filters or does not take this one.
    """
    prepare_load(program)()


def prepare_load(program: bytes) -> Prepared:
    """Prepare `load` for a child.

    Parameters
    ----------
    program : bytes
        Of `program`.

    Returns
    -------
    Prepared
    """
    # One piece of memory, so that what is pointed to lives as long as what points to it.
    described = ctypes.create_string_buffer(bytes(_PROGRAM.size) + program, _PROGRAM.size + len(program))
    steps = ctypes.addressof(described) + _PROGRAM.size
    _PROGRAM.pack_into(described, 0, len(program) // _INSTRUCTION_BYTES, steps)
    return prepare_prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, described)


def stands(*, sealed: bool, deny_metadata: bool, files: bool) -> Mapping[str, Stand]:
    """Return what is decided about each call of the policy.

    Parameters
    ----------
    sealed, deny_metadata, files : bool
        As for `program`.

    Returns
    -------
    mapping
        By name; a later rule of the policy takes precedence.
    """
    found: dict[str, Stand] = dict.fromkeys(frozenset().union(*policy.ALLOWED.values()), _ALLOW)
    for checked in policy.CHECKED:
        found |= dict.fromkeys(checked.calls, checked)
    besides = [(not files, policy.NO_FILES), (deny_metadata, policy.NO_METADATA), (sealed, policy.SEALED)]
    for refused in [*policy.REFUSED, *(refused for wanted, refused in besides if wanted)]:
        found |= dict.fromkeys(refused.calls, _refusal(refused))
    return found


def _refusal(rule: Refused | Checked) -> int:
    return _ERRNO | rule.errno


@lru_cache(maxsize=8)
def _parts(machine: str, *, sealed: bool, deny_metadata: bool, files: bool) -> tuple[bytes, ...]:
    """Return the program for an architecture, cut where the number of the process belongs."""
    if machine not in NUMBERS_OF:
        raise ValueError(f"the system calls of {machine} are not known")
    numbers = NUMBERS_OF[machine]
    chosen = stands(sealed=sealed, deny_metadata=deny_metadata, files=files)
    stand_of = {numbers[name]: stand for name, stand in chosen.items() if name in numbers}
    whole = bpf.assemble(_lines(AUDIT_ARCH_OF[machine], stand_of))
    return tuple(whole.split(struct.pack("=I", OWN_PID)))


def _lines(architecture: int, stand_of: Mapping[int, Stand]) -> Iterator[Line]:
    """Yield the program: the architecture, a search for the number of the call, and what looks at arguments."""
    yield bpf.load(_ARCHITECTURE)
    yield bpf.if_equal(architecture, "known")
    yield bpf.answer(_KILL_PROCESS)  # 32-bit calls have other numbers: nothing below would mean what it says
    yield Label("known")
    yield bpf.load(_NUMBER)
    yield from _search(_runs(stand_of))
    for checked in policy.CHECKED:
        yield from _look(checked)


def _runs(stand_of: Mapping[int, Stand]) -> list[tuple[int, Stand]]:
    """Return where the stand changes as numbers grow: each number belongs to the last start that is not above it."""
    unknown = _ERRNO | errno.ENOSYS
    at = dict.fromkeys(range(max(stand_of) + 2), unknown) | dict(stand_of) | {_X32: _ERRNO | errno.EPERM}
    runs: list[tuple[int, Stand]] = []
    for number in sorted(at):
        if not runs or runs[-1][1] != at[number]:
            runs.append((number, at[number]))
    return runs


def _search(runs: Sequence[tuple[int, Stand]]) -> Iterator[Line]:
    """Yield a binary search: eight comparisons instead of hundreds, and the kernel runs it for each number when it loads."""
    if len(runs) == 1:
        stand = runs[0][1]
        yield bpf.jump(_name(stand)) if isinstance(stand, Checked) else bpf.answer(stand)
        return
    half = len(runs) // 2
    upper = f"from {runs[half][0]}"
    yield bpf.if_at_least(runs[half][0], upper)
    yield from _search(runs[:half])
    yield Label(upper)
    yield from _search(runs[half:])


def _look(checked: Checked) -> Iterator[Line]:
    """Yield what judges the arguments of a call."""
    yield Label(_name(checked))
    for condition in checked.conditions:
        holds = f"{_name(checked)}: {condition.argument} holds"
        yield bpf.load(_FIRST_ARGUMENT + 8 * condition.argument)
        yield bpf.mask(condition.mask)
        for value in condition.one_of:
            yield bpf.if_equal(value, holds)
        yield bpf.answer(_refusal(checked))
        yield Label(holds)
    yield bpf.answer(_ALLOW)


def _name(checked: Checked) -> str:
    return "look at " + " ".join(sorted(checked.calls))

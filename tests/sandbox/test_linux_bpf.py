"""The filter's program says for every system call what the policy says, on both architectures; run here without a kernel."""

from __future__ import annotations

import errno
import struct
from itertools import product

import pytest

from grader.sandbox.linux import bpf, policy, seccomp
from grader.sandbox.linux.bpf import Label, Line
from grader.sandbox.linux.numbers import AUDIT_ARCH_OF, NUMBERS_OF

ALLOW = 0x7FFF0000
KILL_PROCESS = 0x80000000
REFUSE = 0x00050000
OURS = 4321
"""Number of the process in these tests."""


def judge(program: bytes, number: int, arguments: tuple[int, ...] = (), architecture: int = 0) -> int:
    """Return the verdict of a program: an interpreter after the description in `linux/filter.h`."""
    data = struct.pack("=IIQ6Q", number, architecture, 0, *(*arguments, 0, 0, 0, 0, 0, 0)[:6])
    steps = list(struct.iter_unpack("=HBBI", program))
    place, word = 0, 0
    while True:
        code, then, otherwise, value = steps[place]
        place += 1
        match code:
            case 0x20:
                (word,) = struct.unpack_from("=I", data, value)
            case 0x54:
                word &= value
            case 0x05:
                place += value
            case 0x15:
                place += then if word == value else otherwise
            case 0x35:
                place += then if word >= value else otherwise
            case 0x06:
                return int(value)
            case _:
                raise AssertionError(f"an instruction {code:#x}")


def program_for(machine: str, *, sealed: bool = False, metadata: bool = False, files: bool = True) -> bytes:
    parts = seccomp._parts(machine, sealed=sealed, deny_metadata=metadata, files=files)
    return struct.pack("=I", OURS).join(parts)


def verdict(machine: str, call: str, *arguments: int, **kinds: bool) -> str:
    """Return "ALLOW" or the name of the error."""
    program = program_for(machine, **kinds)
    found = judge(program, NUMBERS_OF[machine][call], arguments, AUDIT_ARCH_OF[machine])
    return "ALLOW" if found == ALLOW else errno.errorcode[found ^ REFUSE]


both = pytest.mark.parametrize("machine", NUMBERS_OF)


def run(*lines: Line) -> int:
    return judge(bpf.assemble(lines), 7)


def test_a_jump_is_taken_where_its_condition_holds() -> None:
    def program(step: bpf.Instruction) -> tuple[Line, ...]:
        return bpf.load(0), step, bpf.answer(1), Label("there"), bpf.answer(2)

    assert run(*program(bpf.if_equal(7, "there"))) == 2
    assert run(*program(bpf.if_equal(8, "there"))) == 1
    assert run(*program(bpf.if_at_least(7, "there"))) == 2
    assert run(*program(bpf.if_at_least(8, "there"))) == 1
    assert run(*program(bpf.jump("there"))) == 2
    assert run(bpf.load(0), bpf.mask(0b101), *program(bpf.if_equal(5, "there"))[1:]) == 2


def test_a_conditional_jump_reaches_255_instructions_and_no_further() -> None:
    def lines(distance: int) -> list[Line]:
        between = [bpf.answer(1)] * distance
        return [bpf.load(0), bpf.if_equal(7, "far"), *between, Label("far"), bpf.answer(2)]

    assert run(*lines(255)) == 2
    with pytest.raises(ValueError, match="over 256 instructions"):
        bpf.assemble(lines(256))


def test_a_plain_jump_reaches_further() -> None:
    assert run(bpf.jump("far"), *[bpf.answer(1)] * 1000, Label("far"), bpf.answer(2)) == 2


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([bpf.jump("nowhere"), bpf.answer(1)], "no label 'nowhere'"),
        ([Label("back"), bpf.jump("back")], "goes back"),
        ([Label("a"), Label("a"), bpf.answer(1)], "stands twice"),
        ([bpf.answer(1)] * 4097, "more than 4096"),
    ],
)
def test_a_program_that_the_kernel_would_refuse_is_not_made(lines: list[Line], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        bpf.assemble(lines)


def test_the_policy_takes_exactly_one_stand_on_every_call() -> None:
    groups = [*policy.ALLOWED.values(), *(rule.calls for rule in (*policy.CHECKED, *policy.REFUSED))]
    known = set().union(*NUMBERS_OF.values())
    assert sorted(name for group in groups for name in group) == sorted(known)


def test_what_a_kind_of_filter_refuses_besides_passes_otherwise() -> None:
    allowed = frozenset().union(*policy.ALLOWED.values())
    for besides in (policy.SEALED, policy.NO_METADATA, policy.NO_FILES):
        assert besides.calls <= allowed


@both
@pytest.mark.parametrize(("sealed", "metadata", "files"), list(product([False, True], repeat=3)))
def test_every_refused_call_gets_its_error(machine: str, sealed: bool, metadata: bool, files: bool) -> None:
    program = program_for(machine, sealed=sealed, metadata=metadata, files=files)
    numbers, architecture = NUMBERS_OF[machine], AUDIT_ARCH_OF[machine]
    checked = frozenset().union(*(rule.calls for rule in policy.CHECKED))
    expected = dict.fromkeys(numbers, ALLOW)
    for rule in policy.REFUSED:
        expected |= dict.fromkeys(rule.calls, REFUSE | rule.errno)
    expected |= dict.fromkeys(policy.NO_FILES.calls if not files else (), REFUSE | errno.EROFS)
    expected |= dict.fromkeys(policy.NO_METADATA.calls if metadata else (), REFUSE | errno.EPERM)
    expected |= dict.fromkeys(policy.SEALED.calls if sealed else (), REFUSE | errno.EACCES)
    found = {
        name: judge(program, number, (), architecture)
        for name, number in numbers.items()
        if name not in checked
    }
    assert found == {name: expected[name] for name in found}


@both
def test_a_number_that_no_table_names_is_unknown(machine: str) -> None:
    program = program_for(machine)
    unknown = set(range(600)) - set(NUMBERS_OF[machine].values())
    assert 471 in unknown
    for number in [*unknown, 1000, 0x3FFFFFFF]:
        assert judge(program, number, (), AUDIT_ARCH_OF[machine]) == REFUSE | errno.ENOSYS


@both
@pytest.mark.parametrize("number", [0x40000000, 0x40000000 + 57, 0x40000000 + 521, 0xFFFFFFFF])
def test_the_numbers_of_x32_are_refused(machine: str, number: int) -> None:
    assert judge(program_for(machine), number, (), AUDIT_ARCH_OF[machine]) == REFUSE | errno.EPERM


@both
def test_a_call_of_another_architecture_ends_the_process(machine: str) -> None:
    i386 = 0x40000003
    others = {*AUDIT_ARCH_OF.values(), i386} - {AUDIT_ARCH_OF[machine]}
    for other in others:
        assert judge(program_for(machine), 0, (), other) == KILL_PROCESS


# The flags and commands are those of linux/sched.h, linux/socket.h, fcntl.h, asm-generic/ioctls.h and linux/prctl.h.
THREAD = 0x003D0F00  # what glibc asks for in pthread_create
CASES = [
    ("clone", (THREAD,), "ALLOW"),
    ("clone", (17,), "EPERM"),  # SIGCHLD: a fork
    ("clone", (0x4111,), "EPERM"),  # CLONE_VM | CLONE_VFORK | SIGCHLD: posix_spawn
    *(("clone", (THREAD | 1 << bit,), "EPERM") for bit in (17, 25, 26, 27, 28, 29, 30)),
    ("kill", (OURS, 9), "ALLOW"),
    ("tgkill", (OURS, OURS, 6), "ALLOW"),
    ("tkill", (OURS, 6), "ALLOW"),
    *(
        (call, (pid, 9), "EPERM")
        for call in ("kill", "tkill", "tgkill")
        for pid in (0, 1, OURS + 1, 0xFFFFFFFF)
    ),
    *(("prlimit64", (pid, 7), "ALLOW") for pid in (0, OURS)),
    *((call, (1,), "EPERM") for call in ("prlimit64", "sched_setaffinity")),
    ("sched_setaffinity", (0,), "ALLOW"),
    ("socketpair", (1, 1), "ALLOW"),
    ("socketpair", (1, 1 | 0o2004000), "ALLOW"),  # SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK
    ("socketpair", (1, 2), "EPERM"),  # SOCK_DGRAM
    ("socketpair", (1, 5), "EPERM"),  # SOCK_SEQPACKET
    ("socketpair", (2, 1), "EPERM"),  # AF_INET
    ("socketpair", (30, 1), "EPERM"),  # AF_TIPC
    ("sendto", (3, 0, 1, 0x4000), "ALLOW"),  # MSG_NOSIGNAL
    ("sendto", (3, 0, 1, 1), "EPERM"),
    ("recvfrom", (3, 0, 1, 0x41), "EPERM"),
    ("sendmsg", (3, 0, 0), "ALLOW"),
    ("recvmsg", (3, 0, 1), "EPERM"),
    *(("fcntl", (3, command), "ALLOW") for command in (1, 2, 3, 4, 1030)),
    *(("fcntl", (3, command), "EPERM") for command in (8, 10, 15, 1024, 1026, 1031)),
    *(("ioctl", (0, command), "ALLOW") for command in (0x5401, 0x5413, 0x541B)),
    *(("ioctl", (0, command), "ENOTTY") for command in (0x5412, 0x541C, 0x540E, 0x541D, 0x8901, 0x5423)),
    ("prctl", (15,), "ALLOW"),
    *(("prctl", (option,), "EPERM") for option in (1, 4, 22, 24, 28, 35, 36, 38, 47, 59)),
]


@both
@pytest.mark.parametrize(("call", "arguments", "expected"), CASES)
def test_an_argument_decides(machine: str, call: str, arguments: tuple[int, ...], expected: str) -> None:
    assert verdict(machine, call, *arguments) == expected


@both
def test_what_stands_above_32_bits_changes_nothing(machine: str) -> None:
    # The kernel reads these arguments as int: a filter that compared 64 bits could be passed by.
    assert verdict(machine, "kill", 1 << 32 | 1) == "EPERM"
    assert verdict(machine, "clone", 1 << 32 | 17) == "EPERM"
    assert verdict(machine, "ioctl", 0, 1 << 32 | 0x5412) == "ENOTTY"


@both
def test_signals_and_names_are_the_only_thing_that_differs_between_processes(machine: str) -> None:
    parts = seccomp._parts(machine, sealed=True, deny_metadata=True, files=False)
    assert len(parts) == 3  # once for signals, once for limits and processors


@pytest.mark.parametrize("pid", [0, -1, 1 << 23])
def test_a_number_that_means_many_processes_or_none_is_refused(pid: int) -> None:
    with pytest.raises(ValueError, match="no number of one process"):
        seccomp.program(sealed=False, deny_metadata=False, allow_kill_of=pid)


def test_a_machine_that_we_do_not_know_gets_no_filter() -> None:
    with pytest.raises(ValueError, match="riscv64"):
        seccomp._parts("riscv64", sealed=False, deny_metadata=False, files=True)

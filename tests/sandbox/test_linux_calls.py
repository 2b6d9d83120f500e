"""Calls to the kernel: the numbers are the kernel's, and a failure is an `OSError` that says what was tried."""

from __future__ import annotations

import ctypes
import errno
import os
import re
from pathlib import Path

import pytest
from linux_children import linux_only

from grader.sandbox.linux import calls
from grader.sandbox.linux.numbers import AUDIT_ARCH_OF, NUMBERS_OF

HEADER = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")
GENERIC_HEADER = Path("/usr/include/asm-generic/unistd.h")


# From the tables of the kernel by hand: the first, the last before and after a gap, and the newest.
@pytest.mark.parametrize(
    ("machine", "name", "number"),
    [
        *(
            ("x86_64", "read", 0),
            ("x86_64", "execve", 59),
            ("x86_64", "arch_prctl", 158),
            ("x86_64", "openat", 257),
        ),
        *(("x86_64", "statx", 332), ("x86_64", "uprobe", 336), ("x86_64", "pidfd_send_signal", 424)),
        *(
            ("aarch64", "io_setup", 0),
            ("aarch64", "openat", 56),
            ("aarch64", "clone", 220),
            ("aarch64", "execve", 221),
        ),
        *(("aarch64", "recvmmsg", 243), ("aarch64", "wait4", 260), ("aarch64", "kexec_file_load", 294)),
        *(
            ("aarch64", "clone3", 435),
            ("x86_64", "clone3", 435),
            ("x86_64", "listns", 470),
            ("aarch64", "mseal", 462),
        ),
    ],
)
def test_a_call_has_the_number_of_the_kernels_table(machine: str, name: str, number: int) -> None:
    assert NUMBERS_OF[machine][name] == number


@pytest.mark.skipif(not HEADER.exists(), reason="the headers of the kernel are not installed")
def test_the_header_of_this_machine_says_the_same_numbers() -> None:
    defined = re.findall(r"#define __NR_(\w+) (\d+)", HEADER.read_text(encoding="ascii"))
    assert len(defined) > 300
    ours = NUMBERS_OF["x86_64"]
    assert {name: int(number) for name, number in defined} == {name: ours[name] for name, _ in defined}


@pytest.mark.skipif(not GENERIC_HEADER.exists(), reason="the headers of the kernel are not installed")
def test_the_generic_header_says_the_same_numbers_for_aarch64() -> None:
    defined = re.findall(r"#define __NR(?:3264)?_(\w+) (\d+)", GENERIC_HEADER.read_text(encoding="ascii"))
    ours = NUMBERS_OF["aarch64"]
    same = {(name, int(number)) for name, number in defined} & set(ours.items())
    assert len(same) > 280
    # Names of these numbers for 32 bits, and where numbers of an architecture's own begin.
    others = {name for name, number in defined if (name, int(number)) not in same and int(number) < 403}
    assert others == {"fstatat", "sync_file_range2", "arch_specific_syscall"}


@pytest.mark.parametrize("machine", NUMBERS_OF)
def test_no_two_calls_share_a_number(machine: str) -> None:
    numbers = NUMBERS_OF[machine]
    assert len(set(numbers.values())) == len(numbers) > 300


def test_seccomp_names_an_architecture_by_its_elf_number() -> None:
    # linux/audit.h: EM_X86_64 is 62, EM_AARCH64 is 183; 64 bits and little-endian are the two highest bits.
    flags = 0x80000000 | 0x40000000
    assert dict(AUDIT_ARCH_OF) == {"x86_64": 62 | flags, "aarch64": 183 | flags}


@linux_only
def test_a_call_by_name_reaches_the_kernel() -> None:
    assert calls.syscall("getpid") == os.getpid()


@linux_only
def test_a_refused_call_raises_with_its_reason_and_name() -> None:
    with pytest.raises(OSError, match="close") as caught:
        calls.syscall("close", -1)
    assert caught.value.errno == errno.EBADF


@linux_only
def test_numbers_of_64_bits_arrive_whole() -> None:
    # PR_SET_NAME takes an address; TASK_SIZE above 32 bits shows that it was not cut.
    name = ctypes.create_string_buffer(16)
    calls.prctl(16, ctypes.addressof(name))
    assert name.value == Path("/proc/self/comm").read_bytes().rstrip(b"\n")


@linux_only
def test_an_unknown_option_of_prctl_is_refused() -> None:
    with pytest.raises(OSError, match="prctl 9999") as caught:
        calls.prctl(9999)
    assert caught.value.errno == errno.EINVAL


@linux_only
def test_a_call_that_this_architecture_lacks_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        calls.syscall("no_such_call")

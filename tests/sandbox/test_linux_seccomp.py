"""The filter in force: what harms fails with the error that the policy gives, and honest code beside it works."""

from __future__ import annotations

import asyncio
import ctypes
import errno
import faulthandler
import io
import mmap
import os
import platform
import resource
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.random  # before the seal: NumPy imports it only when it is asked for
import pytest
from linux_children import PASSED, in_child, linux_only, refusal, signal_of, stop_being_root

from grader.sandbox.linux import calls, policy, process, seccomp


@cache
def why_no_filter() -> str:
    def work() -> str:
        process.no_new_privileges()
        return refusal(
            seccomp.load, seccomp.program(sealed=False, deny_metadata=False, allow_kill_of=os.getpid())
        )

    answer = in_child(work) if calls.supported() else "no Linux that we know"
    return "" if answer == PASSED else str(answer)


pytestmark = [linux_only, pytest.mark.skipif(bool(why_no_filter()), reason=f"no filters: {why_no_filter()}")]

x86_only = pytest.mark.skipif(platform.machine() != "x86_64", reason="about x86-64")


def filtered(
    work: Callable[[], object], *, sealed: bool = False, metadata: bool = False, files: bool = True
) -> Any:
    """Return what `work` returns in a child under the filter."""

    def inside() -> object:
        process.no_new_privileges()
        seccomp.load(
            seccomp.program(sealed=sealed, deny_metadata=metadata, allow_kill_of=os.getpid(), files=files)
        )
        return work()

    return in_child(inside)


# --------------------------------------------------------------------------------------------------------------
# Refused


PR_GET_SECCOMP = 21


def raw(name: str) -> str:
    return refusal(calls.syscall, name, 0, 0, 0, 0, 0, 0)


def test_every_refused_call_fails_in_the_kernel_with_its_error() -> None:
    # The kernel lets these two past every filter; without a probe set by root they do nothing.
    past_filters = {"uretprobe", "uprobe"}
    refused = {
        name: rule.errno
        for rule in policy.REFUSED
        for name in rule.calls
        if name in calls.NUMBERS and name not in past_filters
    }
    assert len(refused) > 150

    def work() -> dict[str, str]:
        stop_being_root()  # should the filter not hold, then nothing happens either
        process.no_new_privileges()
        seccomp.load(seccomp.program(sealed=False, deny_metadata=False, allow_kill_of=os.getpid()))
        assert calls.prctl(PR_GET_SECCOMP) == 2
        return {name: raw(name) for name in refused}

    assert in_child(work) == {name: errno.errorcode[number] for name, number in refused.items()}


def test_no_process_can_be_started_in_any_way() -> None:
    def work() -> list[object]:
        return [
            refusal(os.fork),
            refusal(os.posix_spawn, "/bin/true", ["true"], {}),
            refusal(partial(subprocess.run, ["/bin/true"], check=True)),
            os.waitstatus_to_exitcode(os.system("true")),
            refusal(os.execv, "/bin/true", ["true"]),
            raw("clone3"),
        ]

    # 127 is what the C library reports for a shell that it could not start.
    assert filtered(work) == ["EPERM", "EPERM", "EPERM", 127, "EPERM", "ENOSYS"]


def test_no_signal_goes_to_another_process() -> None:
    us = os.getpid()

    def work() -> list[str]:
        targets = [us, -us, 0, -1, 1]
        # Signal 0 only asks whether it could be sent: nothing happens where the filter does not hold.
        return [refusal(os.kill, target, 0) for target in targets] + [refusal(signal.pidfd_send_signal, 0, 0)]

    assert filtered(work) == ["EPERM"] * 6


def test_a_signal_to_itself_arrives() -> None:
    def work() -> list[int]:
        seen: list[int] = []
        signal.signal(signal.SIGUSR1, lambda number, frame: seen.append(number))
        signal.signal(signal.SIGALRM, lambda number, frame: seen.append(number))
        os.kill(os.getpid(), signal.SIGUSR1)
        signal.raise_signal(signal.SIGUSR1)
        signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)
        signal.setitimer(signal.ITIMER_REAL, 0.001)
        signal.pause()
        return seen

    assert filtered(work) == [signal.SIGUSR1] * 3 + [signal.SIGALRM]


def test_abort_still_ends_with_sigabrt() -> None:
    def work() -> None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        faulthandler.disable()
        os.abort()

    with pytest.raises(AssertionError, match="SIGABRT"):
        filtered(work)


def test_limits_and_processors_of_others_cannot_be_touched_and_its_own_can() -> None:
    us = os.getpid()

    def work() -> list[str]:
        return [
            refusal(resource.prlimit, us, resource.RLIMIT_NOFILE),
            refusal(os.sched_setaffinity, us, {0}),
            refusal(os.setpriority, os.PRIO_PROCESS, 0, 5),
            refusal(resource.prlimit, 0, resource.RLIMIT_NOFILE),
            refusal(resource.setrlimit, resource.RLIMIT_CORE, (0, 0)),
            refusal(os.sched_setaffinity, 0, os.sched_getaffinity(0)),
        ]

    assert filtered(work) == ["EPERM"] * 3 + [PASSED] * 3


@pytest.mark.parametrize(
    "family", [1, 2, 10, 16, 17, 40], ids=["unix", "inet", "inet6", "netlink", "packet", "vsock"]
)
@pytest.mark.parametrize("kind", [1, 2, 3], ids=["stream", "datagram", "raw"])
def test_no_socket_of_any_family_can_be_made(family: int, kind: int) -> None:
    assert filtered(lambda: refusal(calls.syscall, "socket", family, kind, 0)) == "EPERM"


def test_a_pair_of_stream_sockets_works_and_one_of_datagram_sockets_is_refused(tmp_path: Path) -> None:
    def work() -> list[object]:
        one, other = socket.socketpair()
        one.sendall(b"hello")
        received = other.recv(10)
        return [
            received,
            refusal(one.connect, str(tmp_path / "socket")),
            refusal(one.bind, str(tmp_path / "socket")),
            refusal(one.send, b"x", socket.MSG_OOB),
            refusal(other.recv, 1, socket.MSG_OOB),
            refusal(socket.socketpair, socket.AF_UNIX, socket.SOCK_DGRAM),
        ]

    assert filtered(work) == [b"hello", *["EPERM"] * 5]


def test_a_connected_datagram_socket_sends_to_other_addresses_which_is_why_it_is_refused(
    tmp_path: Path,
) -> None:
    address = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as outside:
        outside.bind(address)
        one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        with one, other:
            one.sendto(b"out", address)
        assert outside.recv(10) == b"out"


def test_signals_by_way_of_a_descriptor_are_refused() -> None:
    us = os.getpid()
    set_owner, set_signal = 8, 10  # F_SETOWN, F_SETSIG of fcntl.h
    file_set_owner = 0x8901  # FIOSETOWN of asm-generic/sockios.h

    def work() -> list[str]:
        reading, _ = os.pipe()
        return [
            refusal(calls.syscall, "fcntl", reading, set_owner, us),
            refusal(calls.syscall, "fcntl", reading, set_signal, signal.SIGKILL),
            refusal(calls.syscall, "ioctl", reading, file_set_owner, 0),
        ]

    assert filtered(work) == ["EPERM", "EPERM", "ENOTTY"]


def test_nothing_can_be_typed_into_a_terminal_and_a_terminal_is_still_known() -> None:
    controller, terminal = os.openpty()
    type_character = 0x5412  # TIOCSTI

    def work() -> list[object]:
        letter = ctypes.create_string_buffer(b"x")
        return [
            refusal(calls.syscall, "ioctl", terminal, type_character, letter),
            os.isatty(terminal),
            tuple(os.get_terminal_size(terminal)),
        ]

    assert filtered(work) == ["ENOTTY", True, (0, 0)]
    os.close(controller)
    os.close(terminal)


def test_what_was_set_up_before_cannot_be_undone() -> None:
    parent_death_signal, dumpable, seccomp_option = 1, 4, 22

    def work() -> list[str]:
        return [
            refusal(calls.prctl, parent_death_signal, 0),
            refusal(calls.prctl, dumpable, 1),
            refusal(calls.prctl, seccomp_option, 2, 0),
        ]

    assert filtered(work) == ["EPERM"] * 3


@x86_only
def test_a_call_of_32_bits_ends_the_process() -> None:
    # mov eax, 20 (getpid); int 0x80; ret
    code = bytes.fromhex("b8 14 00 00 00 cd 80 c3")
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code)
    call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))

    def work() -> None:
        process.no_new_privileges()
        seccomp.load(seccomp.program(sealed=False, deny_metadata=False, allow_kill_of=os.getpid()))
        call()

    if signal_of(call):
        pytest.skip("this kernel takes no calls of 32 bits")
    assert signal_of(work) == signal.SIGSYS


@x86_only
def test_a_call_of_x32_fails() -> None:
    def work() -> str:
        return refusal(
            lambda: calls.check(calls.libc().syscall(ctypes.c_long(0x40000000 + 39)), "getpid of x32")
        )

    assert filtered(work) == "EPERM"


def test_a_call_newer_than_the_tables_is_unknown() -> None:
    def work() -> str:
        return refusal(lambda: calls.check(calls.libc().syscall(ctypes.c_long(999)), "call 999"))

    assert filtered(work) == "ENOSYS"


def test_without_no_new_privileges_a_user_may_load_no_filter() -> None:
    def work() -> str:
        process.drop_capabilities()
        return refusal(seccomp.load, seccomp.program(sealed=False, deny_metadata=False, allow_kill_of=1))

    assert in_child(work) == "EACCES"


def test_the_kernel_refuses_a_program_that_is_none() -> None:
    def work() -> str:
        process.no_new_privileges()
        return refusal(seccomp.load, bytes(8))

    assert in_child(work) == "EINVAL"


# --------------------------------------------------------------------------------------------------------------
# Files


def touch_everything(folder: Path) -> dict[str, str]:
    """Try what can be done with the files of a folder."""
    file = folder / "file"
    return {
        "read": refusal(file.read_bytes),
        "list": refusal(os.listdir, folder),
        "ask": refusal(os.stat, file),
        "chmod": refusal(file.chmod, 0o600),
        "utime": refusal(os.utime, file),
        "truncate": refusal(os.truncate, file, 1),
        "make": refusal((folder / "new").mkdir),
        "move": refusal(file.rename, folder / "moved"),
    }


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ({}, [PASSED] * 8),
        ({"metadata": True}, [*[PASSED] * 3, *["EPERM"] * 3, PASSED, PASSED]),
        ({"files": False}, [*[PASSED] * 5, *["EROFS"] * 3]),
        ({"files": False, "metadata": True}, [*[PASSED] * 3, *["EPERM"] * 3, *["EROFS"] * 2]),
        ({"sealed": True}, ["EACCES"] * 8),
    ],
)
def test_each_kind_of_filter_closes_what_it_says(
    tmp_path: Path, kinds: dict[str, bool], expected: list[str]
) -> None:
    (tmp_path / "file").write_text("text", encoding="ascii")
    found = filtered(partial(touch_everything, tmp_path), **kinds)
    assert list(found.values()) == expected


def test_a_copy_with_its_attributes_works_although_they_are_hidden(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("text", encoding="ascii")

    def work() -> list[object]:
        shutil.copy2(tmp_path / "file", tmp_path / "copy")
        return [(tmp_path / "copy").read_text(encoding="ascii"), refusal(os.listxattr, tmp_path / "file")]

    assert filtered(work) == ["text", "ENOTSUP"]


# --------------------------------------------------------------------------------------------------------------
# Honest code


def numbers_and_prints() -> list[object]:
    matrix = np.arange(40_000.0).reshape(200, 200)
    product = float((matrix @ np.eye(200) - matrix).sum())
    text = io.StringIO()
    print("printed", file=text)
    seconds = time.perf_counter()
    time.sleep(0.001)
    drawn = np.random.default_rng(1).normal(size=3).shape
    return [product, text.getvalue(), time.perf_counter() > seconds, drawn, len(os.urandom(4))]


def in_threads() -> list[int]:
    found: list[int] = []
    threads = [threading.Thread(target=found.append, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(found)


async def _soon() -> str:
    await asyncio.sleep(0.001)
    return "soon"


@pytest.mark.parametrize("sealed", [False, True])
def test_numpy_printing_and_clocks_work(sealed: bool) -> None:
    expected = [0.0, "printed\n", True, (3,), 4]
    assert filtered(numbers_and_prints, sealed=sealed, metadata=sealed) == expected


@pytest.mark.parametrize("sealed", [False, True])
def test_threads_work(sealed: bool) -> None:
    assert filtered(in_threads, sealed=sealed) == [0, 1, 2]


@pytest.mark.parametrize("sealed", [False, True])
def test_asyncio_works(sealed: bool) -> None:
    assert filtered(lambda: asyncio.run(_soon()), sealed=sealed) == "soon"


def test_large_arrays_grow_and_go() -> None:
    def work() -> float:
        arrays = [np.ones((1 << 20,)) for _ in range(4)]
        return float(sum(array.sum() for array in arrays))

    assert filtered(work, sealed=True) == 4 * (1 << 20)


def test_a_new_interpreter_starts_under_the_filter_and_imports_numpy() -> None:
    code = (
        "import os\n"
        "from grader.sandbox.linux import process, seccomp\n"
        "process.no_new_privileges()\n"
        "seccomp.load(seccomp.program(sealed=False, deny_metadata=True, allow_kill_of=os.getpid(), files=False))\n"
        "import numpy, json, decimal, asyncio, dataclasses\n"
        "print(numpy.linalg.inv(numpy.eye(2)).sum())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("2.0\n", "")

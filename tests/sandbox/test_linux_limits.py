"""Limits hold and cannot be raised; a process is named by a descriptor and its clock can be read from outside."""

from __future__ import annotations

import mmap
import os
import resource
import signal
import time
from pathlib import Path

import pytest
from linux_children import (
    PASSED,
    STUDENT,
    finish,
    in_child,
    linux_only,
    refusal,
    root_only,
    start,
    stop_being_root,
)

from grader.sandbox.linux import limits, namespaces, pidfd, process
from grader.sandbox.linux.namespaces import New

pytestmark = linux_only

MIB = 1 << 20


def test_a_limit_is_hard_and_soft_and_cannot_be_raised() -> None:
    def work() -> tuple[object, str]:
        stop_being_root()
        limits.limit(resource.RLIMIT_NOFILE, 20)
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (21, 21))
        except ValueError as error:
            return resource.getrlimit(resource.RLIMIT_NOFILE), str(error)
        return None, PASSED

    assert in_child(work) == ((20, 20), "not allowed to raise maximum limit")


def test_a_stricter_limit_from_before_stays() -> None:
    def work() -> list[int]:
        limits.limit(resource.RLIMIT_FSIZE, 100)
        return [limits.limit(resource.RLIMIT_FSIZE, 500), *resource.getrlimit(resource.RLIMIT_FSIZE)]

    assert in_child(work) == [100, 100, 100]


def test_no_limit_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="would be none"):
        limits.limit(resource.RLIMIT_CPU, resource.RLIM_INFINITY)


def test_address_space_grows_by_what_is_mapped() -> None:
    before = limits.address_space()
    with mmap.mmap(-1, 64 * MIB):
        assert 64 * MIB <= limits.address_space() - before < 72 * MIB


def test_memory_beyond_address_space_plus_allowance_is_refused() -> None:
    def work() -> list[str]:
        limits.limit(resource.RLIMIT_AS, limits.address_space() + 100 * MIB)
        return [refusal(mmap.mmap, -1, 200 * MIB), refusal(mmap.mmap, -1, 50 * MIB)]

    assert in_child(work) == ["ENOMEM", PASSED]


def test_a_descriptor_of_itself_names_the_process() -> None:
    def work() -> bool:
        return pidfd.pid_of(pidfd.open_self()) == os.getpid()

    assert in_child(work)


def test_a_signal_by_descriptor_reaches_the_process_and_then_nobody() -> None:
    child, reading = start(signal.pause)
    descriptor = os.pidfd_open(child)
    try:
        assert pidfd.pid_of(descriptor) == child
        pidfd.send_signal(descriptor, signal.SIGKILL)
        with pytest.raises(AssertionError, match="SIGKILL"):
            finish(child, reading)
        with pytest.raises(ProcessLookupError):
            pidfd.send_signal(descriptor, signal.SIGKILL)
        with pytest.raises(ProcessLookupError):
            pidfd.pid_of(descriptor)
    finally:
        os.close(descriptor)


def test_a_descriptor_of_a_file_names_no_process() -> None:
    with Path("/dev/null").open("rb") as file, pytest.raises(OSError, match="is no process"):
        pidfd.pid_of(file.fileno())


def burn(seconds: float) -> None:
    while time.process_time() < seconds:
        pass


def test_the_clock_of_another_process_is_what_that_process_sees() -> None:
    ready_reading, ready_writing = os.pipe()

    def work() -> None:
        burn(0.05)
        os.write(ready_writing, str(time.process_time()).encode())
        signal.pause()

    child, reading = start(work)
    seen_inside = float(os.read(ready_reading, 100))
    seen_outside = pidfd.cpu_seconds(child)
    os.kill(child, signal.SIGKILL)
    os.close(reading)
    os.close(ready_reading)
    os.close(ready_writing)
    assert 0.05 <= seen_inside <= seen_outside < seen_inside + 0.02
    # Nobody has waited for it yet: its clock stands still, and can still be read.
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    assert pidfd.cpu_seconds(child) >= seen_outside
    os.waitpid(child, 0)
    with pytest.raises(ProcessLookupError):
        pidfd.cpu_seconds(child)


def test_the_clock_of_the_caller_is_process_time() -> None:
    before = time.process_time()
    assert before <= pidfd.cpu_seconds(0) <= time.process_time()


@root_only
def test_the_clock_of_another_users_process_can_be_read() -> None:
    us = os.getpid()

    def work() -> bool:
        process.become(STUDENT)
        return pidfd.cpu_seconds(us) > 0

    assert in_child(work)


@root_only
def test_a_child_in_a_namespace_is_timed_and_killed_from_outside() -> None:
    def work() -> list[object]:
        reading, writing = os.pipe()
        child = namespaces.fork_in_new_pid_namespace(pidfd.open_self())
        if child == 0:
            os.write(writing, b"x")
            signal.pause()
        os.read(reading, 1)
        descriptor = os.pidfd_open(child)
        same = pidfd.pid_of(descriptor) == child
        time_used = pidfd.cpu_seconds(child)
        pidfd.send_signal(descriptor, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        return [same, time_used > 0, os.WTERMSIG(status)]

    if refusal(lambda: in_child(lambda: namespaces.unshare(New.PID))) != PASSED:
        pytest.skip("no PID namespaces here")
    assert in_child(work) == [True, True, signal.SIGKILL]

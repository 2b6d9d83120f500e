"""What a process gives up is gone: privileges, the way back to root, its parent's absence, its memory to others."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import struct
from pathlib import Path

import pytest
from linux_children import (
    PASSED,
    STUDENT,
    finish,
    fork,
    get_prctl,
    in_child,
    linux_only,
    refusal,
    root_only,
    signal_of,
    start,
    stop_being_root,
)

from grader.sandbox.linux import calls, process

pytestmark = linux_only

PR_GET_PDEATHSIG = 2
PR_SET_DUMPABLE = 4
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_KILL = 5


def status_field(name: str) -> str:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(line.split(":", 1)[1].strip() for line in lines if line.startswith(f"{name}:"))


def capabilities() -> dict[str, int]:
    return {kind: int(status_field(kind), 16) for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb")}


def test_a_process_ends_with_the_parent_that_it_asked_to_die_with() -> None:
    reading, writing = os.pipe()

    def parent() -> None:
        ready_reading, ready_writing = os.pipe()
        if fork() == 0:
            os.close(reading)
            process.die_with_parent()
            os.write(ready_writing, b"x")
            signal.pause()
        os.read(ready_reading, 1)
        os.kill(os.getpid(), signal.SIGKILL)

    assert signal_of(parent) == signal.SIGKILL
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        assert pipe.read() == b""  # the end of the file comes only when the grandchild has gone too


def test_the_wish_to_die_with_the_parent_is_not_inherited() -> None:
    def work() -> list[int]:
        process.die_with_parent()
        return [get_prctl(PR_GET_PDEATHSIG), in_child(lambda: get_prctl(PR_GET_PDEATHSIG))]

    assert in_child(work) == [signal.SIGKILL, 0]


@root_only
def test_becoming_another_user_makes_the_kernel_forget_the_parent() -> None:
    def work() -> list[int]:
        process.die_with_parent()
        process.become(STUDENT)
        forgotten = get_prctl(PR_GET_PDEATHSIG)
        process.drop_capabilities()
        process.no_new_privileges()
        process.die_with_parent()
        return [forgotten, get_prctl(PR_GET_PDEATHSIG)]

    assert in_child(work) == [0, signal.SIGKILL]


def test_hidden_memory_cannot_be_read_by_a_process_of_the_same_user() -> None:
    secret = ctypes.create_string_buffer(b"expected")

    def read_memory_of(child: int) -> bytes:
        with Path(f"/proc/{child}/mem").open("rb") as memory:
            memory.seek(ctypes.addressof(secret))
            return memory.read(8)

    def work() -> list[bytes | str]:
        stop_being_root()
        calls.prctl(PR_SET_DUMPABLE, 1)  # leaving root hides the memory too: this shows what hiding is worth
        answers: list[bytes | str] = []
        for hidden in (False, True):
            reading, writing = os.pipe()
            child = fork()
            if child == 0:
                if hidden:
                    process.hide_memory()
                os.write(writing, b"x")
                signal.pause()
            os.read(reading, 1)
            answers += [refusal(read_memory_of, child)]
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        return answers

    open_answer, hidden_answer = in_child(work)
    if open_answer != PASSED:
        pytest.skip("this machine closes the memory of every process")
    assert hidden_answer == "EACCES"


def test_no_new_privileges_is_said_and_inherited() -> None:
    def work() -> list[str]:
        process.no_new_privileges()
        return [status_field("NoNewPrivs"), in_child(lambda: status_field("NoNewPrivs"))]

    assert in_child(work) == ["1", "1"]


def test_dropped_capabilities_are_all_gone() -> None:
    def work() -> dict[str, int]:
        process.drop_capabilities()
        return capabilities()

    assert in_child(work) == dict.fromkeys(("CapInh", "CapPrm", "CapEff", "CapAmb"), 0)


@root_only
def test_a_capability_that_was_made_ambient_is_gone_too() -> None:
    def work() -> tuple[int, dict[str, int]]:
        header = ctypes.create_string_buffer(struct.pack("=Ii", 0x20080522, 0))  # as in capset(2)
        data = ctypes.create_string_buffer(24)
        calls.check(calls.libc().capget(header, data), "capget")
        low = struct.unpack_from("=3I", data.raw)
        struct.pack_into("=3I", data, 0, low[0], low[1], low[1])  # what is permitted may be inherited
        calls.check(calls.libc().capset(header, data), "capset")
        calls.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL)
        before = capabilities()["CapAmb"]
        process.drop_capabilities()
        return before, capabilities()

    before, after = in_child(work)
    assert before == 1 << CAP_KILL
    assert after == dict.fromkeys(("CapInh", "CapPrm", "CapEff", "CapAmb"), 0)


@root_only
def test_root_without_capabilities_cannot_change_its_user() -> None:
    def work() -> str:
        process.drop_capabilities()
        return refusal(os.setresuid, STUDENT, STUDENT, STUDENT)

    assert in_child(work) == "EPERM"


def test_a_dropped_bounding_set_is_empty_and_without_the_right_to_it_stays() -> None:
    def work() -> tuple[bool, int]:
        return process.drop_bounding_set(), int(status_field("CapBnd"), 16)

    dropped, left = in_child(work)
    assert (left == 0) == dropped

    def work_without_right() -> bool:
        process.drop_capabilities()
        return process.drop_bounding_set()

    before = int(status_field("CapBnd"), 16)
    assert in_child(work_without_right) is (before == 0)


@root_only
def test_who_became_another_user_has_no_group_no_capability_and_no_way_back() -> None:
    def work() -> dict[str, object]:
        os.setgroups([0, 7])
        process.become(STUDENT)
        return {
            "users": os.getresuid(),
            "groups": (os.getresgid(), os.getgroups()),
            "capabilities": capabilities()["CapEff"],
            "back": [refusal(os.setuid, 0), refusal(os.setgid, 0), refusal(os.setgroups, [0])],
        }

    assert in_child(work) == {
        "users": (STUDENT,) * 3,
        "groups": ((STUDENT,) * 3, []),
        "capabilities": 0,
        "back": ["EPERM", "EPERM", "EPERM"],
    }


@root_only
def test_a_change_of_user_that_can_be_undone_is_an_error() -> None:
    keep_capabilities_over_setuid = 1 << 2  # SECBIT_NO_SETUID_FIXUP of linux/securebits.h

    def work() -> str:
        calls.prctl(28, keep_capabilities_over_setuid)  # PR_SET_SECUREBITS
        return refusal(process.become, STUDENT)

    assert in_child(work) == "EPERM"


@pytest.mark.parametrize("uid", [0, -1])
def test_becoming_root_is_refused(uid: int) -> None:
    with pytest.raises(ValueError, match="no other user"):
        process.become(uid)


@pytest.mark.skipif(os.geteuid() == 0, reason="root can")
def test_a_user_cannot_become_another() -> None:
    assert in_child(lambda: refusal(process.become, STUDENT)) == "EPERM"


def test_a_child_that_fails_is_seen_by_these_tests() -> None:
    def fail() -> None:
        raise ValueError("on purpose")

    with pytest.raises(AssertionError, match="on purpose"):
        in_child(fail)
    child, reading = start(signal.pause)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGTERM)
    with pytest.raises(AssertionError, match="SIGTERM"):
        finish(child, reading)

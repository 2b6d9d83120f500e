"""New namespaces hide what is outside, and the way to fork into one can be repeated."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

from linux_children import (
    PASSED,
    enter_own_tree,
    in_child,
    in_own_pid_namespace,
    linux_only,
    needs_namespaces,
    refusal,
    stop_being_root,
)

from grader.sandbox.linux import namespaces, pidfd, process
from grader.sandbox.linux.namespaces import New

pytestmark = linux_only


def test_the_flags_are_those_of_python() -> None:
    # Python 3.12 has them in `os`; the numbers here are those of linux/sched.h.
    expected = {"MOUNT": "NEWNS", "CGROUP": "NEWCGROUP", "UTS": "NEWUTS", "IPC": "NEWIPC", "USER": "NEWUSER"}
    expected |= {"PID": "NEWPID", "NET": "NEWNET"}
    assert {flag.name for flag in New} == set(expected)
    for name, theirs in expected.items():
        assert getattr(os, f"CLONE_{theirs}", New[name]) == New[name]
    assert New.USER | New.PID | New.NET == 0x70000000


def test_a_user_keeps_its_own_number_and_cannot_leave_its_groups() -> None:
    needs_namespaces()

    def work() -> list[object]:
        before = (os.geteuid(), os.getegid())
        enter_own_tree()
        return [(os.geteuid(), os.getegid()) == before, refusal(os.setgroups, [])]

    assert in_child(work) == [True, "EPERM"]


def test_other_users_are_nobody_inside() -> None:
    needs_namespaces()

    def work() -> str:
        enter_own_tree()
        return refusal(os.setresuid, 54321, 54321, 54321)

    assert in_child(work) == "EINVAL"  # no such user there


def test_mapping_must_come_before_the_memory_is_hidden() -> None:
    needs_namespaces()

    def work() -> str:
        stop_being_root()
        process.hide_memory()
        return refusal(enter_own_tree)

    assert in_child(work) == "EACCES"


def test_a_new_network_reaches_nothing() -> None:
    needs_namespaces()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()

        def connect() -> str:
            return refusal(lambda: socket.socket().connect(address))

        def work() -> str:
            namespaces.unshare(New.USER | New.NET)
            return connect()

        assert in_child(connect) == PASSED
        assert in_child(work) == "ENETUNREACH"


def test_a_process_enters_a_namespace_by_a_descriptor_of_the_right_kind_only() -> None:
    needs_namespaces()
    ours = Path("/proc/self/ns/uts")

    def work() -> list[bool | str]:
        namespaces.unshare(New.USER | New.UTS)
        first, descriptor = ours.readlink(), os.open(ours, os.O_RDONLY)
        namespaces.unshare(New.UTS)
        apart = ours.readlink() != first
        wrong_kind = refusal(namespaces.enter, descriptor, New.NET)
        namespaces.enter(descriptor, New.UTS)
        return [apart, wrong_kind, ours.readlink() == first]

    assert in_child(work) == [True, "EINVAL", True]


def test_each_fork_gets_its_own_namespace_where_the_child_is_number_one() -> None:
    needs_namespaces()

    def work() -> list[bytes | bool]:
        own = pidfd.open_self()
        seen: list[bytes | bool] = []
        for _ in range(3):
            reading, writing = os.pipe()
            child = namespaces.fork_in_new_pid_namespace(own)
            if child == 0:
                os.write(writing, f"{os.getpid()} {os.getppid()}".encode())
                os._exit(0)
            seen += [os.read(reading, 100), os.waitpid(child, 0) == (child, 0)]
        # Back where it was: a plain fork gives a child of this namespace.
        return [*seen, in_child(os.getpid) > 1]

    assert in_own_pid_namespace(work) == [b"1 0", True, b"1 0", True, b"1 0", True, True]


def test_no_child_is_left_where_there_is_no_way_back() -> None:
    needs_namespaces()

    def attempt() -> None:
        if namespaces.fork_in_new_pid_namespace(pidfd.open_self()) == 0:
            signal.pause()

    def work() -> list[str]:
        namespaces.unshare(New.USER)  # its PID namespace is from outside: it may not enter that again
        return [refusal(attempt), refusal(os.waitpid, -1, os.WNOHANG)]

    assert in_child(work) == ["EPERM", "ECHILD"]


def test_two_plain_unshares_fail_which_is_why_the_caller_goes_back() -> None:
    needs_namespaces()

    def work() -> list[str]:
        namespaces.unshare(New.USER)
        namespaces.unshare(New.PID)
        return [refusal(namespaces.unshare, New.PID)]

    assert in_child(work) == ["EINVAL"]


def test_what_a_child_started_ends_with_it() -> None:
    needs_namespaces()
    reading, writing = os.pipe()

    def work() -> None:
        child = namespaces.fork_in_new_pid_namespace(pidfd.open_self())
        if child == 0:
            ready_reading, ready_writing = os.pipe()
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:  # a daemon: no session, no parent
                    os.write(ready_writing, b"x")
                    signal.pause()
                os._exit(0)
            os.read(ready_reading, 1)
            os._exit(0)
        os.waitpid(child, 0)

    in_own_pid_namespace(work)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        assert pipe.read() == b""  # nobody holds the other end


def test_a_signal_to_all_stays_inside() -> None:
    needs_namespaces()

    def work() -> list[str]:
        child = namespaces.fork_in_new_pid_namespace(pidfd.open_self())
        if child == 0:
            if os.getpid() != 1:
                os._exit(1)
            # Every process that it sees is of its own namespace, and it is alone there.
            os._exit(0 if refusal(os.kill, -1, signal.SIGKILL) == "ESRCH" else 1)
        return [str(os.waitpid(child, 0)[1])]

    assert in_own_pid_namespace(work) == ["0"]


def test_where_namespaces_are_forbidden_the_error_says_so() -> None:
    def work() -> str:
        stop_being_root()
        return refusal(namespaces.unshare, New.MOUNT)

    assert in_child(work) == "EPERM"


def test_files_of_the_user_stay_the_users(tmp_path: Path) -> None:
    needs_namespaces()
    file = tmp_path / "file"
    file.write_text("x", encoding="ascii")

    def work() -> bool:
        uid = os.geteuid()
        enter_own_tree()
        return file.stat().st_uid == uid

    assert in_child(work)

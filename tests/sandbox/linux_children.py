"""Runs a function in a forked child, so that what it does to the process ends with it."""

from __future__ import annotations

import ctypes
import errno
import os
import pickle
import signal
import sys
import traceback
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox.linux import calls, namespaces, process
from grader.sandbox.linux.namespaces import New

STUDENT = 61234
"""A user that no machine has; as whom a test acts that must not be root."""

PASSED = "passed"

linux_only = pytest.mark.skipif(not calls.supported(), reason="no Linux that we know")
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


def fork() -> int:
    with warnings.catch_warnings():
        # The child only runs what is below, whatever threads the test run has.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def start(work: Callable[[], object]) -> tuple[int, int]:
    """Return the number of a child that runs `work`, and where its answer can be read."""
    sys.stdout.flush()
    reading, writing = os.pipe()
    child = fork()
    if child:
        os.close(writing)
        return child, reading
    status = 1
    try:
        answer: tuple[bool, object]
        try:
            answer = (True, work())
            status = 0
        except BaseException:  # noqa: BLE001 - whatever it is, the parent has to hear of it
            answer = (False, traceback.format_exc())
        os.write(writing, pickle.dumps(answer))
    finally:
        os._exit(status)


def finish(child: int, reading: int) -> Any:
    """Return what the child's function returned."""
    with os.fdopen(reading, "rb") as pipe:
        received = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        raise AssertionError(f"the child was ended by {signal.Signals(os.WTERMSIG(status)).name}")
    fine, value = pickle.loads(received)
    if not fine:
        raise AssertionError(f"in the child:\n{value}")
    return value


def in_child(work: Callable[[], object]) -> Any:
    return finish(*start(work))


def signal_of(work: Callable[[], object]) -> int:
    """Return the signal that ended a child which runs `work`, 0 for none."""
    child, reading = start(work)
    os.close(reading)
    _, status = os.waitpid(child, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def refusal(call: Callable[..., object], *arguments: object) -> str:
    """Return the name of the error by which a call fails, or that it passed."""
    try:
        call(*arguments)
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, repr(error))
    return PASSED


def stop_being_root() -> None:
    """Leave root and every capability, where there are any: what a test tries then is what a student could."""
    if os.geteuid() == 0:
        process.become(STUDENT)
    process.drop_capabilities()


def enter_own_tree() -> None:
    """Give this process a user and mount namespace of its own, and keep its user."""
    uid, gid = os.geteuid(), os.getegid()
    namespaces.unshare(New.USER | New.MOUNT)
    namespaces.map_user(uid, gid)


def in_own_pid_namespace(work: Callable[[], object]) -> Any:
    """Return what a child returns that runs `work` as process 1 of a PID namespace over which it may do all."""

    def outer() -> Any:
        namespaces.unshare(New.USER | New.PID)
        return in_child(work)

    return in_child(outer)


@cache
def why_no_namespaces() -> str:
    """Say why this process cannot make a user namespace; nothing where it can."""
    try:
        in_child(enter_own_tree)
    except AssertionError as error:
        return str(error).splitlines()[-1]
    return ""


def needs_namespaces() -> None:
    if not calls.supported() or why_no_namespaces():
        pytest.skip(f"no user namespaces here: {why_no_namespaces()}")


def names_in(folder: str | Path) -> list[str]:
    return sorted(found.name for found in Path(folder).iterdir())


def get_prctl(option: int) -> int:
    """Return what a `PR_GET_*` writes through its pointer."""
    found = ctypes.create_string_buffer(4)
    calls.prctl(option, found)
    return int.from_bytes(found.raw, sys.byteorder)

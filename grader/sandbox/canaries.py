"""Attacks the sandbox through its own front door, and gives up a level at which one of the attacks works.

A probe shows that a wall can stand; this shows that all of them do, as put up for a real submission.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from grader.levels import UNTRUSTED_FROM, Level
from grader.model import Call, Ending, Job, Limits, RunOutcome, Source
from grader.sandbox.choice import Probed, candidates
from grader.sandbox.isolation import Isolation
from grader.sandbox.runner import Runner

_NAME = "canary.py"
_FILE = Path(__file__)
"""What must not be read: a file of the grader's own, readable by everybody who can run it. A file made for the purpose would stay
behind when the grader is killed."""
_MEMORY_MIB = 64
_ATTACKS = """
import os, socket
import numpy as np

def held(attempt):
    try:
        return attempt()
    except (OSError, ImportError):
        return "held"

def read_a_file():
    return held(lambda: open({file!r}).read()[:60])

def fork():
    return held(lambda: os.fork() and "forked")

def connect():
    return held(lambda: socket.create_connection(("127.0.0.1", {port}), 1) and "connected")

def signal_the_parent():
    parent = os.getppid()
    return held(lambda: os.kill(parent, 0) or "signalled") if parent else "held"

def take_memory():
    return float(np.ones(2 * {memory} << 17).sum())
"""


class Confirmed(Struct, frozen=True, kw_only=True):
    """The isolation that held against the canaries."""

    isolation: Isolation
    broken: tuple[str, ...] = ()
    """What was given up on the way, and why: `fence: connect worked`."""


def confirm(probed: Probed, at_most: Level = Level.JAIL) -> Confirmed:
    """Choose the strongest isolation at which every canary is held.

    Parameters
    ----------
    probed : Probed
        What came of the probes.
    at_most : Level
        Strongest level to choose.

    Returns
    -------
    Confirmed
        Levels for trusted code alone are not attacked: they promise nothing.
    """
    broken: list[str] = []
    for isolation in candidates(probed, at_most):
        if not isolation.level.reaches(UNTRUSTED_FROM):
            return Confirmed(isolation=isolation, broken=tuple(broken))
        escapes = attack(isolation)
        if not escapes:
            return Confirmed(isolation=isolation, broken=tuple(broken))
        broken += [f"{isolation.level}: {escape}" for escape in escapes]
    raise AssertionError("the weakest level is always a candidate")


def attack(isolation: Isolation) -> list[str]:
    """Run every canary at one isolation.

    Parameters
    ----------
    isolation : Isolation

    Returns
    -------
    list of str
        What was not held; empty where all is well.
    """
    with _listener() as listener, Runner(isolation) as runner:
        text = _ATTACKS.format(file=str(_FILE), port=listener.getsockname()[1], memory=_MEMORY_MIB)
        outcome = runner.run(_job(text))
        return [*_escapes(outcome), *(["a connection came through"] if _was_called(listener) else [])]


@contextlib.contextmanager
def _listener() -> Iterator[socket.socket]:
    """Give a listener that must not be reached."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0)
        yield listener


def _was_called(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except OSError:
        return False
    return True


def _job(text: str) -> Job:
    # The fork last: where it works, two processes answer, and what comes then is no longer to be believed.
    names = ("read_a_file", "connect", "signal_the_parent", "take_memory", "fork")
    calls = tuple(Call(key=name, function=name, arguments=(), attributes=()) for name in names)
    limits = Limits(
        call_cpu_s=2.0, submission_cpu_s=10.0, memory_mib=_MEMORY_MIB, output_kib=4, imports=("numpy",)
    )
    return Job(
        sources=(Source(name=_NAME, cells=(text,), is_notebook=False),),
        functions=names,
        calls=calls,
        limits=limits,
    )


def _escapes(outcome: RunOutcome) -> list[str]:
    escapes = []
    for result in outcome.calls:
        if result.function == "take_memory":
            held = result.ending is Ending.MEMORY
        else:
            held = result.ending is Ending.FINISHED and result.value == "held"
        if not held:
            said = result.message or f"it gave {str(result.value)[:60]}"
            escapes.append(f"{result.function}: {said}")
    return escapes

"""What a busy machine does to the grader's view of a process."""

from __future__ import annotations

import os
import time
from typing import Any

import pytest

from grader.model import Call, Ending, Job, Limits, Source
from grader.sandbox import Isolation, Level, Runner
from grader.sandbox.process import Child, ChildProcess


def test_results_written_between_the_last_look_and_the_end_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A grader that is put to sleep after an empty look at the pipe finds the process ended, and all it wrote."""

    def ended_while_we_slept(child: ChildProcess, _seconds: float) -> bool:
        os.waitid(os.P_PID, child._process.pid, os.WEXITED | os.WNOWAIT)
        return True

    monkeypatch.setattr(ChildProcess, "wait", ended_while_we_slept)
    text = "import time\ntime.sleep(0.3)\ndef f(x):\n    return x + 1\n"
    call = Call(key="one", function="f", arguments=(1.0,))
    job = Job(sources=(Source(name="a.py", cells=(text,)),), functions=("f",), calls=(call,), limits=Limits())

    with Runner(Isolation(level=Level.LIMITS)) as runner:
        outcome = runner.run(job)

    assert [result.ending for result in outcome.calls] == [Ending.FINISHED]
    assert outcome.calls[0].value == 2.0


def test_a_machine_that_slept_does_not_cost_the_student_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock jumps by an hour while we wait; the call itself takes a moment."""
    jumps = iter([0.0] * 12)
    slept = 0.0
    real = time.monotonic

    def clock() -> float:
        nonlocal slept
        if next(jumps, None) is None and not slept:
            slept = 3600.0
        return real() + slept

    monkeypatch.setattr("grader.sandbox.attempt.time.monotonic", clock)
    text = "import time\ndef f(x):\n    time.sleep(0.5)\n    return x + 1\n"
    call = Call(key="one", function="f", arguments=(1.0,))
    job = Job(sources=(Source(name="a.py", cells=(text,)),), functions=("f",), calls=(call,), limits=Limits())
    with Runner(Isolation(level=Level.LIMITS)) as runner:
        [result] = runner.run(job).calls
    assert slept
    assert (result.ending, result.value) == (Ending.FINISHED, 2.0)


@pytest.mark.parametrize("level", [Level.LIMITS, None], ids=["limits", "best"])
def test_the_time_that_a_process_takes_to_start_is_not_the_students(
    monkeypatch: pytest.MonkeyPatch, level: Level | None
) -> None:
    """The clock jumps by half an hour while the process is started, and by as much before it says its first word."""
    late = 0.0
    real = time.monotonic
    starting = Runner._start

    def start(*arguments: Any) -> Child:
        nonlocal late
        late += 1800.0
        child = starting(*arguments)
        late += 1800.0
        return child

    monkeypatch.setattr("grader.sandbox.attempt.time.monotonic", lambda: real() + late)
    monkeypatch.setattr(Runner, "_start", start)
    text = "import os\ndef f(x):\n    return x + 1\ndef g(x):\n    os._exit(3)\n"
    calls = tuple(Call(key=name, function=name, arguments=(1.0,)) for name in "gf")
    job = Job(
        sources=(Source(name="a.py", cells=(text,)),), functions=("f", "g"), calls=calls, limits=Limits()
    )
    with Runner(None if level is None else Isolation(level=level)) as runner:
        results = runner.run(job).calls
    assert late == 2 * 3600.0  # a process for each function
    assert [result.ending for result in results] == [Ending.KILLED, Ending.FINISHED]


def test_bytes_that_are_no_message_are_blamed_on_the_call_that_wrote_them() -> None:
    """They are read a moment after they were written, when other calls have been made meanwhile."""
    text = (
        "import os\ndef f(x):\n    return x\n"
        "def g(x):\n    os.write(3, b'nonsense' * 20)\n    return x\n"
        "def h(x):\n    return x\n"
    )
    calls = tuple(
        Call(key=f"{name}{number}", function=name, arguments=(number,))
        for number in range(4)
        for name in "fgh"
    )
    job = Job(
        sources=(Source(name="a.py", cells=(text,)),), functions=("f", "g", "h"), calls=calls, limits=Limits()
    )
    with Runner() as runner:
        for _ in range(20):
            endings = {result.key: result.ending for result in runner.run(job).calls}
            assert {key for key, ending in endings.items() if ending is not Ending.FINISHED} == {
                "g0",
                "g1",
                "g2",
                "g3",
            }

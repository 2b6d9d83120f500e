"""What a busy machine does to the grader's view of a process."""

from __future__ import annotations

import os

import pytest

from grader.model import Call, Ending, Job, Limits, Source
from grader.sandbox import Isolation, Level, Runner
from grader.sandbox.process import ChildProcess


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

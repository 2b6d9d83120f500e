"""Stored answers stand for a run exactly where it would give the same: for equal code, calls, limits and surroundings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from corpus import CORPUS
from msgspec.structs import replace

from grader.assignment_file import load
from grader.model import Call, CallResult, Ending, Job, Limits, RunOutcome, Source
from grader.pipeline import grade
from grader.sandbox import Runner
from grader.serialize import dumps
from grader.session import Session, session
from grader.stored_answers import JobKeys, Remembering
from grader.submissions import Found, read

CALLS = (
    Call(key="first//worked/f", function="f", arguments=(1.0, np.arange(3.0))),
    Call(key="first//drawn-1/f", function="f", arguments=(2.0, np.arange(4.0))),
)
JOB = Job(
    sources=(Source(name="a.py", cells=("def f(x, y):\n    return x\n",)),),
    functions=("f",),
    calls=CALLS,
    limits=Limits(),
    collect="def g():\n    pass\n",
)


class Sandbox:
    """Stands for a sandbox: counts runs, and gives another number in each."""

    def __init__(self, ending: Ending = Ending.FINISHED) -> None:
        self.runs = 0
        self.ending = ending

    def __call__(self, job: Job) -> RunOutcome:
        self.runs += 1
        calls = tuple(
            CallResult(key=call.key, function=call.function, ending=self.ending, value=float(self.runs))
            for call in job.calls
        )
        return RunOutcome(ending=self.ending, calls=calls)


def never(_: Job) -> RunOutcome:
    raise AssertionError("it was run")


def changed_case() -> Job:
    other = replace(CALLS[1], arguments=(2.5, np.arange(4.0)))
    return replace(JOB, calls=(CALLS[0], other))


def one_source(**changes: Any) -> Job:
    return replace(JOB, sources=(replace(JOB.sources[0], **changes),))


@pytest.mark.parametrize(
    "other",
    [
        one_source(cells=("def f(x, y):\n    return y\n",)),
        one_source(cells=("def f(x, y):\n", "    return x\n")),
        one_source(name="b.py"),
        one_source(name="a\udcff.py"),
        one_source(is_notebook=True),
        replace(JOB, sources=(*JOB.sources, Source(name="b.py", cells=("",)))),
        changed_case(),
        replace(JOB, calls=(CALLS[1], CALLS[0])),
        replace(JOB, calls=CALLS[:1]),
        replace(JOB, calls=(replace(CALLS[0], key="first//drawn-2/f"), CALLS[1])),
        replace(JOB, calls=(replace(CALLS[0], attributes=("z",)), CALLS[1])),
        replace(JOB, calls=(replace(CALLS[0], arguments=(1.0, np.arange(3, dtype=np.float32))), CALLS[1])),
        replace(JOB, functions=("f", "g")),
        replace(JOB, limits=Limits(call_cpu_s=3.0)),
        replace(JOB, limits=Limits(imports=("numpy", "scipy"))),
        replace(JOB, collect="def g():\n    return 1\n"),
        replace(JOB, parts=JOB.sources),
        replace(JOB, replaced=("f",)),
    ],
)
def test_whatever_a_run_depends_on_is_in_its_key(other: Job) -> None:
    """Asked in turn, since what a class shares is worked out once."""
    keys = JobKeys("jail")
    first = keys.of(JOB)
    assert keys.of(other) != first
    assert keys.of(JOB) == first


def test_equal_jobs_have_equal_keys_whoever_makes_them() -> None:
    """As in a later process: nothing in a key is the identity of anything."""
    calls = tuple(
        replace(call, arguments=(call.arguments[0], np.arange(n)))
        for call, n in ((CALLS[0], 3.0), (CALLS[1], 4.0))
    )
    assert JobKeys("jail").of(replace(JOB, calls=calls)) == JobKeys("jail").of(JOB)


def test_another_isolation_another_numpy_and_another_grader_are_other_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = {JobKeys("jail").of(JOB), JobKeys("seal").of(JOB)}
    with monkeypatch.context() as for_now:
        for_now.setattr("grader.stored_answers.keys.np.__version__", "0.0")
        found.add(JobKeys("jail").of(JOB))
    monkeypatch.setattr("grader.stored_answers.keys.__version__", "0.0")
    found.add(JobKeys("jail").of(JOB))
    assert len(found) == 4


def test_a_class_never_takes_the_calls_of_another_for_its_own() -> None:
    """More sets of calls than are kept, so that identities of what is gone could come again."""
    keys = JobKeys("jail")
    seen = set()
    for number in range(50):
        seen.add(keys.of(replace(JOB, calls=(replace(CALLS[0], arguments=(float(number),)),))))
    assert len(seen) == 50


# --------------------------------------------------------------------------------------------------------------
# Remembering


def test_what_was_run_once_is_not_run_again_and_gives_the_same() -> None:
    sandbox = Sandbox()
    first = Remembering(sandbox, JobKeys("jail"))
    before = first.run(JOB)
    again = Remembering(never, JobKeys("jail"), first.to_store())
    assert again.run(JOB) == before
    assert (again.all_known, again.any_made, again.to_store()) == (True, False, None)


def test_only_the_runs_that_changed_are_made_and_all_are_stored() -> None:
    """Training runs stay when a case of a unit changes."""
    sandbox = Sandbox()
    training = replace(JOB, calls=(Call(key="training", function="f", arguments=()),))
    first = Remembering(sandbox, JobKeys("jail"))
    first.run(JOB)
    curve = first.run(training)

    again = Remembering(sandbox, JobKeys("jail"), first.to_store())
    again.run(changed_case())
    assert again.run(training) == curve
    assert sandbox.runs == 3
    assert (again.all_known, again.any_made) == (False, True)

    last = Remembering(never, JobKeys("jail"), again.to_store())
    last.run(changed_case())
    assert last.run(training) == curve


def test_damaged_answers_are_made_again() -> None:
    sandbox = Sandbox()
    first = Remembering(sandbox, JobKeys("jail"))
    first.run(JOB)
    stored = first.to_store()
    assert stored is not None
    again = Remembering(sandbox, JobKeys("jail"), stored[:-3])
    again.run(JOB)
    assert sandbox.runs == 2


def test_what_takes_long_is_announced_only_where_it_is_run() -> None:
    said: list[str] = []
    first = Remembering(Sandbox(), JobKeys("jail"), tell=said.append)
    first.tell("alice: training")
    first.run(JOB)
    assert said == ["alice: training"]
    again = Remembering(Sandbox(), JobKeys("jail"), first.to_store(), said.append)
    again.tell("alice: training")
    again.run(JOB)
    again.run(changed_case())
    assert said == ["alice: training"]


# --------------------------------------------------------------------------------------------------------------
# Grades


def grades_twice(shared: Session, path: str, run: Callable[[Job], RunOutcome]) -> tuple[str, str]:
    """Return a grade as it is stored, made with code that is run and made from what that gave."""
    place = CORPUS.parents[1] / shared.assignment.name / "submissions" / path
    submission = read(Found(student="alice", path=place, modified=0.0))
    first = Remembering(run, JobKeys("jail"))
    before = grade(shared, submission, first.run, "jail", first.tell)
    again = Remembering(never, JobKeys("jail"), first.to_store())
    return dumps(before), dumps(grade(shared, submission, again.run, "jail", again.tell))


SAMPLE = (
    "correct/plain_dicts.py",
    "correct/central_differences.py",
    "correct/float32_work.py",
    "wrong/ascent.py",
    "wrong/random_noise.py",
)


def test_a_grade_from_stored_answers_is_the_one_that_running_gave() -> None:
    """Right work, work that is run twice (quotients), other types, a slip, and answers that are random."""
    shared = session(load("skip_network"), "seed 3")
    with Runner() as runner:
        for path in SAMPLE:
            before, after = grades_twice(shared, path, runner.run)
            assert before == after, path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("assignment", "kinds"), [("skip_network", ("wrong", "failed", "missing")), ("mlp_lab", ("wrong",))]
)
def test_grades_of_a_corpus_from_stored_answers_are_those_that_running_gave(
    assignment: str, kinds: tuple[str, ...]
) -> None:
    """In the lab with what is run again with known-good parts; training runs of a few alone."""
    shared = session(load(assignment), "seed 3")
    root = CORPUS.parents[1] / assignment / "submissions"
    paths = [path for kind in kinds for path in sorted((root / kind).glob("*"))][
        :: 1 if assignment == "skip_network" else 12
    ]
    assert len(paths) > 2
    with Runner() as runner:
        for path in paths:
            before, after = grades_twice(shared, path.relative_to(root).as_posix(), runner.run)
            assert before == after, path

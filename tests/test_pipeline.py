"""One submission from its files to its grade, with a stand-in for the sandbox: statuses, messages, what is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from grader.assignment_file import load
from grader.model import (
    Call,
    CallResult,
    Ending,
    Grade,
    Job,
    Limits,
    Opaque,
    RunOutcome,
    Source,
    Status,
    StudentError,
    Submission,
    Verdict,
)
from grader.pipeline import MOST_PRINTED, grade
from grader.reports.view import public_view
from grader.session import Session, session

SUBMISSION = Submission(
    student="alice",
    path="alice.py",
    files=("alice.py",),
    sha256="ab" * 32,
    sources=(Source(name="alice.py", cells=("x = 1\n",)),),
    notes=("read as Latin-1",),
)
Answer = Callable[[Call], CallResult]


@pytest.fixture(scope="module")
def shared() -> Session:
    return session(load("skip_network"), "seed 1")


def relu(z: float) -> float:
    return max(z, 0.0)


def right_value(call: Call) -> Any:
    """Work the network out by hand, as the formula sheet has it."""
    if call.function == "loss":
        y_hat, y = call.arguments
        return abs(float(y) - float(y_hat))  # type: ignore[arg-type]
    if call.function == "update":
        weights, gradients, rate = call.arguments
        assert isinstance(weights, dict)
        assert isinstance(gradients, dict)
        return {name: value - rate * gradients[name] for name, value in weights.items()}  # type: ignore[operator]
    numbers = [float(argument) for argument in call.arguments]  # type: ignore[arg-type]
    if call.function == "forward":
        return nodes(*numbers)
    if call.function == "backward":
        x, y, *weights_ = numbers
        return gradients_of(x, y, *weights_)
    x, y, w0, w1, w2, ws, rate_ = numbers
    slopes = gradients_of(x, y, w0, w1, w2, ws)
    now = {"w0": w0, "w1": w1, "w2": w2, "ws": ws}
    return {name: value - rate_ * slopes[name] for name, value in now.items()}


def nodes(x: float, w0: float, w1: float, w2: float, ws: float) -> dict[str, float]:
    z0 = w0 * x
    z1 = w1 * relu(z0)
    z2 = ws * relu(z0) + w2 * relu(z1)
    return {"z0": z0, "h0": relu(z0), "z1": z1, "h1": relu(z1), "z2": z2, "y_hat": z2}


def gradients_of(x: float, y: float, w0: float, w1: float, w2: float, ws: float) -> dict[str, float]:
    node = nodes(x, w0, w1, w2, ws)
    slope = 1.0 if node["y_hat"] > y else -1.0
    through = slope * w2 * (node["z1"] > 0)
    before = (slope * ws + through * w1) * (node["z0"] > 0)
    return {"w0": before * x, "w1": through * node["h0"], "w2": slope * node["h1"], "ws": slope * node["h0"]}


def right(call: Call) -> CallResult:
    return CallResult(key=call.key, function=call.function, ending=Ending.FINISHED, value=right_value(call))


def ended(call: Call, ending: Ending, message: str, **more: Any) -> CallResult:
    return CallResult(key=call.key, function=call.function, ending=ending, message=message, **more)


def but(function: str, ending: Ending, message: str = "why", **more: Any) -> Answer:
    """Return answers that are right, but for one function that ends otherwise."""
    return lambda call: ended(call, ending, message, **more) if call.function == function else right(call)


def graded(shared: Session, answer: Answer, **outcome: Any) -> Grade:
    def run(job: Job) -> RunOutcome:
        return replace(
            RunOutcome(ending=Ending.FINISHED, calls=tuple(answer(call) for call in job.calls)), **outcome
        )

    return grade(shared, SUBMISSION, run, "limits")


def test_a_grade_says_under_which_isolation_and_limits_it_was_made(shared: Session) -> None:
    """The limits that `assignment.toml` sets for the skip network."""
    environment = graded(shared, right).environment
    assert environment.isolation == "limits"
    assert environment.limits == Limits(
        call_cpu_s=2.0, submission_cpu_s=10.0, memory_mib=512, output_kib=64, imports=("numpy",)
    )


def never(_: Job) -> RunOutcome:
    raise AssertionError("it was run")


def test_right_answers_earn_every_point(shared: Session) -> None:
    found = graded(shared, right)
    assert (found.status, found.first_mistake, found.final) == (Status.GRADED, None, True)
    assert [question.points for question in found.questions] == pytest.approx([3.0, 4.0, 3.0])
    assert [question.status for question in found.questions] == [Status.GRADED] * 3


def test_answers_that_are_another_students_very_objects_are_marked_once_and_alike(shared: Session) -> None:
    asked = replace(shared, tables=tuple(replace(everything) for everything in shared.tables))
    [everything] = asked.tables
    given: dict[str, CallResult] = {}

    def known(call: Call) -> CallResult:
        return given.setdefault(call.key, replace(right(call), is_shared=True))

    def wrong(call: Call) -> CallResult:
        if call.function != "backward":
            return known(call)
        value = {name: -2.0 * number for name, number in right_value(call).items()}
        return replace(right(call), value=value, is_shared=True)

    first, other, again = graded(asked, known), graded(asked, wrong), graded(asked, known)
    assert first.points == again.points == first.max_points
    assert first.questions == again.questions
    assert (other.status, other.first_mistake) == (Status.GRADED, "dL/dy_hat")
    assert len(everything.marked) == 2


def test_answers_that_nobody_shares_are_not_kept(shared: Session) -> None:
    asked = replace(shared, tables=tuple(replace(everything) for everything in shared.tables))
    assert graded(asked, right).points == 10.0
    assert len(asked.tables[0].marked) == 0


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        (Ending.RAISED, Status.FAILED),
        (Ending.ABSENT, Status.MISSING),
        (Ending.TIMEOUT, Status.TIMEOUT),
        (Ending.MEMORY, Status.MEMORY),
        (Ending.OUTPUT, Status.OUTPUT),
        (Ending.KILLED, Status.KILLED),
    ],
)
def test_an_ending_of_one_function_is_the_status_of_its_question_and_costs_no_other(
    shared: Session, ending: Ending, status: Status
) -> None:
    """A child that ends without a result is `killed` and never `fault`."""
    found = graded(shared, but("backward", ending))
    assert found.status is Status.GRADED
    assert [question.status for question in found.questions] == [Status.GRADED, status, Status.GRADED]
    assert [question.points for question in found.questions] == pytest.approx([3.0, 0.0, 3.0])
    assert found.questions[1].message == "why"
    assert found.final


def test_a_fault_in_any_call_leaves_the_whole_submission_open(shared: Session) -> None:
    found = graded(shared, but("loss", Ending.FAULT, "no memory for a process"))
    assert (found.status, found.points, found.pending_points) == (Status.FAULT, 0.0, 10.0)
    assert found.message == "no memory for a process"
    assert not found.final


def test_an_exception_of_ours_is_a_fault_with_its_place_and_no_exception(
    shared: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by us")

    monkeypatch.setattr("grader.examination.mark", broken)
    found = graded(shared, right)
    assert (found.status, found.points, found.pending_points) == (Status.FAULT, 0.0, 10.0)
    assert found.message is not None
    assert found.message.startswith("the grader broke: ZeroDivisionError: by us (test_pipeline.py, line ")


def test_ctrl_c_is_not_taken_for_a_fault(shared: Session) -> None:
    def interrupted(_: Job) -> RunOutcome:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        grade(shared, SUBMISSION, interrupted, "limits")


def test_what_cannot_be_read_or_needs_a_person_is_not_run_and_all_points_wait(shared: Session) -> None:
    for changed, status in (
        (replace(SUBMISSION, problem="a picture"), Status.UNREADABLE),
        (replace(SUBMISSION, conflict="two of them"), Status.AWAITING),
    ):
        found = grade(shared, changed, never, "limits")
        assert (found.status, found.points, found.pending_points) == (status, 0.0, 10.0)
        assert {question.status for question in found.questions} == {status}
        assert found.message in ("a picture", "two of them")


def test_every_required_quantity_is_listed_where_nothing_was_looked_at_too(shared: Session) -> None:
    """Who reads results finds the same names in each; students are shown no table of what nobody looked for."""
    required = [
        ["z0", "h0", "z1", "h1", "z2", "y_hat", "L"],
        ["dL/dws", "dL/dw2", "dL/dw1", "dL/dw0"],
        ["w0_new", "w1_new", "w2_new", "ws_new"],
    ]
    for changed in (
        replace(SUBMISSION, problem="a picture"),
        replace(SUBMISSION, conflict="two of them"),
        replace(SUBMISSION, is_absent=True),
    ):
        found = grade(shared, changed, never, "limits")
        assert [[one.name for one in question.quantities] for question in found.questions] == required
        listed = [one for question in found.questions for one in question.quantities]
        assert {(one.verdict, one.case, one.share) for one in listed} == {(Verdict.MISSING, None, 0.0)}
        assert [question.quantities for question in public_view(found).questions] == [(), (), ()]


def test_a_file_that_is_no_python_is_unreadable_as_a_whole(shared: Session) -> None:
    found = graded(shared, lambda call: ended(call, Ending.UNREADABLE, "line 3 is not valid Python"))
    assert (found.status, found.pending_points) == (Status.UNREADABLE, 10.0)
    assert found.message == "line 3 is not valid Python"


def test_a_file_that_is_no_python_waits_though_it_holds_none_of_the_names(shared: Session) -> None:
    """Else it would be a zero that nobody looked at."""

    def unread(job: Job) -> RunOutcome:
        missing = tuple(ended(call, Ending.ABSENT, "no such function") for call in job.calls)
        return RunOutcome(ending=Ending.UNREADABLE, message="a.py is not valid Python", calls=missing)

    found = grade(shared, SUBMISSION, unread, "limits")
    assert (found.status, found.points, found.pending_points) == (Status.UNREADABLE, 0.0, 10.0)
    assert found.message == "a.py is not valid Python"


def test_a_cell_that_is_no_python_leaves_open_its_question_alone(shared: Session) -> None:
    """Where other functions answered."""
    found = graded(shared, but("backward", Ending.UNREADABLE))
    assert found.status is Status.GRADED
    assert [question.status for question in found.questions] == [
        Status.GRADED,
        Status.UNREADABLE,
        Status.GRADED,
    ]
    assert found.points == pytest.approx(6.0)
    assert found.pending_points == 4.0


def test_a_function_that_is_not_yet_written_is_missing_and_not_failed(shared: Session) -> None:
    error = StudentError(type_name="NotImplementedError", message="not yet written")
    found = graded(shared, but("update", Ending.RAISED, error=error))
    assert (found.questions[2].status, found.questions[2].message) == (
        Status.MISSING,
        "`update` is not yet written.",
    )


def test_a_function_that_returns_nothing_usable_is_missing_with_the_reason(shared: Session) -> None:
    found = graded(
        shared,
        lambda call: replace(right(call), value=None) if call.function == "backward" else right(call),
    )
    assert found.questions[1].status is Status.MISSING
    assert found.questions[1].message
    assert found.questions[1].points == 0.0


def test_an_opaque_answer_is_invalid_and_earns_nothing(shared: Session) -> None:
    strange = Opaque(type_name="Tensor", reason="not a NumPy array")
    found = graded(
        shared, lambda call: replace(right(call), value=strange) if call.function == "loss" else right(call)
    )
    assert found.questions[0].points == pytest.approx(3.0 * 6 / 7)


def test_an_optional_function_may_be_absent(shared: Session) -> None:
    found = graded(shared, but("step", Ending.ABSENT))
    assert found.points == pytest.approx(10.0)
    assert found.questions[2].status is Status.GRADED


def test_the_job_holds_no_answer_that_is_not_printed_in_the_task(shared: Session) -> None:
    """No node of a drawn case is an argument of any call, zero apart; `loss` and `update` get values drawn apart.

    A gradient may be equal to a weight, and a loss to its target where y_hat is 0.
    """
    drawn = [case for case in shared.tables[0].cases if case.case.name != "worked"]
    secret = {
        float(value.value)
        for case in drawn
        for (function, _), value in case.by_key.items()
        if function == "forward"
    } - {0.0}
    given = {
        float(number)  # type: ignore[arg-type]
        for call in shared.calls
        if "/worked/" not in call.key
        for argument in call.arguments
        for number in (argument.values() if isinstance(argument, dict) else [argument])
    }
    assert len(secret) >= 7
    assert len(given) > 40
    assert not secret & given


def test_notes_files_and_conditions_of_the_run_stand_in_the_grade(shared: Session) -> None:
    found = graded(shared, right, notes=("cell 3 raised",), cpu_s=0.5, peak_memory_mib=40.0)
    assert found.notes == ("read as Latin-1", "cell 3 raised")
    assert (found.student, found.files, found.sha256) == ("alice", ("alice.py",), "ab" * 32)
    assert (found.seconds, found.peak_memory_mib, found.environment.isolation) == (0.5, 40.0, "limits")
    assert found.environment.seed_sha256 == shared.seed_sha256


def test_what_is_printed_is_kept_once_and_cut_with_the_cut_shown(shared: Session) -> None:
    found = graded(shared, lambda call: replace(right(call), printed="hello"), printed="loading\n")
    assert found.printed == "loading\nhello\n"
    long = graded(shared, right, printed="x" * (MOST_PRINTED + 5)).printed
    assert long.endswith(f"\n[cut: {MOST_PRINTED + 5} characters in all]")
    assert len(long) < MOST_PRINTED + 100


def test_a_session_is_the_same_for_the_same_secret_and_another_for_another(shared: Session) -> None:
    asked = shared.assignment
    again, other = session(asked, "seed 1"), session(asked, "seed 2")
    assert [call.key for call in again.calls] == [call.key for call in shared.calls]
    drawn = [
        [call.arguments for call in one.calls if call.key == "first//drawn-1/forward"]
        for one in (shared, again, other)
    ]
    assert all(len(calls) == 1 for calls in drawn)
    assert str(drawn[0]) == str(drawn[1])
    assert str(drawn[0]) != str(drawn[2])

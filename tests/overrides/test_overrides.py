"""What people decide holds, and what the grader found stands beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from grader.model import (
    Automatic,
    Environment,
    Grade,
    LineResult,
    LineSide,
    LineVerdict,
    Mark,
    Place,
    QuantityResult,
    QuestionResult,
    Status,
    Verdict,
)
from grader.overrides import (
    ANSWER_CHANGED,
    FILES_CHANGED,
    FOUND_CHANGED,
    GONE,
    basis,
    place,
    points_then,
    with_marks,
)

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A mark as the gradebook has it."""

    target: str
    points: float | None
    basis: str
    comment: str = ""
    by: str = "kim"
    at: datetime = AT


def quantity(
    name: str, verdict: Verdict = Verdict.CORRECT, share: float = 1.0, *, required: bool = True
) -> QuantityResult:
    return QuantityResult(name=name, verdict=verdict, required=required, case="worked", share=share)


# Four required gradients of 4 points, one each; dL/dw1 is lost, dL/dz is welcome.
GRADIENTS = QuestionResult(
    id="gradients",
    title="Gradients",
    points=3.0,
    max_points=4.0,
    status=Status.GRADED,
    quantities=(
        quantity("dL/dz", required=False),
        quantity("dL/dw0"),
        quantity("dL/dw1", Verdict.WRONG, 0.0),
        quantity("dL/dw2"),
        quantity("dL/dw3"),
    ),
)
TEXT = QuestionResult(
    id="why",
    title="Why",
    points=0.0,
    max_points=2.0,
    pending_points=2.0,
    status=Status.AWAITING,
    message="A person reads it.",
    text="Because.",
    place=Place(file="a.md", line=1, heading="Why"),
)
# Of four lines two could not be read: they may be the two that are missing, or not.
WRITTEN = QuestionResult(
    id="by_hand",
    title="By hand",
    points=1.0,
    max_points=4.0,
    pending_points=2.0,
    status=Status.AWAITING,
    quantities=(
        quantity("a"),
        quantity("b", Verdict.WRONG, 0.0),
        quantity("c", Verdict.MISSING, 0.0),
        quantity("d", Verdict.MISSING, 0.0),
    ),
    lines=(
        LineResult(
            place=Place(file="a.md", line=3, heading=""),
            column=1,
            sides=(LineSide(relation="", source="a"), LineSide(relation="=", source="1")),
            verdict=LineVerdict.RIGHT,
        ),
    ),
)


def grade(*questions: QuestionResult, status: Status = Status.GRADED, sha256: str = "ab") -> Grade:
    return Grade(
        assignment="a",
        student="alice",
        files=("a.py",),
        sha256=sha256,
        status=status,
        questions=questions,
        environment=Environment(grader="0", numpy="0", isolation="process", seed_sha256="cd"),
    )


def marked(before: Grade, *marks: tuple[str, float], now: Grade | None = None) -> Grade:
    """Lay marks over a grade that were made on it, or on the one before."""
    standing = [
        Standing(target=target, points=points, basis=basis(before, target)) for target, points in marks
    ]
    return with_marks(now or before, standing)


def reasons(before: Grade, now: Grade, target: str) -> tuple[str, ...]:
    (mark,) = marked(before, (target, 1.0), now=now).all_marks
    return mark.look_again


def test_a_grade_that_nobody_marked_stays_as_it_is() -> None:
    assert with_marks(grade(GRADIENTS), ()) == grade(GRADIENTS)


def test_the_points_of_a_marked_question_are_the_persons_and_the_graders_stand_beside() -> None:
    done = marked(grade(GRADIENTS, TEXT), ("gradients", 3.5))
    (gradients, why) = done.questions
    assert (gradients.points, gradients.automatic) == (
        3.5,
        Automatic(points=3.0, pending_points=0.0, status=Status.GRADED),
    )
    assert gradients.marks == (
        Mark(target="gradients", points=3.5, by="kim", at="2026-03-01T12:00:00+00:00"),
    )
    assert why == TEXT
    assert (done.points, done.pending_points, done.final) == (3.5, 2.0, False)
    assert done.automatic == Automatic(points=3.0, pending_points=2.0, status=Status.GRADED)


def test_what_the_grader_found_is_left_as_it_was() -> None:
    done = marked(grade(GRADIENTS), ("gradients", 4.0))
    assert done.questions[0].quantities == GRADIENTS.quantities


def test_all_is_correct_where_people_gave_all_points_for_what_they_marked() -> None:
    right = replace(GRADIENTS, points=4.0, quantities=(quantity("dL/dw0"),))
    assert grade(right, TEXT).is_all_correct, "as far as no person has decided"
    assert marked(grade(right, TEXT), ("why", 2.0)).is_all_correct
    assert not marked(grade(right, TEXT), ("why", 1.0)).is_all_correct
    assert not grade(GRADIENTS).is_all_correct
    assert marked(grade(GRADIENTS), ("gradients", 4.0)).is_all_correct
    assert marked(grade(GRADIENTS), ("total", 4.0)).is_all_correct
    assert not marked(grade(right), ("total", 3.0)).is_all_correct


def test_an_awaiting_question_is_final_when_it_is_marked() -> None:
    done = marked(grade(GRADIENTS, TEXT), ("why", 1.5))
    (_, why) = done.questions
    assert (why.points, why.pending_points, why.status) == (1.5, 0.0, Status.GRADED)
    assert why.message is None, "it said that a person reads it"
    assert (done.points, done.final) == (4.5, True)


def test_zero_points_by_a_person_are_final_too() -> None:
    done = marked(grade(TEXT), ("why", 0.0))
    assert (done.points, done.final, done.questions[0].status) == (0.0, True, Status.GRADED)


def test_a_question_that_failed_stays_failed_whatever_a_person_gives() -> None:
    failed = replace(GRADIENTS, status=Status.FAILED, points=0.0)
    (question,) = marked(grade(failed), ("gradients", 1.0)).questions
    assert (question.status, question.points) == (Status.FAILED, 1.0)


@pytest.mark.parametrize("status", [Status.UNREADABLE, Status.FAULT, Status.AWAITING])
def test_a_submission_of_which_nothing_was_decided_is_graded_once_a_person_decided_all(
    status: Status,
) -> None:
    open_question = replace(TEXT, status=status)
    other = replace(open_question, id="other")
    before = grade(open_question, other, status=status)
    assert marked(before, ("why", 1.0)).status is status
    done = marked(before, ("why", 1.0), ("other", 2.0))
    assert (done.status, done.points, done.final) == (Status.GRADED, 3.0, True)
    assert done.automatic == Automatic(points=0.0, pending_points=4.0, status=status)


# --------------------------------------------------------------------------------------------------------------
# Quantities and totals


def test_a_marked_quantity_changes_its_own_share_of_the_question() -> None:
    """One of 4 points for each of four: half of the lost one is 3.5, half of a right one 2.5."""
    assert marked(grade(GRADIENTS), ("gradients:dL/dw1", 0.5)).points == 3.5
    assert marked(grade(GRADIENTS), ("gradients:dL/dw0", 0.5)).points == 2.5
    assert marked(grade(GRADIENTS), ("gradients:dL/dw1", 1.0), ("gradients:dL/dw0", 0.0)).points == 3.0


def test_a_mark_of_the_question_goes_before_those_of_its_quantities() -> None:
    done = marked(grade(GRADIENTS), ("gradients:dL/dw1", 1.0), ("gradients", 2.0))
    assert done.points == 2.0
    assert {mark.target: mark.in_force for mark in done.all_marks} == {
        "gradients": True,
        "gradients:dL/dw1": False,
    }


def test_a_marked_quantity_waits_no_longer() -> None:
    done = marked(grade(WRITTEN), ("by_hand:c", 1.0))
    assert (done.points, done.pending_points) == (2.0, 1.0)
    done = marked(grade(WRITTEN), ("by_hand:c", 1.0), ("by_hand:d", 0.0))
    assert (done.points, done.final, done.questions[0].status) == (2.0, True, Status.GRADED)


def test_points_wait_until_it_is_sure_that_all_that_waited_is_decided() -> None:
    """One unread line for two missing quantities: whichever is marked, it may have been for the other."""
    one_line = replace(WRITTEN, pending_points=1.0)
    assert marked(grade(one_line), ("by_hand:c", 1.0)).pending_points == 1.0
    assert marked(grade(one_line), ("by_hand:b", 1.0)).pending_points == 1.0
    assert marked(grade(one_line), ("by_hand:c", 1.0), ("by_hand:d", 0.0)).final


def test_a_mark_of_the_total_takes_the_place_of_the_sum() -> None:
    done = marked(grade(GRADIENTS, TEXT), ("total", 5.0), ("gradients", 4.0))
    assert (done.points, done.pending_points, done.final) == (5.0, 0.0, True)
    assert [question.points for question in done.questions] == [4.0, 0.0]
    assert done.total is not None
    assert done.automatic == Automatic(points=3.0, pending_points=2.0, status=Status.GRADED)


def test_a_place_has_the_points_that_can_be_given_there() -> None:
    one = grade(GRADIENTS, WRITTEN)
    found = {
        target: place(one, target)
        for target in ("total", "gradients", "gradients:dL/dw1", "gradients:dL/dz", "by_hand:c")
    }
    assert {target: (at.points, at.max_points, at.pending_points) for target, at in found.items() if at} == {
        "total": (4.0, 8.0, 2.0),
        "gradients": (3.0, 4.0, 0.0),
        "gradients:dL/dw1": (0.0, 1.0, 0.0),
        "gradients:dL/dz": (0.0, 0.0, 0.0),
        "by_hand:c": (0.0, 1.0, 1.0),
    }
    assert place(one, "gradients:dL/dw9") is None
    assert place(one, "nothing") is None


# --------------------------------------------------------------------------------------------------------------
# What has changed since


@pytest.mark.parametrize("target", ["gradients", "gradients:dL/dw1", "why", "by_hand", "by_hand:c", "total"])
def test_a_mark_on_what_has_not_changed_need_not_be_looked_at_again(target: str) -> None:
    """Times and notes change from run to run."""
    before = grade(GRADIENTS, TEXT, WRITTEN)
    assert reasons(before, replace(before, seconds=9.0, notes=("a",), printed="b"), target) == ()


def test_another_text_is_told_and_other_files_beside_it_are_not() -> None:
    before = grade(TEXT, GRADIENTS)
    other_text = grade(replace(TEXT, text="Because of the sign."), GRADIENTS, sha256="ef")
    assert reasons(before, other_text, "why") == (ANSWER_CHANGED,)
    assert reasons(before, grade(TEXT, GRADIENTS, sha256="ef"), "why") == ()


def test_other_lines_of_a_derivation_are_told() -> None:
    (line,) = WRITTEN.lines
    other = replace(WRITTEN, lines=(replace(line, sides=(LineSide(relation="", source="b"),)),))
    assert reasons(grade(WRITTEN), grade(other), "by_hand") == (ANSWER_CHANGED,)
    assert reasons(grade(WRITTEN), grade(other), "by_hand:a") == (ANSWER_CHANGED,)


@pytest.mark.parametrize("target", ["gradients", "gradients:dL/dw1", "total"])
def test_other_files_are_told_of_what_is_answered_in_code(target: str) -> None:
    assert reasons(grade(GRADIENTS), grade(GRADIENTS, sha256="ef"), target) == (FILES_CHANGED,)


def test_other_points_of_the_grader_are_told_with_both_numbers() -> None:
    better = replace(
        GRADIENTS,
        points=4.0,
        quantities=tuple(replace(one, verdict=Verdict.CORRECT, share=1.0) for one in GRADIENTS.quantities),
    )
    said = ("The grader gave 3 points then, and gives 4 now.",)
    assert reasons(grade(GRADIENTS), grade(better), "gradients") == said
    assert reasons(grade(GRADIENTS), grade(better), "total") == said
    said = ("The grader gave 0 points then, and gives 1 now.",)
    assert reasons(grade(GRADIENTS), grade(better), "gradients:dL/dw1") == said
    assert reasons(grade(GRADIENTS), grade(better), "gradients:dL/dw0") == ()


def test_other_verdicts_with_the_same_points_are_told() -> None:
    exchanged = replace(
        GRADIENTS,
        quantities=(
            *GRADIENTS.quantities[:1],
            quantity("dL/dw0", Verdict.WRONG, 0.0),
            quantity("dL/dw1"),
            *GRADIENTS.quantities[3:],
        ),
    )
    assert reasons(grade(GRADIENTS), grade(exchanged), "gradients") == (FOUND_CHANGED,)


def test_what_waited_and_is_decided_now_is_told() -> None:
    decided = replace(TEXT, points=2.0, pending_points=0.0, status=Status.GRADED)
    assert reasons(grade(TEXT), grade(decided), "why") == (
        "The grader gave no points then, and gives 2 now.",
    )


def test_a_mark_of_what_is_no_longer_asked_counts_for_nothing_and_is_told() -> None:
    done = marked(grade(GRADIENTS, TEXT), ("why", 2.0), now=grade(GRADIENTS))
    assert (done.points, done.automatic) == (3.0, None)
    (mark,) = done.marks
    assert (mark.in_force, mark.look_again) == (False, (GONE,))


def test_points_that_are_no_longer_to_be_had_are_not_given_and_it_is_told() -> None:
    smaller = replace(TEXT, max_points=1.0, pending_points=1.0)
    done = marked(grade(TEXT), ("why", 2.0), now=grade(smaller))
    assert done.points == 1.0
    assert done.questions[0].marks[0].look_again == (FOUND_CHANGED,)


def test_what_the_grader_gave_is_known_later() -> None:
    assert points_then(basis(grade(GRADIENTS), "gradients")) == 3.0
    assert points_then(basis(grade(TEXT), "why")) is None
    assert points_then("") is None


def test_a_hostile_answer_has_a_basis_too() -> None:
    strange = replace(TEXT, text="\udc80\0\u202e")
    assert reasons(grade(TEXT), grade(strange), "why") == (ANSWER_CHANGED,)
    assert reasons(grade(strange), grade(strange), "why") == ()

"""A written question waits for a person with its text, or says why there is none."""

from __future__ import annotations

from typing import Any

from grader.model import Document, Place, QuestionResult, Status
from grader.texts import text_result


def result(
    text: str | None, headings: tuple[str, ...] = ("Discussion", "Results"), **more: Any
) -> QuestionResult:
    documents = [] if text is None else [Document(name="report.md", text=text)]
    return text_result("q", "Title", 2.0, headings, documents, **more)


def test_a_text_waits_for_a_person_with_all_its_points() -> None:
    assert result("# Discussion\nIt falls.") == QuestionResult(
        id="q",
        title="Title",
        points=0.0,
        max_points=2.0,
        pending_points=2.0,
        status=Status.AWAITING,
        message="A person reads what is written under `Discussion` in `report.md`, line 1.",
        text="It falls.",
        place=Place(file="report.md", line=1, heading="Discussion"),
    )


def test_a_text_under_a_heading_that_is_merely_alike_says_so() -> None:
    found = result("# Discusion\nIt falls.")

    assert (found.status, found.text) == (Status.AWAITING, "It falls.")
    assert found.message == (
        "No heading is `Discussion` or `Results`; a person reads what is written under `Discusion` in `report.md`, "
        "line 1, the only one like it."
    )


def test_a_missing_heading_is_named_with_the_files_that_were_looked_at() -> None:
    found = result("# Intro\ntext")

    assert (found.status, found.points, found.pending_points, found.text) == (Status.MISSING, 0.0, 0.0, None)
    assert found.message == (
        "No heading `Discussion` or `Results` was found in `report.md`; write the answer below such a heading."
    )


def test_a_submission_without_any_text_says_so() -> None:
    assert result(None, ("Discussion",)).message == (
        "No heading `Discussion` was found in the submission, which holds no text; "
        "write the answer below such a heading."
    )


def test_a_heading_with_nothing_under_it_is_missing_and_named() -> None:
    found = result("text\n\n## Discussion\n\n## Next\ntext")

    assert found.status is Status.MISSING
    assert found.message == "Nothing is written under `Discussion` in `report.md`, line 3."


def test_several_headings_that_are_merely_alike_wait_for_a_person() -> None:
    found = result("# Discussion of A\na\n# Discussion of B\nb", ("Discussion",))

    assert (found.status, found.pending_points, found.text, found.place) == (Status.AWAITING, 2.0, None, None)
    assert found.message == (
        "No answer stands under `Discussion`; a person must look which of these is it: "
        "under `Discussion of A` in `report.md`, line 1 and under `Discussion of B` in `report.md`, line 3."
    )


def test_a_file_that_is_not_read_may_hold_the_answer_and_costs_no_points() -> None:
    found = result("# Intro", ("Discussion",), unread=("scan.pdf",))

    assert (found.status, found.pending_points) == (Status.AWAITING, 2.0)
    assert found.message == (
        "No heading `Discussion` was found in `report.md`; write the answer below such a heading. "
        "`scan.pdf` is not read by the grader; a person must look."
    )


def test_a_file_that_is_not_read_is_a_note_beside_an_answer() -> None:
    found = result("# Discussion\nSee the plots.", unread=tuple(f"{n}.png" for n in range(7)))

    assert found.message == "A person reads what is written under `Discussion` in `report.md`, line 1."
    assert found.notes == (
        "`0.png`, `1.png`, `2.png`, `3.png`, `4.png` and 2 more are not read by the grader; a person must look.",
    )


def test_other_questions_and_the_hand_out_are_taken_into_account() -> None:
    handout = Document(name="task.md", text="# Discussion\nThree sentences.")

    assert result("# Discussion\nThree sentences.", given=[handout]).status is Status.MISSING
    assert result("# Discussion\nIt falls.\n## Rate\n5", others=("Rate",)).text == "It falls."

"""Reports tell what people decided: points and comment to the student, everything to the instructor."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

import pytest
from msgspec.structs import replace
from samples import grade, question, sign_flipped

from grader.model import Grade, Place, Status
from grader.overrides import Standing, basis, with_marks
from grader.reports.class_needs import groups, waiting
from grader.reports.class_rows import class_row
from grader.reports.class_view import class_view
from grader.reports.opening import opening
from grader.reports.student import student_html, student_markdown
from grader.reports.view import public_view

COMMENT = "Two lines:\n<b>bold</b> & `code`"


def explain() -> Grade:
    waits = question("explain", 0.0, 3.0, pending_points=3.0, status=Status.AWAITING, text="Because.",
                     place=Place(file="a.md", line=1, heading="Explain"), message="A person reads it.")  # fmt: skip
    return replace(sign_flipped(), questions=(*sign_flipped().questions, waits))


def marked(before: Grade, target: str, points: float, comment: str = "", now: Grade | None = None) -> Grade:
    standing = SimpleNamespace(
        target=target, points=points, comment=comment, by="Kim Secret", basis=basis(before, target),
        at=datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
    )  # fmt: skip
    return with_marks(now or before, (cast("Standing", standing),))


def said(one: Grade) -> str:
    return opening(one, verdicts=True, kinds=True).sentence


@pytest.mark.parametrize("level", ["full", "hints", "verdicts", "points"])
def test_points_and_comment_are_shown_at_every_feedback_level_and_the_name_at_none(level: str) -> None:
    view = public_view(marked(explain(), "explain", 2.0, COMMENT), level)
    [mark] = view.questions[-1].marks
    assert (mark.what, mark.points, mark.comment) == ("", "2", COMMENT)
    assert (view.questions[-1].points, view.questions[-1].automatic) == ("2", "")
    assert (view.points, view.pending) == ("9", None)
    html, markdown = student_html(view), student_markdown(view)
    assert '<p class="comment">Two lines:\n&lt;b&gt;bold&lt;/b&gt; &amp; `code`</p>' in html
    assert "Two lines:\n<b>bold</b> & `code`\n```" in markdown
    assert "The grader left the points to a person." in html
    assert "The grader left the points to a person." in markdown
    assert "Secret" not in html + markdown


def test_the_graders_points_stand_beside_a_persons() -> None:
    view = public_view(marked(explain(), "gradients", 3.5))
    assert (view.questions[1].points, view.questions[1].automatic) == ("3.5", "1")
    assert "A person gave 3.5 points." in student_html(view)
    assert "The grader found 1 of 4; what it says below is its own." in student_markdown(view)


def test_a_quantity_and_the_total_are_named() -> None:
    view = public_view(marked(explain(), "gradients:dL/dw0", 1.0))
    assert "A person gave 1 point for <code>dL/dw0</code>." in student_html(view)
    view = public_view(marked(explain(), "total", 8.0, "On the whole."))
    assert (view.points, view.pending, view.automatic) == ("8", None, "7")
    assert view.marks[0].comment == "On the whole."
    assert "**A person gave 8 points.**" in student_markdown(view)


def test_the_opening_says_which_points_a_person_decided() -> None:
    assert said(marked(explain(), "explain", 2.0)).startswith("9 of 13 points. First mistake: dL/dy_hat")
    assert said(marked(explain(), "explain", 2.0)).endswith("A person decided the points of “Explain”.")
    assert said(marked(explain(), "total", 8.0)).startswith("8 of 13 points. First mistake")
    assert said(marked(explain(), "total", 8.0)).endswith("A person decided the points.")
    assert "is read by a person" not in said(marked(explain(), "total", 8.0))


def test_what_the_grader_could_not_read_and_a_person_graded_is_not_called_unread() -> None:
    waits = question("forward", 0.0, 3.0, pending_points=3.0, status=Status.UNREADABLE, message="No Python.")
    scan = grade(waits, status=Status.UNREADABLE, message="No Python.")
    assert said(marked(scan, "forward", 2.5)) == "2.5 of 3 points. A person decided the points of “Forward”."
    assert class_row("a", marked(scan, "forward", 2.5)).reasons == ()


def test_a_comment_in_words_is_never_a_page_of_its_own() -> None:
    view = public_view(marked(explain(), "explain", 2.0, "y" * 10_000))
    assert "[cut: 6000 more characters]" in view.questions[-1].marks[0].comment


# --------------------------------------------------------------------------------------------------------------
# The class page


def test_the_class_page_lists_marks_with_author_time_and_the_graders_points() -> None:
    row = class_row("alice", marked(explain(), "gradients", 3.5, COMMENT))
    [mark] = row.marks
    assert (mark.what, mark.points, mark.automatic, mark.by) == ("Gradients", "3.5", "1", "Kim Secret")
    assert (mark.comment, mark.at) == ("Two lines: <b>bold</b> & `code`", "2026-03-01 12:00")
    view = class_view([row, class_row("bob", explain())], assignment="a")
    assert [one.file_name for one in view.marked] == ["alice"]


def test_a_mark_to_be_looked_at_again_needs_a_person_though_nothing_waits() -> None:
    last = explain().questions[-1]
    now = replace(explain(), questions=(*explain().questions[:-1], replace(last, text="Another.")))
    row = class_row("alice", marked(explain(), "explain", 2.0, now=now))
    [group] = groups([row])
    assert (group.title, group.count) == ("Marks to look at again", 1)
    [part] = group.parts
    assert part.told[0][1] == "Explain: 2 points by Kim Secret. The answer has changed since."


def test_who_waits_is_counted_once_where_the_class_page_has_them_first() -> None:
    """Of a mark to be looked at again the points hold, and where a total was decided nothing is open."""
    unread = question("steps", 0.0, 2.0, pending_points=2.0, status=Status.UNREADABLE)
    both = replace(explain(), questions=(*explain().questions, unread))
    last = explain().questions[-1]
    again = replace(explain(), questions=(*explain().questions[:-1], replace(last, text="Another.")))
    grades = (
        sign_flipped(),
        explain(),
        both,
        explain(),
        marked(explain(), "explain", 2.0, now=again),
        marked(explain(), "total", 8.0),
    )
    rows = [class_row(str(number), one) for number, one in enumerate(grades)]
    assert list(waiting(rows).items()) == [("Could not be read", 1), ("Answers to read", 2)]


def test_what_waits_of_a_submission_whose_total_was_decided_needs_nobody() -> None:
    row = class_row("alice", marked(explain(), "total", 8.0))
    assert (row.reasons, row.final, row.points_text, row.status) == ((), True, "8", Status.GRADED)
    view = class_view([row], assignment="a")
    assert (view.mean, view.graded, view.for_a_person) == ("8", 1, 0)

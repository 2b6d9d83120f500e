"""The class page counts right and puts what needs a person on top."""

from __future__ import annotations

import pytest
from parsed import Page
from samples import all_correct, derived, forward, grade, question, raised, sign_flipped, written

from grader.model import Finding, Grade, Status
from grader.reports.class_bins import histogram
from grader.reports.class_rows import Need, class_row
from grader.reports.class_view import class_view
from grader.reports.course import class_html, class_pieces


def made() -> dict[str, Grade]:
    absent = (question(name, 0.0, points, status=Status.MISSING) for name, points in
              (("forward", 3.0), ("gradients", 4.0), ("update", 3.0)))  # fmt: skip
    broken = question("forward", 0.0, 3.0, pending_points=3.0, status=Status.FAULT)
    return {
        "a": sign_flipped(student="Zoe"),
        "b": all_correct(student="adam"),
        "c": raised(student="Bea"),
        "d": grade(*absent, student="gone", status=Status.MISSING),
        "e": grade(broken, student="Fay", status=Status.FAULT, message="the sandbox ended early"),
    }


def test_mean_and_median_are_over_final_grades_and_students_are_sorted() -> None:
    """Points are 7, 10, 6 and 0; the fault has none yet."""
    view = class_view([class_row(name, each) for name, each in made().items()], assignment="a")
    assert (view.submissions, view.graded, view.all_correct) == (5, 4, 1)
    assert (view.mean, view.median, view.max_points) == ("5.75", "6.5", "10")
    assert [row.student for row in view.students] == ["adam", "Bea", "Fay", "gone", "Zoe"]
    assert [(group.title, [row.student for row, _ in group.told]) for group in view.needs] == [
        ("Our grader failed", ["Fay"])
    ]


def test_each_question_has_its_mean_and_the_share_that_is_missing() -> None:
    """Gradients: 1, 4, 0 and 0 of 4 points; one of four is missing. Forward: 3, 3, 3, 0, and one undecided of five.

    Who answered gradients has 1, 4 and 0 of 4 points: 5 of 12.
    """
    view = class_view([class_row(name, each) for name, each in made().items()], assignment="a")
    shown = {one.title: (one.mean, one.earned, one.missing, one.missing_percent) for one in view.questions}
    assert shown == {
        "Forward": ("2.25", "100 %", 1, "20 %"),
        "Gradients": ("1.25", "42 %", 1, "25 %"),
        "Update": ("2.25", "100 %", 1, "25 %"),
    }
    assert view.hardest is not None
    assert view.hardest.title == "Gradients"


def test_slips_are_counted_by_submission_and_linked() -> None:
    grades = made() | {"f": sign_flipped(student="Gil")}
    rows = [class_row(name, each) for name, each in grades.items()]
    (slip,) = class_view(rows, assignment="a").slips
    assert (slip.slip, slip.count) == ("sign-flipped", 2)
    assert [(place.at, [row.student for row in place.students]) for place in slip.places] == [
        ("dL/dy_hat", ["Gil", "Zoe"])
    ]
    links = [attributes["href"] for attributes in Page(class_html(rows, assignment="a")).named("a")]
    assert next(link for link in links if link and link.startswith("reports")) == "reports/e.html"
    # Among the mistakes, by points, and among the students.
    assert links.count("reports/f.html") == 3


def test_unexplained_mistakes_stand_last_however_often_they_are() -> None:
    """Two that nobody can name stand behind one with a name."""
    unnamed = Finding(slip="unexplained", at="z0", explains=("z0",), text="")
    rows = [
        class_row("a", grade(forward(findings=(unnamed,)), student="a")),
        class_row("b", grade(forward(findings=(unnamed,)), student="b")),
        class_row("c", sign_flipped(student="c")),
    ]

    assert [slip.slip for slip in class_view(rows, assignment="a").slips] == ["sign-flipped", "unexplained"]


@pytest.mark.parametrize(
    ("points", "counts"),
    [
        ([0.0, 0.5, 9.99, 10.0], [2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]),
        ([0.1 + 0.2 + 2.7], [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]),
        ([], [0] * 11),
    ],
)
def test_points_fall_into_the_bin_that_starts_at_or_below_them(
    points: list[float], counts: list[int]
) -> None:
    assert [each.count for each in histogram(points, 10.0)] == counts


def test_a_class_of_nobody_is_a_page_too() -> None:
    assert "0" in Page(class_html([], assignment="empty")).text
    assert histogram([], 0.0) == ()


def test_a_grade_that_is_not_final_shows_no_points_in_the_table() -> None:
    assert class_row("e", made()["e"]).points_text == "\N{EN DASH}"


def test_a_written_answer_waits_for_a_person_beside_the_points_so_far() -> None:
    row = class_row("a", written())

    assert row.for_a_person
    assert row.points_text == "3, 2 wait"
    assert row.status is Status.AWAITING
    assert [(reason.need, reason.question, reason.text) for reason in row.reasons] == [
        (
            Need.ANSWER,
            "Discussion",
            "A person reads what is written under `Discussion` in `report.md`, line 3.",
        )
    ]
    assert "waits for a person" in Page(class_html([row], assignment="a")).text


def test_what_a_person_reads_is_left_out_of_the_numbers_of_the_class() -> None:
    """Forward: 3, 3 and 1 of 3 points; the discussion waits twice, and is missing once."""
    absent = question("discussion", 0.0, 2.0, status=Status.MISSING)
    poor = grade(question("forward", 1.0, 3.0), absent, student="c")
    broken = made()["e"]
    rows = [class_row("a", written(student="a")), class_row("b", written(student="b")), class_row("c", poor),
            class_row("e", broken)]  # fmt: skip

    view = class_view(rows, assignment="a")

    assert view.read_by_person == ("Discussion",)
    assert (view.graded, view.mean, view.median, view.max_points, view.all_correct) == (
        3,
        "2.33",
        "3",
        "3",
        2,
    )
    assert [(group.title, [row.student for row, _ in group.told]) for group in view.needs] == [
        ("Our grader failed", ["Fay"]),
        ("Answers to read: Discussion", ["a", "b"]),
    ]
    assert "Counted without what a person reads: Discussion." in Page(class_html(rows, assignment="a")).text


def test_a_question_of_which_a_part_waits_is_awaiting_though_the_rest_is_graded() -> None:
    """One line of the derivation was not read; the question has 2.5 of 7 points so far, and its status is graded."""
    row = class_row("a", derived())

    assert row.status is Status.AWAITING
    assert row.for_a_person
    assert row.points_text == "5.5, 1 wait"
    assert [(reason.need, reason.question, reason.text) for reason in row.reasons] == [
        (Need.LINES, "Symbols", "1 line was not read by the grader")
    ]
    assert "waits for a person" in Page(class_html([row], assignment="a")).text


def test_one_unread_line_does_not_take_a_question_out_of_the_numbers_of_the_class() -> None:
    """Two who are final have 7 and 3 of 10 points; the third, of whom a line waits, is not counted yet."""
    final = [
        grade(question("symbols", points, 7.0), forward(), student=name)
        for name, points in (("b", 4.0), ("c", 0.0))
    ]
    rows = [class_row("a", derived()), *(class_row(one.student, one) for one in final)]

    view = class_view(rows, assignment="a")

    assert (view.read_by_person, view.graded, view.max_points, view.mean) == ((), 2, "10", "5")


def test_the_pieces_of_a_large_page_are_the_page() -> None:
    rows = [class_row(f"s{number}", all_correct(student=f"s{number}")) for number in range(300)]
    pieces = list(class_pieces(rows, assignment="a"))
    assert len(pieces) > 2
    assert "".join(pieces) == class_html(rows, assignment="a")
    assert "".join(pieces).count('href="reports/') == 600

"""The class page counts right and puts what needs a person on top."""

from __future__ import annotations

import pytest
from parsed import Page
from samples import all_correct, derived, forward, grade, question, raised, sign_flipped, written

from grader.model import Finding, Grade, Status
from grader.reports.class_bins import bin_width, histogram
from grader.reports.class_drawing import shares_svg
from grader.reports.class_mistakes import percent_text
from grader.reports.class_needs import NOTHING_TO_CHANGE
from grader.reports.class_rows import ClassRow, Need, class_row
from grader.reports.class_view import ClassView, class_view
from grader.reports.conditions import MarkingFacts
from grader.reports.course import class_html, class_pieces
from grader.reports.outline import Outline


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


def needs(view: ClassView) -> list[tuple[str, str, list[str]]]:
    return [
        (group.title, part.title, [row.student for row, _ in part.told])
        for group in view.needs
        for part in group.parts
    ]


def test_mean_and_median_are_over_final_grades_and_students_are_sorted() -> None:
    """Points are 7, 10, 6 and 0; the fault has none yet."""
    view = class_view([class_row(name, each) for name, each in made().items()], assignment="a")
    assert (view.submissions, view.graded, view.all_correct) == (5, 4, 1)
    assert (view.mean, view.median, view.max_points) == ("5.75", "6.5", "10")
    assert [row.student for row in view.students] == ["adam", "Bea", "Fay", "gone", "Zoe"]
    assert needs(view) == [("Our grader failed", "", ["Fay"])]


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
    assert needs(view) == [
        ("Our grader failed", "", ["Fay"]),
        ("Answers to read", "Discussion", ["a", "b"]),
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


# --------------------------------------------------------------------------------------------------------------
# What needs a person


def test_a_choice_between_two_files_is_told_apart_from_an_answer_to_read() -> None:
    """Both are `awaiting`; the first waits as a whole, and says why."""
    waits = question("forward", 0.0, 3.0, pending_points=3.0, status=Status.AWAITING)
    doubled = grade(waits, student="Ann", status=Status.AWAITING, message="a.py and a/a.py are both hers")
    view = class_view([class_row("a", doubled), class_row("b", written(student="Bo"))], assignment="a")

    assert needs(view) == [
        ("Somebody must choose", "", ["Ann"]),
        ("Answers to read", "Discussion", ["Bo"]),
    ]
    assert view.needs[0].parts[0].told[0][1] == "a.py and a/a.py are both hers"


def test_who_waits_for_two_answers_is_one_submission() -> None:
    first, second = (
        question(name, 0.0, 2.0, pending_points=2.0, status=Status.AWAITING) for name in ("one", "two")
    )
    view = class_view([class_row("a", grade(forward(), first, second, student="Ann"))], assignment="a")

    assert needs(view) == [("Answers to read", "One", ["Ann"]), ("Answers to read", "Two", ["Ann"])]
    assert (view.needs[0].count, view.for_a_person) == (1, 1)


def test_gradients_that_look_numerical_are_shown_and_need_nobody() -> None:
    note = "looks-numerical: the gradients look like difference quotients"
    row = class_row("a", all_correct(student="Ann", notes=(note,)))
    view = class_view([row], assignment="a")

    assert [(group.count, group.todo) for group in view.needs] == [(1, NOTHING_TO_CHANGE)]
    assert view.for_a_person == 0
    assert "To look at" in Page(class_html([row], assignment="a")).text


# --------------------------------------------------------------------------------------------------------------
# Bins


@pytest.mark.parametrize(
    ("max_points", "width"),
    [(0.5, 0.05), (1.0, 0.1), (3.0, 0.5), (9.1, 1.0), (10.0, 1.0), (12.0, 2.0), (22.0, 2.5), (100.0, 10.0)],
)
def test_bins_have_a_width_that_people_count_in(max_points: float, width: float) -> None:
    assert bin_width(max_points) == pytest.approx(width, rel=1e-12)


def test_the_last_bin_is_full_points_though_they_are_no_multiple_of_the_width() -> None:
    bins = histogram([9.05, 9.1, 9.1, 0.0], 9.1)
    assert [(one.span, one.count) for one in bins if one.count] == [
        ("0 to under 1", 1),
        ("9 to under 9.1", 1),
        ("9.1, full points", 2),
    ]


def test_a_bin_names_its_students_most_points_first() -> None:
    bins = histogram([6.1, 6.9, 2.0, 6.5], 10.0)
    assert bins[6].members == (1, 3, 0)


# --------------------------------------------------------------------------------------------------------------
# Where it went wrong first

OUTLINE = Outline(
    unit="",
    loss="L",
    leaves=("w",),
    sources={"z": ("w",), "L": ("z",)},
    asked=frozenset({"z", "dL/dz", "dL/dw"}),
)


def first_at(*names: str) -> list[ClassRow]:
    rows = (grade(forward(), student=f"s{place}", first_mistake=name) for place, name in enumerate(names))
    return [class_row(row.student, row) for row in rows]


def test_first_mistakes_are_counted_at_the_nodes_of_the_network() -> None:
    rows = [*first_at("z", "dL/dz", "dL/dz", "losses"), class_row("ok", all_correct())]
    view = class_view(rows, assignment="a", outlines=(OUTLINE,))
    (network,) = view.first_mistakes

    assert network.counts == (("z", 1), ("dL/dz", 2))
    assert (network.here, network.total, view.with_first_mistake, view.elsewhere) == (3, 4, 4, 1)


def test_the_drawing_tells_shares_in_numbers_and_the_node_with_most_has_the_strongest_shade() -> None:
    """Of four: dL/dw once, z and its gradient three times."""
    view = class_view(first_at("z", "dL/dz", "dL/dz", "dL/dw"), assignment="a", outlines=(OUTLINE,))
    page = Page(shares_svg(view.first_mistakes[0]))

    assert [text for text in ("50 %", "25 %", "3 of 4", "1 of 4") if text not in page.text] == []
    assert [group["class"] for group in page.named("g")] == ["share-1", "share-4", "share-0"]
    assert "z: 25 %; dL/dz: 50 %" in (page.named("svg")[0]["aria-label"] or "")


def test_the_network_with_most_first_mistakes_is_drawn_open_and_the_others_folded() -> None:
    outlines = [
        Outline(unit=unit, loss="L", leaves=("w",), sources={"L": ("w",)}, asked=frozenset({"dL/dw"}))
        for unit in ("linear", "softmax", "never")
    ]
    rows = first_at("linear.dL/dw", "softmax.dL/dw", "softmax.dL/dw")
    facts = MarkingFacts(title="A lab", outlines=tuple(outlines))
    page = class_html(rows, assignment="a", facts=facts)

    assert "A lab" in Page(page).text
    assert "3 of 3 submissions have a first mistake, 2 of them in softmax." in Page(page).text
    assert page.count('class="bpg-net"') == 2
    assert "1 of 3 first mistakes in linear" in page.split("<summary>")[2].replace("<code>", "")


@pytest.mark.parametrize(
    ("count", "total", "text"),
    [
        (0, 9, "0 %"),
        (1, 1_000, "under 1 %"),
        (1, 3, "33 %"),
        (999, 1_000, "over 99 %"),
        (4, 4, "100 %"),
        (0, 0, "0 %"),
    ],
)
def test_a_share_of_somebody_is_never_nobody_nor_everybody(count: int, total: int, text: str) -> None:
    assert percent_text(count, total) == text


def test_what_to_discuss_are_the_places_that_most_have_and_none_that_nobody_can_name() -> None:
    def found(slip: str, at: str) -> Finding:
        return Finding(slip=slip, at=at, explains=(at,), text="")

    pairs = [("unexplained", "z0")] * 4 + [("sign-flipped", "L")] * 3 + [("factor-missing", "z1")] * 2
    made = [grade(forward(findings=(found(*pair),)), student=f"s{place}") for place, pair in enumerate(pairs)]
    view = class_view([class_row(one.student, one) for one in made], assignment="a")

    assert [(topic.at, topic.count, topic.percent) for topic in view.topics] == [
        ("L", 3, "33 %"),
        ("z1", 2, "22 %"),
    ]


# --------------------------------------------------------------------------------------------------------------
# Classes of all kinds


def test_a_class_in_which_everything_waits_has_no_bars_and_no_mean() -> None:
    rows = [class_row("e", made()["e"])]
    view = class_view(rows, assignment="a")
    assert (view.graded, view.mean, view.median, view.hardest) == (0, "\N{EN DASH}", "\N{EN DASH}", None)
    assert 'class="bars"' not in class_html(rows, assignment="a")


def test_a_class_of_which_a_person_reads_everything_is_a_page_without_numbers() -> None:
    answer = question("essay", 0.0, 5.0, pending_points=5.0, status=Status.AWAITING)
    rows = [class_row("a", grade(answer, student="Ann"))]
    view = class_view(rows, assignment="a")
    assert (view.graded, view.mean, needs(view)) == (
        0,
        "\N{EN DASH}",
        [("Answers to read", "Essay", ["Ann"])],
    )
    assert "Ann" in Page(class_html(rows, assignment="a")).text


def test_all_with_equal_points_stand_in_one_bar_as_high_as_there_is_room() -> None:
    bins = histogram([7.0] * 30, 10.0)
    assert [(one.label, one.count, one.share) for one in bins if one.count] == [("7", 30, 1.0)]


def test_a_name_of_thousands_of_letters_is_cut() -> None:
    row = class_row("a", all_correct(student="x" * 5_000))
    assert len(row.student) < 120
    assert len(class_html([row], assignment="a")) < 60_000


def test_who_is_far_slower_than_the_others_is_named() -> None:
    """Five in the middle take 0.2 s; who takes 0.9 s is slower, and nothing to look at."""
    times = {"a": 0.2, "b": 0.2, "c": 0.2, "d": 0.9, "e": 7.5}
    rows = [class_row(name, all_correct(student=name, seconds=time)) for name, time in times.items()]
    view = class_view(rows, assignment="a")
    assert [row.student for row in view.slowest] == ["e"]
    assert (view.time_total, view.time_median) == ("9.0 s", "0.20 s")


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0, ""), (0.0001, "0.001 s"), (0.0042, "0.004 s"), (1.234, "1.23 s")]
)
def test_a_short_time_is_not_called_nothing(seconds: float, text: str) -> None:
    assert class_row("a", all_correct(seconds=seconds)).time_text == text


def test_students_can_be_chosen_without_a_script() -> None:
    """The rows say what they are, and the style sheet hides the others."""
    rows = [class_row(name, each) for name, each in made().items()]
    page = class_html(rows, assignment="a")
    assert [button["id"] for button in Page(page).named("input")] == [
        "only-all",
        "only-mistake",
        "only-person",
        "only-full",
    ]
    kinds = {kind for row in Page(page).named("tr") for kind in (row.get("class") or "").split()}
    assert {"mistaken", "waiting", "full"} <= kinds
    assert all(f":checked) .whole tbody tr:not(.{kind})" in page for kind in ("mistaken", "waiting", "full"))


def test_the_page_of_a_thousand_students_is_under_a_megabyte() -> None:
    rows = [
        class_row(f"student{number}", sign_flipped(student=f"student{number}")) for number in range(1_000)
    ]
    assert len(class_html(rows, assignment="a")) < 1_000_000

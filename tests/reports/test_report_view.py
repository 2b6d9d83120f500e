"""Each feedback level shows what it may, and the opening says what is true."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from samples import (
    ENVIRONMENT,
    all_correct,
    forward,
    grade,
    quantity,
    question,
    raised,
    sign_flipped,
    update,
    written,
)

from grader.model import ErrorReport, Finding, Grade, Status, Verdict
from grader.reports.conditions import Feedback, MarkingFacts
from grader.reports.student import student_html, student_markdown
from grader.reports.view import public_view

BELOW_FULL = (Feedback.HINTS, Feedback.VERDICTS, Feedback.POINTS)


def with_sentinels() -> Grade:
    """Make a grade in which each thing that may be hidden has a number or word of its own."""
    drawn = quantity(
        "dL/dw0",
        Verdict.WRONG,
        case="drawn-1",
        expected=987.125,
        actual=456.5,
        error=ErrorReport(abs=654.25, rel=321.5, index=(71,), rtol=1e-4, atol=0.8127),
    )
    worked = quantity(
        "dL/dw1",
        Verdict.WRONG,
        expected=111.25,
        actual=222.5,
        error=ErrorReport(abs=333.75, rel=444.5, index=(), rtol=1e-4, atol=0.8127),
    )
    odd = quantity("dL/dw2", Verdict.INVALID, actual=None, expected=None, error=None, reason="REASON of it")
    finding = Finding(
        slip="sign-flipped",
        also=("scaled",),
        at="dL/dw0",
        explains=("dL/dw0",),
        text="TEXT of it",
        rule="RULE of it",
    )
    asked = question("gradients", 1.0, 4.0, drawn, worked, odd, findings=(finding,), notes=("NOTE of it",))
    return grade(asked, first_mistake="dL/dw0", printed="PRINTED by it")


def reports(given: Grade, level: Feedback) -> tuple[str, str]:
    view = public_view(given, level)
    return student_html(view), student_markdown(view)


def test_full_shows_everything() -> None:
    for report in reports(with_sentinels(), Feedback.FULL):
        for shown in (
            "987.125",
            "456.5",
            "654.25",
            "321.5",
            "111.25",
            "333.75",
            "RULE",
            "TEXT",
            "REASON",
            "NOTE",
        ):
            assert shown in report


@pytest.mark.parametrize("level", BELOW_FULL)
def test_below_full_no_rule_and_nothing_that_tells_a_drawn_expectation_is_shown(level: Feedback) -> None:
    for report in reports(with_sentinels(), level):
        for hidden in ("987", "654.25", "321.5", "71]", "0.8127", "RULE"):
            assert hidden not in report


def test_hints_show_the_students_values_and_the_worked_case() -> None:
    for report in reports(with_sentinels(), Feedback.HINTS):
        for shown in ("456.5", "222.5", "111.25", "333.75", "TEXT", "REASON", "NOTE", "PRINTED"):
            assert shown in report
        assert "the sign is flipped" in report


def test_verdicts_show_verdicts_without_numbers_and_explanations() -> None:
    for report in reports(with_sentinels(), Feedback.VERDICTS):
        for hidden in (
            "456.5",
            "222.5",
            "111.25",
            "333.75",
            "TEXT",
            "REASON",
            "NOTE",
            "sign is flipped",
            "drawn-1",
        ):
            assert hidden not in report
        assert "invalid" in report
        assert "1 of 4 points" in report or ">1</b>" in report


def test_verdicts_name_every_quantity() -> None:
    names = [one.name for one in public_view(with_sentinels(), "verdicts").questions[0].quantities]
    assert names == ["dL/dw0", "dL/dw1", "dL/dw2"]


def test_points_show_points_alone() -> None:
    view = public_view(with_sentinels(), Feedback.POINTS)
    assert view.opening == "1 of 4 points."
    assert view.questions[0].points == "1"
    assert view.questions[0].quantities == ()
    for report in reports(with_sentinels(), Feedback.POINTS):
        for hidden in ("dL/dw", "456.5", "TEXT", "REASON", "PRINTED", "NOTE"):
            assert hidden not in report


@pytest.mark.parametrize("level", [Feedback.HINTS, Feedback.VERDICTS])
def test_what_stopped_the_code_is_told_but_not_at_level_points(level: Feedback) -> None:
    assert public_view(raised(), level).questions[1].message is not None
    assert public_view(raised(), Feedback.POINTS).questions[1].message is None


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="everything"):
        public_view(all_correct(), "everything")


def waiting() -> Grade:
    read = question("explain", 0.0, 3.0, pending_points=3.0, status=Status.AWAITING)
    return grade(forward(), question("gradients", 4.0, 4.0, quantity("dL/dw0")), read)


def unreadable() -> Grade:
    asked = (question(name, 0.0, 5.0, status=Status.UNREADABLE) for name in ("forward", "gradients"))
    return grade(*asked, status=Status.UNREADABLE, message="alice.py, line 3: invalid syntax")


def fault() -> Grade:
    asked = question("forward", 0.0, 10.0, pending_points=10.0, status=Status.FAULT)
    return grade(asked, status=Status.FAULT)


def stopped(status: Status) -> Grade:
    return grade(forward(), question("gradients", 0.0, 4.0, status=status), update())


OPENINGS = {
    "7 of 10 points. First mistake: dL/dy_hat \N{EM DASH} the sign is flipped; "
    "the 9 gradients after it follow from it.": sign_flipped(),
    "10 of 10 points. Everything is correct.": all_correct(),
    "6 of 10 points. \N{LEFT DOUBLE QUOTATION MARK}Gradients\N{RIGHT DOUBLE QUOTATION MARK} "
    "stopped with an error.": raised(),
    "6 of 10 points. \N{LEFT DOUBLE QUOTATION MARK}Gradients\N{RIGHT DOUBLE QUOTATION MARK} "
    "is missing or not yet written.": stopped(Status.MISSING),
    "6 of 10 points. \N{LEFT DOUBLE QUOTATION MARK}Gradients\N{RIGHT DOUBLE QUOTATION MARK} "
    "ran out of time.": stopped(Status.TIMEOUT),
    "7 of 10 points so far; 3 more wait. \N{LEFT DOUBLE QUOTATION MARK}Explain\N{RIGHT DOUBLE QUOTATION MARK} "
    "is read by a person.": waiting(),
    "0 of 10 points. The submission could not be read, so nothing in it was graded.": unreadable(),
    "Not graded yet: 10 of 10 points wait. Our grader failed on this submission. That is our fault, not yours: "
    "you lose no points by it, and it will be graded again.": fault(),
}  # fmt: skip


@pytest.mark.parametrize(("sentence", "given"), OPENINGS.items())
def test_the_opening_sentence_is(sentence: str, given: Grade) -> None:
    assert public_view(given).opening == sentence


def test_a_question_of_which_something_was_given_lacks_the_rest_and_is_not_missing() -> None:
    """A welcome quantity that was not given lacks nobody."""
    loss, welcome = (quantity(name, Verdict.MISSING, required=name == "L") for name in ("L", "h0"))
    given = question("forward", 2.0, 3.0, quantity("z0"), loss, welcome, status=Status.MISSING)
    nothing = question("loss", 0.0, 1.0, loss, status=Status.MISSING)
    assert public_view(grade(given, nothing)).opening == (
        "2 of 4 points. \N{LEFT DOUBLE QUOTATION MARK}Loss\N{RIGHT DOUBLE QUOTATION MARK} is missing or not yet written. "
        "\N{LEFT DOUBLE QUOTATION MARK}Forward\N{RIGHT DOUBLE QUOTATION MARK} lacks L."
    )


def test_at_verdicts_the_opening_names_the_place_and_not_the_kind() -> None:
    assert public_view(sign_flipped(), "verdicts").opening == (
        "7 of 10 points. First mistake: dL/dy_hat; the 9 gradients after it follow from it."
    )


def test_a_second_mistake_is_named_and_nothing_is_blamed_on_the_first() -> None:
    gradients = question(
        "gradients",
        1.0,
        4.0,
        quantity("dL/dw2", Verdict.WRONG),
        quantity("dL/dw1", Verdict.WRONG),
        quantity("dL/dw0", Verdict.FOLLOWS),
    )
    assert public_view(grade(gradients, first_mistake="dL/dw2")).opening == (
        "1 of 4 points. First mistake: dL/dw2 \N{EM DASH} it is wrong, and no known mistake explains it; "
        "also wrong: dL/dw1."
    )


def test_missing_and_undecided_answers_are_not_called_correct() -> None:
    asked = question("forward", 1.0, 3.0, quantity("z0"), quantity("h0", Verdict.MISSING))
    assert public_view(grade(asked)).opening == "1 of 3 points. No mistake in what was given; not given: h0."
    asked = question("forward", 1.0, 3.0, quantity("z0"), quantity("h0", Verdict.UNDECIDED))
    assert public_view(grade(asked)).opening == "1 of 3 points. Nothing can be said about h0."


def test_a_grade_that_waits_shows_no_zero() -> None:
    assert public_view(fault()).points is None
    assert public_view(waiting()).questions[2].points == "\N{EN DASH}"


@pytest.mark.parametrize(
    ("points", "shown"),
    [
        (7.0, "7"),
        (7.5, "7.5"),
        (20 / 3, "6.67"),
        (0.1 + 0.2, "0.3"),
        (0.0, "0"),
        (9.996, "9.99"),
        (10 - 1e-12, "10"),
    ],
)
def test_points_have_at_most_two_decimals_and_never_round_up_to_all(points: float, shown: str) -> None:
    assert public_view(grade(question("a", points, 10.0))).points == shown


def test_a_verdict_counts_once_for_a_quantity_that_stands_in_two_questions() -> None:
    both = grade(
        question("a", 1.0, 1.0, quantity("L")), question("b", 1.0, 1.0, quantity("L"), quantity("z"))
    )
    assert [(one.verdict, one.count) for one in public_view(both).tally] == [(Verdict.CORRECT, 2)]


def test_every_report_ends_with_how_it_was_marked() -> None:
    facts = MarkingFacts(follow_share=0.5, rtol=1e-3, drawn_cases=6, read_by_person=("Explain",))
    for level in Feedback:
        view = public_view(sign_flipped(), level, facts=facts)
        for report in (student_html(view), student_markdown(view)):
            last = report[report.index("How this was marked") :]
            for told in ("50 %", "0.001", "6 hidden cases", "Explain", "NumPy 2.4.6", "9f9f9f"):
                assert told in last


def test_a_report_speaks_of_a_worked_case_only_where_there_is_one() -> None:
    facts = MarkingFacts(drawn_cases=6, worked_case=False)
    told = [one.text for one in public_view(sign_flipped(), facts=facts).conditions if one.term == "Cases"]
    assert [text.partition(".")[0] for text in told] == [
        "6 hidden cases, the same for everybody in the class"
    ]


def test_a_report_of_a_practice_check_speaks_of_no_hidden_case() -> None:
    facts = MarkingFacts(drawn_cases=6, practice=True)
    view = public_view(sign_flipped(), facts=facts)
    told = [one.text for one in view.conditions if one.term == "Cases"]
    assert [text.partition(".")[0] for text in told] == [
        "The worked case, whose numbers are printed in the task, and 6 practice cases; marking uses others"
    ]
    for report in (student_html(view), student_markdown(view)):
        assert "hidden cases" not in report


MEANINGS = {
    "jail": "Level jail: own namespaces, no network, no files of this machine but the libraries, system calls filtered.",
    "fence": "Level fence: files fenced off by Landlock, no network, system calls filtered.",
    "seal": "Level seal: no system call that opens files, starts processes or reaches the network.",
    "limits": "Level limits: limits on time, memory and output only; the code can read what this user can read.",
    "process": "Level process: a process of its own with a time limit only; for trusted code.",
    "a new one": "Level a new one. No expected value",
}


@pytest.mark.parametrize("level", MEANINGS)
def test_every_report_says_what_the_level_of_isolation_means(level: str) -> None:
    given = all_correct(environment=replace(ENVIRONMENT, isolation=level))
    for report in reports(given, Feedback.POINTS):
        assert MEANINGS[level] in report


def test_every_report_says_the_limits_and_what_was_used() -> None:
    for report in reports(all_correct(seconds=0.125, peak_memory_mib=41.4), Feedback.POINTS):
        assert "1.5 s of processor time for one call and 9 s for all, 384 MiB of memory" in report
        assert "48 KiB of printed text" in report
        assert "0.12 s of processor time, and 41 MiB of memory at the peak" in report


def test_what_is_not_known_about_the_run_is_not_made_up() -> None:
    """A grade of an older gradebook has no limits; of a submission that was never run nothing was measured."""
    before = replace(ENVIRONMENT, limits=None)
    view = public_view(all_correct(environment=before, seconds=0.0, peak_memory_mib=0.0))
    told = {one.term: one.text for one in view.conditions}
    assert (told["Limits"], told["Used"]) == ("Not told.", "Nothing was measured.")


def test_a_right_answer_shows_no_rounding_error() -> None:
    noisy = quantity("z0", error=ErrorReport(abs=1e-17, rel=2e-17, index=(), rtol=1e-4, atol=1e-12))
    assert public_view(grade(question("a", 1.0, 1.0, noisy)), "full").questions[0].quantities[0].error is None


def test_a_grade_without_questions_is_rendered_too() -> None:
    conflict = replace(fault(), status=Status.AWAITING, questions=(), message="a.py and b.py")
    view = public_view(conflict)
    assert view.opening == "Not graded yet. A person has to look at this submission before it is graded."
    assert "a.py and b.py" in student_html(view)
    assert "a.py and b.py" in student_markdown(view)


def test_equal_numbers_of_two_types_are_written_each_in_its_own_way() -> None:
    """Rows are remembered by their numbers, and 10000000 == 1e7."""
    given = (10_000_000, 1e7, 10_000_000)
    views = [public_view(grade(question("a", 1.0, 1.0, quantity("z0", actual=one)))) for one in given]
    assert [view.questions[0].quantities[0].actual for view in views] == ["10000000", "1e+07", "10000000"]


def test_a_row_that_was_shown_in_full_keeps_its_hidden_value_at_a_lower_level() -> None:
    """Rows are remembered, and what may be told is decided anew for each report."""
    made = grade(question("a", 0.0, 1.0, quantity("z0", Verdict.WRONG, case="drawn-1", expected=0.25)))
    shown = [
        public_view(made, level).questions[0].quantities[0].expected for level in ("full", "hints", "full")
    ]
    assert shown == ["0.25", None, "0.25"]


@pytest.mark.parametrize("level", [Feedback.FULL, Feedback.HINTS, Feedback.VERDICTS])
def test_a_written_answer_is_shown_with_where_it_stands_and_that_it_waits(level: Feedback) -> None:
    view = public_view(written("It falls.\nSlowly."), level)

    assert view.opening.startswith("3 of 5 points so far; 2 more wait.")
    assert view.questions[1].text == "It falls.\nSlowly."
    assert (
        view.questions[1].message
        == "A person reads what is written under `Discussion` in `report.md`, line 3."
    )
    for report in (student_html(view), student_markdown(view)):
        assert "What you wrote" in report
        assert "It falls.\nSlowly." in report


def test_points_alone_show_no_written_answer() -> None:
    assert public_view(written(), Feedback.POINTS).questions[1].text is None
    assert "What you wrote" not in student_html(public_view(written(), Feedback.POINTS))
    assert "What you wrote" not in student_html(public_view(all_correct()))


def test_an_answer_of_all_that_is_kept_is_shown_to_its_end() -> None:
    assert public_view(written("a" * 23_000 + "end")).questions[1].text == "a" * 23_000 + "end"
    longer = public_view(written("a" * 100_000)).questions[1].text
    assert longer is not None
    assert longer.endswith("[cut: 76000 more characters]")

"""What is remembered of one report never shows in another: pages are the same whatever was made before them."""

from __future__ import annotations

import gc
import random
from collections.abc import Iterator
from functools import _lru_cache_wrapper
from pathlib import Path

import pytest
from msgspec.structs import replace
from samples import (
    LINES,
    all_correct,
    derived,
    forward,
    grade,
    hostile,
    quantity,
    question,
    raised,
    sign_flipped,
    written,
)

from grader.model import ErrorReport, Grade, QuestionResult, Status, Verdict
from grader.reports import environments, lines, view
from grader.reports.conditions import Feedback, MarkingFacts
from grader.reports.files import render_student
from grader.reports.sample import FACTS, GRADES

CLASS = (
    *GRADES,
    all_correct(),
    sign_flipped(),
    raised(),
    written(),
    derived(),
    hostile("<b onclick=x>|`$[a](b)"),
    replace(sign_flipped(), first_mistake=None),
    replace(all_correct(), student="bob", message="It stopped."),
)


def pages(one: Grade, level: Feedback = Feedback.HINTS, templates: Path | None = None) -> tuple[str, str]:
    """Make both reports."""
    files = render_student(one, level, FACTS, templates)
    assert files.template_error is None
    return files.html, files.markdown


MEMOS = [
    one
    for one in gc.get_objects()
    if isinstance(one, _lru_cache_wrapper)
    and one.__module__.startswith("grader.reports")
    and one.cache_parameters()["maxsize"] is not None
]
"""All that reports remember but the templates themselves, which take long to compile."""


def forget() -> None:
    """Empty it, as in a process that has just started."""
    for one in MEMOS:
        one.cache_clear()


def test_everything_that_is_remembered_is_found_here() -> None:
    names = {one.__qualname__ for one in MEMOS}
    assert {
        "_html_piece",
        "_markdown_piece",
        "_remembered",
        "_anywhere",
        "_side",
        "_row",
        "network_svg",
    } <= names


@pytest.fixture(autouse=True)
def _nothing_from_other_tests() -> Iterator[None]:
    forget()
    yield
    forget()


def test_a_report_made_after_all_others_is_the_one_that_is_made_alone() -> None:
    tasks = [(one, level) for one in CLASS for level in Feedback]
    alone = []
    for one, level in tasks:
        forget()
        alone.append(pages(one, level))
    forget()
    order = list(range(len(tasks))) * 2
    random.Random(7).shuffle(order)
    for at in order:
        assert pages(*tasks[at]) == alone[at]


def test_equal_answers_of_two_students_stand_under_the_name_of_each() -> None:
    anna, ben = (replace(sign_flipped(), student=name, files=(f"{name}.py",)) for name in ("anna", "ben"))
    for of_anna, of_ben in zip(pages(anna), pages(ben), strict=True):
        assert "anna.py" in of_anna
        assert "ben.py" in of_ben
        assert "ben" not in of_anna
        assert of_ben == of_anna.replace("anna", "ben")


def with_note(note: str) -> QuestionResult:
    return replace(forward(), notes=(note,))


def test_what_one_student_wrote_shows_on_no_page_of_an_otherwise_equal_one() -> None:
    for field in (
        {"notes": ("MINE",)},
        {"message": "MINE"},
        {"text": "MINE"},
        {"quantities": (quantity("z0", Verdict.INVALID, reason="MINE"),)},
    ):
        hers, his = (grade(forward(**one)) for one in (field, {}))
        assert all("MINE" in page for page in pages(hers))
        assert all("MINE" not in page for page in pages(his))


def test_a_hostile_text_is_escaped_the_first_time_and_when_it_is_remembered() -> None:
    hers = grade(with_note("<script>alert(1)</script>"))
    first, again = pages(hers), pages(replace(hers, student="<i>eve</i>"))
    for html, markdown in (first, again):
        assert "<script>" not in html + markdown
        assert "&lt;script&gt;alert(1)" in html
    assert "<i>eve" not in "".join(again)


def test_a_value_of_a_drawn_case_that_was_shown_at_full_is_not_shown_at_hints() -> None:
    row = quantity(
        "z0", Verdict.WRONG, case="drawn-2", actual=0.5, expected=0.123456,
        error=ErrorReport(abs=0.376544, rel=None, index=(), rtol=1e-4, atol=1e-12),
    )  # fmt: skip
    one = grade(question("forward", 0.0, 3.0, row))
    for level, tells in ((Feedback.FULL, True), (Feedback.HINTS, False), (Feedback.VERDICTS, False)):
        for page in pages(one, level):
            assert ("0.123456" in page) is tells
            assert ("0.376544" in page) is tells


def test_the_first_mistake_is_marked_for_whom_it_is_the_first_alone() -> None:
    wrong = question("forward", 0.0, 3.0, quantity("z0", Verdict.WRONG))
    assert all("first mistake" in page.lower() for page in pages(grade(wrong, first_mistake="z0")))
    elsewhere = question("update", 0.0, 3.0, quantity("w0_new", Verdict.WRONG))
    html, markdown = pages(grade(elsewhere, wrong, first_mistake="w0_new"))
    assert html.count('<span class="tag">first mistake</span>') == 1
    assert markdown.count("(first mistake)") == 1


def test_a_question_with_the_same_answers_has_its_own_number() -> None:
    html, _ = pages(grade(forward(), forward(id="again")))
    assert '<h2 id="q1"><bdi>Forward</bdi></h2>' in html
    assert '<h2 id="q2"><bdi>Forward</bdi></h2>' in html


def test_a_right_question_is_folded_beside_a_mistake_and_open_where_all_is_right() -> None:
    wrong = question("update", 0.0, 3.0, quantity("w0_new", Verdict.WRONG))
    assert "<summary>7 values, all correct</summary>" in pages(grade(forward(), wrong))[0]
    assert "<summary>7 values, all correct</summary>" not in pages(grade(forward()))[0]


def test_a_line_that_two_students_wrote_is_shown_where_each_wrote_it() -> None:
    moved = tuple(replace(one, place=replace(one.place, line=one.place.line + 100)) for one in LINES)
    for here, there in zip(pages(derived()), pages(derived(lines=moved)), strict=True):
        assert "line 4" in here
        assert "line 104" not in here
        assert "line 104" in there
        assert "line 4<" not in there
        assert "line 4 " not in there


def test_what_was_said_of_a_line_at_hints_is_not_said_at_verdicts() -> None:
    for level, tells in ((Feedback.HINTS, True), (Feedback.VERDICTS, False)):
        for page in pages(derived(), level):
            assert ("The factor x is missing." in page) is tells


def test_the_message_of_a_question_is_left_out_only_where_the_submission_says_it() -> None:
    stopped = question("backward", 0.0, 4.0, status=Status.FAILED, message="It stopped.")
    for page, other in zip(pages(grade(stopped, message="It stopped.")), pages(grade(stopped)), strict=True):
        assert page.count("It stopped.") == 1
        assert other.count("It stopped.") == 1


def test_reports_of_two_folders_of_templates_and_of_ours_are_written_in_turn(tmp_path: Path) -> None:
    shipped = (Path(__file__).parents[2] / "grader/reports/templates/macros.html.j2").read_text("utf-8")
    folders = []
    for name in ("RED", "BLUE"):
        (tmp_path / name).mkdir()
        own = shipped.replace(
            "{% macro row(one, shows_values) %}", "{% macro row(one, shows_values) %}" + name
        )
        (tmp_path / name / "macros.html.j2").write_text(own, "utf-8")
        folders.append(tmp_path / name)
    for _ in range(2):
        html = [pages(all_correct(), templates=folder)[0] for folder in (*folders, None)]
        assert ["RED" in page for page in html] == [True, False, False]
        assert ["BLUE" in page for page in html] == [False, True, False]


def test_equal_answers_in_two_assignments_stand_under_the_title_of_each() -> None:
    for title in ("First sheet", "Second sheet", "First sheet"):
        files = render_student(all_correct(), facts=MarkingFacts(title=title))
        for page in (files.html, files.markdown):
            assert title in page
            assert page.count("sheet") == page.count(title)


def test_what_one_student_wrote_at_length_is_not_kept() -> None:
    kept = [environments._html_whole, environments._markdown_whole, view._remembered, lines._short_line]
    pages(grade(forward(text="x" * 20_000), forward(message="x" * 4_000), forward(notes=("x" * 20_000,))))
    # The note is cut to 500 characters before anything is written; whole, it is in none of the keys.
    assert [one.cache_info().currsize for one in kept] == [1, 1, 0, 0]


def test_half_of_a_surrogate_pair_in_an_answer_is_written_as_a_sign() -> None:
    html, markdown = pages(grade(with_note("a \ud800 b")))
    assert "a \N{REPLACEMENT CHARACTER} b" in html
    assert "a \N{REPLACEMENT CHARACTER} b" in markdown

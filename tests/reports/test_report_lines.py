"""Lines of a derivation in a student's report: as written, as read, as marked, and which of them gave what was asked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec.structs import replace
from parsed import Page, markdown_structure, markdown_text, markdown_tokens
from samples import LINES, derived, line, with_texts
from test_report_hostile import ATTACKS

from grader.model import Grade, LineResult, LineVerdict, Place
from grader.reports.conditions import Feedback
from grader.reports.lines import line_views
from grader.reports.markdown import formula
from grader.reports.phrases import LINE_MEANINGS
from grader.reports.student import student_html, student_markdown
from grader.reports.text import clean_line
from grader.reports.view import public_view

GLOSSARY = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")
LINE_VERDICTS = GLOSSARY.split("The statement on one line")[1].split("\n## ")[0]


def html(grade: Grade, level: Feedback = Feedback.HINTS) -> Page:
    return Page(student_html(public_view(grade, level)))


def markdown(grade: Grade, level: Feedback = Feedback.HINTS) -> str:
    return student_markdown(public_view(grade, level))


def table_rows(text: str, heading: str) -> list[list[str]]:
    """Cells of the Markdown table behind a heading, without its head."""
    behind = text.split(f"### {heading}\n\n")[1].split("\n\n", maxsplit=1)[0]
    return [[cell.strip() for cell in row.strip("|").split(" |")] for row in behind.splitlines()[2:]]


def at(cell: int | None, number: int, column: int = 1, file: str = "report.md") -> LineResult:
    """Make a line that stands somewhere."""
    place = Place(file=file, cell=cell, line=number, heading="")
    return replace(LINES[1], place=place, column=column)


def test_every_line_is_shown_as_it_was_written_with_its_place_and_verdict() -> None:
    shown = html(derived()).text
    for one in LINES:
        assert f"line {one.place.line}" in shown
        assert one.verdict.value in shown
        assert " ".join(f"{side.relation} {side.source}" for side in one.sides).strip() in shown
    rows = table_rows(markdown(derived()), "How each line was read and marked")
    assert [row[1] for row in rows] == [one.verdict.value for one in LINES]
    assert rows[2] == [
        "line 4",
        "wrong",
        r"`\frac{\delta L}{\delta z_2} = sign(y - \hat{y}) = -1`",
        "The sign is flipped.",
    ]


def test_each_side_that_was_read_is_shown_as_mathml_and_the_wrong_part_is_marked() -> None:
    page = html(derived())
    assert len(page.named("math")) == sum(bool(side.mathml) for one in LINES for side in one.sides)
    assert page.named("mrow").count({"class": "wrong"}) == 2
    assert [one.verdict for one in LINES if any("wrong" in side.mathml for side in one.sides)] == [
        LineVerdict.WRONG
    ] * 2


def test_markdown_has_no_mathml() -> None:
    assert "<m" not in markdown(derived())


def test_a_line_that_counts_as_something_else_than_its_label_says_so() -> None:
    assert "Counts as dL/dh0, not as dL/dw0." in html(derived()).text
    assert "Counts as `dL/dh0`, not as `dL/dw0`." in markdown(derived())
    assert html(derived()).text.count("Counts as") == 1


def test_an_unread_line_says_where_reading_stopped_and_that_a_person_reads_it() -> None:
    said = "A factorial is not read. A person reads this line; nothing is lost by it."
    for level in (Feedback.FULL, Feedback.HINTS, Feedback.VERDICTS):
        assert said in html(derived(), level).text
        assert said in markdown(derived(), level)


def test_a_side_that_was_not_read_is_shown_as_it_was_written() -> None:
    unread = public_view(derived()).questions[0].lines[7]
    assert [bool(side.mathml) for side in unread.sides] == [True, False]
    assert html(derived()).text.count(r"h_0!") == 2  # in the line and in its place as a side


def test_what_is_not_marked_is_quiet_and_says_why() -> None:
    page = html(derived())
    assert [row.get("class") for row in page.named("tr")].count("quiet") == 4
    for said in (
        "Struck out, quoted or called a draft",
        "It says what a line before it says",
        "Nobody asked for it",
    ):
        assert said in page.text


def test_the_coverage_table_names_the_lines_that_gave_each_quantity() -> None:
    """Withdrawn and repeated lines give nothing."""
    rows = table_rows(markdown(derived()), "What was asked")
    assert rows == [
        ["`dL/dy_hat`", "correct", "line 3"],
        ["`dL/dz2` (first mistake)", "wrong", "line 4"],
        ["`dL/dh1`", "follows", "line 5"],
        ["`dL/dh0`", "correct", "line 6"],
        ["`dL/dws`", "undecided", "line 9"],
        ["`dL/dw0`", "wrong", "line 13"],
        ["`dL/dw1`", "missing", ""],
    ]


def test_each_link_to_a_line_leads_to_its_row() -> None:
    page = html(derived())
    targets = [link["href"] for link in page.named("a") if "-l" in str(link["href"])]
    ids = {row.get("id") for row in page.named("tr")}
    assert targets == ["#q1-l2", "#q1-l3", "#q1-l4", "#q1-l5", "#q1-l8", "#q1-l12"]
    assert {str(one)[1:] for one in targets} <= ids


@pytest.mark.parametrize("level", [Feedback.VERDICTS, Feedback.POINTS])
def test_where_verdicts_alone_are_told_nothing_says_what_is_wrong_in_a_line(level: Feedback) -> None:
    page, text = html(derived(), level), markdown(derived(), level)
    assert {"class": "wrong"} not in page.named("mrow")
    assert not [one for one in page.named("span") if "tick" in (one.get("class") or "")]
    for hidden in ("Counts as", "is missing", "sign is flipped", "read as the mark"):
        assert hidden not in page.text
        assert hidden not in text


def test_at_the_level_of_points_no_line_is_shown() -> None:
    assert "How each line" not in html(derived(), Feedback.POINTS).text
    assert r"\frac" not in markdown(derived(), Feedback.POINTS)


def test_a_report_without_lines_has_none_of_their_parts() -> None:
    page = html(replace(derived(), questions=derived().questions[1:]))
    assert not [one for one in page.named("symbol") if (one["id"] or "").startswith("l-")]
    assert "lines" not in page.text


@pytest.mark.parametrize("verdict", list(LineVerdict))
def test_every_verdict_on_a_line_has_a_shape_a_colour_a_meaning_and_an_entry_in_the_glossary(
    verdict: LineVerdict,
) -> None:
    page = student_html(public_view(derived()))
    assert f'<symbol id="l-{verdict.value}"' in page
    assert re.search(
        rf"\.l-{verdict.value}\b[^{{]*{{ color: var\(--\w+\); background: var\(--[\w-]+\); }}", page
    )
    assert LINE_MEANINGS[verdict] in Page(page).text
    assert (
        f"| `{verdict.value}` | {LINE_MEANINGS[verdict].replace('your own', 'the student')}"[:30] in GLOSSARY
    )


def test_places_name_the_file_where_there_are_several_and_the_column_where_lines_share_a_row() -> None:
    lines = (at(None, 3), at(None, 39, 946), at(None, 39, 1388))
    assert [one.place for one in line_views(lines, Feedback.HINTS)] == [
        "line 3",
        "line 39, column 946",
        "line 39, column 1388",
    ]
    cells = (at(2, 1, file="work.ipynb"), at(4, 1, file="work.ipynb"))
    assert [one.place for one in line_views(cells, Feedback.HINTS)] == ["cell 2, line 1", "cell 4, line 1"]
    both = (at(2, 1, file="work.ipynb"), at(None, 1))
    assert [one.place for one in line_views(both, Feedback.HINTS)] == [
        "work.ipynb, cell 2, line 1",
        "report.md, line 1",
    ]


def hostile(text: str) -> Grade:
    """Make a grade whose lines hold a text in every place, with right formulas beside it."""
    lines = with_texts(tuple(replace(one, sides=one.sides[1:2]) for one in LINES), text)
    lines = tuple(
        replace(
            one,
            sides=tuple(
                replace(side, mathml=before.mathml, is_right=True)
                for side, before in zip(one.sides, kept.sides[1:2], strict=True)
            ),
        )
        for one, kept in zip(lines, LINES, strict=True)
    )
    return derived(lines=lines)


@pytest.mark.parametrize("text", ATTACKS)
def test_no_text_of_a_line_becomes_markup(text: str) -> None:
    assert html(hostile(text)).tags == html(hostile("x")).tags
    assert markdown_structure(markdown(hostile(text))) == markdown_structure(markdown(hostile("x")))


@pytest.mark.parametrize(
    "attack", [*ATTACKS, '<math displaystyle="true"><mi href="x">a</mi></math>', "<math ><script></math>"]
)
def test_a_formula_that_holds_anything_but_our_own_elements_is_not_shown(attack: str) -> None:
    """The line is then shown as it was written."""
    lines = tuple(
        replace(one, sides=tuple(replace(side, mathml=attack) for side in one.sides)) for one in LINES
    )
    page = html(derived(lines=lines))
    assert not {"math", "script", "img"} & {tag for tag, _ in page.tags}
    assert (
        page.tags
        == html(
            derived(
                lines=tuple(
                    replace(one, sides=tuple(replace(side, mathml="") for side in one.sides)) for one in LINES
                )
            )
        ).tags
    )


@pytest.mark.parametrize("source", [*ATTACKS, r"\frac{a}{b} | c", r"\omega_0 \\", "`", "a^*_b $x$ <b>"])
def test_the_source_of_a_formula_is_one_cell_of_a_table_in_markdown(source: str) -> None:
    line_text = clean_line(source, 1_000)
    table = f"| a | b |\n|:--|:--|\n| {formula(line_text)} | end |\n"
    kinds = [
        token.type
        for token in markdown_tokens(table)
        if token.type in {"td_open", "link_open", "em_open", "html_inline"}
    ]
    assert kinds == ["td_open", "td_open"]
    assert line_text in markdown_text(table).replace("\N{ZERO WIDTH SPACE}", "")


def test_many_lines_are_cut_and_counted() -> None:
    grade = derived(lines=LINES[:1] * 1_000)
    assert len(public_view(grade).questions[0].lines) == 400
    assert "600 more lines are not shown." in html(grade).text
    assert "600 more lines are not shown." in markdown(grade)


def test_a_report_stays_bounded_whatever_the_formulas_are() -> None:
    long = '<math displaystyle="true">' + "<mi>x</mi>" * 30_000 + "</math>"
    lines = tuple(
        replace(one, sides=tuple(replace(side, mathml=long) for side in one.sides)) for one in LINES * 20
    )
    page = student_html(public_view(derived(lines=lines)))
    assert len(page) < 2_000_000
    assert (
        page.count("<math ") == 2
    )  # both of the first line, 600,000 characters; no other line fits into what is left


def test_a_line_of_one_side_that_was_not_read_has_a_row_too() -> None:
    unread = line(1, r"\frac{1}{", LineVerdict.UNREAD)
    assert r"\frac{1}{" in html(derived(lines=(unread,))).text

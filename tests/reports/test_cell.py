"""The output of a cell: the same content as HTML and as text, and hostile text that stays text."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from parsed import Page
from samples import derived, hostile, raised, sign_flipped

from grader.model import Grade
from grader.reports.cell import CellView, cell_html, cell_text
from grader.reports.view import public_view

ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</style><svg onload=alert(1)>",
    "</pre></div>",
    "{{ 7 * 7 }}",
    "\"' onmouseover='x'",
)


def _view(grade: Grade, **fields: object) -> CellView:
    public = public_view(grade)
    view = CellView(
        title="A network",
        opening=public.explanation,
        questions=public.questions,
        printed=public.printed,
        notes=public.notes,
        closing="Marking uses others.",
    )
    return replace(view, **fields)


def _words(text: str) -> list[str]:
    return text.split()


@pytest.mark.parametrize("grade", [sign_flipped(), raised(), derived()], ids=["wrong", "raised", "written"])
def test_what_stands_in_the_html_stands_in_the_text(grade: Grade) -> None:
    """Titles, messages, findings, and every quantity with its verdict and values."""
    view = _view(grade, notes=("A note.",), printed="printed")
    page, text = Page(cell_html(view)), " ".join(_words(cell_text(view)))
    said = [view.opening, view.closing, "A note.", "printed"]
    for question in view.questions:
        said += [question.title, question.message or "", *(one.text for one in question.findings)]
        said += [line.source for line in question.lines]
        for one in question.quantities:
            said += [one.name, one.verdict, one.actual or "", one.expected or ""]
    html = " ".join(_words(page.text))
    assert len(said) > 8
    for piece in said:
        assert " ".join(_words(piece)) in html
        assert " ".join(_words(piece)) in text


@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_text_changes_no_tag(attack: str) -> None:
    """The tags are those of the same grade with harmless text."""
    harmless = Page(cell_html(_view(hostile("word"))))
    page = Page(cell_html(_view(hostile(attack))))
    assert page.tags == harmless.tags
    assert page.comments == harmless.comments


def test_the_output_is_one_element_without_scripts_links_or_pictures_from_outside() -> None:
    page = Page(cell_html(_view(sign_flipped())))
    assert page.tags[0] == ("div", (("class", "bpg"),))
    assert page.tags[-1] == ("/div", ())
    names = {name for name, _ in page.tags}
    assert names.isdisjoint({"script", "link", "img", "iframe", "a", "object", "form"})
    assert not [name for _, attrs in page.tags for name, _ in attrs if name.startswith("on")]


def test_its_rules_touch_nothing_but_itself() -> None:
    """Every selector holds a name of ours; a rule for `table` alone would change the whole notebook."""
    html = cell_html(_view(sign_flipped()))
    style = html[html.index("<style>") + 7 : html.index("</style>")]
    selectors = [part.rpartition("}")[2].strip() for part in style.split("{")[:-1]]
    assert len(selectors) > 20
    assert [one for one in selectors if not one.startswith(".bpg")] == []


def test_it_takes_its_colours_from_the_theme_of_either_editor() -> None:
    html = cell_html(_view(sign_flipped()))
    assert "var(--jp-content-font-color1,var(--vscode-editor-foreground,inherit))" in html
    assert "prefers-color-scheme" not in html


def test_the_first_mistake_is_said_in_words_in_its_row() -> None:
    html = cell_html(_view(sign_flipped()))
    assert html.count("<strong>first mistake</strong>") == 1
    assert "first mistake" in cell_text(_view(sign_flipped()))


def test_numbers_of_a_case_that_nobody_saw_are_not_shown_beside_formulas() -> None:
    """Line by line, a formula is compared on drawn cases: who wrote it has no number there."""
    derivation = public_view(derived()).questions
    asked = [one for one in derivation if one.lines]
    drawn = replace(asked[0], quantities=tuple(replace(one, case="drawn-1") for one in asked[0].quantities))
    view = CellView(title="A network", questions=(drawn,))
    assert "drawn-1" not in cell_html(view)
    assert "drawn-1" not in cell_text(view)
    assert "yours" not in cell_text(view)


def test_a_large_network_is_folded_away() -> None:
    svg = "<svg></svg>"
    small = cell_html(_view(sign_flipped(), drawing=svg, drawn_nodes=13))
    large = cell_html(_view(sign_flipped(), drawing=svg, drawn_nodes=61))
    assert '<details class="bpg-picture" open>' in small
    assert '<details class="bpg-picture">' in large


def test_claims_on_gradients_stand_below_their_question() -> None:
    view = _view(sign_flipped())
    claims = tuple(
        ("your gradient fits your forward: no",) if n == 1 else () for n in range(len(view.questions))
    )
    view = replace(view, claims=claims)
    for text in (Page(cell_html(view)).text, cell_text(view)):
        at = text.index("your gradient fits your forward: no")
        assert text.index(view.questions[1].title) < at < text.index(view.questions[2].title)

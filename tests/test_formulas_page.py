"""The page for those who write formulas tells the truth: what it says is read is read and right, and the rest is left to a person."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from grader.assignment_file import load
from grader.derivations import Points, mark_written, points_of
from grader.model import Document, LineResult, LineVerdict

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "formulas.md").read_text(encoding="utf-8")


def formulas(part: str) -> list[str]:
    """Return the formulas in the second column of the tables of a part of the page."""
    rows = [line for line in part.splitlines() if line.startswith("| ") and "`" in line]
    return [formula for row in rows for formula in re.findall(r"`([^`]+)`", row.split(" | ", 1)[1])]


READ, _, NOT_READ = PAGE.partition("## What is not read")
TEX, _, PLAIN = READ.partition("Without dollar signs, in plain text and Markdown")
SINGLE, _, VECTORS = TEX.partition("And for the network of")
PLAIN_SINGLE, _, PLAIN_VECTORS = PLAIN.partition("And for the second one")


@cache
def points(assignment: str) -> Points:
    sheet = load(assignment).sheet
    assert sheet is not None
    return points_of(sheet, np.random.default_rng(5))


def lines_of(formula: str, assignment: str, name: str = "") -> list[LineResult]:
    """Mark a formula that is all of a hand-in: one of TeX, or as it stands in a file of some name."""
    document = Document(name=name or "mine.md", text=f"{formula}\n" if name else f"${formula}$\n")
    marked = mark_written(points(assignment), (document,))
    return [line for lines in marked.lines.values() for line in lines]


def is_right(line: LineResult) -> bool:
    """Whether every side beside the label is right; what the gradient in it comes from is not given here."""
    return line.quantity is not None and all(side.is_right for side in line.sides[1:])


def test_what_is_wrong_is_not_taken_for_right() -> None:
    assert is_right(lines_of("z_0 = w_0 x", "skip_network_by_hand")[0])
    assert not is_right(lines_of("z_0 = w_1 x", "skip_network_by_hand")[0])


def test_the_page_has_formulas_of_every_kind() -> None:
    least = ((SINGLE, 25), (VECTORS, 15), (PLAIN_SINGLE, 30), (PLAIN_VECTORS, 12), (NOT_READ, 4))
    assert [part[:20] for part, count in least if len(formulas(part)) <= count] == []


@pytest.mark.parametrize("formula", formulas(SINGLE))
def test_a_formula_of_single_numbers_on_the_page_is_read_and_right(formula: str) -> None:
    assert is_right(lines_of(formula, "skip_network_by_hand")[0])


@pytest.mark.parametrize("formula", formulas(VECTORS))
def test_a_formula_of_vectors_on_the_page_is_read_and_right(formula: str) -> None:
    assert is_right(lines_of(formula, "softmax_sheet")[0])


PLAIN_FORMS = [(one, "skip_network_by_hand") for one in formulas(PLAIN_SINGLE)]
PLAIN_FORMS += [(one, "softmax_sheet") for one in formulas(PLAIN_VECTORS)]


@pytest.mark.parametrize("name", ["mine.txt", "mine.md"])
@pytest.mark.parametrize(("formula", "assignment"), PLAIN_FORMS)
def test_a_formula_in_plain_text_on_the_page_is_read_and_right(
    formula: str, assignment: str, name: str
) -> None:
    assert is_right(lines_of(formula, assignment, name)[0])


@pytest.mark.parametrize("formula", formulas(NOT_READ))
def test_what_the_page_says_is_not_read_is_never_marked(formula: str) -> None:
    lines = lines_of(formula, "skip_network_by_hand")
    assert {line.verdict for line in lines} == {LineVerdict.UNREAD}

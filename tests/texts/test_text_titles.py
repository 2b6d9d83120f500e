"""Titles are compared as a reader compares them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.texts.titles import is_alike, is_same, title, wanted, words


@pytest.mark.parametrize(
    "written",
    [
        "Learning rate",
        "## learning RATE ##",
        "**Learning rate:**",
        "1) Learning rate?",
        "(2) Learning rate",
        "Q2: *Learning* rate",
        "Question 2 - Learning rate",
        "2.1 Learning rate",
        "b) Learning rate",
        "III. Learning rate",
        "Teil 3: Learning rate",
        "Learning rate (1.5 points)",
        "Learning rate [2 pts]",
        "Learning-rate",
        "learning_rate",
        "<b>Learning</b> rate",
        "[Learning rate](#rate)",
        "\\textbf{Learning rate}",
        "Learning\u00a0rate \N{EM DASH}",
    ],
)
def test_case_markup_punctuation_numbering_and_points_do_not_count(written: str) -> None:
    assert is_same(title(written), title("Learning rate"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Learning rate", "Learning rates"),
        ("R\u00e9sum\u00e9", "Resume"),
        ("1)", "2)"),
        ("1) Loss", "2) Loss"),
        ("Part 1", "Question 1"),
        ("3 layers", "2 layers"),
        ("Discussion", ""),
        ("***", "---"),
    ],
)
def test_other_words_accents_and_numbers_make_another_title(one: str, other: str) -> None:
    assert not is_same(title(one), title(other))
    assert not is_same(title(other), title(one))


def test_a_title_without_a_number_is_that_of_any_number() -> None:
    assert is_same(title("2) Loss"), title("Loss"))
    assert is_same(title("Loss"), title("Q1: Loss"))


def test_roman_numbers_are_those_of_other_digits() -> None:
    assert is_same(title("II. Loss"), title("2) Loss"))
    assert not is_same(title("II. Loss"), title("3) Loss"))
    assert [title(text).number for text in ("i)", "iv)", "Part IX", "c)")] == ["1", "4", "9", "c"]


def test_composed_and_decomposed_accents_are_the_same() -> None:
    assert words("R\u00e9sum\u00e9") == words("Re\u0301sume\u0301")


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Discussion of the results", "Discussion"),
        ("Part 3: Discussion and outlook", "Discussion"),
        ("Discusion", "Discussion"),
        ("What does the skip conection do?", "What does the skip connection do?"),
        ("Q2", "2)"),
        ("Question 2", "Q2"),
        ("ii)", "2)"),
        ("Aufgabe 2", "2)"),
        ("2) What the skip connection does", "2)"),
        ("Part 2: What it does", "Q2"),
        ("Task 2", "2) Learning rate"),
    ],
)
def test_titles_that_hold_the_words_are_misspelt_or_have_the_number_are_alike(
    written: str, asked: str
) -> None:
    assert is_alike(title(written), title(asked))


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Introduction", "Discussion"),
        ("Rediscussion", "Discuss"),
        ("Q1 Discussion of it", "Q2 Discussion"),
        ("Q1", "2)"),
        ("Figure 2", "2)"),
        ("Loss of 2", "2)"),
        ("2 layers", "2)"),
        ("3) Loss", "2)"),
        ("iii)", "2)"),
        ("a b c", "b"),
    ],
)
def test_titles_of_other_things_are_not_alike(written: str, asked: str) -> None:
    assert not is_alike(title(written), title(asked))


def test_a_heading_stands_under_others_in_their_order_with_any_between() -> None:
    asked = wanted("Report > Questions on experiments > 1)")
    report, between, questions = title("Report"), title("Week 3"), title("Part 2: Questions on experiments")

    assert asked.title.number == "1"
    assert asked.stands_under([report, between, questions])
    assert not asked.stands_under([questions, report])
    assert not asked.stands_under([report])
    assert wanted("1)").stands_under([])


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_texts_can_be_compared_either_way_round_and_are_like_themselves(one: str, other: str) -> None:
    first, second = title(one), title(other)
    assert is_same(first, second) == is_same(second, first)
    assert is_same(first, first) == bool(first.full)
    assert is_alike(first, second) or not is_same(first, second)

"""Headings are told from text in every way that students write them."""

from __future__ import annotations

import pytest

from grader.texts.headings import BOLD, BOLD_NUMBER, NUMBER, PLAIN, headings_in
from grader.texts.titles import title


def levels(text: str, *known: str, fenced: bool = True) -> list[tuple[int, int, str]]:
    """Return line (from 1), level and text of each heading."""
    found = headings_in(text.split("\n"), [title(one) for one in known], fenced=fenced)
    return [(one.line + 1, one.level, one.text) for one in found]


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("# Rate", 1),
        ("###### Rate ##", 6),
        ("  ## Rate", 2),
        ("##Rate", 2),
        ("<h3 id='r'>Rate</h3>", 3),
        ("Rate\n====", 1),
        ("Rate\n----", 2),
        ("====\nRate\n====", 1),
        ("\\section{Rate}", 2),
        ("\\subsubsection*{Rate}", 4),
        ("**Rate**", BOLD),
        ("__Rate:__", BOLD),
        ("**Rate**:", BOLD),
        ("<b>Rate</b>", BOLD),
        ("\\textbf{Rate}", BOLD),
    ],
)
def test_a_marked_line_is_a_heading_with_its_level(text: str, level: int) -> None:
    (found,) = headings_in(text.split("\n"), [])

    assert (found.level, found.title.full, found.rest) == (level, "rate", "")


@pytest.mark.parametrize(
    "text",
    [
        "#hashtag",
        "####### seven",
        "##",
        "# ***",
        "    # a block of code",
        "\t## also",
        "text **bold** text",
        "**Bold** and more.",
        "**A sentence in bold type.**",
        "- **item**",
        "A sentence of text.\n---",
        "text\ntext\n---",
        "a | b\n--- | ---",
        "| a |\n---",
        "- item\n---",
        "---\n---",
        "Rate",
        "Rate:",
        "1)",
        "\\section{Rate",
        "\\item Rate",
        "x" * 121 + "\n---",
    ],
)
def test_what_only_looks_like_a_heading_is_text(text: str) -> None:
    assert levels(text) == []


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Rate", PLAIN),
        ("rate:", PLAIN),
        ("- Rate", PLAIN),
        ("> *Rate*", PLAIN),
        ("#rate", 1),
        ("    # Rate", 1),
        ("- **Rate**", BOLD),
        ("**Rate.**", BOLD),
        ("text\nRate\n---", 2),
    ],
)
def test_the_words_of_a_title_that_was_asked_for_make_a_heading(text: str, level: int) -> None:
    assert [found[1] for found in levels(text, "Rate")] == [level]


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Rate: it falls", PLAIN),
        ("1) Rate? it falls", PLAIN),
        ("Rate \N{EN DASH} it falls", PLAIN),
        ("**Rate:** it falls", BOLD),
        ("- **Rate** it falls", BOLD),
        ("\\paragraph{Rate} it falls", 5),
    ],
)
def test_an_answer_may_begin_on_the_line_of_its_heading(text: str, level: int) -> None:
    (found,) = headings_in([text], [title("Rate")])

    assert (found.level, found.title.bare, found.rest) == (level, "rate", "it falls")


def test_who_goes_on_behind_the_title_for_more_than_a_line_answers_there() -> None:
    (found,) = headings_in(["## Rate: " + "it falls " * 60], [title("Rate")])

    assert found.text == "Rate:"
    assert found.rest.startswith("it falls it falls")


def test_numbers_alone_are_headings_where_a_number_was_asked_for() -> None:
    text = "1)\ntext\n(2)\n3.\n1. an item\n2. another"

    assert levels(text, "1)") == [(1, NUMBER, "1)"), (3, NUMBER, "(2)"), (4, NUMBER, "3.")]


def test_numbered_items_are_headings_where_no_number_stands_alone() -> None:
    assert levels("1) it falls\n2) no\n4) yes", "1", "2") == [(1, NUMBER, "1)"), (2, NUMBER, "2)")]


def test_lines_of_code_between_fences_are_no_headings() -> None:
    text = "# A\n```python\n# B\n```\n# C\n~~~\n# D\n```\n~~~\n# E"

    assert [found[2] for found in levels(text)] == ["A", "C", "E"]
    assert [found[2] for found in levels(text, fenced=False)] == ["A", "B", "C", "D", "E"]


def test_a_fence_that_nobody_closes_hides_nothing() -> None:
    assert [found[2] for found in levels("```\n# A\n~~~\n# B")] == ["A", "B"]


def test_no_more_headings_are_found_than_asked_for() -> None:
    assert len(headings_in(["# A"] * 10, [], most=3)) == 3
    assert headings_in(["# A"], [], most=0) == []


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("3.", NUMBER),
        ("(3)", NUMBER),
        ("3):", NUMBER),
        ("iii)", NUMBER),
        ("(III)", NUMBER),
        ("Task 3", NUMBER),
        ("Task 3:", NUMBER),
        ("Aufgabe 3", NUMBER),
        ("Teil 3", NUMBER),
        ("\u00dcbung 3", NUMBER),
        ("Answer 3)", NUMBER),
        ("**3)**", BOLD_NUMBER),
        ("__3)__", BOLD_NUMBER),
        ("**3.**", BOLD_NUMBER),
        ("**Task 3**", BOLD_NUMBER),
        ("\\textbf{3)}", BOLD_NUMBER),
        ("### 3", 3),
        ("## (3)", 2),
    ],
)
def test_a_number_that_was_asked_for_is_a_title_however_it_is_written(text: str, level: int) -> None:
    (found,) = headings_in([text], [title("3)")])

    assert (found.level, found.title.number, found.rest) == (level, "3", "")


@pytest.mark.parametrize("text", ["Task 3: it falls", "Aufgabe 3. it falls", "**Task 3:** it falls"])
def test_an_answer_may_begin_behind_a_number_with_its_word(text: str) -> None:
    (found,) = headings_in([text], [title("3)")])

    assert (found.title.number, found.rest) == ("3", "it falls")


@pytest.mark.parametrize(
    "text", ["(x)", "v.", "x)", "Task", "Task three", "see task 3", "3 4", "123)", "Figure 3"]
)
def test_values_and_words_are_no_numbers_of_titles(text: str) -> None:
    assert levels(text, "3)") == []


def test_a_title_in_bold_type_with_a_number_stands_under_one_without() -> None:
    text = "**Pen and paper**\n**1)**\n**Part 2: Derivation**\n**Part 7**"

    assert levels(text, "1)", "2)", "3)") == [
        (1, BOLD, "Pen and paper"),
        (2, BOLD_NUMBER, "1)"),
        (3, BOLD_NUMBER, "Part 2: Derivation"),
        (4, BOLD, "Part 7"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "$$\n1 \\\\\n1)\n$$",
        "$$ a = 1\n1)\n= 1$$",
        "$$= 1$$",
        "$$1$$",
        "\\[\n1)\n\\]",
        "\\begin{aligned}\n1)\n\\end{aligned}",
        "\\begin{align*}\n\\begin{cases}\n1)\n\\end{cases}\n2)\n\\end{align*}",
        "text $$\n1)\n$$ text",
    ],
)
def test_lines_within_a_display_are_no_headings(text: str) -> None:
    assert levels(text, "1)", "2)") == []


@pytest.mark.parametrize(
    "text",
    [
        "$$a$$\n1)",
        "$$\na\n$$\n1)",
        "text $$\n\n1)",
        "$$\na\n \n1)",
        "\\[ a\n\n1)",
        "\\end{align}\n1)",
        "$$a$$ $$b\n\n1)",
    ],
)
def test_a_display_hides_no_heading_behind_it_or_behind_an_empty_line(text: str) -> None:
    assert [found[2] for found in levels(text, "1)")] == ["1)"]

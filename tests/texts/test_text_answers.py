"""An answer is what stands under its heading: nothing of it is lost, and nothing is guessed."""

from __future__ import annotations

import time

import pytest
from clock import allowed
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.model import Document, Place
from grader.texts.answers import MOST_TEXT, find_answer, place_text, search

DISCUSSION = ["Discussion"]


def markdown(text: str, name: str = "report.md") -> Document:
    return Document(name=name, text=text)


def cells(*texts: str) -> list[Document]:
    return [Document(name="work.ipynb", text=text, cell=number) for number, text in enumerate(texts, start=1)]


def text_of(
    text: str | list[Document], headings: list[str] = DISCUSSION, others: tuple[str, ...] = ()
) -> str | None:
    documents = [markdown(text)] if isinstance(text, str) else text
    answer = find_answer(documents, headings, others=others)
    return None if answer is None else answer.text


@pytest.mark.parametrize(
    "text",
    [
        "# Discussion\n\nIt falls.\n",
        "intro\n\n### 2) discussion:\nIt falls.",
        "Discussion\n==========\n\nIt falls.\n",
        "**Discussion**\n\nIt falls.",
        "\\section{Discussion}\nIt falls.",
        "<h2>Discussion</h2>\nIt falls.",
        "some text\nDiscussion\nIt falls.",
        "Discussion: It falls.",
        "**Discussion:** It falls.",
        "# Intro\ntext\n# Discussion (2 points)\nIt falls.\n# End\ntext",
    ],
)
def test_the_answer_is_found_however_its_heading_is_written(text: str) -> None:
    assert text_of(text) == "It falls."


def test_it_is_found_under_any_of_the_headings_at_its_place() -> None:
    answer = find_answer(
        [markdown("# A\ntext"), *cells("text", "Skip connection\n---\nIt helps.")],
        ["What does it do?", "Skip connection"],
    )

    assert answer is not None
    assert answer.text == "It helps."
    assert answer.place == Place(file="work.ipynb", cell=2, line=1, heading="Skip connection")
    assert place_text(answer.place) == "under `Skip connection` in `work.ipynb`, cell 2 from the top, line 1"
    assert answer.is_exact


def test_it_reaches_to_the_next_heading_of_the_same_or_a_higher_level() -> None:
    text = "# A\n## Discussion\none\n### More\ntwo\n**bold**\nthree\n## Next\nfour"

    assert text_of(text) == "one\n### More\ntwo\n**bold**\nthree"
    assert text_of(text.replace("## Next", "# Next")) == "one\n### More\ntwo\n**bold**\nthree"


def test_it_ends_at_a_heading_of_another_question_whatever_its_level() -> None:
    assert text_of("# Discussion\none\n#### Q2: Rate\ntwo", others=("Rate",)) == "one"
    assert text_of("# Discussion\none\nRate: two", others=("Rate",)) == "one"
    assert text_of("# Discussion\none\nRate: two") == "one\nRate: two"


def test_it_goes_on_over_the_cells_of_a_notebook_and_not_over_files() -> None:
    documents = [*cells("# Discussion", "one\n", "## More\ntwo", "# Next\nthree"), markdown("four")]

    assert text_of(documents) == "one\n\n\n## More\ntwo"


def test_strings_among_code_are_texts_of_their_own() -> None:
    docstring = Document(name="work.ipynb", text="Returns the loss.", cell=2, in_code=True)
    alone = Document(name="work.ipynb", text="It falls.", cell=3)
    answer = Document(
        name="a.py", text="Train.\n\nDiscussion:\n    It rises.\n\nReturns\n-------\nx", in_code=True
    )

    assert text_of([*cells("# Discussion"), docstring, alone]) == "It falls."
    assert text_of([answer]) == "    It rises."


@pytest.mark.parametrize("below", ["**It falls.**", "**It falls**\n\nbecause", "1) It falls\n2) It rises"])
def test_bold_type_below_a_heading_in_bold_type_is_the_answer_where_nothing_is_before_it(below: str) -> None:
    assert text_of(f"**Discussion**\n\n{below}") == below


def test_a_heading_in_bold_type_ends_an_answer_below_another() -> None:
    assert text_of("**Discussion**\none\n\n**Next**\ntwo") == "one"


def test_numbers_under_two_sections_are_told_apart_by_what_they_stand_under() -> None:
    text = "Pen and paper tasks\n\n1)\n\na\n\n2)\n\nb\n\nQuestions on experiments\n\n1)\n\nc\n\n2)\n\nd\n"
    headings = [
        f"{section} > {number})"
        for section in ("Pen and paper", "Questions on experiments")
        for number in (1, 2)
    ]

    found = [text_of(text, [one], tuple(other for other in headings if other != one)) for one in headings[2:]]

    assert found == ["c", "d"]


def test_numbers_under_headings_of_markdown_are_told_apart_as_well() -> None:
    text = "# Paper\n## 1)\na\n# Experiments\n## 1)\nb\n## 2)\nc"

    assert text_of(text, ["Paper > 1"], ("Experiments > 1", "Experiments > 2")) == "a"
    assert text_of(text, ["Experiments > 1"], ("Paper > 1", "Experiments > 2")) == "b"
    assert text_of(text, ["Experiments > Q2"]) == "c"


def test_numbers_in_bold_type_are_told_apart_by_titles_in_bold_type() -> None:
    text = "**Paper**\n\n**1)**\n\na\n\n**Experiments**\n\n**1)** b\n\n**Task 2**\n\nc\n"

    assert text_of(text, ["Experiments > 1)"], ("Paper > 1)", "Experiments > 2)")) == "b"
    assert text_of(text, ["Experiments > 2)"], ("Paper > 1)", "Experiments > 1)")) == "c"


def test_a_number_with_words_behind_it_is_found_where_the_number_was_asked_for() -> None:
    text = "# Paper\n## 1) Derivation\na\n## 2) The skip connection\nb\n# Assignment 3: Rates\n## Curves\nc"

    assert text_of(text, ["Paper > 2)"], ("Paper > 1)",)) == "b"
    assert text_of(text, ["Assignment 3 > Curves"]) == "c"


def test_what_stands_under_a_heading_that_comes_twice_is_put_together_each_text_once() -> None:
    answer = find_answer(
        [
            markdown("# Discussion\none"),
            markdown("# Discussion\ntwo", "b.md"),
            markdown("# Discussion\none\n", "c.md"),
        ],
        DISCUSSION,
    )

    assert answer is not None
    assert answer.text == "one\n\n[under `Discussion` in `b.md`, line 1:]\ntwo"
    assert [place.file for place in answer.also] == ["b.md"]


def test_of_two_headings_the_one_with_text_counts() -> None:
    assert text_of([markdown("# Discussion\n\n# Next"), markdown("# Discussion\ntwo", "b.md")]) == "two"


@pytest.mark.parametrize("text", ["# Discussion of the results\nIt falls.", "## Discusion\nIt falls."])
def test_a_heading_that_is_merely_alike_counts_where_there_is_no_second(text: str) -> None:
    answer = find_answer([markdown(text)], DISCUSSION)
    assert answer is not None
    assert (answer.text, answer.is_exact) == ("It falls.", False)

    found = search([markdown(f"{text}\n# A discussion\nIt rises.")], DISCUSSION)

    assert found.answer is None
    assert len(found.similar) == 2


def test_a_heading_of_another_question_is_never_taken_for_a_similar_one() -> None:
    text = "# Discussion of rates\nIt falls."

    assert text_of(text) == "It falls."
    assert text_of(text, others=("Discussion of rates",)) is None


def test_an_empty_heading_does_not_hide_the_only_one_that_is_like_it() -> None:
    assert text_of("# Discussion\n\n# My discussion\nIt falls.") == "It falls."


@pytest.mark.parametrize(
    "below",
    [
        "",
        " \n\t\n",
        "---",
        "...",
        "*Your answer here.*",
        "_Write your answer here_",
        "*Type your answer here, replacing this text.*",
        "TODO",
        "<!-- Three to five sentences\n\n -- no list -->",
        "<!-- never closed",
        "**Answer:**",
    ],
)
def test_nothing_but_blanks_comments_and_placeholders_is_no_answer(below: str) -> None:
    found = search([markdown(f"intro\n# Discussion\n{below}\n# Next\ntext")], DISCUSSION)

    assert found.answer is None
    assert [place.line for place in found.empty] == [2]


@pytest.mark.parametrize(
    "below",
    [
        "5",
        "\N{INFINITY}",
        "![](plot.png)",
        "TODO: it falls",
        "TODO" + "." * 200 + " it falls",
        "todos",
        "\u4e0d",
    ],
)
def test_the_shortest_answer_is_one(below: str) -> None:
    assert text_of(f"# Discussion\n{below}") == below


def test_lines_of_the_hand_out_are_no_answer_and_are_shown_with_one() -> None:
    handout = markdown("# Discussion: what happens?\nThree sentences.\n# Next")
    submission = "# Discussion: what happens?\nThree sentences.\n{}\n# Next\ntext"

    assert find_answer([markdown(submission.format(""))], DISCUSSION, given=[handout]) is None

    answer = find_answer([markdown(submission.format("It falls."))], DISCUSSION, given=[handout])
    assert answer is not None
    assert answer.text == "Three sentences.\nIt falls."


def test_an_unchanged_question_on_the_line_of_its_heading_is_no_answer() -> None:
    handout = markdown("**Discussion:** what happens?\n")

    assert find_answer([handout], DISCUSSION, given=[handout]) is None
    assert find_answer([markdown("**Discussion:** it falls")], DISCUSSION, given=[handout]) is not None


def test_a_heading_among_code_counts_where_there_is_no_other() -> None:
    assert text_of("```\n# Discussion\nIt falls.\n```\n# Next") == "It falls.\n```"
    assert text_of("```\n# Discussion\ncode\n```\n# Discussion\nIt falls.") == "It falls."


def test_a_long_answer_is_cut_and_the_cut_is_shown() -> None:
    text = text_of("# Discussion\n" + "a" * (MOST_TEXT + 5))

    assert text == "a" * MOST_TEXT + "\n[cut: 20005 characters in all]"
    assert text_of("# Discussion\n" + "a" * MOST_TEXT) == "a" * MOST_TEXT


def test_the_place_counts_lines_within_the_document() -> None:
    late = Document(name="a.py", text="a\n\nDiscussion: b", line=10, in_code=True)
    answer = find_answer([late], DISCUSSION)

    assert answer is not None
    assert answer.place.line == 12


def test_a_line_of_a_docstring_with_a_colon_is_the_answer_where_there_is_no_other() -> None:
    docstring = Document(name="a.py", text="Discussion: of the arguments", in_code=True)

    assert text_of([docstring]) == "of the arguments"
    assert text_of([docstring, markdown("# Discussion\nIt falls.")]) == "It falls."


def test_notes_of_the_file_go_with_the_answer() -> None:
    answer = find_answer([Document(name="a.md", text="# Discussion\nx", notes=("Latin-1",))], DISCUSSION)

    assert answer is not None
    assert answer.notes == ("Latin-1",)


def test_hostile_names_come_out_on_one_bounded_line_of_a_message() -> None:
    text = place_text(Place(file="a`\n`b", line=1, heading="x" * 1000))

    assert "\n" not in text
    assert text.count("`") == 4
    assert len(text) < 300


MARKS = "# ## * ** __ ` ``` ~~~ --- === > - 1) | < <h1> </h1> <!-- --> [ ]( \\section{ } $$ a Rate Discussion : ? ."
PIECES = st.sampled_from([*MARKS.split(), "## ", "> ", "- ", "1) ", "\n", "\n\n", "    "])
MARKDOWN = st.lists(PIECES | st.text(max_size=4), max_size=25).map("".join)
DOCUMENTS = st.lists(
    st.builds(
        Document,
        name=st.sampled_from(["a.md", "b.ipynb"]),
        text=MARKDOWN,
        cell=st.none() | st.integers(1, 3),
        in_code=st.booleans(),
    ),
    max_size=4,
)
TITLES = st.lists(st.sampled_from(["Discussion", "1)", "Rate > 1", "Rate", " > ", ""]) | MARKDOWN, max_size=3)


@settings(max_examples=150)
@given(DOCUMENTS, TITLES, TITLES, DOCUMENTS)
def test_any_markdown_is_searched(
    documents: list[Document], headings: list[str], others: list[str], handout: list[Document]
) -> None:
    found = search(documents, headings, others=others, given=handout)

    places = [*found.empty, *found.similar]
    if found.answer is not None:
        assert any(character.isprintable() and not character.isspace() for character in found.answer.text)
        places += [found.answer.place, *found.answer.also]
    names = {document.name for document in documents}
    assert all(place.file in names and place.line >= 1 for place in places)


@settings(max_examples=150)
@given(MARKDOWN, st.sampled_from(["# Discussion", "## 2) Discussion:", "Discussion\n======"]), MARKDOWN)
@example("```", "# Discussion", "```\n")
@example("x", "Discussion\n======", "")
def test_the_answer_that_follows_an_exact_heading_is_never_lost(
    before: str, heading: str, after: str
) -> None:
    text = f"{before}\n\n{heading}\n\nIt falls, since 3 < 4.\n\n{after}"

    answer = text_of(text)

    assert answer is not None
    assert "It falls, since 3 < 4." in answer


def test_a_formula_that_is_not_closed_hides_no_heading_behind_it() -> None:
    assert text_of("# Discussion\nit is \\[ x\n# Next\nother") == "it is \\[ x"


@settings(max_examples=200)
@given(
    st.text(alphabet=st.characters(exclude_characters="#"), max_size=200).filter(
        lambda text: any(map(str.isalpha, text))
    )
)
def test_text_without_a_heading_in_it_is_the_answer_to_its_end(answer: str) -> None:
    # Prefixed, so that it neither is a comment or placeholder nor names the heading; no line of it can be a heading.
    lines = [f"it {line}" for line in answer.split("\n")]
    body = "\n".join(lines).replace("<", "").replace("Discussion", "").rstrip()

    assert text_of(f"# Discussion\n{body}\n# Next\nother") == body


@pytest.mark.parametrize(
    "line",
    [
        "x",
        "# a",
        "discussion",
        "discussion: a: b: c: d",
        "**a**",
        "1)",
        "a\n---",
        "<b>",
        "# " + "[" * 250,
        "(1 " * 90,
    ],
)
def test_hostile_texts_take_no_longer_than_a_second(line: str) -> None:
    """As much text as is read of a submission; half a second where it was measured, on a machine of our own."""
    document = markdown(f"{line}\n" * (512 * 1024 // (len(line) + 1)))
    start = time.process_time()

    search([document], ["Discussion", "1)"], others=["Learning rate", "2)"])

    assert time.process_time() - start < allowed(1.5)

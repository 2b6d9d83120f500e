"""Where a heading is lost, prose under no question's heading waits for a person; labels, steps and the hand-out do not."""

from __future__ import annotations

import time

import pytest
from clock import allowed
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.model import Document, Place, QuestionResult, Status
from grader.texts import text_result
from grader.texts.prose import MOST_PARAGRAPHS
from grader.texts.result import MOST_LOOKED_THROUGH
from grader.texts.words import count_words, is_formula

ANSWER = "The loss went down by very little, for all gradients are small at the start."
"""Fifteen words."""
REMARK = "We use the chain rule to get the derivatives by each of the weights."
"""Fourteen words."""
FORMULA = "$$\\frac{\\partial L}{\\partial w_0} = \\frac{\\partial L}{\\partial z_0} x$$"


def result(
    text: str | list[Document],
    *,
    others: tuple[str, ...] = ("Experiments > 2)", "Learning rate"),
    parts: tuple[str, ...] = ("Paper > 1)", "Gradients"),
    handout: str = "",
    name: str = "report.md",
    unread: tuple[str, ...] = (),
) -> QuestionResult:
    documents = [Document(name=name, text=text)] if isinstance(text, str) else text
    given = [Document(name="task.md", text=handout)]
    return text_result(
        "q", "Q", 2.0, ["Experiments > 1)"], documents, others=others, parts=parts, given=given, unread=unread
    )


def is_awaiting(text: str | list[Document], **more: str) -> bool:
    found = result(text, **more)  # type: ignore[arg-type]
    assert found.pending_points == (2.0 if found.status is Status.AWAITING else 0.0)
    assert found.status in {Status.AWAITING, Status.MISSING}
    return found.status is Status.AWAITING


def test_prose_without_any_heading_waits_with_all_points_and_is_shown() -> None:
    assert result(f"{FORMULA}\n\n{ANSWER}\n\nBackward\n\nNo, it does not always fall.\n") == QuestionResult(
        id="q",
        title="Q",
        points=0.0,
        max_points=2.0,
        pending_points=2.0,
        status=Status.AWAITING,
        message=(
            "No heading `Experiments > 1)` was found in `report.md`; a person must look which of 2 paragraphs is the answer; "
            "the first stands in `report.md`, line 3."
        ),
        text=f"[in `report.md`, line 3:]\n{ANSWER}\n\n[in `report.md`, line 7:]\nNo, it does not always fall.",
        place=Place(file="report.md", line=3, heading=""),
    )


def test_prose_under_a_heading_that_nobody_asked_for_waits_and_names_it() -> None:
    found = result(f"# Bericht\n## Aufgabe 7\n{ANSWER}\n")

    assert found.message == (
        "No heading `Experiments > 1)` was found in `report.md`; a person must look whether the answer is what stands under "
        "`Aufgabe 7` in `report.md`, line 3."
    )
    assert found.place == Place(file="report.md", line=3, heading="Aufgabe 7")


def test_prose_in_a_cell_of_a_notebook_is_placed_in_its_cell() -> None:
    cells = [
        Document(name="work.ipynb", text=text, cell=n) for n, text in enumerate(["# A", ANSWER], start=3)
    ]

    assert result(cells).place == Place(file="work.ipynb", cell=4, line=1, heading="A")


def test_a_file_that_is_not_read_is_named_besides() -> None:
    message = result(ANSWER, unread=("scan.pdf",)).message

    assert message is not None
    assert message.endswith("line 1. `scan.pdf` is not read by the grader; a person must look.")


@pytest.mark.parametrize(
    "text",
    [
        f"# Experiments\n## 2)\n{ANSWER}",
        f"# Experiments\n## 2)\n### More of it\n{ANSWER}",
        f"Learning rate: {ANSWER}",
        f"**Learning rate**\n\n{FORMULA}\n\n{ANSWER}",
    ],
)
def test_prose_under_the_heading_of_another_question_is_the_answer_to_that_one(text: str) -> None:
    assert not is_awaiting(text)


@pytest.mark.parametrize(
    "text",
    [
        f"# Gradients\n{REMARK}\n\n{FORMULA}",
        f"# Gradients\n{FORMULA}\n{REMARK}\n{FORMULA}",
        f"# Gradients\n$$\na = b\n$$ {REMARK} $$c = d$$",
        f"# Gradients\n{REMARK}\n\n\\begin{{align}}\na &= b\n\\end{{align}}",
        f"# Gradients\n## Backward\n{REMARK}\n\n- $\\delta_2 = y$\n",
        f"# Gradients\n{REMARK}\n\ndL/dz0 = dL/dh0 * u(z0)\n",
        f"# Paper\n1) {REMARK}\n\n{FORMULA}",
    ],
)
def test_words_that_lead_to_a_formula_of_a_derivation_are_no_answer(text: str) -> None:
    assert not is_awaiting(text)


@pytest.mark.parametrize(
    "text",
    [
        f"# Gradients\n{FORMULA}\n\n{ANSWER}",
        f"# Gradients\n{FORMULA}\n## More\n{ANSWER}\n## Again\n{FORMULA}",
        f"# Gradients\n{ANSWER} {ANSWER}\n\n{FORMULA}",
        f"# Calculations\n{FORMULA}\n\n{ANSWER}\n\n{FORMULA}",
    ],
)
def test_what_follows_a_derivation_or_is_long_or_stands_apart_may_be_the_answer(text: str) -> None:
    assert is_awaiting(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# A title of a report with a good many words in it?",
        "Hand-in of Alice and Bob, group 7",
        "Forward propagation\n\nBackward propagation\n\nUpdated weights",
        "z0 = w0 * x\nh0 = relu(z0)\nz1 = w1 * h0\ndL/dw0 = dL/dz0 * x\nL = abs(y - y_hat)",
        "$$\\text{this is the sum over all of the many paths there are}$$",
        "`this is the sum over all of the many paths there are`",
        "\\[\n\\text{this is the sum over all of the many}\n\\text{paths there are}\n\\]",
        "```python\n# this is the sum over all of the many paths there are\n```",
        "| quantity | value |\n|---|---|\n| forward pass | 0.5 |\n| backward pass | 0.25 |\n| new weight | 1 |",
        "*Your answer here.*",
        "![](a_picture_of_the_loss_over_all_of_the_many_epochs.png)",
        "<img src='a b' alt='the loss over all of the many epochs there are'>",
    ],
)
def test_labels_formulas_code_and_placeholders_are_no_prose(text: str) -> None:
    assert not is_awaiting(text)


@pytest.mark.parametrize(
    "text",
    [
        ANSWER,
        "No, it does not always fall.",
        "- It falls.\n- No, not always.\n- It is too large",
        f"> {ANSWER}",
        f"| {ANSWER} | 0.1 |",
        f"### {ANSWER}",
        f"**{ANSWER}**",
        f"<!-- {ANSWER} -->",
        f"```\n{ANSWER}\n```",
        f"{FORMULA} {ANSWER}",
        f"$$ {ANSWER}",
        f"$$\na = b\n\n{ANSWER}",
        "with $z_0 > 0$ we have $u(z_0) = 1$ and the skip path carries the signal on",
        "Der Verlust f\u00e4llt, weil der Schritt klein genug ist",
        "\u635f\u5931\u6c92\u6709\u660e\u986f\u4e0b\u964d\u56e0\u70ba\u68af\u5ea6\u592a\u5c0f\u6240\u4ee5\u6b65\u9577\u4e5f\u5c0f",
    ],
)
def test_sentences_are_prose_however_they_are_set(text: str) -> None:
    assert is_awaiting(text)


def test_a_display_that_was_begun_and_never_ended_hides_no_prose() -> None:
    assert is_awaiting(f"$$a = b\n{ANSWER}\n\ntext")


def test_strings_among_code_are_no_prose_and_cells_of_text_are() -> None:
    assert not is_awaiting([Document(name="a.py", text=ANSWER, in_code=True)])
    assert is_awaiting([Document(name="a.ipynb", text=ANSWER, cell=1)])


def test_the_preamble_and_the_comments_of_tex_are_no_prose() -> None:
    preamble = "\\title{A hand-in with a good many words in its title}\nA line of eight or more words before it begins."
    text = f"{preamble}\n\\begin{{document}}\n{{}}\n\\end{{document}}"

    assert not is_awaiting(text.replace("{}", f"% {ANSWER}"), name="report.tex")
    assert is_awaiting(text.replace("{}", ANSWER), name="report.tex")


def test_what_was_handed_out_is_no_prose_however_its_lines_are_broken() -> None:
    handout = f"Some words.\n{ANSWER}\n**1)** Does the loss fall at every step, and why not always?\n"

    assert not is_awaiting(ANSWER, handout=handout)
    assert not is_awaiting(ANSWER.replace("down by", "down\n  by"), handout=handout)
    assert not is_awaiting("## 1) Does the loss fall at every step, and why not always?", handout=handout)
    assert is_awaiting(f"{ANSWER}\nThen it rises over and over, and I do not know why.", handout=handout)


def test_words_of_the_hand_out_that_are_begun_in_the_middle_of_one_are_the_students_own() -> None:
    assert is_awaiting("he loss went down by very little, for all", handout=ANSWER)


def test_a_heading_with_nothing_under_it_is_missing_whatever_stands_elsewhere_in_its_file() -> None:
    found = result(f"{ANSWER}\n# Experiments\n## 1)\n## 2)\n{ANSWER}")

    assert (found.status, found.text) == (Status.MISSING, None)


def test_prose_in_another_file_than_the_empty_heading_waits_for_a_person() -> None:
    template = Document(name="template.md", text="# Experiments\n## 1)\n## 2)\n")
    report = Document(name="report.md", text=f"# Bericht\n{ANSWER}")
    found = result([template, report])

    assert (found.status, found.text) == (
        Status.AWAITING,
        f"[under `Bericht` in `report.md`, line 2:]\n{ANSWER}",
    )
    assert found.message == (
        "Nothing is written under `1)` in `template.md`, line 2; a person must look whether the answer is what stands under "
        "`Bericht` in `report.md`, line 2."
    )


def test_several_questions_may_point_to_the_same_prose() -> None:
    documents = [Document(name="report.md", text=ANSWER)]
    both = [
        text_result("q", "Q", 1.0, [heading], documents, others=[other])
        for heading, other in (("Rate", "Depth"), ("Depth", "Rate"))
    ]

    assert [one.text for one in both] == [f"[in `report.md`, line 1:]\n{ANSWER}"] * 2


def test_a_further_heading_of_the_question_is_no_answer() -> None:
    text = "# Assignment 1\n## Learning rates\n{}\n# Assignment 2\ntext"
    headings = ["Assignment 1 > Learning rates", "Assignment 1"]

    def found(below: str) -> QuestionResult:
        return text_result("q", "Q", 1.0, headings, [Document(name="a.md", text=text.format(below))])

    assert found("").status is Status.MISSING
    assert found("5").status is Status.AWAITING


def test_many_paragraphs_are_counted_up_to_a_bound() -> None:
    message = result(f"{ANSWER}\n\n" * (MOST_PARAGRAPHS + 5)).message

    assert message is not None
    assert "which of 100 or more paragraphs is the answer" in message


def test_what_is_too_long_to_be_looked_through_waits_for_a_person() -> None:
    line = "0.1 0.2 0.3\n"
    text = line * (MOST_LOOKED_THROUGH // len(line))

    assert not is_awaiting(text)
    found = result(text + line)
    assert (found.status, found.text) == (Status.AWAITING, None)
    assert found.message == (
        "No heading `Experiments > 1)` was found in `report.md`; there is too much text to look through, and a person must "
        "look."
    )


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("The loss falls.", 3),
        ("a I x", 0),
        ("z0 w_1 y_hat 2nd", 0),
        ("loss(x) exp(2)", 0),
        ("the \\frac{\\partial L}{\\partial z} of it", 3),
        ("the $a \\text{b}$ of \\(c\\) it", 3),
        ("see [this plot](http://example.org/plot) and https://example.org", 4),
        ("f\u00e4llt na\u00efve", 2),
    ],
)
def test_words_are_counted_as_a_reader_of_sentences_does(text: str, count: int) -> None:
    assert count_words(text) == count


def test_a_line_with_a_relation_and_few_words_is_a_formula() -> None:
    assert is_formula("z0 = w0 * x")
    assert is_formula("- $z_0$ is 0.5")
    assert not is_formula("the rate = 5 is far too large")
    assert not is_formula("Forward propagation")


PIECES = st.sampled_from(
    [
        "$$",
        "$",
        "\\[",
        "\\]",
        "\\(",
        "\n",
        "\n\n",
        "```",
        "```python\n",
        "# ",
        "1)",
        "| ",
        "<",
        "a = b",
        "`",
        "Gradients",
        "it falls ",
    ]
)


@settings(max_examples=150)
@given(st.lists(PIECES | st.text(max_size=4), max_size=25).map("".join), st.sampled_from(["a.md", "a.tex"]))
def test_an_answer_in_a_paragraph_of_its_own_at_the_end_is_never_lost(before: str, name: str) -> None:
    # Fences are closed first, for between two of them stands code.
    text = before.replace("`", "") + f"\n\n# Last\n\n{ANSWER}\n"

    assert is_awaiting(text, name=name)


@pytest.mark.parametrize(
    "line",
    [
        "$$\n",
        "\\(",
        "\\[ a\n\n",
        "a-",
        "<a ",
        "\\begin{",
        "`",
        "https://",
        "aa ",
        "](a(",
        "It falls, it falls.\n\n",
    ],
)
def test_hostile_texts_are_looked_through_within_a_second(line: str) -> None:
    text = line * (MOST_LOOKED_THROUGH // len(line))
    start = time.process_time()

    result(text, handout="It falls and it rises. " * 1000)

    assert time.process_time() - start < allowed(1.5)

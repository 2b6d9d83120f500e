"""Formulas without dollar signs are read where a line is one as a whole; prose and code never become one."""

from __future__ import annotations

import pytest
from formula_names import TABLE, read
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.formulas import read_documents
from grader.formulas.documents.extract import Form
from grader.formulas.documents.withdrawn import Withdrawal
from grader.formulas.tokens import NoteKind
from grader.formulas.tree import Node
from grader.model import Document

ALL_KNOWN = "z0 = 0.5"


def trees(text: str, *, name: str = "report.md") -> list[list[Node | None]]:
    """Return what the sides of each line become."""
    return [[side.tree for side in line.sides] for line in read(text, name=name).lines]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("dL/dw0 = dL/dz0 * x = 0.75", r"\frac{dL}{dw_0} = \frac{dL}{dz_0} * x = 0.75"),
        ("z0 = w0*x = 0.5", "z_0 = w_0 * x = 0.5"),
        ("h0 = relu(z0) = 0.5", r"h_0 = \text{ReLU}(z_0) = 0.5"),
        ("w0_new = w0 - lr*dL/dw0 = -0.25", r"w_0^{new} = w_0 - \eta * \frac{dL}{dw_0} = -0.25"),
        ("w0 -> -0.25", r"w_0 \leftarrow -0.25"),
        ("w0 <- w0 - lr*x", r"w_0 \leftarrow w_0 - \eta * x"),
        ("w0' = 0", "w_0' = 0"),
        ("y_hat = z2 = 0.375", r"\hat y = z_2 = 0.375"),
        ("dL/dh0 = w1 * relu'(z1)", "dL/dh_0 = w_1 * g_0'(z_1)"),
        ("dL/dz1 = dL/dh1 \N{MIDDLE DOT} u(z1)", r"\frac{dL}{dz_1} = \frac{dL}{dh_1} \cdot u(z_1)"),
        ("- dL/dw0 = x", r"\frac{dL}{dw_0} = x"),
        ("1. dL/dw0 = x", r"\frac{dL}{dw_0} = x"),
        ("`z0 = w0*x`", "z_0 = w_0*x"),
        ("**z0 = w0*x**", "z_0 = w_0*x"),
        ("where z0 = w0 x", "z_0 = w_0 x"),
        ("Update: w0_new = 1", "w_0^{new} = 1"),
        ("z0: 0.5", "z_0 = 0.5"),
        ("z0: w0*x = 0.5", "z_0 = w_0*x = 0.5"),
        ("dL_dw0 = dL_dz0 * x", r"\frac{dL}{dw_0} = \frac{dL}{dz_0} * x"),
        (
            "\N{PARTIAL DIFFERENTIAL}L/\N{PARTIAL DIFFERENTIAL}w\N{SUBSCRIPT ZERO} = x",
            r"\frac{\partial L}{\partial w_0} = x",
        ),
        ("dL/d\u0177 = -sign(y - \u0177)", r"\frac{dL}{d\hat y} = -sign(y - \hat y)"),
        ("\N{GREEK SMALL LETTER OMEGA}0 = 1", r"\omega_0 = 1"),
        ("L = (y - y_hat)**2", r"L = (y - \hat y)^2"),
        ("L = |y - y_hat|", r"L = |y - \hat y|"),
        ("z0 = W.T @ s", r"z_0 = W^T @ s"),
        ("L = -sum_k t_k log(p_k)", r"L = -\sum_k t_k \log(p_k)"),
        ("dL/dz0 = 1[z0 > 0] * dL/dh0", r"\frac{dL}{dz_0} = 1[z_0 > 0] * \frac{dL}{dh_0}"),
        ("z0 = 0,5", "z_0 = 0.5"),
        ("z0 = 0.5 (chain rule)", "z_0 = 0.5"),
        ("z0 = 0.5  # active", "z_0 = 0.5"),
        ("z_0 = \\omega_0 x", "z_0 = w_0 x"),
        ("delta2 = x", r"\delta^{(2)} = x"),
        ("```\nz0 = 0.5\n```", "z_0 = 0.5"),
        ("```text\nz0 = 0.5\n```", "z_0 = 0.5"),
        ("```math\nz0 = 0.5\n```", "z_0 = 0.5"),
        ("| z0 | 0.5 |", "z_0 = 0.5"),
        ("| dL/dw0 | dL/dz0 * x |", r"\frac{dL}{dw_0} = \frac{dL}{dz_0} * x"),
        ("| $z_0$ | $\\frac12$ |", r"z_0 = \frac12"),
        (r"| $L$ | $|y - \hat y|$ |", r"L = |y - \hat y|"),
        ("| node | formula | value |\n|---|---|---|\n| z0 | w0*x | 0.5 |", "z_0 = w_0*x = 0.5"),
        ("| weight | new |\n|---|---|\n| w0 | -0.25 |", "w_0^{new} = -0.25"),
        ("| weight | gradient |\n|---|---|\n| w0 | 0.75 |", r"\partial L/\partial w_0 = 0.75"),
    ],
)
def test_a_line_of_plain_text_says_what_the_same_in_tex_says(text: str, same: str) -> None:
    assert trees(text) == trees(f"${same}$")
    assert [line.form for line in read(text).lines] == [Form.PLAIN]


@pytest.mark.parametrize("text", ["z0 = 0.5, h0 = 0.5", "z0 = 0.5; h0 = 0.5", "z0 = 0.5 and h0 = 0.5"])
def test_a_line_may_hold_several_statements(text: str) -> None:
    assert trees(text) == trees("$z_0 = 0.5$ $h_0 = 0.5$")


def test_a_line_that_begins_with_a_relation_goes_on() -> None:
    assert trees("z0 = w0*x\n   = 0.5\n\n= 0.7") == trees("$z_0 = w_0*x = 0.5$")


@pytest.mark.parametrize(
    "above",
    [
        "# What comes of the forward pass of the network on the values of the third task",
        "What comes of the forward pass of the network on the values of the third task:",
        "**What comes of the forward pass of the network on the values of the third task**",
        "h0 = relu(z0) = 0.5 because it is positive and so nothing at all is cut off here",
        "Forward pass",
    ],
)
def test_what_stands_above_a_line_takes_it_in_only_where_its_sentence_goes_on(above: str) -> None:
    assert trees(f"{above}\nz0 = 0.5") == trees("$z_0 = 0.5$")
    assert trees("the sum of all that we have seen, as it was\n- z0 = 0.5") == trees("$z_0 = 0.5$")


def test_what_is_only_supposed_is_noted_and_ends_with_its_paragraph() -> None:
    found = read("A common mistake:\n\nz0 = 0.7\nh0 = 0.7\n\nz0 = 0.5")

    assert [line.position.line for line in found.lines] == [6]
    assert [(note.kind, note.position.line) for note in found.notes] == [
        (NoteKind.UNREAD, 3),
        (NoteKind.UNREAD, 4),
    ]


def test_a_line_knows_its_place_and_its_source() -> None:
    (line,) = read("text\n\n-  z0 = w0*x\n").lines

    assert (line.position.line, line.position.column) == (3, 4)
    assert [side.source for side in line.sides] == ["z0", "w0*x"]


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("w0 = w0 - lr*x", 1),
        ("z0 = 0,5", 1),
        ("z0 = 0.5 (chain rule)", 1),
        ("| z0 | 0.5 |", 1),
        ("w0 -> 0.5", 1),
        ("z0 = 0.5", 0),
    ],
)
def test_whatever_is_read_in_one_of_several_ways_is_noted(text: str, notes: int) -> None:
    (line,) = read(text).lines

    assert [note.kind for side in line.sides for note in side.notes] == [NoteKind.READING] * notes


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("~~z0 = 0.7~~", Withdrawal.STRUCK),
        ("- ~~z0 = 0.7~~", Withdrawal.STRUCK),
        ("> z0 = 0.7", Withdrawal.QUOTED),
        ("## Scrap\n\nz0 = 0.7", Withdrawal.HEADING),
        ("~~z0 = 0.7~~ z0 = 0.5", Withdrawal.NONE),
    ],
)
def test_what_is_taken_back_is_marked(text: str, why: Withdrawal) -> None:
    (line,) = read(text).lines

    assert line.withdrawn is why


@pytest.mark.parametrize("text", ["z0 = q * x", "dL/dw0 = grad * x", "z0 = 1,125", "z0 = x > 0"])
def test_a_line_with_a_name_nobody_knows_is_no_line_that_can_be_judged(text: str) -> None:
    """It has an unknown name or no tree: it waits for a person, and no number is told of it."""
    (line,) = read(text).lines

    tree = line.sides[1].tree
    assert tree is None or "Unknown(" in repr(tree)


NO_LINES = [
    "I think a = b is good, and x = 1 is what the task gives.",
    "If we start from the weights of the sheet with the learning rate at 0.1 and with\nw0 = 2\nthe loss is larger.",
    "The loss L = |y - y_hat| is not differentiable at 0.",
    "For x = 1 we get z0 = 0.5.",
    "Here L = loss, y = target and x = input.",
    "Note: x = the input",
    "Hint: dL/dw0 = dL/dz0 * x is the chain rule",
    "L = 0 means a perfect fit",
    "Is z0 = 0.7?",
    "z0 = 0.7 would be wrong",
    "z0 = 0.7 (wrong)",
    "z0 = 0.7 (if x were 2)",
    "For example: w0 = 3",
    "Wrong: z0 = 0.7",
    "Suppose that\nw0 = 2",
    "A common mistake:\ndL/dw0 = 0.7",
    "A common mistake:\ndL/dw0 = 0.7\ndL/dw1 = 0.7\n= 0.8",
    "Forgetting the sign would give us:\n\ndL/dw0 = 0.7",
    "w0: weight of the first layer",
    "L: loss",
    "- h0 = hidden layer",
    "- z0 = pre-activation",
    "| z0 | pre-activation |",
    "| x | input value |",
    "| symbol | meaning |\n|---|---|\n| z0 | 3 |",
    "```python\nz0 = 0.7\n```",
    "```py\nz0 = 0.7",
    "```\ndef forward(x):\n    z0 = 0.7\n    return z0\n```",
    "`z0 = 0.7` is what I had first",
    "The update w0 <- w0 - lr * dL/dw0 makes the loss smaller.",
    "w0 -> z0 -> h0",
    "x -> 0",
    "a = 1",
    "z0 + 1 = 3",
    "= 0.7",
    "# z0 = 0.7",
    "learning_rate = 0.1",
    "p < 0.05",
    "https://example.org/?z0=0.7",
    "z0 += 1",
]


@pytest.mark.parametrize("text", NO_LINES)
def test_prose_and_code_are_no_lines(text: str) -> None:
    assert read(text).lines == ()


@pytest.mark.parametrize("name", ["work.tex"])
def test_tex_and_strings_among_code_have_no_lines_of_plain_text(name: str) -> None:
    assert read(ALL_KNOWN, name=name).lines == ()
    among_code = Document(name="work.py", text=ALL_KNOWN, in_code=True)
    assert read_documents([among_code], TABLE).lines == ()
    assert len(read(ALL_KNOWN).lines) == 1


PARAGRAPHS = """\
In this report we look at how the loss of a small network depends on its weights. We write x for the input and
y = f(x) for what the network returns, and L for the loss. With lr = 0.1 the training took 40 epochs, and with
lr = 1 it did not converge at all. The gradient dL/dw0 = dL/dz0 * x says how much the first weight matters;
since x = 1 in the task, both are the same. When z0 = 0 the unit is at its kink, and any value between 0 and
1 is right there. I found that for
w0 = 0.5
the loss is 3.375, as expected.

The skip connection gives two paths, so the sum rule applies: what arrives over ws = 0.5 and what arrives over
w2 = 0.5 are added. A deeper network (say, with h0, h1, ..., h9) would multiply ten factors below one. That is
why we have L = 3 at the start -- and still L = 2.9 after a hundred steps; see https://example.org/a?x=1&y=2.

Results: accuracy = 0.93, time = 12 s, p = 0.04, N = 100. Our code uses `w0 = w0 - lr * dw0` in a loop, which
is the same as w0 -= lr * dw0. If z1 = -1 then relu(z1) = 0, so nothing flows back (dL/dz1 = 0).
"""


def test_paragraphs_of_prose_with_equals_signs_have_no_lines() -> None:
    assert read(PARAGRAPHS).lines == ()


KEYS = "z0 w0 x y L lr dL/dw0 = = : | -> <- + - * ( ) 0.5 1,5 1 , . and so if is the with layer ~~ ` ** > # $"
WORDS = st.sampled_from([*KEYS.split(), "\n"])


@settings(max_examples=300)
@given(st.lists(WORDS, max_size=40).map(" ".join))
@example("| | |\n|-|")
@example("|\n|--|")
def test_no_plain_text_raises(text: str) -> None:
    found = read(text)

    assert found.refused is None
    for side in (side for line in found.lines for side in line.sides):
        assert (side.tree is None) == (side.problem is not None)


SENTENCE = "the loss gets smaller as our network learns something about these inputs"
PROSE_WORDS = st.sampled_from(SENTENCE.split())


@settings(max_examples=150)
@given(
    st.lists(PROSE_WORDS, min_size=1, max_size=6),
    st.sampled_from(["z0 = 0.7", "dL/dw0 = 3", "w0 -> 2"]),
    st.booleans(),
)
def test_a_formula_with_words_before_or_behind_it_is_no_line(
    words: list[str], formula: str, before: bool
) -> None:
    said = " ".join(words)

    assert read(f"{said} {formula}" if before else f"{formula} {said}").lines == ()

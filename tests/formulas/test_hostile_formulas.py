"""Whatever a document holds, reading it ends soon, says so in a line, and takes little."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

import pytest
from formula_names import TABLE, read
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.formulas import Caps, read_documents
from grader.model import Document

_BOMB = r"\def\a{\b\b}\def\b{\c\c}\def\c{\d\d}\def\d{\e\e}\def\e{\f\f}\def\f{\g\g}\def\g{\h\h}\def\h{xxxxxxxxxxxxxx}"
HOSTILE = {
    "dollars": "$" * 400_000,
    "dollars without end": "$" * 100_000_000,
    "braces": "$$x = " + "{" * 9_000 + "x" + "}" * 9_000 + "$$",
    "brackets": ("$$x = " + "(" * 590 + "$$\n\n") * 700,
    "fractions": ("$$x = " + r"\frac{" * 900 + "1" + "}{2}" * 900 + "$$\n\n") * 40,
    "signs": ("$$x = " + "-" * 590 + "x$$\n\n") * 700,
    "cases": ("$$x = " + r"\left\{\begin{array}{l}" * 800 + "$$\n\n") * 20,
    "sums": ("$$x = " + r"\sum_{i=1}^{N}" * 60 + "x$$\n\n") * 300,
    "macros": _BOMB + "\n$x=\\a$\n" * 1_900,
    "growing macros": r"\newcommand{\a}[1]{\a{#1#1#1}}" + "\n$x=\\a{x}$\n" * 1_900,
    "definitions": r"\newcommand{\a}{" * 25_000,
    "strikes": r"\cancel{" * 50_000,
    "factors": ("$$x = " + "x " * 599 + "$$\n\n") * 400,
    "sides": ("$$x " + "= x" * 1_900 + "$$\n\n") * 60,
    "lines": "\n" * 400_000,
    "plain lines": "z0 = w0*x = 0.5\n" * 30_000,
    "long plain lines": ("z0 = " + "w0*x + " * 55 + "1\n") * 1_200,
    "plain brackets": ("z0 = " + "(" * 390 + "\n") * 1_200,
    "rows": "| z0 | 0.5 |\n" * 35_000,
    "bars": "|" * 450_000,
    "short bars": ("|" * 390 + "\n") * 1_200,
    "labels": ("update " * 55 + "\n") * 1_200 + ("new:" * 95 + "=\n") * 10,
    "comments": ("z0 = 1 (" + "a " * 190 + "\n") * 1_200,
    "marks of a list": "- " * 220_000 + "z0 = 1",
    "fences": "```\nz0 = 1\n" * 40_000,
    "strikes in lines": "~~z0 = 1~~ x " * 35_000,
    "commas": ("$x = " + "1,1" * 3_000 + "$\n\n") * 40,
}


QUICK = {
    "dollars",
    "dollars without end",
    "braces",
    "fractions",
    "growing macros",
    "factors",
    "strikes",
    "rows",
    "comments",
}


@pytest.mark.parametrize(
    "kind", [kind if kind in QUICK else pytest.param(kind, marks=pytest.mark.slow) for kind in HOSTILE]
)
def test_hostile_documents_end_within_seconds(kind: str) -> None:
    document = Document(name="report.md", text=HOSTILE[kind])
    begin = time.process_time()
    found = read_documents([document], TABLE)

    # Of processor time: twice what is aimed at, since a machine may be half as quick as the one it is aimed at on.
    assert time.process_time() - begin < 4.0
    assert found.refused is None or "\n" not in found.refused


@pytest.mark.slow
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_documents_take_less_than_100_mib(kind: str) -> None:
    document = Document(name="report.md", text=HOSTILE[kind])
    tracemalloc.start()
    try:
        read_documents([document], TABLE)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 100 * 2**20


def test_too_long_a_document_is_refused_in_one_line_and_the_next_one_is_read() -> None:
    long, short = Document(name="a.md", text="$" * 500_001), Document(name="b.md", text="$x = 1$")
    found = read_documents([long, short], TABLE)

    assert found.refused == "'a.md' has 500,001 characters; no formula of it is read."
    assert len(found.lines) == 1


def test_what_was_read_before_the_steps_are_used_up_stands() -> None:
    found = read_documents([Document(name="a.md", text="$$x = 1$$\n\n" * 100)], TABLE, caps=Caps(steps=1_000))

    assert 10 < len(found.lines) < 100
    assert found.refused == "'a.md' is not read to its end: the text takes more than 1,000 steps to read."


def test_steps_do_not_depend_on_the_clock() -> None:
    document = Document(name="a.md", text="$$x = w_0 y + 1$$\n\n" * 500)
    first, second = (read_documents([document], TABLE, caps=Caps(steps=5_000)) for _ in range(2))

    assert first == second


PIECES = st.sampled_from(
    [
        *[
            "$",
            "$$",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            "|",
            "=",
            "+",
            "-",
            "_",
            "^",
            "'",
            "&",
            "\\\\",
            "\n",
            "x",
            "y",
            "w_0",
            "z_0",
            "1",
            "2.5",
            ",",
            ";",
            "d",
            "e",
            "i",
            "k",
            "%",
            "`",
            "```",
            "~~",
            ">",
            "#",
            "̂",
            "₀",
            "ŷ",
            "∂",
            "ᵀ",
        ],
        *[
            r"\frac",
            r"\partial",
            r"\delta",
            r"\sum",
            r"\prod",
            r"\hat",
            r"\text",
            r"\mathrm",
            r"\mathbb",
            r"\mathbf",
            r"\nabla",
            r"\left",
            r"\right",
            r"\{",
            r"\}",
            r"\|",
            r"\cancel",
        ],
        *[
            r"\begin{cases}",
            r"\end{cases}",
            r"\begin{align}",
            r"\end{align}",
            r"\begin{pmatrix}",
            r"\end{pmatrix}",
            r"\max",
            r"\log",
            r"\cdot",
        ],
        *[
            r"\newcommand{\a}[1]{#1#1}",
            r"\a",
            r"\def\b{\b\b}",
            r"\b",
            r"\[",
            r"\]",
            r"\(",
            r"\)",
            r"\operatorname",
            r"ReLU",
            r"sign",
            r"L",
            r"1_",
            r"\mathbb{1}",
            r"dL/dw",
        ],
    ]
)


@settings(max_examples=300)
@given(st.lists(PIECES, max_size=60), st.sampled_from(["report.md", "report.tex", "notes.txt"]))
def test_no_text_raises(pieces: list[str], name: str) -> None:
    """Reading returns whatever the text: a `$$` before it makes sure that there is a formula."""
    found = read("$$ x = " + " ".join(pieces) + " $$\n\n$y = 1$", name=name)

    assert found.refused is None


@settings(max_examples=200)
@given(st.text(max_size=200))
def test_no_characters_raise(text: str) -> None:
    assert read(f"$x = {text}$").refused is None


REAL = (Path(__file__).parent / "skip_network.md").read_text(encoding="utf-8")


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, len(REAL)), st.integers(0, 3), PIECES), min_size=1, max_size=20))
def test_no_corruption_of_a_real_derivation_raises(edits: list[tuple[int, int, str]]) -> None:
    """Some characters at random places are replaced; whatever is left is read or said to be unread."""
    text = REAL
    for place, length, piece in edits:
        text = text[:place] + piece + text[place + length :]
    found = read(text)

    assert found.refused is None
    for side in (side for line in found.lines for side in line.sides):
        assert (side.tree is None) == (side.problem is not None)

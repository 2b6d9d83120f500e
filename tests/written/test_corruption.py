"""Damaged hand-ins: whatever is deleted or inserted, nothing breaks, and a wrong line that is left alone stays wrong."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from injected import INJECTED
from msgspec.structs import replace
from paper import graded
from rewritings import DOCUMENT
from written_outcomes import as_it_stands

from grader.model import Grade, LineVerdict

FEW, MANY = range(20), range(20, 120)
SEEDS = [*FEW, *(pytest.param(seed, marks=pytest.mark.slow) for seed in MANY)]
EARNING = (LineVerdict.RIGHT, LineVerdict.REPEATED, LineVerdict.MISLABELLED, LineVerdict.METHOD)
PIECES = (
    *("$", "$$", "\n", "\n\n", "{", "}", "(", ")", "=", "&", "\\\\", "\\", "^", "_", "|", "~~", "> ", "# "),
    *("\\frac", "\\left(", "\\right)", "\\begin{split}", "\\end{cases}", "\\omega_0", "0", "-", "x", "```\n"),
    *("\0", "\ud800", "\N{ZERO WIDTH SPACE}", "\N{GREEK SMALL LETTER OMEGA}", "∂", "\\newcommand{\\a}{x}"),
)
Damage = Callable[[str, random.Random], str]


def deleted(text: str, generator: random.Random) -> str:
    start = generator.randrange(len(text))
    return text[:start] + text[start + generator.choice([1, 1, 2, 5, 30]) :]


def inserted(text: str, generator: random.Random) -> str:
    start = generator.randrange(len(text))
    return text[:start] + generator.choice(PIECES) + text[start:]


def replaced(text: str, generator: random.Random) -> str:
    start = generator.randrange(len(text))
    return text[:start] + generator.choice(PIECES) + text[start + 1 :]


def line_dropped(text: str, generator: random.Random) -> str:
    lines = text.split("\n")
    lines.pop(generator.randrange(len(lines)))
    return "\n".join(lines)


def lines_exchanged(text: str, generator: random.Random) -> str:
    lines = text.split("\n")
    one, other = generator.randrange(len(lines)), generator.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return "\n".join(lines)


DAMAGES: tuple[Damage, ...] = (deleted, inserted, replaced, line_dropped, lines_exchanged)


def damaged(text: str, generator: random.Random) -> str:
    for _ in range(generator.choice([1, 2, 4, 12])):
        text = generator.choice(DAMAGES)(text, generator)
    return text


def wrong_lines(result: Grade) -> set[tuple[str, ...]]:
    """Return the sources of all lines of which one is wrong, side by side."""
    return {
        tuple(side.source for side in line.sides)
        for one in result.questions
        for line in one.lines
        if line.verdict is LineVerdict.WRONG
    }


def forgiven(before: Grade, after: Grade) -> list[tuple[str, ...]]:
    """Return the lines that were wrong, stand there still in every character, and earn something now."""
    wrong = wrong_lines(before)
    return [
        sources
        for one in after.questions
        for line in one.lines
        if line.verdict in EARNING and (sources := tuple(side.source for side in line.sides)) in wrong
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_damage_breaks_nothing_and_makes_no_wrong_line_right(seed: int) -> None:
    """A fault of ours would end the test; the wrong dL/dw0 of the derivation is never forgiven where it still stands."""
    generator = random.Random(seed)
    after = graded(damaged(DOCUMENT, generator))

    assert forgiven(as_it_stands(), after) == []
    assert 0.0 <= after.points <= after.max_points
    assert after.points + after.pending_points <= after.max_points + 1e-9


@pytest.mark.parametrize("seed", SEEDS)
def test_damage_elsewhere_forgives_no_error(seed: int) -> None:
    """One of the injected errors, and damage that leaves its line alone."""
    generator = random.Random(1_000 + seed)
    error = generator.choice(INJECTED)
    before = graded(error.text)

    assert forgiven(before, graded(damaged(error.text, generator))) == []


def test_a_wrong_line_that_is_forgiven_is_seen() -> None:
    """The comparison itself: with the verdict on one wrong line turned round."""
    before = as_it_stands()
    questions = tuple(
        replace(one, lines=tuple(replace(line, verdict=LineVerdict.RIGHT) for line in one.lines))
        for one in before.questions
    )

    assert len(wrong_lines(before)) == 1
    assert len(forgiven(before, replace(before, questions=questions))) == 1


@pytest.mark.parametrize("suffix", [".md", ".txt", ".tex", ".ipynb", ".rst"])
@pytest.mark.parametrize("seed", FEW[:4])
def test_noise_of_any_kind_is_graded(suffix: str, seed: int) -> None:
    """Bytes, and pieces of formulas in any order; nothing of it earns a point."""
    generator = random.Random(seed)
    noise = generator.randbytes(3_000) if seed % 2 else "".join(generator.choices(PIECES, k=3_000))

    result = graded(noise, name=f"alice{suffix}")

    assert result.points == 0.0

"""Random formulas over a network, written down and read back, are worth what they were worth before."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from expressions import Formula, Scalars, Values, Vectors
from paper import SHEET, SKIP, shared

from grader.derivations import Points
from grader.formulas import read_documents
from grader.formulas.tree import Tree
from grader.formulas.values.evaluate import UnevaluableError, evaluate
from grader.formulas.world import World
from grader.model import Document

AT_ONCE = 20
"""Formulas in one document."""
FEW, MANY = range(15), range(15, 65)


def points_of(assignment: str) -> Points:
    points = shared(assignment).points
    assert points is not None
    return points


def read_back(formulas: Sequence[Formula], assignment: str) -> list[Tree]:
    """Write formulas down, each as what `q` is, and read them."""
    text = "\n\n".join(f"$$q = {one.text}$$" for one in formulas)
    document = Document(name="alice.md", text=text)
    found = read_documents([document], points_of(assignment).sheet.symbols)
    assert found.refused is None
    assert [len(line.sides) for line in found.lines] == [2] * len(formulas)
    problems = [(one.text, line.sides[1].problem) for one, line in zip(formulas, found.lines, strict=True)]
    assert [entry for entry in problems if entry[1] is not None] == []
    return [line.sides[1].tree for line in found.lines if line.sides[1].tree is not None]


def values_at(world: World) -> Values:
    return {name: np.asarray(world.value(name), dtype=float) for name in world.graph.index}


def departures(formulas: Sequence[Formula], assignment: str) -> list[tuple[str, str]]:
    """Return the formulas that are worth something else once they were read; points of no value are left out."""
    points, found = points_of(assignment), []
    compared = 0
    for one, tree in zip(formulas, read_back(formulas, assignment), strict=True):
        for world in points.drawn:
            try:
                with np.errstate(divide="raise", invalid="raise", over="raise"):
                    want = np.asarray(one.value(values_at(world)))
            except FloatingPointError:
                continue
            compared += 1
            try:
                got = np.asarray(evaluate(tree, world, axes=points.sheet.symbols.axes).value)
            except UnevaluableError as error:
                found.append((one.text, error.reason))
                break
            scale = np.abs(want).max() + 1.0
            if got.size != want.size or np.abs(got.reshape(want.shape) - want).max() > 1e-9 * scale:
                found.append((one.text, f"{got.ravel()[:3]} for {want.ravel()[:3]}"))
                break
    assert compared >= len(formulas), "nearly all have a value nearly everywhere"
    return found


def scalars(seed: int) -> list[Formula]:
    draw = Scalars(random.Random(seed)).draw
    return [draw(depth) for depth in (2, 3, 3, 4) for _ in range(AT_ONCE // 4)]


def vectors(seed: int) -> list[Formula]:
    generator = random.Random(seed)
    draw = Vectors(generator).draw
    return [draw(generator.choice("DHK"), depth) for depth in (1, 2, 3, 3) for _ in range(AT_ONCE // 4)]


@pytest.mark.parametrize("seed", [*FEW, *(pytest.param(seed, marks=pytest.mark.slow) for seed in MANY)])
@pytest.mark.parametrize(("made", "assignment"), [(scalars, SKIP), (vectors, SHEET)], ids=["skip", "softmax"])
def test_a_formula_is_worth_the_same_once_it_was_written_and_read(
    seed: int, made: Callable[[int], list[Formula]], assignment: str
) -> None:
    assert departures(made(seed), assignment) == []


def test_a_formula_that_is_read_as_another_one_is_seen() -> None:
    """The comparison itself: x + y for x - y."""
    right = Formula(text="x - y", value=lambda v: v["x"] - v["y"])
    wrong = Formula(text="x - y", value=lambda v: v["x"] + v["y"])

    assert departures([right], SKIP) == []
    assert [text for text, _ in departures([wrong], SKIP)] == ["x - y"]

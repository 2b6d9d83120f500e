"""A program that is wrong in one place gives a wrong number on some drawn case, whatever the secret."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from types import CodeType
from typing import Any

import numpy as np
import pytest

from grader.assignment_file import load
from grader.cases import drawn_cases, worked_case
from grader.model import Case

OTHER_SEEDS = range(1000, 1008)
"""Of cases that tell whether a change makes a difference at all."""
RIGHT = """
z0 = w0 * x
h0 = max(z0, 0.0)
z1 = w1 * h0
h1 = max(z1, 0.0)
z2 = w2 * h1 + ws * h0
y_hat = z2
"""
BACKWARD = """
dz2 = -sign(y - y_hat)
dws = dz2 * h0
dw2 = dz2 * h1
dh1 = dz2 * w2
dz1 = dh1 * (z1 > 0)
dw1 = dz1 * h0
dh0 = dz2 * ws + dz1 * w1
dz0 = dh0 * (z0 > 0)
dw0 = dz0 * x
"""
"""The skip network by its formulas; the forward pass behind the gradients is the student's own, and may be wrong alone."""
NAMES = (
    "x",
    "y",
    "w0",
    "w1",
    "w2",
    "ws",
    "z0",
    "h0",
    "z1",
    "h1",
    "z2",
    "y_hat",
    "dz2",
    "dh1",
    "dz1",
    "dh0",
    "dz0",
)


def changes(node: ast.AST) -> Iterator[ast.expr]:
    """Yield what may stand in the place of a node by mistake."""
    match node:
        case ast.Name(id=name) if name in NAMES:
            yield from (ast.Name(id=other, ctx=ast.Load()) for other in NAMES if other != name)
        case ast.BinOp(left=left, op=op, right=right):
            others = (ast.Add, ast.Sub, ast.Mult)
            yield from (ast.BinOp(left, other(), right) for other in others if not isinstance(op, other))
            yield from (left, right, ast.UnaryOp(ast.USub(), node))
            yield ast.BinOp(ast.Constant(2.0), ast.Mult(), node)
        case ast.Compare(left=left, comparators=right):
            yield from (ast.Compare(left, [other()], right) for other in (ast.Lt, ast.LtE, ast.NotEq))
            yield from (
                ast.Compare(left, node.ops, [ast.Constant(limit)]) for limit in (-1.0, -0.5, 0.5, 1.0)
            )
        case ast.Call(args=[argument, *_]):
            yield argument
            yield ast.Call(ast.Name("abs", ast.Load()), [argument], [])
        case _:
            pass


def mutants(text: str) -> set[str]:
    """Return every program that differs from one in a single place on the right of an assignment."""
    tree = ast.parse(text)
    found = set()
    for statement, place in enumerate(tree.body):
        assert isinstance(place, ast.Assign)
        for number, node in enumerate(ast.walk(place.value)):
            for other in changes(node):
                changed = copy.deepcopy(tree)
                found.add(ast.unparse(_put(changed, statement, number, other)))
    return found


def _put(tree: ast.Module, statement: int, number: int, other: ast.expr) -> ast.Module:
    place = tree.body[statement]
    assert isinstance(place, ast.Assign)
    target = list(ast.walk(place.value))[number]

    class Put(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return other if node is target else self.generic_visit(node)

    changed = Put().visit(place)
    assert isinstance(changed, ast.Assign)
    return ast.fix_missing_locations(tree)


@cache
def programs() -> Mapping[str, CodeType]:
    """Return the wrong programs: one place of the forward pass inside `backward`, or of `backward` itself."""
    texts = mutants(RIGHT + BACKWARD)
    return {text: compile(text, "mutant", "exec") for text in sorted(texts)}


def gradients(program: CodeType, cases: Sequence[Case]) -> list[list[float]]:
    """Return what a program gives for the gradients on each case; NaN where it stops."""
    rows = []
    for case in cases:
        scope: dict[str, Any] = {name: float(value) for name, value in case.leaves.items()}
        scope["sign"] = _sign
        try:
            exec(program, scope)
        except NameError:  # a value that comes later
            scope = {}
        rows.append([float(scope.get(name, np.nan)) for name in ("dw0", "dw1", "dw2", "dws")])
    return rows


def _sign(value: float) -> float:
    return float(np.sign(value))


def differs(program: CodeType, cases: Sequence[Case]) -> bool:
    right = compile(RIGHT + BACKWARD, "right", "exec")
    return not np.allclose(gradients(program, cases), gradients(right, cases), rtol=1e-6, atol=1e-9)


def cases_of(seed: int) -> tuple[Case, ...]:
    return drawn_cases(load("skip_network").units[0], np.random.default_rng(seed))


@cache
def wrong_programs() -> tuple[str, ...]:
    """Return those that give other numbers somewhere: some changes make no difference."""
    many = [case for seed in OTHER_SEEDS for case in cases_of(seed)]
    return tuple(text for text, program in programs().items() if differs(program, many))


@pytest.mark.parametrize("seed", range(30))
def test_no_program_with_one_mistake_in_backward_gives_right_numbers_on_all_cases(seed: int) -> None:
    worked = worked_case(load("skip_network").units[0])
    assert worked is not None
    cases = (worked, *cases_of(seed))
    unseen = [text for text in wrong_programs() if not differs(programs()[text], cases)]
    assert len(wrong_programs()) > 500
    assert unseen == []

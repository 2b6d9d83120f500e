"""The skip network worked by hand on two cases, and marking of answers that differ from it in a few places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
from msgspec.structs import replace

from grader.assignment_file import load
from grader.marking.expectations import CaseExpectations, Expectations, Key, expectations
from grader.marking.mark import mark
from grader.marking.result import Marks, assemble
from grader.marking.trials import Trial
from grader.model import Answer, AnswerKind, Array, Case, Finding, QuantityResult, Verdict

SKIP = load("skip_network")
PARAMETERS = ("w0", "w1", "w2", "ws")
INNER = ("y_hat", "z2", "h1", "z1", "h0", "z0")

# z0 = w0 x, h0 = relu(z0), z1 = w1 h0, h1 = relu(z1), z2 = ws h0 + w2 h1, y_hat = z2, L = |y - y_hat|
# dL/dy_hat = -sign(y - y_hat), dz2 = dy_hat, dws = dz2 h0, dw2 = dz2 h1, dh1 = dz2 w2, dz1 = dh1 [z1 > 0],
# dw1 = dz1 h0, dh0 = dz2 ws + dz1 w1, dz0 = dh0 [z0 > 0], dw0 = dz0 x; w_new = w - lr dw

WORKED_LEAVES = {"x": 1.0, "y": -3.0, "w0": 0.5, "w1": 0.5, "w2": 0.5, "ws": 0.5}
WORKED = {
    "z0": 0.5, "h0": 0.5, "z1": 0.25, "h1": 0.25, "z2": 0.375, "y_hat": 0.375, "L": 3.375,
    "dL/dy_hat": 1.0, "dL/dz2": 1.0, "dL/dws": 0.5, "dL/dw2": 0.25, "dL/dh1": 0.5, "dL/dz1": 0.5,
    "dL/dw1": 0.25, "dL/dh0": 0.75, "dL/dz0": 0.75, "dL/dw0": 0.75,
    "w0_new": -0.25, "w1_new": 0.25, "w2_new": 0.25, "ws_new": 0.0,
}  # fmt: skip
"""Both ReLUs open, lr = 1."""

OPEN_LEAVES = {"x": -2.0, "y": 10.0, "w0": -1.5, "w1": 0.5, "w2": 2.0, "ws": 1.0}
OPEN = {
    "z0": 3.0, "h0": 3.0, "z1": 1.5, "h1": 1.5, "z2": 6.0, "y_hat": 6.0, "L": 4.0,
    "dL/dy_hat": -1.0, "dL/dz2": -1.0, "dL/dws": -3.0, "dL/dw2": -1.5, "dL/dh1": -2.0, "dL/dz1": -2.0,
    "dL/dw1": -6.0, "dL/dh0": -2.0, "dL/dz0": -2.0, "dL/dw0": 4.0,
    "w0_new": -3.5, "w1_new": 3.5, "w2_new": 2.75, "ws_new": 2.5,
}  # fmt: skip
"""Both open, y on the other side, lr = 0.5."""

CLOSED_LEAVES = {"x": 2.0, "y": 3.0, "w0": 1.0, "w1": -1.0, "w2": 2.0, "ws": 0.5}
CLOSED = {
    "z0": 2.0, "h0": 2.0, "z1": -2.0, "h1": 0.0, "z2": 1.0, "y_hat": 1.0, "L": 2.0,
    "dL/dy_hat": -1.0, "dL/dz2": -1.0, "dL/dws": -2.0, "dL/dw2": 0.0, "dL/dh1": -2.0, "dL/dz1": 0.0,
    "dL/dw1": 0.0, "dL/dh0": -0.5, "dL/dz0": -0.5, "dL/dw0": -1.0,
    "w0_new": 1.5, "w1_new": -1.0, "w2_new": 2.0, "ws_new": 1.5,
}  # fmt: skip
"""The second ReLU closed, lr = 0.5."""

CASES = {
    "worked": (WORKED_LEAVES, 1.0, WORKED),
    "drawn-1": (OPEN_LEAVES, 0.5, OPEN),
    "drawn-2": (CLOSED_LEAVES, 0.5, CLOSED),
}
ALL = tuple(CASES)


@cache
def everything(names: tuple[str, ...] = ALL, edges: tuple[str, ...] = ()) -> Expectations:
    """Return the expectations on some of the cases; `update` is called with the case's own gradients."""
    cases = []
    for name in names:
        leaves, rate, numbers = CASES[name]
        arrays: dict[str, Array] = {leaf: np.asarray(value) for leaf, value in leaves.items()}
        gradients: dict[str, Array] = {p: np.asarray(numbers[f"dL/d{p}"]) for p in PARAMETERS}
        cases.append(
            Case(
                name=name,
                leaves=arrays,
                rate=rate,
                spare_leaves=arrays,
                given_gradients=gradients,
                edge=name in edges,
            )
        )
    return expectations(SKIP.units[0], cases)


def case(name: str) -> CaseExpectations:
    """Return the expectations of one case."""
    return next(entry for entry in everything().cases if entry.case.name == name)


def given(value: Array | float) -> Answer:
    """Return a number as an answer."""
    return Answer(kind=AnswerKind.GIVEN, value=np.asarray(value, np.float64))


def absent() -> Answer:
    """Return an answer that was not given."""
    return Answer(kind=AnswerKind.MISSING, reason="not given")


Changes = Mapping[str, Sequence[float | Answer | None]]
"""For `function/quantity` one number (or answer, or None for none) per case."""


def answers(name: str, functions: Sequence[str]) -> dict[Key, Answer]:
    """Return the answers by hand of some functions on a case."""
    numbers, specs = CASES[name][2], SKIP.units[0].functions
    return {
        (function, quantity): given(numbers[quantity])
        for function in functions
        for quantity in specs[function].quantities
    }


WITHOUT_STEP = ("forward", "loss", "backward", "update")


def trials(
    changes: Changes, functions: Sequence[str] = WITHOUT_STEP, names: tuple[str, ...] = ALL
) -> list[Trial]:
    """Return right answers with some changed."""
    found = []
    for i, reference in enumerate(everything(names).cases):
        table = answers(reference.case.name, functions)
        for where, values in changes.items():
            function, quantity = where.split("/", 1)
            value = values[i]
            if value is None:
                table[function, quantity] = absent()
            else:
                table[function, quantity] = value if isinstance(value, Answer) else given(value)
        found.append(Trial(reference=reference, answers=table))
    return found


def marks(changes: Changes, functions: Sequence[str] = WITHOUT_STEP, names: tuple[str, ...] = ALL) -> Marks:
    """Mark right answers with some changed."""
    return marked(everything(names), trials(changes, functions, names), functions)


def marked(
    known: Expectations,
    given_trials: Sequence[Trial],
    functions: Sequence[str],
    changed: Mapping[str, Sequence[int]] | None = None,
) -> Marks:
    """Mark trials, and give points by the policy of the expectations."""
    found = mark(known, given_trials, answered=frozenset(functions), changed=changed or {})
    return assemble(replace(SKIP, units=(known.unit,), policy=known.unit.policy), [found])


def without(*quantities: str) -> Changes:
    """Return the changes that leave gradients out."""
    return {f"backward/dL/d{name}": (None,) * len(ALL) for name in quantities}


def verdicts(found: Marks, question: str) -> dict[str, Verdict]:
    """Return the verdicts of a question."""
    return {entry.name: entry.verdict for entry in rows(found, question)}


def rows(found: Marks, question: str) -> tuple[QuantityResult, ...]:
    """Return the quantities of a question."""
    return next(entry.quantities for entry in found.questions if entry.id == question)


def findings(found: Marks) -> list[Finding]:
    """Return all findings."""
    return [finding for question in found.questions for finding in question.findings]


def points(found: Marks) -> dict[str, float]:
    """Return the points by question, to nine digits."""
    return {question.id: round(question.points, 9) for question in found.questions}


def right(quantity: str) -> tuple[float, ...]:
    """Return the numbers by hand of one quantity on all cases."""
    return tuple(CASES[name][2][quantity] for name in ALL)


def times(factor: float, quantity: str) -> tuple[float, ...]:
    """Return the numbers by hand times a factor."""
    return tuple(factor * value for value in right(quantity))

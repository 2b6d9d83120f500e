"""Gradients as rows: whoever writes every gradient as the transpose of what is asked follows one convention, and makes one mistake."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
from msgspec.structs import replace

from grader import slips
from grader.assignment import WrittenPart, updated
from grader.derivations.claims import Claim, JudgedSide
from grader.derivations.entries import Entry, Standing
from grader.derivations.points import Points
from grader.derivations.values import are_close_at, values_of
from grader.formulas.limits import Budget, Caps, ExhaustedError
from grader.formulas.values.evaluate import Readings
from grader.marking.findings import WRONG, Located
from grader.marking.result import UnitMarks
from grader.model import Array, Finding, Verdict

SLIP = "other-convention"
TEXT = "here every gradient is the transpose of what is asked, where this assignment gives it the shape of what it is by"
ROWS = Readings(gradients_are_rows=True, gradients_are_transposed=True)
"""Numerator layout: by a column the loss has a row, by a matrix the transpose of its shape."""
STEPS = Caps(steps=50_000)
"""Of evaluation, for all lines of a question."""


def in_rows(claims: Sequence[Claim], points: Points) -> tuple[Claim, ...] | None:
    """Judge lines on gradients and steps anew, with every gradient as a row.

    Parameters
    ----------
    claims : sequence of Claim
    points : Points

    Returns
    -------
    tuple of Claim or None
        None where a formula of them is not right as a row: a mixture is no convention.
    """
    budget = Budget(STEPS)
    try:
        judged = [_judged(claim, points, budget) for claim in claims]
    except ExhaustedError:
        return None
    found = tuple(claim for claim in judged if claim is not None)
    return found if len(found) == len(judged) else None


def _judged(claim: Claim, points: Points, budget: Budget) -> Claim | None:
    quantity = claim.quantity
    if quantity is None or claim.is_withdrawn or not _is_behind(quantity, points):
        return claim
    if claim.label is not None and claim.label.letters:
        return claim if all(side.is_right for side in claim.formulas) else None  # an entry is no row
    sides: list[JudgedSide] = []
    for side in claim.sides:
        again = _as_row(side, quantity, points, budget)
        if again is None or (again.figure is not None and again.is_right is False):
            return None
        sides.append(again)
    return replace(claim, sides=tuple(sides))


def _is_behind(quantity: str, points: Points) -> bool:
    """Whether it is a gradient, or a parameter after the step."""
    return points.nodes.get(quantity, quantity) != quantity


def _as_row(side: JudgedSide, quantity: str, points: Points, budget: Budget) -> JudgedSide | None:
    if side.tree is None or side.figure is not None or side.values is None:
        return side
    targets = points.targets[quantity]
    if quantity != updated(points.nodes[quantity]):
        targets = tuple(_transposed(one) for one in targets)
    scope = replace(side.scope, budget=budget)
    values = values_of(side.tree, points.drawn, targets, scope, readings=ROWS)
    if not values.known:
        return side if not side.values.known else None
    if not are_close_at(values, targets, free=points.free[quantity]):
        return None
    return replace(side, values=values, is_right=True)


def _transposed(array: Array) -> Array:
    return array[np.newaxis, :] if array.ndim == 1 else array.T


def by_convention(
    marks: UnitMarks, parts: Sequence[WrittenPart], entries: Sequence[Entry], points: Points
) -> UnitMarks | None:
    """Explain what is wrong in questions by gradients that are rows throughout.

    Parameters
    ----------
    marks : UnitMarks
        Of the questions, as they were marked.
    parts : sequence of WrittenPart
        The questions.
    entries : sequence of Entry
        Of their lines, with every gradient as a row.
    points : Points

    Returns
    -------
    UnitMarks or None
        With one finding for each function; None where something else is wrong, or too little is given to be a convention.
    """
    wrong = {entry.quantity for entry in marks.statements if entry.verdict in WRONG}
    right = {entry.quantity for entry in entries if entry.standing is Standing.RIGHT}
    off = {entry.quantity for entry in entries if entry.is_off or entry.is_mislabelled}
    gradients = {name for name in wrong if name == points.sheet.unit.gradient(points.nodes[name])}
    if not gradients or not wrong <= right - off or not all(_is_behind(name, points) for name in wrong):
        return None
    if any(part.required & gradients and not part.required <= right for part in parts):
        return None
    findings = tuple(_findings(marks, wrong, points))
    first = {located.finding.at for located in findings}
    statements = tuple(
        replace(entry, verdict=Verdict.FOLLOWS, reason="") if entry.quantity in wrong - first else entry
        for entry in marks.statements
    )
    return UnitMarks(statements=statements, findings=findings)


def _findings(marks: UnitMarks, wrong: AbstractSet[str], points: Points) -> Iterator[Located]:
    label = points.sheet.unit.label
    for function in dict.fromkeys(entry.function for entry in marks.statements):
        mine = (entry.quantity for entry in marks.statements if entry.function == function)
        explains = tuple(label(name) for name in mine if name in wrong)
        if explains:
            text = slips.explained(SLIP, explains[0], TEXT)
            yield Located(function, Finding(slip=SLIP, at=explains[0], explains=explains, text=text))

r"""One number that a line gives to several quantities, `z_0 = h_0 = 0.5`: it says of each what it comes to, and of no formula that it is right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec.structs import replace

from grader.derivations.claims import Claim, JudgedSide, as_quantity
from grader.derivations.labels import Kind, Label, label_of
from grader.derivations.points import Points


def with_shared_numbers(claims: Sequence[Claim], points: Points) -> tuple[Claim, ...]:
    r"""Give each quantity of such a line its number.

    Parameters
    ----------
    claims : sequence of Claim
    points : Points

    Returns
    -------
    tuple of Claim
        `z_0 = h_0 = 0.5` says nothing of the formula for `z_0`, which would be wrong: the units happen to be on. What holds
        everywhere, `\hat y = z_2 = 0.375`, is also a formula. A quantity whose number another line gives has that one.
    """
    given = {claim.quantity for claim in claims if claim.figures}
    made: list[Claim] = []
    for claim in claims:
        names = _names(claim, points)
        made.append(replace(claim, sides=_without(claim, names)) if names else claim)
        for label in names:
            if label.quantity not in given:
                given.add(label.quantity)
                made.append(_about(claim, label, points))
    return tuple(made)


def _names(claim: Claim, points: Points) -> list[Label]:
    """Return what a line names beside its label, where all its other sides are numbers."""
    if (
        claim.quantity is None
        or claim.label is None
        or claim.label.at
        or claim.is_withdrawn
        or not claim.figures
    ):
        return []
    names = [(side, _name(side, claim, points)) for side in claim.sides if side.figure is None]
    found = [name for _, name in names if name is not None]
    return found if len(found) == len(names) else []


def _name(side: JudgedSide, claim: Claim, points: Points) -> Label | None:
    """Return the quantity that a side is, and nothing beside it, where both are one number: `z_1 = h_0 = 0.25` lacks a factor."""
    alone = replace(claim.line, sides=(replace(side.side, relation=""), side.side))
    label = label_of(alone, points.sheet.unit) if side.tree is not None else None
    if label is None or label.kind is not Kind.QUANTITY or label.letters or label.is_entry:
        return None
    mine, other = (points.worked_target(name or "") for name in (claim.quantity, label.quantity))
    is_same = mine is not None and other is not None and np.array_equal(mine, other)
    return replace(label, at=side.at) if is_same else None


def _without(claim: Claim, names: Sequence[Label]) -> tuple[JudgedSide, ...]:
    """Return the sides without the names that are another quantity."""
    other = {label.at for label in names}
    return tuple(side for side in claim.sides if side.at not in other or side.is_right is not False)


def _about(claim: Claim, label: Label, points: Points) -> Claim:
    """Return the numbers of a line as those of another quantity in it."""
    name = replace(claim.line.sides[label.at], relation="")
    line = replace(claim.line, sides=(name, *(side.side for side in claim.figures)))
    said = Claim(line=line, label=replace(label, at=0), scope=claim.scope)
    return as_quantity(said, label.quantity, points)

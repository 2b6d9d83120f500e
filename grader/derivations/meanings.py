"""Which quantity each line is about: by its label, or by its value where the label is a slip of the pen or a name of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from msgspec import Struct

from grader.assignment import updated
from grader.derivations.claims import Claim, JudgedSide, as_quantity
from grader.derivations.figures import is_figure_of
from grader.derivations.labels import Kind
from grader.derivations.points import Points
from grader.derivations.sides import is_bare_gradient, is_number
from grader.derivations.values import are_close_at, values_of
from grader.formulas.tree import Tree


class Meaning(Struct, frozen=True, kw_only=True):
    """A line, and the quantity it is about."""

    claim: Claim
    quantity: str
    is_mislabelled: bool = False
    """Whether its label says another one."""


def meanings_of(
    claims: Sequence[Claim], points: Points, asked: Sequence[str], *, asks_numbers: bool
) -> tuple[Meaning, ...]:
    """Say what the lines of a question are about.

    Parameters
    ----------
    claims : sequence of Claim
        Of the question.
    points : Points
    asked : sequence of str
        Quantities that the question asks for.
    asks_numbers : bool
        Whether it asks for numbers; else for formulas.

    Returns
    -------
    tuple of Meaning
        In the order of the lines; withdrawn lines, and those that are about nothing that is asked, have none.
    """
    standing = [claim for claim in claims if not claim.is_withdrawn]
    before = {one.quantity for one in standing if any(side.is_right for side in one.figures)}
    standing = [one for one in standing if one.quantity not in before or not _is_after_step(one, points)]
    standing = _with_own_names(standing, points, asked)
    said = {
        claim.quantity
        for claim in standing
        if claim.quantity is not None and claim.says_its_label and (claim.figures or not asks_numbers)
    }
    found: list[Meaning] = []
    taken = set(said)
    for claim in standing:
        other = _meant(claim, points, [name for name in asked if name not in taken], said)
        if other is not None:
            taken.add(other)
            found.append(Meaning(claim=claim, quantity=other, is_mislabelled=True))
        elif claim.quantity in asked and claim.quantity is not None:
            found.append(Meaning(claim=claim, quantity=claim.quantity))
    return tuple(found)


def _with_own_names(claims: Sequence[Claim], points: Points, asked: Sequence[str]) -> list[Claim]:
    """Take names of the student's own for the quantities that they are, where no line is labelled with those."""
    labelled = {
        other
        for claim in claims
        if claim.quantity and not _says_nothing(claim)
        for other in points.classes.get(claim.quantity, ())
    }
    found: list[Claim] = []
    for claim in claims:
        quantity = _meant_by_name(claim, points, [name for name in asked if name not in labelled])
        if quantity is None:
            found.append(claim)
            continue
        labelled |= points.classes[quantity]
        found.append(as_quantity(claim, quantity, points))
    return found


def _says_nothing(claim: Claim) -> bool:
    r"""Whether a line gives a quantity another name and no more: `\\bar w_0 = dL/dw_0`."""
    return not claim.sides and claim.label is not None and claim.label.at > 0


def _meant_by_name(claim: Claim, points: Points, lacking: Sequence[str]) -> str | None:
    """Return the quantity that a line is about though its name says another thing, or nothing; None where there is none."""
    label = claim.label
    if label is None or label.is_entry:
        return None
    if label.kind is Kind.OWN:
        return worth(claim, points, lacking)
    new = updated(label.quantity)
    if label.kind is Kind.GIVEN and new in lacking and _is_changed(claim, label.quantity, points):
        return new
    return None


def _is_changed(claim: Claim, parameter: str, points: Points) -> bool:
    """Whether a line gives a parameter another number than the task does: `w_0 = 0.5 - 0.75 = -0.25` is after the step."""
    if points.worked is None or not claim.figures:
        return False
    old = points.worked.value(parameter)
    return not all(side.figure is not None and is_figure_of(side.figure, old) for side in claim.figures)


def _is_after_step(claim: Claim, points: Points) -> bool:
    """Whether all numbers of a line are what its value is after the step: written under the same name once more."""
    target = points.after_step.get(claim.quantity or "")
    return (
        target is not None
        and bool(claim.figures)
        and all(
            side.figure is not None and is_figure_of(side.figure, target) and not side.is_right
            for side in claim.figures
        )
    )


def worth(claim: Claim, points: Points, lacking: Sequence[str]) -> str | None:
    """Return the quantity that the first formula of a line is worth, or what the name on its left was explained as.

    Parameters
    ----------
    claim : Claim
        With a name of the student's own on its left, or what nobody can read.
    points : Points
    lacking : sequence of str
        The quantities that may be meant.

    Returns
    -------
    str or None
        None where it is none of them.
    """
    trees = [side.tree for side in claim.sides if side.tree is not None and not is_number(side.tree)]
    trees = trees or _explained(claim)
    for quantity in lacking:
        targets = points.targets[quantity]
        for tree in trees[:1]:
            first = values_of(tree, points.drawn[:1], targets[:1], claim.scope)
            free = points.free[quantity]
            if not are_close_at(first, targets[:1], free=free):
                continue
            values = values_of(tree, points.drawn, targets, claim.scope)
            if values.known and points.is_quantity(quantity, values.arrays):
                return quantity
    return None


def _explained(claim: Claim) -> list[Tree]:
    """Return what a line before this one explains its name as, where this one has nothing but numbers: `e = 1`."""
    if claim.label is None or claim.label.kind is not Kind.OWN or not claim.figures:
        return []
    explained = claim.scope.definitions.get(claim.label.quantity)
    is_formula = explained is not None and not is_number(explained.tree) and not explained.indices
    return [explained.tree] if is_formula and explained is not None else []


def _meant(claim: Claim, points: Points, asked: Sequence[str], said: AbstractSet[str]) -> str | None:
    """Return the quantity that a line is about where its label is a slip of the pen; None where it is not.

    A number alone never says so: on a chain with a factor missing the neighbour's number is what comes out (marking policy,
    section 5). Either two formulas of the line agree on the other quantity, or the label's own right value stands elsewhere.
    And the other quantity is one that no line gives yet.
    """
    own = claim.quantity
    if (
        own is None
        or claim.says_its_label
        or any(side.is_right and _speaks_for(side, own, points) for side in claim.figures)
    ):
        return None
    loss = points.sheet.unit.loss
    evident = [one for one in claim.formulas if one.tree is not None and not is_bare_gradient(one.tree, loss)]
    if not evident or any(side.values is None for side in evident):
        return None
    for quantity in asked:
        if quantity == own or quantity in points.classes[own]:
            continue
        agreeing = [side for side in evident if _is(side, quantity, own, points)]
        if len(agreeing) != len(evident):
            continue
        if len(agreeing) > 1 or own in said:
            return quantity
    return None


def _speaks_for(side: JudgedSide, own: str, points: Points) -> bool:
    """Whether a right number tells the label from all quantities that are not equal to it everywhere."""
    others = points.targets.keys() - points.classes[own]
    figure = side.figure
    return figure is not None and not any(
        (target := points.worked_target(name)) is not None and is_figure_of(figure, target) for name in others
    )


def _is(side: JudgedSide, quantity: str, own: str, points: Points) -> bool:
    """Whether a side, judged in the shape of its label, is another quantity: of the same shape."""
    if side.values is None or points.targets[own][0].shape != points.targets[quantity][0].shape:
        return False
    return points.is_quantity(quantity, side.values.arrays)

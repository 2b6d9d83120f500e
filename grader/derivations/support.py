"""What the gradients of a derivation stand on: those given by lines, those that go in a circle, steps worked out elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from grader.assignment import updated
from grader.derivations.claims import JudgedSide
from grader.derivations.meanings import Meaning
from grader.derivations.points import Points
from grader.derivations.sides import Step


def gradients_of(side: JudgedSide, points: Points) -> frozenset[str]:
    """Return the gradients that a side is written with; a parameter after the step is written with its own."""
    unit = points.sheet.unit
    stepped = {name for name in unit.parameters if updated(name) in side.makeup.values}
    return frozenset(map(unit.gradient, side.makeup.gradients | stepped))


def holds_itself(side: JudgedSide, quantity: str, points: Points) -> bool:
    """Whether a side holds what it is about."""
    return quantity in side.makeup.values or quantity in gradients_of(side, points)


def is_circular(side: JudgedSide, quantity: str, points: Points) -> bool:
    """Whether a side holds what it is about, or a value that is computed from that."""
    inputs = points.sheet.symbols.inputs
    later = any(quantity in inputs.get(name, ()) for name in side.makeup.values)
    return later or holds_itself(side, quantity, points)


class Support(Struct, frozen=True, kw_only=True):
    """Which gradients may stand in the formulas of those behind them."""

    given: frozenset[str]
    """Given by a line, directly or from others that are, whatever step it leaves open; or on one that a person must read."""
    perhaps: frozenset[str]
    """Given, if a line that nobody can tell the label of is about what is lacking."""
    circling: frozenset[str]
    """Computed from themselves."""
    steps: frozenset[Step]
    """Local derivatives that lines of their own work out."""


def support_of(
    found: Iterable[Meaning],
    points: Points,
    steps: frozenset[Step],
    *,
    asks_numbers: bool,
    perhaps: Iterable[str] = (),
) -> Support:
    """Say which gradients are given by lines, and which go in a circle.

    Parameters
    ----------
    found : iterable of Meaning
    points : Points
    steps : frozenset of Step
        Local derivatives that lines of their own work out.
    asks_numbers : bool
        Whether a number gives a quantity too.
    perhaps : iterable of str
        Quantities that a line may be about of which the label cannot be read.

    Returns
    -------
    Support
    """
    needs: dict[str, list[frozenset[str]]] = {}
    for meaning in found:
        claim, quantity = meaning.claim, meaning.quantity
        for side in claim.formulas:
            if side.is_right or side.makeup.steps <= steps:
                needs.setdefault(quantity, []).append(gradients_of(side, points))
        if (asks_numbers and claim.figures) or (not claim.formulas and claim.is_unread):
            needs.setdefault(quantity, []).append(frozenset())
    given = _closed(needs, points)
    circling = (name for name in needs if name not in given and name in _behind(name, needs))
    wanted = _closed({**needs, **{name: [frozenset()] for name in perhaps if name not in needs}}, points)
    return Support(given=given, perhaps=wanted, circling=frozenset(circling), steps=steps)


def _closed(needs: Mapping[str, Sequence[frozenset[str]]], points: Points) -> frozenset[str]:
    """Return what is known once every gradient counts of which all that it needs does."""
    known: frozenset[str] = frozenset()
    while True:
        more = {name for name, ways in needs.items() if any(way <= known for way in ways)}
        grown = known | _with_equals(more, points)
        if grown == known:
            return known
        known = grown


def _behind(name: str, needs: Mapping[str, Sequence[frozenset[str]]]) -> set[str]:
    """Return all gradients that one is computed from, directly or not."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for needed in {one for way in needs.get(waiting.pop(), ()) for one in way} - found:
            found.add(needed)
            waiting.append(needed)
    return found


def _with_equals(names: Iterable[str], points: Points) -> frozenset[str]:
    return frozenset(other for name in names for other in points.classes[name])

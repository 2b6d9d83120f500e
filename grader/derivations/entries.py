"""What the lines of a question say on each quantity: under its label, or under another one where that is a slip of the pen."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from grader.assignment import updated
from grader.derivations.claims import Claim, JudgedSide, as_quantity
from grader.derivations.figures import is_figure_of
from grader.derivations.labels import Kind
from grader.derivations.points import Points
from grader.derivations.sides import Step, gradients_in, is_bare_gradient, is_number, values_in
from grader.derivations.values import are_close_at, values_of
from grader.formulas.extract import Form
from grader.formulas.tree import Number, walk
from grader.model import Array


class Standing(StrEnum):
    """How a line answers what it is about."""

    RIGHT = "right"
    """Everything that is known of it is right, and something of it is worked out."""
    OFF = "off"
    """A side of it is not what it is about: wrong, or a consequence of something before."""
    METHOD = "method"
    """All is right that is known, and nothing is worked out."""
    CIRCULAR = "circular"
    """It is computed from itself."""
    UNREAD = "unread"
    """Nothing that would answer could be read."""
    EMPTY = "empty"
    """It gives no number where numbers are asked, or no formula where formulas are."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Entry:
    """A line as an answer for a quantity."""

    claim: Claim
    quantity: str
    standing: Standing
    is_mislabelled: bool = False
    formulas_off: tuple[JudgedSide, ...] = ()
    """Formulas that are not what is asked, in their order."""
    figures_off: tuple[JudgedSide, ...] = ()
    """Numbers that are not."""

    @property
    def counts(self) -> bool:
        """Whether it says anything on its quantity."""
        return self.standing in (Standing.RIGHT, Standing.OFF, Standing.METHOD)

    @cached_property
    def said(self) -> Hashable:
        """What it gives, formulas and numbers, wherever it stands: equal for lines that say the same."""
        formulas = frozenset(
            tuple(None if one is None else (one.shape, one.round(9).tobytes()) for one in side.values.arrays)
            for side in (self.formulas_off or self.claim.formulas)
            if side.values is not None
        )
        figures = frozenset(
            side.figure.value.round(9).tobytes()
            for side in (self.figures_off or self.claim.figures)
            if side.figure is not None
        )
        return self.quantity, self.standing, formulas, figures

    def stands_for(self, quantity: str, points: Points) -> bool:
        """Whether it also answers for a quantity that is equal everywhere: not where it takes its value from that."""
        sides = [side for side in self.claim.formulas if side.is_right]
        return bool(self.formulas_off or self.claim.figures) or any(
            not _is_circular(self.claim, side, quantity, points) for side in sides
        )


def entries_of(
    claims: Sequence[Claim],
    points: Points,
    asked: Sequence[str],
    steps: frozenset[Step],
    *,
    asks_numbers: bool,
) -> tuple[Entry, ...]:
    """Say what each line of a question answers.

    Parameters
    ----------
    claims : sequence of Claim
        Of the question.
    points : Points
    asked : sequence of str
        Quantities that the question asks for, the welcome ones too.
    steps : frozenset of Step
        Local derivatives that lines of their own work out.
    asks_numbers : bool
        Whether it asks for numbers; else for formulas.

    Returns
    -------
    tuple of Entry
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
    found: list[tuple[Claim, str, bool]] = []
    taken = set(said)
    for claim in standing:
        other = _meant(claim, points, [name for name in asked if name not in taken], said)
        if other is not None:
            taken.add(other)
            found.append((claim, other, True))
        elif claim.quantity in asked and claim.quantity is not None:
            found.append((claim, claim.quantity, False))
    support = _support(found, points, steps, asks_numbers=asks_numbers)
    entries = [
        _entry(claim, quantity, points, support, is_mislabelled=off, asks_numbers=asks_numbers)
        for claim, quantity, off in found
    ]
    return tuple(_without_remarks(entries))


def _without_remarks(entries: Sequence[Entry]) -> Iterator[Entry]:
    """Leave out what sentences say beside a line that is right: `if the unit were off, it would be ...` takes nothing back."""
    right = {
        entry.quantity
        for entry in entries
        if entry.standing is Standing.RIGHT and entry.claim.line.form is not Form.INLINE
    }
    for entry in entries:
        is_remark = entry.claim.line.form is Form.INLINE and entry.quantity in right
        if not (is_remark and entry.standing is Standing.OFF):
            yield entry


# --------------------------------------------------------------------------------------------------------------
# Labels


def _with_own_names(claims: Sequence[Claim], points: Points, asked: Sequence[str]) -> list[Claim]:
    """Take names of the student's own for the quantities that they are, where no line is labelled with those."""
    labelled = {
        other for claim in claims if claim.quantity for other in points.classes.get(claim.quantity, ())
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


def _meant_by_name(claim: Claim, points: Points, lacking: Sequence[str]) -> str | None:
    """Return the quantity that a line is about though its name says another thing, or nothing; None where there is none."""
    label = claim.label
    if label is None or label.is_entry:
        return None
    if label.kind is Kind.OWN:
        return _named(claim, points, lacking)
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


def _named(claim: Claim, points: Points, lacking: Sequence[str]) -> str | None:
    """Return the quantity that a name of the student's own stands for; None where it is none that is lacking."""
    trees = [side.tree for side in claim.sides if side.tree is not None and not is_number(side.tree)]
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
    evident = list(claim.evident(points.sheet.unit.loss))
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


# --------------------------------------------------------------------------------------------------------------
# Answers


@dataclass(frozen=True, kw_only=True, slots=True)
class _Support:
    """Which gradients may stand in the formulas of those behind them."""

    given: frozenset[str]
    """Given by a line, directly or from others that are, whatever step it leaves open; or on one that a person must read."""
    circling: frozenset[str]
    """Computed from themselves."""
    steps: frozenset[Step]
    """Local derivatives that lines of their own work out."""


def _support(
    found: Iterable[tuple[Claim, str, bool]],
    points: Points,
    steps: frozenset[Step],
    *,
    asks_numbers: bool,
) -> _Support:
    needs: dict[str, list[frozenset[str]]] = {}
    for claim, quantity, _ in found:
        for side in claim.formulas:
            if side.is_right or claim.is_worked_out(side, points.sheet.unit.loss, steps):
                needs.setdefault(quantity, []).append(_gradients(claim, side, points))
        if (asks_numbers and claim.figures) or (not claim.formulas and claim.is_unread):
            needs.setdefault(quantity, []).append(frozenset())
    given = _closed(needs, points)
    circling = (name for name in needs if name not in given and name in _behind(name, needs))
    return _Support(given=given, circling=frozenset(circling), steps=steps)


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


def _entry(
    claim: Claim,
    quantity: str,
    points: Points,
    support: _Support,
    *,
    is_mislabelled: bool,
    asks_numbers: bool,
) -> Entry:
    formulas_off = () if is_mislabelled else tuple(side for side in claim.formulas if side.is_right is False)
    if all(_holds_itself(claim, side, quantity, points) for side in claim.formulas):
        formulas_off = ()
    target = points.worked_target(quantity)
    figures_off = tuple(
        side
        for side in claim.figures
        if side.figure is not None and target is not None and not is_figure_of(side.figure, target)
    )
    if asks_numbers:
        formulas_off = tuple(
            side for side in formulas_off if not _holds_in_numbers(claim, side, target, points)
        )
    else:
        # Where formulas are asked, a number that is not the worked case's is a formula without names.
        formulas_off = tuple(sorted((*formulas_off, *figures_off), key=lambda side: side.at))
        figures_off = ()
    if formulas_off or figures_off:
        standing = Standing.OFF
    else:
        standing = _standing(claim, quantity, points, support, asks_numbers=asks_numbers)
    return Entry(
        claim=claim,
        quantity=quantity,
        standing=standing,
        is_mislabelled=is_mislabelled,
        formulas_off=formulas_off,
        figures_off=figures_off,
    )


def _holds_in_numbers(claim: Claim, side: JudgedSide, target: Array | None, points: Points) -> bool:
    """Whether a side is meant on the worked case alone, and right there: another gradient's name, or numbers among names."""
    tree, world = side.tree, points.worked
    if tree is None or target is None or world is None:
        return False
    if not is_bare_gradient(tree, points.sheet.unit.loss) and not any(
        isinstance(node, Number) for node in walk(tree)
    ):
        return False
    found = values_of(tree, [world], [target], claim.scope)
    return are_close_at(found, [target])


def _standing(
    claim: Claim, quantity: str, points: Points, support: _Support, *, asks_numbers: bool
) -> Standing:
    """Say how far a line goes of which nothing known is off."""
    if asks_numbers:
        if claim.figures:
            return Standing.RIGHT
        return Standing.UNREAD if any(side.is_unread for side in claim.sides) else Standing.EMPTY
    kinds = {_form(claim, side, quantity, points, support) for side in claim.formulas}
    for standing in (Standing.RIGHT, Standing.UNREAD, Standing.METHOD, Standing.CIRCULAR):
        if standing in kinds:
            return standing
        if standing is Standing.RIGHT and any(side.is_unread for side in claim.sides):
            return Standing.UNREAD
    return Standing.EMPTY


def _gradients(claim: Claim, side: JudgedSide, points: Points) -> frozenset[str]:
    """Return the gradients that a side is written with."""
    unit = points.sheet.unit
    nodes = (gradients_in(tree, unit.loss) for tree in claim.written_out(side))
    return frozenset(unit.gradient(node) for found in nodes for node in found)


def _holds_itself(claim: Claim, side: JudgedSide, quantity: str, points: Points) -> bool:
    """Whether a side holds what it is about."""
    values = {name for tree in claim.written_out(side) for name in values_in(tree)}
    return quantity in _gradients(claim, side, points) | values


def _is_circular(claim: Claim, side: JudgedSide, quantity: str, points: Points) -> bool:
    """Whether a side holds what it is about, or a value that is computed from that."""
    values = {name for tree in claim.written_out(side) for name in values_in(tree)}
    later = {name for name in values if quantity in points.sheet.symbols.inputs.get(name, ())}
    return bool(later) or _holds_itself(claim, side, quantity, points)


def _form(claim: Claim, side: JudgedSide, quantity: str, points: Points, support: _Support) -> Standing:
    unit = points.sheet.unit
    assert side.tree is not None
    named = _gradients(claim, side, points)
    if _is_circular(claim, side, quantity, points):
        return Standing.CIRCULAR
    if not claim.is_worked_out(side, unit.loss, support.steps):
        return Standing.METHOD
    # A step along a gradient is worked out by itself: the gradient is asked elsewhere.
    is_step = quantity == updated(points.nodes[quantity])
    if is_step or named <= support.given:
        return Standing.RIGHT
    return Standing.CIRCULAR if quantity in support.circling else Standing.METHOD


def by_quantity(entries: Iterable[Entry]) -> Mapping[str, list[Entry]]:
    """Return the entries of each quantity, in their order."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.quantity, []).append(entry)
    return found

"""What the lines of a question say on each quantity: under its label, or under another one where that is a slip of the pen."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cached_property

from msgspec import Struct

from grader.assignment import updated
from grader.derivations.claims import Claim, JudgedSide, is_nameless
from grader.derivations.figures import is_figure_of
from grader.derivations.meanings import Meaning, meanings_of
from grader.derivations.points import Points
from grader.derivations.sides import Step, is_bare_gradient
from grader.derivations.support import Support, gradients_of, holds_itself, is_circular, support_of
from grader.derivations.values import are_close_at, values_of
from grader.formulas.documents.extract import Form
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


class Entry(Struct, frozen=True, kw_only=True, eq=False, dict=True):
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
    def is_off(self) -> bool:
        """Whether something of it is not what is asked."""
        return bool(self.formulas_off or self.figures_off)

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
            not is_circular(side, quantity, points) for side in sides
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
    found = meanings_of(claims, points, asked, asks_numbers=asks_numbers)
    nameless = any(is_nameless(claim, points) for claim in claims)
    support = support_of(found, points, steps, asks_numbers=asks_numbers, perhaps=asked if nameless else ())
    entries = [_entry(meaning, points, support, asks_numbers=asks_numbers) for meaning in found]
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


def _entry(meaning: Meaning, points: Points, support: Support, *, asks_numbers: bool) -> Entry:
    claim, quantity = meaning.claim, meaning.quantity
    formulas_off = (
        () if meaning.is_mislabelled else tuple(side for side in claim.formulas if side.is_right is False)
    )
    if all(holds_itself(side, quantity, points) for side in claim.formulas):
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
        is_mislabelled=meaning.is_mislabelled,
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
    claim: Claim, quantity: str, points: Points, support: Support, *, asks_numbers: bool
) -> Standing:
    """Say how far a line goes of which nothing known is off."""
    if asks_numbers:
        if claim.figures:
            return Standing.RIGHT
        return Standing.UNREAD if any(side.is_unread for side in claim.sides) else Standing.EMPTY
    kinds = {_form(side, quantity, points, support) for side in claim.formulas}
    for standing in (Standing.RIGHT, Standing.UNREAD, Standing.METHOD, Standing.CIRCULAR):
        if standing in kinds:
            return standing
        if standing is Standing.RIGHT and any(side.is_unread for side in claim.sides):
            return Standing.UNREAD
    return Standing.EMPTY


def _form(side: JudgedSide, quantity: str, points: Points, support: Support) -> Standing:
    named = gradients_of(side, points)
    if is_circular(side, quantity, points):
        return Standing.CIRCULAR
    if not side.makeup.steps <= support.steps:
        return Standing.METHOD
    # A step along a gradient is worked out by itself: the gradient is asked elsewhere.
    is_step = quantity == updated(points.nodes[quantity])
    if is_step or named <= support.given:
        return Standing.RIGHT
    if quantity in support.circling:
        return Standing.CIRCULAR
    return Standing.UNREAD if named <= support.perhaps else Standing.METHOD


def by_quantity(entries: Iterable[Entry]) -> Mapping[str, list[Entry]]:
    """Return the entries of each quantity, in their order."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.quantity, []).append(entry)
    return found

"""What each line says: its label, and for every other side whether it is what the label asks for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from grader.derivations import figures
from grader.derivations.aliases import with_aliases
from grader.derivations.figures import Figure
from grader.derivations.gradient_names import with_gradient_names
from grader.derivations.labels import Kind, Label, label_of, own_label_of
from grader.derivations.own_names import definition_in, is_its_number, told_apart
from grader.derivations.points import Points
from grader.derivations.sides import (
    Makeup,
    has_open_step,
    is_bare_gradient,
    is_number,
    makeup_of,
    with_own_names,
)
from grader.derivations.values import Scope, Values, best_values
from grader.formulas.documents.reading import Line, Side
from grader.formulas.documents.withdrawn import Withdrawal
from grader.formulas.limits import Budget
from grader.formulas.symbols import APART
from grader.formulas.tree import Listing, Tree, Unknown, walk
from grader.formulas.values.evaluate import Definition
from grader.formulas.values.lookup import numbered

MOST_OWN_NAMES = 200
"""Names of the student's own; further ones are not known."""
NOT_ONE_ENTRY = "it is about one entry alone"


class JudgedSide(Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """A side beside the label, held against what the label asks for."""

    side: Side
    at: int
    """Its number among the sides of the line."""
    tree: Tree | None
    scope: Scope
    values: Values | None = None
    """Of a formula: at the drawn points, in the shape of the quantity."""
    figure: Figure | None = None
    """Of a side of numbers alone: on the worked case."""
    is_right: bool | None = None
    """None where nothing can be said."""

    @property
    def is_formula(self) -> bool:
        """Whether its value is known at the drawn points, or known to be none."""
        return self.values is not None and self.values.known

    @cached_property
    def makeup(self) -> Makeup:
        """What it is written with, names of the student's own worked out."""
        if self.tree is None:
            return Makeup()
        return makeup_of(self.tree, self.scope.definitions, self.scope.loss)

    @property
    def is_unread(self) -> bool:
        """Whether nothing is known of it at all."""
        return not self.is_formula and self.figure is None


class Claim(Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """A line, and what it says."""

    line: Line
    label: Label | None
    sides: tuple[JudgedSide, ...] = ()
    scope: Scope

    @property
    def is_withdrawn(self) -> bool:
        """Whether the student took it back."""
        return self.line.withdrawn is not Withdrawal.NONE

    @property
    def quantity(self) -> str | None:
        """The quantity that it is labelled with; None where its label is none."""
        is_one = self.label is not None and self.label.kind is Kind.QUANTITY
        return self.label.quantity if is_one and self.label is not None else None

    @cached_property
    def formulas(self) -> tuple[JudgedSide, ...]:
        """The sides whose values are known at the drawn points."""
        return tuple(side for side in self.sides if side.is_formula)

    @cached_property
    def figures(self) -> tuple[JudgedSide, ...]:
        """The sides of numbers alone."""
        return tuple(side for side in self.sides if side.figure is not None)

    @property
    def is_unread(self) -> bool:
        """Whether a side of it could not be read."""
        return any(side.is_unread for side in self.sides)

    @property
    def says_its_label(self) -> bool:
        """Whether any formula of it, the chain rule included, is what its label asks for."""
        return any(side.is_right for side in self.formulas)

    def evident(self, loss: str) -> Iterator[JudgedSide]:
        """Yield the formulas that tell what the line is about: more than the name of another gradient."""
        for side in self.formulas:
            if side.tree is not None and not is_bare_gradient(side.tree, loss):
                yield side


def claims_of(lines: Sequence[Line], points: Points, budget: Budget) -> tuple[Claim, ...]:
    """Judge the sides of all lines.

    Parameters
    ----------
    lines : sequence of Line
        In the order of the documents.
    points : Points
    budget : Budget
        Of steps, for all of them together.

    Returns
    -------
    tuple of Claim
        One per line; one per entry of `(z_0, h_0) = (0.5, 0.5)`.

    Raises
    ------
    ExhaustedError
        The budget is used up.
    """
    unit = points.sheet.unit
    spread = with_gradient_names([one for line in lines for one in _spread(line)], unit)
    spread = told_apart(spread, unit)
    lines = with_aliases(spread, points, budget)
    labels = [label_of(line, unit, points.sheet.hot) for line in lines]
    own = [definition_in(line, own_label_of(line, unit)) for line in lines]
    used = _used_again(lines) - {one[0] for one in own if one is not None}
    own = [
        one or _named_inside(line, label, used) for one, line, label in zip(own, lines, labels, strict=True)
    ]
    definitions: dict[str, Definition] = {}
    claims: list[Claim] = []
    for number, (line, label) in enumerate(zip(lines, labels, strict=True)):
        # A name may be explained on the line that follows: `where g = ...`.
        for found in own[number : number + 2]:
            if found is None or len(definitions) == MOST_OWN_NAMES:
                continue
            before = definitions.get(found[0])
            if before is None or (found is own[number] and not is_its_number(found[1], before)):
                definitions = {**definitions, found[0]: found[1]}
        axes = points.sheet.symbols.axes
        letters = label.letters if label is not None else ()
        scope = Scope(definitions=definitions, axes=axes, budget=budget, loss=unit.loss, letters=letters)
        claims.append(
            Claim(line=line, label=label, sides=tuple(_judged(line, label, scope, points)), scope=scope)
        )
    return tuple(claims)


def _spread(line: Line) -> Iterator[Line]:
    """Yield a line of lists entry by entry, where all its sides are lists of one length."""
    lists = [
        side.tree.items for side in line.sides if isinstance(side.tree, Listing) and not side.tree.has_dots
    ]
    lengths = {len(items) for items in lists}
    if len(lists) != len(line.sides) or len(lengths) != 1:
        yield line
        return
    for items in zip(*lists, strict=True):
        sides = tuple(replace(side, tree=tree) for side, tree in zip(line.sides, items, strict=True))
        yield replace(line, sides=sides)


def _used_again(lines: Sequence[Line]) -> set[str]:
    """Return the names of the student's own that more than one line has."""
    counts = Counter(
        name
        for line in lines
        for name in {
            numbered(node)
            for side in line.sides
            if side.tree is not None
            for node in walk(side.tree)
            if isinstance(node, Unknown)
        }
    )
    return {name for name, count in counts.items() if count > 1}


def _named_inside(line: Line, label: Label | None, wanted: Collection[str]) -> tuple[str, Definition] | None:
    """Return a name that stands within a chain, and that other lines use without explaining it: `h = a = sigma(z)`."""
    if label is None or label.kind is not Kind.QUANTITY or label.at or label.letters or label.is_entry:
        return None
    if line.withdrawn is not Withdrawal.NONE:
        return None
    named = (side.tree for side in line.sides[1:] if isinstance(side.tree, Unknown))
    found = (numbered(one) for one in named if not one.index)
    return next(((name, Definition(tree=label.tree)) for name in found if name in wanted), None)


def _judged(line: Line, label: Label | None, scope: Scope, points: Points) -> Iterator[JudgedSide]:
    quantity = label.quantity if label is not None and label.kind is Kind.QUANTITY else None
    targets = points.targets.get(quantity) if quantity is not None else None
    for at, side in enumerate(line.sides):
        if label is not None and at <= label.at and (at == label.at or isinstance(side.tree, Unknown)):
            continue  # what the line is about, or the student's own name for it
        if (
            side.tree is None
            or line.withdrawn is not Withdrawal.NONE
            or _only_names(side, line, label, scope)
        ):
            yield JudgedSide(side=side, at=at, scope=scope, tree=side.tree)
        elif is_number(side.tree):
            yield _number_side(side, at, side.tree, quantity, scope, points)
        elif targets is None or label is None:
            yield JudgedSide(side=side, at=at, scope=scope, tree=side.tree)
        elif label.is_entry:
            yield JudgedSide(
                side=side, at=at, scope=scope, tree=side.tree, values=Values(problem=NOT_ONE_ENTRY)
            )
        else:
            values, judged = _held_against(side.tree, label.quantity, scope, points)
            yield JudgedSide(side=side, at=at, scope=scope, tree=side.tree, values=values, is_right=judged)


def _only_names(side: Side, line: Line, label: Label | None, scope: Scope) -> bool:
    """Whether a line says of its quantity no more than a name, which may be explained in words: `dL/dz = e`."""
    if not isinstance(side.tree, Unknown) or label is None or len(line.sides) != 2:  # noqa: PLR2004 (both sides)
        return False
    meant = scope.definitions.get(numbered(side.tree))
    return meant is not None and meant.tree == label.tree


def _held_against(tree: Tree, quantity: str, scope: Scope, points: Points) -> tuple[Values, bool | None]:
    """Evaluate a formula and say whether it is a quantity; what many students write is worked out once."""
    if not with_own_names(tree, scope.definitions):
        key = (tree, quantity, scope.letters)
        found: tuple[Values, bool | None] = points.judged.get(
            key, lambda: _judge(tree, quantity, scope, points)
        )
        return found
    return _judge(tree, quantity, scope, points)


def _judge(tree: Tree, quantity: str, scope: Scope, points: Points) -> tuple[Values, bool | None]:
    targets, free = points.targets[quantity], points.free[quantity]
    values, is_right = best_values(tree, points.drawn, targets, scope, free=free)
    if values.misfit is not None and has_open_step(tree, points.sheet.unit.loss):
        # Whoever multiplies Jacobians in the other order writes the chain rule all the same.
        values = Values(problem=values.misfit)
    return values, is_right if values.known else None


def _number_side(
    side: Side, at: int, tree: Tree, quantity: str | None, scope: Scope, points: Points
) -> JudgedSide:
    target = points.worked_target(quantity) if quantity is not None else None
    known = points.known_figures
    figure = figures.figure_of(
        tree, target if target is not None else np.zeros(()), scope, known, points.drawn
    )
    if figure is None:
        return JudgedSide(side=side, at=at, scope=scope, tree=tree)
    is_right = None if target is None else figures.is_figure_of(figure, target)
    return JudgedSide(side=side, at=at, scope=scope, tree=tree, figure=figure, is_right=is_right)


def as_quantity(claim: Claim, quantity: str, points: Points) -> Claim:
    """Return a line that gives a name of the student's own as one about the quantity that it is."""
    assert claim.label is not None
    label = replace(claim.label, kind=Kind.QUANTITY, quantity=quantity)
    sides = tuple(_judged(claim.line, label, claim.scope, points))
    return Claim(line=claim.line, label=label, sides=sides, scope=claim.scope)


def is_nameless(claim: Claim, points: Points) -> bool:
    """Whether nobody can say what a line is about: its label could not be read, or is like a name of the task and none.

    Parameters
    ----------
    claim : Claim
    points : Points

    Returns
    -------
    bool
        False for a line that was taken back.
    """
    first = claim.line.sides[0].tree
    if claim.is_withdrawn:
        return False
    if first is None:
        return claim.label is None or claim.label.at != 0
    base = re.split(rf"[_^'{APART}]", first.name)[0] if isinstance(first, Unknown) else ""
    return base in points.sheet.symbols.bases and claim.quantity is None

"""Edits that exchange one value for another: names, gradients, indices, numbers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from msgspec.structs import replace

from grader.formulas.edits.places import Formula, Place, rebuilt
from grader.formulas.edits.values import Edit
from grader.formulas.tree import (
    Call,
    Cases,
    Derivative,
    Entry,
    Fraction,
    Index,
    Indicator,
    Kronecker,
    Node,
    Number,
    Power,
    Product,
    Symbol,
    Tree,
    Unknown,
)

SLOPES = frozenset({"step", "sign"})
"""Functions that are derivatives of others."""
_NUMBERS = ("0", "1", "2", "3")


def is_slope(node: Node | None) -> bool:
    """Whether a node is a derivative of an activation, taken at what stands in it."""
    if isinstance(node, Call):
        return node.primes > 0 or node.function in SLOPES
    return isinstance(node, Indicator | Cases)


def exchange_edits(formula: Formula) -> Iterator[Edit]:
    """Yield the formula with one name in the place of another.

    Parameters
    ----------
    formula : Formula

    Yields
    ------
    Edit
        Where it stands once.
    """
    for place in formula.places:
        node = place.node
        if isinstance(node, Symbol | Unknown) and node.name in formula.around.sizes:
            yield from _sizes(formula, place, node.name)
        elif isinstance(node, Symbol):
            yield from _names(formula, place, node)
        elif isinstance(node, Derivative):
            yield from _derivatives(formula, place, node)
        elif isinstance(place.parent, Product) and isinstance(node, Call | Indicator | Cases):
            yield from _whole_factor(formula, place)


def _wrong(formula: Formula, place: Place) -> tuple[str, str]:
    """Return the slip of a wrong value in a place, and what it is said to be."""
    if not formula.around.is_gradient:
        return "wrong-operand", "another value"
    if is_slope(place.within):
        return "derivative-misplaced", "the argument of the derivative"
    return "wrong-factor", "another factor"


def _names(formula: Formula, place: Place, node: Symbol) -> Iterator[Edit]:
    around, shown = formula.around, formula.shown(node)
    slip, belongs = _wrong(formula, place)
    axes = len(node.index) or (len(around.axes(node.name)) if node.name in around.names else None)
    for name in around.usable:
        if name == node.name or axes not in {None, len(around.axes(name))} or name == around.rate:
            continue
        new = replace(node, name=name, primes=0)
        text = f"{shown} stands where {belongs} belongs"
        yield formula.edit(place, new, slip, text, f"{around.spelled(name)} belongs where {shown} stands")


def _sizes(formula: Formula, place: Place, name: str) -> Iterator[Edit]:
    around = formula.around
    for other in around.sizes:
        if other != name:
            new = Symbol(name=other, start=place.node.start, end=place.node.end)
            shown = around.spelled(name)
            text = f"{shown} stands where another number belongs"
            rule = f"{around.spelled(other)} belongs where {shown} stands"
            yield formula.edit(place, new, around.wrong_value(), text, rule)


def _derivatives(formula: Formula, place: Place, node: Derivative) -> Iterator[Edit]:
    """Yield another gradient, or another local derivative."""
    around = formula.around
    text = "the derivative of another value stands there"
    for output, argument in around.steps:
        step = local(output, argument, node)
        if around.is_gradient and (node.of, node.by) != (step.of, step.by):
            slip = "derivative-misplaced" if is_step(formula, node) else "wrong-factor"
            yield formula.edit(place, step, slip, text, f"{formula.shown(step)} belongs there")
    if isinstance(node.of, Symbol) and node.of.name == around.loss:
        nearer = around.downstream if around.is_gradient else around.usable
        skipped = dict(around.steps)
        for name in nearer:
            if name == node.by.name:
                continue
            is_skip = around.is_gradient and skipped.get(node.by.name) == name
            slip = "derivative-missing" if is_skip else around.wrong_value()
            new: Tree = replace(node, by=Symbol(name=name, index=node.by.index))
            yield formula.edit(place, new, slip, text, f"{formula.shown(new)} belongs there")
        return
    for name in around.usable:
        if name != node.by.name:
            new = replace(node, by=Symbol(name=name, index=node.by.index))
            yield formula.edit(place, new, around.wrong_value(), text, f"{formula.shown(new)} belongs there")
        if isinstance(node.of, Symbol) and name != node.of.name:
            new = replace(node, of=Symbol(name=name, index=node.of.index))
            yield formula.edit(place, new, around.wrong_value(), text, f"{formula.shown(new)} belongs there")


def is_step(formula: Formula, node: Derivative) -> bool:
    """Whether a derivative is that of an activation."""
    return isinstance(node.of, Symbol) and (node.of.name, node.by.name) in formula.around.steps


def local(output: str, argument: str, at: Symbol | Derivative) -> Derivative:
    """Return the derivative of an activation step, with the indices of what stands in its place."""
    index = at.index if isinstance(at, Symbol) else at.by.index
    of = Symbol(name=output, index=index, start=at.start, end=at.end)
    by = Symbol(name=argument, index=index, start=at.start, end=at.end)
    return Derivative(of=of, by=by, start=at.start, end=at.end)


def _whole_factor(formula: Formula, place: Place) -> Iterator[Edit]:
    """Yield a name in the place of a factor that is no name."""
    around = formula.around
    for name in around.usable:
        for new in formula.symbols(name, place):
            text = "a factor is the wrong value"
            rule = f"the factor {formula.shown(new)} belongs there"
            yield formula.edit(place, new, around.wrong_value(), text, rule)


def swap_edits(formula: Formula) -> Iterator[Edit]:
    """Yield the formula with one name for another wherever it stands, then with two names exchanged.

    Parameters
    ----------
    formula : Formula

    Yields
    ------
    Edit
    """
    around, root = formula.around, formula.places[0]
    standing = [one.node.name for one in formula.places if isinstance(one.node, Symbol)]
    used = [name for name in dict.fromkeys(standing) if name not in around.sizes]
    for name in used:
        if standing.count(name) > 1:
            for other in around.usable:
                if len(around.axes(other)) == len(around.axes(name)) and other != name:
                    shown = around.spelled(name)
                    slip = "derivative-misplaced" if _is_slope_of(formula, name) else around.wrong_value()
                    text = f"{shown} stands where another value belongs"
                    rule = f"{around.spelled(other)} belongs wherever {shown} stands"
                    yield formula.edit(root, renamed(formula.tree, {name: other}), slip, text, rule)
    for one, other in combinations(used, 2):
        if len(around.axes(one)) == len(around.axes(other)):
            new = renamed(formula.tree, {one: other, other: one})
            rule = f"{around.spelled(one)} and {around.spelled(other)} belong in each other's place"
            yield formula.edit(root, new, around.wrong_value(), "two values are exchanged", rule)


def _is_slope_of(formula: Formula, name: str) -> bool:
    """Whether a name stands as the activation in its own derivative: h (1 - h)."""
    if not formula.around.is_gradient:
        return False
    for place in formula.places:
        if isinstance(place.node, Product):
            factors = place.node.factors
            if any(isinstance(one, Symbol) and one.name == name for one in factors):
                return True
    return False


def renamed(tree: Tree, names: dict[str, str]) -> Tree:
    """Return a formula with some names for others."""

    def change(node: Node) -> Node:
        if isinstance(node, Symbol) and node.name in names:
            return replace(node, name=names[node.name])
        return node

    return rebuilt(tree, change)


# --------------------------------------------------------------------------------------------------------------
# Indices


def index_edits(formula: Formula) -> Iterator[Edit]:
    """Yield the formula with another index letter.

    Parameters
    ----------
    formula : Formula

    Yields
    ------
    Edit
        One letter for another, two indices of a name in the other order, two letters exchanged.
    """
    around, root = formula.around, formula.places[0]
    for place in formula.places:
        node = place.node
        if isinstance(node, Symbol | Unknown | Call | Entry):
            for index in _indices(formula, place, node.index):
                is_turned = len(index) == 2 and index == node.index[::-1]  # noqa: PLR2004 - a matrix
                text = "two indices of a matrix are exchanged" if is_turned else "an index is the wrong one"
                slip = "not-transposed" if is_turned else around.wrong_value()
                letters = "".join(one.name for one in index if isinstance(one, Index))
                new: Tree = replace(node, index=index)
                yield formula.edit(place, new, slip, text, f"the index {letters} belongs there")
        elif isinstance(node, Kronecker):
            for left, right in _indices(formula, place, (node.left, node.right)):
                new = replace(node, left=left, right=right)
                text = "an index is the wrong one"
                yield formula.edit(place, new, around.wrong_value(), text, "another index belongs there")
    for one, other in combinations(formula.ranges, 2):
        new = reindexed(formula.tree, {one: other, other: one})
        rule = f"{one} and {other} belong in each other's place"
        yield formula.edit(root, new, around.wrong_value(), "two indices are exchanged", rule)


def _indices(formula: Formula, place: Place, index: tuple[Tree, ...]) -> Iterator[tuple[Tree, ...]]:
    for position, one in enumerate(index):
        for letter in formula.letters(place):
            if isinstance(one, Index) and one.name != letter:
                yield (*index[:position], replace(one, name=letter), *index[position + 1 :])
    if len(index) == 2:  # noqa: PLR2004 - a matrix
        yield index[::-1]


def reindexed(tree: Tree, letters: dict[str, str]) -> Tree:
    """Return a formula with some index letters for others, where they are not counted by a sum."""

    def change(node: Node) -> Node:
        return replace(node, name=letters.get(node.name, node.name)) if isinstance(node, Index) else node

    return rebuilt(tree, change)


# --------------------------------------------------------------------------------------------------------------
# Numbers


def number_edits(formula: Formula) -> Iterator[Edit]:
    """Yield the formula with another number, another exponent, or a fraction upside down.

    Parameters
    ----------
    formula : Formula

    Yields
    ------
    Edit
    """
    slip = formula.around.wrong_value()
    for place in formula.places:
        node = place.node
        if isinstance(node, Number):
            is_exponent = isinstance(place.parent, Power) and place.path[-1][0] == "exponent"
            what = "an exponent" if is_exponent else "a number"
            factor = "scaled" if isinstance(place.parent, Product | Fraction) else slip
            for text in _NUMBERS:
                if text != node.text:
                    new: Tree = replace(node, text=text)
                    rule = f"{text} belongs where {node.text[:20]} stands"
                    yield formula.edit(place, new, factor, f"{what} is the wrong one", rule)
        elif isinstance(node, Fraction):
            new = replace(node, top=node.bottom, bottom=node.top)
            yield formula.edit(place, new, slip, "a fraction is upside down", "what is above belongs below")

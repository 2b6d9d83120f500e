"""Edits of factors: one too many, one missing, a constant."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from grader.formulas.edits.exchanges import local
from grader.formulas.edits.places import Formula, Place
from grader.formulas.edits.signs import negated
from grader.formulas.edits.values import BATCH_SIZE, Edit, Surroundings
from grader.formulas.tree import (
    Call,
    Constant,
    Derivative,
    Fraction,
    Negative,
    Number,
    Over,
    Product,
    Sum,
    Symbol,
    Times,
    Transpose,
    Tree,
    Unknown,
    free_indices,
)


class Factor(Struct, frozen=True, kw_only=True):
    """What may be missing from a product."""

    tree: Tree
    slip: str
    is_number: bool
    """Whether it is a single number where it stands; else a vector or matrix."""


def times(one: Tree, other: Tree, sign: Times = Times.ADJACENT) -> Tree:
    """Return the product of two, which stands where both stood."""
    start, end = min(one.start, other.start), max(one.end, other.end)
    return Product(factors=(one, other), signs=(sign,), start=start, end=end)


def without(node: Product, position: int) -> Tree:
    """Return a product without one of its factors."""
    is_divided = node.signs[0] is Times.DIVIDE
    if position == 0 and is_divided:
        one = Number(text="1", start=node.start, end=node.start)
        return replace(node, factors=(one, *node.factors[1:]))
    factors = (*node.factors[:position], *node.factors[position + 1 :])
    left = max(position - 1, 0)
    signs = (*node.signs[:left], *node.signs[left + 1 :])
    return replace(node, factors=factors, signs=signs) if signs else factors[0]


# --------------------------------------------------------------------------------------------------------------
# Too many


def surplus_edits(formula: Formula) -> Iterator[Edit]:
    """Yield the formula without one of its factors or divisions.

    Parameters
    ----------
    formula : Formula

    Yields
    ------
    Edit
    """
    for place in formula.places:
        node = place.node
        if isinstance(node, Product):
            for position, factor in enumerate(node.factors):
                is_below = position > 0 and node.signs[position - 1] is Times.DIVIDE
                new = without(node, position)
                yield _surplus(formula, place, new, factor, is_below=is_below)
        elif isinstance(node, Fraction):
            yield _surplus(formula, place, node.top, node.bottom, is_below=True)
            one = Number(text="1", start=node.top.start, end=node.top.end)
            if not isinstance(node.top, Number):
                new = replace(node, top=one)
                yield _surplus(formula, place, new, node.top, is_below=False)


def _surplus(formula: Formula, place: Place, new: Tree, factor: Tree, *, is_below: bool) -> Edit:
    around = formula.around
    name = factor.name if isinstance(factor, Symbol | Unknown) else ""
    if around.rate and around.updated and name == around.rate:
        text = "it is multiplied by the learning rate twice"
        rule = f"{around.spelled(name)} belongs there once"
        return formula.edit(place, new, "rate-twice", text, rule, marked=factor)
    if (name == BATCH_SIZE and is_below) or _is_share(factor, around):
        slip, text = "batch-mean-twice", "it is divided by the batch size once too often"
    elif is_constant(factor, around):
        slip, text = "scaled", "it is off by a constant factor"
    else:
        slip, text = around.wrong_value(), "there is a factor too many"
    what = "division" if is_below else "factor"
    rule = f"the marked {what} does not belong there"
    return formula.edit(place, new, slip, text, rule, marked=factor)


def _is_share(tree: Tree, around: Surroundings) -> bool:
    """Whether a factor is one over the batch size."""
    return (
        isinstance(tree, Fraction)
        and isinstance(tree.bottom, Symbol | Unknown)
        and tree.bottom.name == BATCH_SIZE
        and is_constant(tree.top, around)
    )


def is_constant(tree: Tree, around: Surroundings) -> bool:
    """Whether a formula is a number, or made of numbers and sizes alone."""
    if isinstance(tree, Negative):
        return is_constant(tree.operand, around)
    if isinstance(tree, Fraction):
        return is_constant(tree.top, around) and is_constant(tree.bottom, around)
    if isinstance(tree, Symbol | Unknown):
        return tree.name in around.sizes
    return isinstance(tree, Number | Constant)


# --------------------------------------------------------------------------------------------------------------
# Missing


def factors(formula: Formula, place: Place) -> Iterator[Factor]:
    """Yield what may be missing as a factor in a place: names, local derivatives, gradients.

    Parameters
    ----------
    formula : Formula
    place : Place

    Yields
    ------
    Factor
    """
    around = formula.around
    letters = formula.letters(place)
    for name in around.usable:
        is_number = not around.axes(name) or bool(letters)
        for tree in formula.symbols(name, place):
            slip = "rate-missing" if around.updated and name == around.rate else "factor-missing"
            yield Factor(tree=tree, slip=slip, is_number=is_number)
    if not around.is_gradient:
        return
    for output, argument in around.steps:
        is_number = not around.axes(output) or bool(letters)
        for at in formula.symbols(output, place):
            yield Factor(tree=local(output, argument, at), slip="derivative-missing", is_number=is_number)
    yield from _loss_slopes(formula, place)
    for name in around.downstream:
        is_number = not around.axes(name) or bool(letters)
        for by in formula.symbols(name, place):
            nearer = Derivative(of=Symbol(name=around.loss), by=by, start=by.start, end=by.end)
            for signed in (nearer, negated(nearer)):
                yield Factor(tree=signed, slip="factor-missing", is_number=is_number)


def _loss_slopes(formula: Formula, place: Place) -> Iterator[Factor]:
    """Yield the sign of what lies between a target and the output, the derivative of the bars."""
    around = formula.around
    if "sign" not in around.functions or formula.letters(place):
        return
    read = [name for name, readers in around.consumers.items() if around.loss in readers]
    outputs = [name for name in read if name not in around.targets]
    for output in outputs:
        for target in sorted(around.targets):
            if not around.axes(target) and not around.axes(output):
                terms = (Symbol(name=target), Negative(operand=Symbol(name=output)))
                tree = Call(function="sign", arguments=(Sum(terms=terms),))
                yield Factor(tree=tree, slip="derivative-missing", is_number=True)


def missing_edits(formula: Formula) -> Iterator[Edit]:
    """Yield the formula with one more factor in one of its terms.

    Parameters
    ----------
    formula : Formula

    Yields
    ------
    Edit
        Single numbers and products of entries first, then divisions, then products of matrices on either side.
    """
    for place in formula.wholes:
        for factor in _factors_here(formula, place):
            sign = Times.ADJACENT if factor.is_number else Times.ENTRYWISE
            yield _missing(formula, place, times(place.node, factor.tree, sign), factor)
    for place in formula.wholes:
        for factor in _factors_here(formula, place):
            node = place.node
            if isinstance(factor.tree, Symbol) and factor.is_number:
                new = Fraction(top=node, bottom=factor.tree, start=node.start, end=node.end)
                yield _missing(formula, place, new, factor, what="division by")
    for place in formula.wholes:
        for factor in _factors_here(formula, place):
            if isinstance(factor.tree, Symbol) and not factor.is_number:
                yield from _matrices(formula, place, factor)


def _factors_here(formula: Formula, place: Place) -> Iterator[Factor]:
    """Yield factors; in the body of a sum those that it counts, since all others can stand before it."""
    is_body = isinstance(place.parent, Over)
    for factor in factors(formula, place):
        if not is_body or set(place.bound) & set(free_indices(factor.tree)):
            yield factor


def _matrices(formula: Formula, place: Place, factor: Factor) -> Iterator[Edit]:
    turned = Transpose(operand=factor.tree, start=factor.tree.start, end=factor.tree.end)
    for tree in (factor.tree, turned):
        yield _missing(formula, place, times(place.node, tree), factor)
        yield _missing(formula, place, times(tree, place.node), factor)


def _missing(formula: Formula, place: Place, new: Tree, factor: Factor, *, what: str = "factor") -> Edit:
    text = {
        "rate-missing": "the learning rate is left out",
        "derivative-missing": "a derivative is left out",
        "factor-missing": "a factor is missing" if what == "factor" else "a division is missing",
    }[factor.slip]
    rule = f"the {what} {formula.shown(factor.tree)} is missing"
    return formula.edit(place, new, factor.slip, text, rule)


# --------------------------------------------------------------------------------------------------------------
# Constants


def constant_edits(formula: Formula) -> Iterator[Edit]:
    """Yield the formula times, and divided by, a 2 and each named size, term by term.

    Parameters
    ----------
    formula : Formula

    Yields
    ------
    Edit
    """
    for place in formula.wholes:
        node = place.node
        constants: list[tuple[Tree, str]] = [
            (Symbol(name=name, start=node.start, end=node.end), name) for name in formula.around.sizes
        ]
        constants.append((Number(text="2", start=node.start, end=node.end), ""))
        for constant, name in constants:
            shown = formula.around.spelled(name) if name else "2"
            divided = Fraction(top=node, bottom=constant, start=node.start, end=node.end)
            yield _scaled(formula, place, divided, name, f"the division by {shown} is missing")
            times_it = times(constant, node)
            yield _scaled(formula, place, times_it, name, f"the factor {shown} is missing", is_factor=True)


def _scaled(
    formula: Formula, place: Place, new: Tree, name: str, rule: str, *, is_factor: bool = False
) -> Edit:
    if name != BATCH_SIZE:
        return formula.edit(place, new, "scaled", "it is off by a constant factor", rule)
    if is_factor:
        text = "it is divided by the batch size once too often"
        return formula.edit(place, new, "batch-mean-twice", text, rule)
    return formula.edit(place, new, "batch-mean-missing", "the division by the batch size is missing", rule)

"""Edits of a parameter after the step: the rate, the old weight, the gradient."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from grader.formulas.edits.places import Formula
from grader.formulas.edits.signs import negated
from grader.formulas.edits.values import Edit
from grader.formulas.tree import Derivative, Number, Power, Product, Sum, Symbol, Times, Tree


def update_edits(formula: Formula) -> Iterator[Edit]:
    """Yield what is special to a step; for other quantities only weights as they were before the step.

    Parameters
    ----------
    formula : Formula

    Yields
    ------
    Edit
    """
    yield from _early(formula)
    if formula.around.updated:
        yield from _weight(formula)
        if formula.around.rate:
            yield from _rate(formula)


def _weight(formula: Formula) -> Iterator[Edit]:
    """Yield the formula with the old weight before it."""
    root, name = formula.places[0], formula.around.updated
    weight = Symbol(name=name, start=root.node.start, end=root.node.end)
    shown = formula.around.spelled(name)
    if isinstance(root.node, Symbol) and root.node.name == name:
        return
    for step in (root.node, negated(root.node)):
        new = Sum(terms=(weight, step), start=root.node.start, end=root.node.end)
        text = "the step is given without the old weight"
        yield formula.edit(root, new, "weight-missing", text, f"the step is taken from the old {shown}")


def _early(formula: Formula) -> Iterator[Edit]:
    """Yield a weight as it was before the step."""
    for place in formula.places:
        node = place.node
        if isinstance(node, Symbol) and node.updated:
            shown = formula.around.spelled(node.name)
            text = "it is computed from a weight that was already updated"
            rule = f"the old {shown} belongs there"
            yield formula.edit(place, replace(node, updated=False), "updated-weights-used", text, rule)


def _rate(formula: Formula) -> Iterator[Edit]:
    """Yield the formula with the rate once more, or once less."""
    around = formula.around
    shown = around.spelled(around.rate)
    root = formula.places[0].node
    if isinstance(root, Symbol) and root.name == around.updated:
        yield from _no_step(formula)
    for place in formula.wholes:
        node = place.node
        rate = Symbol(name=around.rate, start=node.start, end=node.end)
        if isinstance(node, Symbol) and node.name == around.updated:
            continue
        new = Product(factors=(rate, node), signs=(Times.ADJACENT,), start=node.start, end=node.end)
        text = "the learning rate is left out"
        yield formula.edit(place, new, "rate-missing", text, f"the factor {shown} is missing")
    for place in formula.places:
        node = place.node
        if (
            isinstance(node, Power)
            and node.base == rate_of(around.rate)
            and node.exponent == Number(text="2")
        ):
            text = "it is multiplied by the learning rate twice"
            yield formula.edit(place, node.base, "rate-twice", text, f"{shown} belongs there once")


def rate_of(name: str) -> Symbol:
    """Return the learning rate as a formula."""
    return Symbol(name=name)


def _no_step(formula: Formula) -> Iterator[Edit]:
    """Yield the whole step where the weight stands alone."""
    around, root = formula.around, formula.places[0]
    weight = Symbol(name=around.updated)
    gradient = Derivative(of=Symbol(name=around.loss), by=weight)
    step: Tree = Product(factors=(rate_of(around.rate), gradient), signs=(Times.ADJACENT,))
    new = Sum(terms=(weight, negated(step)), start=root.node.start, end=root.node.end)
    rule = f"{around.spelled(around.rate)} times the gradient is taken off"
    yield formula.edit(root, new, "step-missing", "the weight is left unchanged", rule)

"""Edits of functions: another one, one too many, one left out, a value for its derivative."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from grader.formulas.edits.exchanges import SLOPES, is_slope, local
from grader.formulas.edits.places import Formula, Place
from grader.formulas.edits.signs import negated
from grader.formulas.edits.values import Edit
from grader.formulas.tree import (
    Absolute,
    Branch,
    Call,
    Cases,
    Number,
    Power,
    Product,
    Sum,
    Symbol,
    Times,
    Tree,
)

_SLOPE_OF = {"relu": "step", "abs": "sign"}
_ALWAYS = ("exp", "log")
"""Functions of the language of formulas, which no assignment need name."""


def function_edits(formula: Formula) -> Iterator[Edit]:
    """Yield the formula with another function, or without one, or with a derivative for a value.

    Parameters
    ----------
    formula : Formula

    Yields
    ------
    Edit
    """
    for place in formula.places:
        node = place.node
        if isinstance(node, Call):
            yield from _other(formula, place, node)
        elif isinstance(node, Absolute):
            yield from _bars(formula, place, node)
        elif isinstance(node, Cases):
            yield from _branches(formula, place, node)
    yield from _slopes(formula)
    yield from _other_loss(formula)


def _other(formula: Formula, place: Place, node: Call) -> Iterator[Edit]:
    around = formula.around
    if around.is_gradient and not is_slope(node):
        slope = _SLOPE_OF.get(node.function)
        text = "a value stands where its derivative belongs"
        rule = "the derivative of the activation belongs there"
        yield formula.edit(place, replace(node, primes=node.primes + 1), "value-for-derivative", text, rule)
        if slope in around.functions:
            new = replace(node, function=slope)
            yield formula.edit(place, new, "value-for-derivative", text, rule)
    if node.primes:
        slip = "wrong-factor" if around.is_gradient else "wrong-operand"
        rule = "the function itself belongs there"
        text = "a derivative stands where a value belongs"
        yield formula.edit(place, replace(node, primes=node.primes - 1), slip, text, rule)
    for name in around.functions:
        if name != node.function:
            slip = "derivative-misplaced" if node.primes else around.wrong_value()
            rule = f"the function {around.spelled(name)} belongs there"
            text = "another function belongs there"
            yield formula.edit(place, replace(node, function=name), slip, text, rule)
    if len(node.arguments) == 1:
        text = "a function is applied that does not belong there"
        rule = "the argument of the function belongs there itself"
        yield formula.edit(place, node.arguments[0], around.wrong_value(), text, rule)


def _bars(formula: Formula, place: Place, node: Absolute) -> Iterator[Edit]:
    around = formula.around
    if not around.is_gradient:
        text, rule = "the bars do not belong there", "what is between the bars belongs there itself"
        yield formula.edit(place, node.operand, "wrong-operand", text, rule)
    elif "sign" in around.functions:
        text, rule = "a value stands where its derivative belongs", "the derivative of the bars belongs there"
        new = Call(function="sign", arguments=(node.operand,), start=node.start, end=node.end)
        yield formula.edit(place, new, "value-for-derivative", text, rule)


def _branches(formula: Formula, place: Place, node: Cases) -> Iterator[Edit]:
    """Yield cases whose values are exchanged."""
    if len(node.branches) == 2:  # noqa: PLR2004 - one case and all others
        first, second = node.branches
        branches: tuple[Branch, ...] = (
            replace(first, value=second.value),
            replace(second, value=first.value),
        )
        slip = "derivative-misplaced" if formula.around.is_gradient else "wrong-operand"
        text, rule = "two cases are exchanged", "the value of each case belongs to the other one"
        yield formula.edit(place, replace(node, branches=branches), slip, text, rule)


def _slopes(formula: Formula) -> Iterator[Edit]:
    """Yield the derivative of a step in the place of the value after it or before it."""
    if not formula.around.is_gradient:
        return
    text = "a value stands where its derivative belongs"
    for place in formula.places:
        node = place.node
        if not isinstance(node, Symbol):
            continue
        for output, argument in formula.around.steps:
            if node.name in {output, argument}:
                new = local(output, argument, node)
                rule = f"the derivative {formula.shown(new)} belongs where {formula.shown(node)} stands"
                yield formula.edit(place, new, "value-for-derivative", text, rule)
        one = Number(text="1", start=node.start, end=node.end)
        both = Sum(terms=(one, negated(node)), start=node.start, end=node.end)
        rule = f"1 - {formula.shown(node)} belongs where {formula.shown(node)} stands"
        yield formula.edit(place, both, "value-for-derivative", text, rule)


def missing_function_edits(formula: Formula) -> Iterator[Edit]:
    """Yield the formula with one function more, applied to a name, a sum or a whole term.

    Parameters
    ----------
    formula : Formula

    Yields
    ------
    Edit
        In a gradient the derivative of the bars alone; others are told as a missing derivative. Nothing for a step:
        there is no function in it, and that of a rate that is always positive is 1.
    """
    around = formula.around
    if around.updated:
        return
    for place in formula.places:
        node = place.node
        is_sum = isinstance(node, Sum)
        if isinstance(node, Number) or not (place.is_whole or is_sum or isinstance(node, Symbol)):
            continue
        if around.is_gradient and not is_sum:
            continue
        names = SLOPES.intersection(around.functions) if around.is_gradient else (*around.functions, *_ALWAYS)
        slip = "derivative-missing" if around.is_gradient else "activation-missing"
        text = "a derivative is left out" if around.is_gradient else "an activation is left out"
        for name in dict.fromkeys(sorted(names)):
            new = Call(function=name, arguments=(node,), start=node.start, end=node.end)
            yield formula.edit(place, new, slip, text, f"the function {around.spelled(name)} is missing")


def _other_loss(formula: Formula) -> Iterator[Edit]:
    """Yield the absolute value where a square stands, and its derivative for that of a square."""
    root, around = formula.places[0], formula.around
    text, rule = "it belongs to another loss than the one asked for", "the absolute value belongs there"
    for place in formula.places:
        node = place.node
        if isinstance(node, Power) and node.exponent == Number(text="2") and not around.is_gradient:
            new = Absolute(operand=node.base, start=node.start, end=node.end)
            yield formula.edit(place, new, "wrong-loss", text, rule)
            yield formula.edit(root, new, "wrong-loss", text, rule)
        elif isinstance(node, Product) and around.is_gradient and "sign" in around.functions:
            kinds = {type(one) for one in node.factors}
            if {Number, Sum} <= kinds:
                yield formula.edit(place, _sign_for(node), "wrong-loss", text, "the sign belongs there alone")
    if isinstance(root.node, Sum) and not around.is_gradient:
        new = Absolute(operand=root.node, start=root.node.start, end=root.node.end)
        yield formula.edit(root, new, "wrong-loss", text, rule)


def _sign_for(node: Product) -> Tree:
    """Return a product without its numbers, with the sign of its sums."""
    factors = tuple(
        Call(function="sign", arguments=(one,), start=one.start, end=one.end) if isinstance(one, Sum) else one
        for one in node.factors
        if not isinstance(one, Number)
    )
    if len(factors) == 1:
        return factors[0]
    return replace(node, factors=factors, signs=(Times.ADJACENT,) * (len(factors) - 1))

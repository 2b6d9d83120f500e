"""Edits of summands: one missing, one too many, a path that was left out."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations_with_replacement

from grader.formulas.edits.factors import times
from grader.formulas.edits.places import Formula, Place
from grader.formulas.edits.signs import negated, with_sign
from grader.formulas.edits.values import Edit
from grader.formulas.tree import Call, Derivative, Number, Over, Product, Sum, Symbol, Times, Transpose, Tree


def plus(node: Tree, term: Tree) -> Tree:
    """Return a sum with one term more."""
    terms = (*node.terms, term) if isinstance(node, Sum) else (node, term)
    return Sum(terms=terms, start=node.start, end=node.end)


def surplus_term_edits(formula: Formula) -> Iterator[Edit]:
    """Yield the formula without one of its summands.

    Parameters
    ----------
    formula : Formula

    Yields
    ------
    Edit
    """
    for place in formula.places:
        node = place.node
        if not isinstance(node, Sum):
            continue
        for position in range(len(node.terms)):
            rest = (*node.terms[:position], *node.terms[position + 1 :])
            new = Sum(terms=rest, start=node.start, end=node.end) if len(rest) > 1 else rest[0]
            text = "there is a term too many"
            rule = "the marked term does not belong there"
            slip = formula.around.wrong_value()
            yield formula.edit(place, new, slip, text, rule, marked=with_sign(node, position))


def path_edits(formula: Formula) -> Iterator[Edit]:
    """Yield a gradient with the part of one more path: through a node that reads its node, or one behind it.

    Parameters
    ----------
    formula : Formula

    Yields
    ------
    Edit
        Of single numbers only: how the parts of vectors multiply depends on the layout.
    """
    around, root = formula.around, formula.places[0]
    if not around.derived_by:
        return
    for node in (around.derived_by, *around.downstream):
        readers = around.consumers.get(node, ())
        if len(readers) < 2 or any(around.axes(one) for one in (node, *readers)):  # noqa: PLR2004 - one path
            continue
        for reader in readers:
            part = _path(formula, node, reader)
            text = "one of the paths into it is left out"
            rule = f"the path through {around.spelled(reader)} is missing"
            yield formula.edit(root, plus(root.node, part), "path-dropped", text, rule)


def _path(formula: Formula, node: str, reader: str) -> Tree:
    """Return what one reader of a node gives to the gradient that is asked for."""
    around = formula.around
    part: Tree = Derivative(of=Symbol(name=reader), by=Symbol(name=node))
    if reader != around.loss:
        part = times(Derivative(of=Symbol(name=around.loss), by=Symbol(name=reader)), part)
    if node != around.derived_by:
        part = times(part, Derivative(of=Symbol(name=node), by=Symbol(name=around.derived_by)))
    return part


def missing_term_edits(formula: Formula) -> Iterator[Edit]:
    """Yield the formula with one summand more.

    Parameters
    ----------
    formula : Formula

    Yields
    ------
    Edit
        A name, with a plus and with a minus, wherever a sum may stand, or 1.
    """
    around = formula.around
    for place in formula.places:
        if not _may_be_sum(place):
            continue
        for name in around.usable:
            for symbol in formula.symbols(name, place):
                yield from _added(formula, place, symbol, formula.shown(symbol), name)
        yield from _added(formula, place, Number(text="1"), "1", "")


def missing_product_edits(formula: Formula) -> Iterator[Edit]:
    """Yield the formula with the product of two names as a further term.

    Parameters
    ----------
    formula : Formula

    Yields
    ------
    Edit
    """
    around, root = formula.around, formula.places[0]
    for one, other in combinations_with_replacement(around.usable, 2):
        for product in _products(formula, root, one, other):
            shown = f"{around.spelled(one)} {around.spelled(other)}"
            yield from _added(formula, root, product, shown, "")


def _may_be_sum(place: Place) -> bool:
    """Whether a sum may stand in a place; a term of a sum is none, since the sum itself is a place."""
    if place.parent is None or isinstance(place.node, Sum):
        return True
    return isinstance(place.parent, Product | Call | Over) and not isinstance(place.node, Number)


def _added(formula: Formula, place: Place, term: Tree, shown: str, name: str) -> Iterator[Edit]:
    around = formula.around
    is_target = name in around.targets
    slip = (
        "target-missing"
        if is_target
        else "weight-missing"
        if name and name == around.updated
        else "path-dropped"
    )
    text = {
        "target-missing": "the target is left out",
        "weight-missing": "the step is given without the old weight",
        "path-dropped": "a term is missing",
    }[slip]
    for sign, signed in (("+", term), ("-", negated(term))):
        rule = f"the term {sign}{shown} is missing"
        yield formula.edit(place, plus(place.node, signed), slip, text, rule)


def _products(formula: Formula, place: Place, one: str, other: str) -> Iterator[Tree]:
    """Yield the products of two names that can be a term."""
    around = formula.around
    axes = (len(around.axes(one)), len(around.axes(other)))
    if formula.letters(place):
        return
    left, right = Symbol(name=one), Symbol(name=other)
    if axes == (0, 0):
        yield times(left, right)
    elif axes == (2, 1):
        yield times(left, right)
        yield times(Transpose(operand=left), right)
    elif axes == (1, 2):
        yield times(right, left)
        yield times(Transpose(operand=right), left)
    elif axes == (1, 1):
        yield times(left, right, Times.ENTRYWISE)

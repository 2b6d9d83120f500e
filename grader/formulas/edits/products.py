"""Edits of products of vectors and matrices: transposes, order, entries."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from grader.formulas.edits.factors import times
from grader.formulas.edits.places import Formula, Place
from grader.formulas.edits.values import Edit
from grader.formulas.tree import (
    Derivative,
    Extreme,
    Ones,
    Over,
    Product,
    Symbol,
    Times,
    Transpose,
    Tree,
    walk,
)

_ENTRYWISE = frozenset({Times.ENTRYWISE, Times.STAR})


def product_edits(formula: Formula) -> Iterator[Edit]:
    """Yield the formula with a transpose, an order or a kind of product changed.

    Parameters
    ----------
    formula : Formula

    Yields
    ------
    Edit
        Nothing where all values are single numbers.
    """
    if not _has_vectors(formula):
        return
    for place in formula.places:
        yield from _transposes(formula, place)
    for place in formula.places:
        if isinstance(place.node, Product):
            yield from _orders(formula, place, place.node)
    for place in formula.places:
        if isinstance(place.node, Product):
            yield from _kinds(formula, place, place.node)
    yield from _sums(formula)


def _has_vectors(formula: Formula) -> bool:
    around = formula.around
    return any(isinstance(node, Symbol) and around.axes(node.name) for node in walk(formula.tree))


def turned(tree: Tree) -> Tree:
    """Return a formula transposed."""
    return (
        tree.operand
        if isinstance(tree, Transpose)
        else Transpose(operand=tree, start=tree.start, end=tree.end)
    )


def _transposes(formula: Formula, place: Place) -> Iterator[Edit]:
    node, around = place.node, formula.around
    if isinstance(place.parent, Transpose):
        return
    if isinstance(node, Transpose):
        text, rule = "there is a transpose too many", "no transpose belongs on what is marked"
    elif isinstance(node, Derivative) or (
        isinstance(node, Symbol) and around.axes(node.name) and not node.index
    ):
        text, rule = "a transpose is missing", f"{formula.shown(node)} belongs there transposed"
    elif place.parent is None or (place.is_whole and isinstance(node, Product)):
        text, rule = "a transpose is missing", "what is marked belongs there transposed"
    else:
        return
    yield formula.edit(place, turned(node), "not-transposed", text, rule)


def _orders(formula: Formula, place: Place, node: Product) -> Iterator[Edit]:
    text = "the factors are in the wrong order, or a transpose is on the wrong one"
    for at in range(len(node.factors) - 1):
        one, other = node.factors[at], node.factors[at + 1]
        if node.signs[at] is Times.DIVIDE:
            continue
        for pair, rule in (
            ((other, one), "the two factors belong in the other order"),
            ((turned(one), turned(other)), "the transpose belongs on the other factor"),
        ):
            factors = (*node.factors[:at], *pair, *node.factors[at + 2 :])
            new = replace(node, factors=factors)
            yield formula.edit(place, new, "not-transposed", text, rule)
    if len(node.factors) > 2 and Times.DIVIDE not in node.signs:  # noqa: PLR2004 - two are done above
        new = replace(node, factors=node.factors[::-1], signs=node.signs[::-1])
        yield formula.edit(place, new, "not-transposed", text, "the factors belong in the opposite order")


def _kinds(formula: Formula, place: Place, node: Product) -> Iterator[Edit]:
    """Yield a product of entries for one of matrices, and the other way round."""
    for at, sign in enumerate(node.signs):
        if sign is Times.DIVIDE:
            continue
        is_entrywise = sign in _ENTRYWISE
        signs = (*node.signs[:at], Times.MATRIX if is_entrywise else Times.ENTRYWISE, *node.signs[at + 1 :])
        text = "a product is of the wrong kind: of matrices, or entry by entry"
        rule = (
            "the product of matrices belongs there"
            if is_entrywise
            else "the product entry by entry belongs there"
        )
        yield formula.edit(place, replace(node, signs=signs), formula.around.wrong_value(), text, rule)


def _sums(formula: Formula) -> Iterator[Edit]:
    """Yield the sum over the rows, or over a letter that nothing counts."""
    root, around = formula.places[0], formula.around
    if not around.is_gradient:
        return
    text = "it is not summed as it should be"
    for letter in formula.ranges:
        if letter not in around.indices:
            new: Tree = Over(
                kind=Extreme.SUM, indices=(letter,), body=root.node, start=root.node.start, end=root.node.end
            )
            yield formula.edit(root, new, "not-summed", text, f"the sum over {letter} is missing")
    if not around.indices:
        ones = Transpose(operand=Ones())
        new = times(ones, root.node)
        yield formula.edit(root, new, "not-summed", text, "the sum over the samples is missing")

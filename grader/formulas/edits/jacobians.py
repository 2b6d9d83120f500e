"""Edits of a softmax's Jacobian of which only the diagonal is used, p (1 - p)."""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_lowercase

from msgspec.structs import replace

from grader.formulas.edits.factors import times
from grader.formulas.edits.places import Formula
from grader.formulas.edits.signs import negated
from grader.formulas.edits.terms import plus
from grader.formulas.edits.values import Edit
from grader.formulas.tree import (
    Derivative,
    Extreme,
    Index,
    Kronecker,
    Over,
    Product,
    Sum,
    Symbol,
    Times,
    Transpose,
    Tree,
)

_TEXT = "only the diagonal of the Jacobian is used"
_RULE = "every output of the softmax depends on every input: the entries beside the diagonal are not zero"


def jacobian_edits(formula: Formula) -> Iterator[Edit]:
    """Yield the formula with the entries beside the diagonal.

    Parameters
    ----------
    formula : Formula

    Yields
    ------
    Edit
        p_i (delta_ij - p_j) for p_i (1 - p_i); then, for a gradient by the scores s, what it is short of, whatever its
        form: with g = dL/dp the whole is p (g - sum_j g_j p_j), and the diagonal alone p (1 - p) g.

    References
    ----------
    Goodfellow, Bengio and Courville (2016), "Deep Learning", section 6.2.2.3: the softmax.
    """
    yield from _entries(formula)
    yield from _gradients(formula)


def _entries(formula: Formula) -> Iterator[Edit]:
    for place in formula.places:
        node = place.node
        if not isinstance(node, Product) or len(node.factors) != 2:  # noqa: PLR2004 - p and 1 - p
            continue
        for factor in node.factors:
            if not isinstance(factor, Symbol) or len(factor.index) != 1:
                continue
            here = factor.index[0]
            for letter in formula.letters(place):
                there = Index(name=letter)
                if there != here:
                    other = Sum(
                        terms=(Kronecker(left=here, right=there), negated(replace(factor, index=(there,))))
                    )
                    new = replace(node, factors=(factor, other))
                    yield formula.edit(place, new, "jacobian-diagonal", _TEXT, _RULE)


def _gradients(formula: Formula) -> Iterator[Edit]:
    around, root = formula.around, formula.places[0]
    for output, argument in around.steps:
        if argument == around.derived_by and len(around.axes(output)) == 1 and around.is_gradient:
            for at in formula.symbols(output, root):
                new = plus(root.node, _beside(formula, at))
                yield formula.edit(root, new, "jacobian-diagonal", _TEXT, _RULE)


def _beside(formula: Formula, p: Symbol) -> Tree:
    """Return what the entries beside the diagonal give: p (p g) - p sum_j p_j g_j."""
    g = Derivative(of=Symbol(name=formula.around.loss), by=p)
    if not p.index:
        summed: Tree = times(Transpose(operand=p), g)
        own = times(p, times(p, g, Times.ENTRYWISE), Times.ENTRYWISE)
        return Sum(terms=(own, negated(times(p, summed))))
    letter = next(one for one in ascii_lowercase if one not in formula.ranges)
    other = replace(p, index=(Index(name=letter),))
    summed = Over(kind=Extreme.SUM, indices=(letter,), body=times(other, replace(g, by=other)))
    return Sum(terms=(times(p, times(p, g)), negated(times(p, summed))))

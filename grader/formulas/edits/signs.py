"""Edits of signs: of the whole formula, of a term, of an operand."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from grader.formulas.edits.places import Formula, Place
from grader.formulas.edits.values import Edit
from grader.formulas.tree import Condition, Derivative, Negative, Node, Sum, Symbol, Tree, walk

_OTHER_WAY = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def negated(tree: Tree) -> Tree:
    """Return a term with the other sign."""
    if isinstance(tree, Negative):
        return tree.operand
    return Negative(operand=tree, start=tree.start, end=tree.end)


def sign_edits(formula: Formula) -> Iterator[Edit]:
    """Yield the formula with one sign flipped.

    Parameters
    ----------
    formula : Formula

    Yields
    ------
    Edit
        The whole first, then term by term; in a step the sign of the gradient goes up instead of down.
    """
    root = formula.places[0]
    rule = "the opposite sign belongs before all of it"
    yield formula.edit(root, negated(root.node), "sign-flipped", "the sign is flipped", rule)
    for place in formula.places:
        if isinstance(place.node, Sum):
            yield from _terms(formula, place, place.node)
        elif isinstance(place.node, Negative) and place is not root and not isinstance(place.parent, Sum):
            rule = "no minus belongs before the marked part"
            text = "a sign is flipped"
            yield formula.edit(place, place.node.operand, "sign-flipped", text, rule)
        elif isinstance(place.node, Condition):
            yield from _turned(formula, place, place.node)


def _terms(formula: Formula, place: Place, node: Sum) -> Iterator[Edit]:
    for position, term in enumerate(node.terms):
        terms = (*node.terms[:position], negated(term), *node.terms[position + 1 :])
        new = Sum(terms=terms, start=node.start, end=node.end)
        is_up = place.path == () and _steps(formula, term)
        sign = "plus" if isinstance(term, Negative) else "minus"
        yield formula.edit(
            place,
            new,
            "ascent" if is_up else "sign-flipped",
            "the step goes up the gradient" if is_up else "the sign of a term is flipped",
            f"a {sign} belongs before the marked term",
            marked=with_sign(node, position),
        )


def with_sign(node: Sum, position: int) -> Node:
    """Return where a term stands with the sign before it: from the end of the term before."""
    term = node.terms[position]
    starts = [term.start, *(before.end for before, after in pairwise(node.terms) if after is term)]
    return Node(start=min(starts), end=term.end)


def _steps(formula: Formula, term: Tree) -> bool:
    """Whether a term of an update is the step: it holds the rate or a gradient."""
    around = formula.around
    if not around.updated:
        return False
    return any(
        isinstance(node, Derivative) or (isinstance(node, Symbol) and node.name == around.rate)
        for node in walk(term)
    )


def _turned(formula: Formula, place: Place, node: Condition) -> Iterator[Edit]:
    """Yield a comparison the other way round."""
    if len(node.comparisons) == 1 and node.comparisons[0] in _OTHER_WAY:
        other = _OTHER_WAY[node.comparisons[0]]
        new = Condition(operands=node.operands, comparisons=(other,), start=node.start, end=node.end)
        slip = "derivative-misplaced" if formula.around.is_gradient else "wrong-operand"
        text = "a condition is the wrong way round"
        yield formula.edit(place, new, slip, text, f"`{other}` belongs in the condition")

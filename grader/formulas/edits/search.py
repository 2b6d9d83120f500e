"""Finds the one change of a wrong formula that makes it right; whether it does, the caller says."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from grader.formulas.edits.exchanges import exchange_edits, index_edits, number_edits, swap_edits
from grader.formulas.edits.factors import constant_edits, missing_edits, surplus_edits
from grader.formulas.edits.functions import function_edits, missing_function_edits
from grader.formulas.edits.jacobians import jacobian_edits
from grader.formulas.edits.places import Formula
from grader.formulas.edits.products import product_edits
from grader.formulas.edits.signs import sign_edits
from grader.formulas.edits.terms import (
    missing_product_edits,
    missing_term_edits,
    path_edits,
    surplus_term_edits,
)
from grader.formulas.edits.updates import update_edits
from grader.formulas.edits.values import Edit, Surroundings
from grader.formulas.tree import Application, Derivative, Node, Symbol, Tree, walk

__all__ = ["Edit", "Surroundings", "edits", "explain"]

KINDS: tuple[tuple[Callable[[Formula], Iterator[Edit]], ...], ...] = (
    (sign_edits, update_edits),
    (exchange_edits, index_edits, function_edits),
    (swap_edits,),
    (product_edits,),
    (surplus_edits,),
    (number_edits,),
    (missing_edits,),
    (missing_function_edits, jacobian_edits),
    (constant_edits,),
    (surplus_term_edits,),
    (path_edits, missing_term_edits),
    (missing_product_edits,),
)
"""What is tried, the plainest first; edits of one kind are weighed by their slips."""

SPECIAL_FIRST = (
    *(
        "sign-flipped",
        "path-dropped",
        "factor-missing",
        "wrong-factor",
        "batch-mean-missing",
        "batch-mean-twice",
    ),
    *("not-summed", "not-transposed", "derivative-missing", "derivative-misplaced", "value-for-derivative"),
    *("jacobian-diagonal", "target-missing", "activation-missing", "wrong-operand", "scaled", "wrong-loss"),
    *("ascent", "step-missing", "rate-missing", "rate-twice", "weight-missing", "updated-weights-used"),
)
"""The slips that edits take back, in the order of the project's table of slips."""
_MOST_EDITS = 8_000
"""Of a formula; one of a dozen factors has about a thousand."""
_MOST_PLACES = 400
"""A formula of more parts than that is left to a person."""


def edits(tree: Tree, around: Surroundings) -> Iterator[Edit]:
    """Yield the formulas that one change makes of a formula.

    Parameters
    ----------
    tree : Tree
        What a student wrote.
    around : Surroundings
        What may be put in.

    Yields
    ------
    Edit
        Plain ones first, each tree once; none that holds what is asked for, and no gradient alone that is not nearer
        the loss than the one asked for.
    """
    for kind in _by_kind(tree, around):
        yield from kind


def _by_kind(tree: Tree, around: Surroundings) -> Iterator[Iterator[Edit]]:
    formula = Formula(tree=tree, around=around)
    if len(formula.places) > _MOST_PLACES:
        return
    seen: set[Tree] = {tree}
    holds_itself = _holds(tree, around.quantity)
    for kind in KINDS:
        yield _fresh(formula, kind, seen, holds_itself=holds_itself)


def _fresh(
    formula: Formula,
    kind: tuple[Callable[[Formula], Iterator[Edit]], ...],
    seen: set[Tree],
    *,
    holds_itself: bool,
) -> Iterator[Edit]:
    around = formula.around
    for make in kind:
        for edit in make(formula):
            if len(seen) > _MOST_EDITS:
                return
            before = len(seen)
            seen.add(edit.tree)
            if len(seen) == before or _is_circular(edit.tree, around):
                continue
            if not holds_itself or not _holds(edit.tree, around.quantity):
                yield edit


def _holds(tree: Tree, quantity: Tree | None) -> bool:
    """Whether a formula holds what is asked for, be it another entry of it."""
    return quantity is not None and any(_is_same(node, quantity) for node in walk(tree))


def _is_same(node: Node, quantity: Node) -> bool:
    if isinstance(quantity, Application):
        return _is_same(node, quantity.of)
    if isinstance(node, Symbol) and isinstance(quantity, Symbol):
        return (node.name, node.updated) == (quantity.name, quantity.updated)
    if isinstance(node, Derivative) and isinstance(quantity, Derivative):
        return _is_same(node.of, quantity.of) and _is_same(node.by, quantity.by)
    return False


def _is_circular(tree: Tree, around: Surroundings) -> bool:
    """Whether a formula is nothing but a gradient that need not come before the one asked for."""
    if not isinstance(tree, Derivative) or not isinstance(tree.of, Symbol) or tree.of.name != around.loss:
        return False
    return not around.is_gradient or tree.by.name not in around.downstream


def explain(
    tree: Tree, around: Surroundings, fits: Callable[[Tree], bool], *, most: int = 6_000
) -> Edit | None:
    """Return the one change that makes a formula right.

    Parameters
    ----------
    tree : Tree
        What a student wrote, and is wrong.
    around : Surroundings
        What may be put in; of equal edits the one with a name that stands earlier there is taken.
    fits : callable
        Whether a formula is right. It must look at fresh random points: among thousands of edits some fit by accident
        at a single one.
    most : int
        How often `fits` is asked.

    Returns
    -------
    Edit or None
        Of the first kind that fits, the one with the most special slip; None where no single change is enough.
    """
    left = most
    for kind in _by_kind(tree, around):
        best: Edit | None = None
        for edit in kind:
            if best is not None and _rank(edit) >= _rank(best):
                continue
            if left <= 0:
                return best
            left -= 1
            if fits(edit.tree):
                best = edit
        if best is not None:
            return best
    return None


def _rank(edit: Edit) -> int:
    return SPECIAL_FIRST.index(edit.slip)

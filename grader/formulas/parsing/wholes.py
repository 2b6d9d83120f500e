"""Tells what a formula about one entry says of whole values: `s_k + d` says `s + d`."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from msgspec.structs import replace

from grader.formulas.tree import Constant, Fraction, Negative, Number, Ones, Product, Sum, Symbol, Tree, walk

_SCALING = (Symbol, Number, Constant, Ones, Negative, Product, Fraction)
"""What a shift may be made of."""


def whole_of(tree: Tree) -> tuple[Tree, tuple[Tree, ...]]:
    """Return a formula without the index of its values, and that index.

    Parameters
    ----------
    tree : Tree
        A value, or terms and factors with one or several.

    Returns
    -------
    (Tree, tuple of Tree)
        The tree itself, and no index, where its values have none, have several, or stand in anything else.
    """
    found: list[tuple[Tree, ...]] = []
    whole = _without_index(tree, found)
    return (whole, found[0]) if whole is not None and found and len(set(found)) == 1 else (tree, ())


def _without_index(tree: Tree, found: list[tuple[Tree, ...]]) -> Tree | None:
    """Take indices off and collect them; None where there is something else than terms and factors."""
    if isinstance(tree, Symbol):
        if tree.index:
            found.append(tree.index)
        return replace(tree, index=())
    if isinstance(tree, Number | Constant | Ones):
        return tree
    if isinstance(tree, Negative):
        inner = _without_index(tree.operand, found)
        return None if inner is None else replace(tree, operand=inner)
    if isinstance(tree, Sum | Product):
        parts = tree.terms if isinstance(tree, Sum) else tree.factors
        made = tuple(one for one in (_without_index(part, found) for part in parts) if one is not None)
        if len(made) < len(parts):
            return None
        return replace(tree, terms=made) if isinstance(tree, Sum) else replace(tree, factors=made)
    return None


def shifted_input(tree: Tree, inputs: AbstractSet[str], outside: AbstractSet[str]) -> Symbol | None:
    """Return the value to which something is added that is no part of the network: `s` of `s + d`.

    Parameters
    ----------
    tree : Tree
    inputs : set of str
        What the value may be.
    outside : set of str
        What may be added, also times a number or with a minus.

    Returns
    -------
    Symbol or None
        None where it is any other formula: `1 - h`, `s - t`.
    """
    if not isinstance(tree, Sum):
        return None
    plain = [one for one in tree.terms if isinstance(one, Symbol) and one.name in inputs]
    added = [one for one in tree.terms if one not in plain]
    if len(plain) != 1 or plain[0].primes or plain[0].updated or plain[0].sample:
        return None
    nodes = [node for term in added for node in walk(term)]
    names = [node for node in nodes if isinstance(node, Symbol)]
    is_shift = bool(names) and all(one.name in outside and not one.index for one in names)
    is_shift = is_shift and all(isinstance(node, _SCALING) for node in nodes)
    return plain[0] if is_shift else None

"""What a side is made of: numbers alone, or names; worked out, or left with steps of the chain rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from msgspec import Struct

from grader.assignment import updated
from grader.derivations.labels import is_loss
from grader.formulas.tree import (
    Application,
    Constant,
    Derivative,
    Function,
    Index,
    Node,
    Ones,
    Symbol,
    Tree,
    Unknown,
    walk,
)
from grader.formulas.values.evaluate import Definition
from grader.formulas.values.lookup import numbered

Step: TypeAlias = tuple[str, str]
"""A node, and what it is derived by."""

_NAMES = (Symbol, Unknown, Derivative, Application, Function, Index, Ones)


def is_number(tree: Tree) -> bool:
    r"""Whether a side holds no name: `1 \\cdot 0.75`, `|-3.375|`."""
    return not any(isinstance(node, _NAMES) for node in walk(tree))


def gradients_in(tree: Tree, loss: str) -> frozenset[str]:
    """Return the nodes by which the loss is derived in a side."""
    return frozenset(
        node.by.name
        for node in walk(tree)
        if isinstance(node, Derivative) and isinstance(node.by, Symbol) and is_loss(node.of, loss)
    )


def with_definitions(tree: Tree, definitions: Mapping[str, Definition]) -> tuple[Tree, ...]:
    """Return a side and all that names of the student's own in it stand for, directly or through others."""
    found: list[Tree] = [tree]
    seen: set[str] = set()
    for one in found:
        names = {numbered(node) for node in walk(one) if isinstance(node, Unknown)}
        names |= {node.name for node in walk(one) if isinstance(node, Constant)}
        names |= {
            node.name + "'" * node.primes for node in walk(one) if isinstance(node, Symbol) and node.primes
        }
        fresh = sorted(names & definitions.keys() - seen)
        seen.update(fresh)
        found += [definitions[name].tree for name in fresh]
    return tuple(found)


def with_own_names(tree: Tree, definitions: Mapping[str, Definition]) -> bool:
    """Whether a side holds a name that means something of the student's own, or may come to."""
    return any(
        isinstance(node, Unknown)
        or (isinstance(node, Symbol) and bool(node.primes))
        or (isinstance(node, Constant) and node.name in definitions)
        for node in walk(tree)
    )


class Makeup(Struct, frozen=True, kw_only=True):
    """What a side is written with, names of the student's own worked out."""

    gradients: frozenset[str] = frozenset()
    """Nodes by which the loss is derived in it."""
    values: frozenset[str] = frozenset()
    """Quantities that are named in it beside gradients."""
    steps: frozenset[Step] = frozenset()
    """Local derivatives."""


def makeup_of(tree: Tree, definitions: Mapping[str, Definition], loss: str) -> Makeup:
    """Say what a side is written with.

    Parameters
    ----------
    tree : Tree
    definitions : mapping of str to Definition
        Names of the student's own.
    loss : str

    Returns
    -------
    Makeup
    """
    trees = with_definitions(tree, definitions) if definitions else (tree,)
    return Makeup(
        gradients=frozenset(name for one in trees for name in gradients_in(one, loss)),
        values=frozenset(name for one in trees for name in values_in(one)),
        steps=frozenset(step for one in trees for step in open_steps(one, loss)),
    )


def has_open_step(tree: Tree, loss: str) -> bool:
    """Whether a local derivative is not worked out: one of a node that is not the loss."""
    return bool(open_steps(tree, loss))


def open_steps(tree: Tree, loss: str) -> frozenset[Step]:
    """Return the local derivatives in a side: what is derived, and by what."""
    return frozenset(
        step_of(node) for node in walk(tree) if isinstance(node, Derivative) and not is_loss(node.of, loss)
    )


def step_of(tree: Derivative) -> Step:
    """Return what is derived by what, as names; a formula stands for itself."""
    of = tree.of.of if isinstance(tree.of, Application) else tree.of
    return (of.name if isinstance(of, Symbol | Unknown) else repr(of), tree.by.name)


def is_bare_gradient(tree: Tree, loss: str) -> bool:
    """Whether a side is a gradient and nothing else."""
    return isinstance(tree, Derivative) and is_loss(tree.of, loss)


def values_in(tree: Tree) -> frozenset[str]:
    """Return the quantities that are named in a side beside gradients: values, and parameters after the step."""
    return frozenset(
        updated(node.name) if node.updated else node.name
        for node in _outside_derivatives(tree)
        if isinstance(node, Symbol)
    )


def _outside_derivatives(tree: Node) -> Iterator[Node]:
    """Yield the parts of a tree; what a derivative is of and by is no value that stands in it."""
    inside: set[int] = set()
    for node in walk(tree):
        if id(node) in inside:
            continue
        if isinstance(node, Derivative):
            inside.update(id(part) for part in walk(node) if part is not node)
        yield node

"""Values at other places: functions of the student's own, and the network where some of its values are others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from grader.formulas.lookup import at_index, bare_name, definition_of, inside, numbered
from grader.formulas.scope import Scope, Value
from grader.formulas.tree import Application, Derivative, Node, Sum, Symbol, Tree, Unknown, walk
from grader.formulas.vocabulary import ACCENTS
from grader.formulas.world import World
from grader.model import Array


def application(node: Application, scope: Scope) -> Value:
    """Evaluate a value with what it depends on: itself, or what it is where something else has another value.

    Raises
    ------
    UnevaluableError
        The function is not known, or what stands in its place.
    """
    if isinstance(node.of, Unknown):
        return _called(node, node.of, scope)
    values: dict[str, Array] = {}
    for argument in node.arguments:
        if _says_nothing(argument, scope):
            scope.note(f"What `{node.of.name[:20]}` depends on is left out where the task does not know it.")
        else:
            values |= _replaced(argument, node, scope)
    if not values:
        return scope.value(node.of)
    with inside(scope, world=_world_with(values, node, scope)):
        return scope.value(node.of)


def _says_nothing(argument: Tree, scope: Scope) -> bool:
    r"""Whether an argument is a name that nobody gave a meaning: the `\\theta` of `L(\\theta)`; another one may be in its place."""
    if not isinstance(argument, Unknown) or {argument.name, numbered(argument)} & scope.definitions.keys():
        return False
    return argument.name not in scope.bound and not argument.name.startswith(
        tuple(f"{one}(" for one in ACCENTS)
    )


def _replaced(argument: Tree, node: Application, scope: Scope) -> dict[str, Array]:
    """Return which value of the network an argument takes the place of; of another name, the only one there is."""
    world = scope.world
    if isinstance(argument, Symbol):
        if not (argument.primes or argument.updated):
            return {}
        name = argument.name
    elif isinstance(argument, Unknown):
        parents = world.parents.get(node.of.name, frozenset())
        if len(parents) != 1 or len(node.arguments) != 1:
            raise scope.failure(f"In whose place `{argument.name[:20]}` stands cannot be told.", node)
        name = next(iter(parents))
    elif isinstance(argument, Sum) and (moved := _moved(argument, scope)) is not None:
        return {moved: _sized(moved, np.asarray(scope.value(argument)), node, scope)}
    else:
        raise scope.failure(f"`{node.of.name[:20]}` is no function of an expression.", node)
    is_updated = isinstance(argument, Symbol) and argument.updated and name in world.updates
    value = np.asarray(world.updates[name] if is_updated else definition_of(argument, scope))
    return {name: _sized(name, value, node, scope)}


def _moved(argument: Sum, scope: Scope) -> str | None:
    """Return the only value of the network in a sum, to which the rest is added."""
    names = {one.name for one in walk(argument) if isinstance(one, Symbol)} & scope.world.graph.index.keys()
    return next(iter(names)) if len(names) == 1 else None


def _sized(name: str, value: Array, node: Node, scope: Scope) -> Array:
    """Return what stands in the place of a value, where it has its size."""
    if name not in scope.world.graph.index or value.size != np.size(scope.world.values[name]):
        text = f"What stands in the place of `{name[:20]}` has another size."
        raise scope.failure(text, node, "shape")
    return value


def _called(node: Application, of: Unknown, scope: Scope) -> Value:
    """Evaluate a function of the student's own."""
    found = scope.definitions.get(of.name)
    if found is None:
        raise scope.failure(f"`{of.name[:20]}` is not a function of this task.", node, "unknown")
    if not found.arguments:
        scope.note(f"`{of.name[:20]}` is defined without arguments; they are left out.")
        return scope.value(of)
    if len(found.arguments) != len(node.arguments):
        raise scope.failure(f"`{of.name[:20]}` takes {len(found.arguments)} arguments.", node)
    if of.name in scope.active:
        raise scope.failure(f"`{of.name[:20]}` is defined by itself.", node)
    arguments = zip(found.arguments, map(scope.value, node.arguments), strict=True)
    bound = {**scope.bound, **dict(arguments)}
    with inside(scope, indices={}, active=scope.active | {of.name}, bound=bound):
        value = scope.value(found.tree)
    if not of.index:
        return value
    return at_index(value, of, scope)


def _world_with(values: Mapping[str, Array], node: Node, scope: Scope) -> World:
    """Return the world in which some names of the network have other values."""
    key = ("world", id(scope.world), *((name, value.tobytes()) for name, value in values.items()))
    known = scope.memo.get(key)
    if isinstance(known, World):
        return known
    world = scope.world
    scope.spend(len(world.graph.nodes), node)
    made = world.rerun({name: value.reshape(np.shape(world.values[name])) for name, value in values.items()})
    scope.memo[key] = made
    return made


def with_values(values: Mapping[str, Array], tree: Tree, scope: Scope) -> Array:
    """Evaluate where some values of the network are others, and all that is computed from them follows."""
    memo, scope.memo = scope.memo, {}
    try:
        with inside(scope, world=_world_with(values, tree, scope)):
            return np.asarray(scope.value(tree))
    finally:
        scope.memo = memo


def with_bound(values: Mapping[str, Array], tree: Tree, scope: Scope) -> Array:
    """Evaluate where some names stand for other values, and nothing else changes."""
    bound = {**scope.bound, **{name: float(v) if v.ndim == 0 else v for name, v in values.items()}}
    with inside(scope, bound=bound):
        return np.asarray(scope.value(tree))


# --------------------------------------------------------------------------------------------------------------
# What stands in an expression


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """What an expression and the definitions in it are made of."""

    values: frozenset[str]
    has_derivatives: bool
    has_updates: bool


def names_of(tree: Tree, scope: Scope) -> Names:
    """Return the names that stand in a tree, and in the definitions that it uses."""
    values: set[str] = set()
    waiting: list[Node] = [tree]
    derivatives = updates = False
    while waiting:
        for node in walk(waiting.pop()):
            scope.spend(1, node)
            derivatives |= isinstance(node, Derivative)
            if not isinstance(node, Symbol | Unknown):
                continue
            name = bare_name(node)
            if isinstance(node, Unknown) and numbered(node) in scope.definitions:
                name = numbered(node)
            updates |= isinstance(node, Symbol) and node.updated
            if name in values:
                continue
            values.add(name)
            if name in scope.definitions and not (isinstance(node, Symbol) and not node.primes):
                waiting.append(scope.definitions[name].tree)
    return Names(values=frozenset(values), has_derivatives=derivatives, has_updates=updates)

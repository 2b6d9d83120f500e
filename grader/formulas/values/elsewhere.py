"""Values at other places: functions of the student's own, and the network where some of its values are others."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from grader.formulas.tree import (
    Application,
    Call,
    Derivative,
    Function,
    Node,
    Product,
    Sum,
    Symbol,
    Times,
    Tree,
    Unknown,
    walk,
)
from grader.formulas.values.lookup import at_index, bare_name, definition_of, inside, numbered
from grader.formulas.values.scope import Definition, Scope, Value
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
        return _primed(node, of, scope)
    if not found.arguments:
        return _beside(node, of, found, scope)
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


def _primed(node: Application, of: Unknown, scope: Scope) -> Value:
    """Evaluate the derivative of a function of the student's own, which is named by it and a prime."""
    name = of.name.rstrip("'")
    primes, found = len(of.name) - len(name), scope.definitions.get(name)
    if found is None or not primes or of.index:
        raise scope.failure(f"`{of.name[:20]}` is not a function of this task.", node, "unknown")
    if isinstance(found.tree, Function) and not found.arguments:
        return _applied(node, found.tree, found.tree.primes + primes, scope)
    if len(found.arguments) != 1 or len(node.arguments) != 1 or primes > 1 or name in scope.active:
        raise scope.failure(f"The derivative `{of.name[:20]}` cannot be computed.", node)
    (argument,) = found.arguments
    by = next((one for one in walk(found.tree) if _is_named(one, argument)), None)
    if not isinstance(by, Symbol | Unknown):
        raise scope.failure(f"The derivative `{of.name[:20]}` cannot be computed.", node)
    derived = Derivative(of=found.tree, by=replace(by, index=()), start=node.start, end=node.end)
    bound = {**scope.bound, argument: scope.value(node.arguments[0])}
    with inside(scope, indices={}, active=scope.active | {name}, bound=bound):
        return scope.value(derived)


def _is_named(node: Node, name: str) -> bool:
    return isinstance(node, Symbol | Unknown) and bare_name(node) == name


def _applied(node: Application, function: Function, primes: int, scope: Scope) -> Value:
    r"""Evaluate a function of the task under a name of the student's own: `\varphi = \mathrm{ReLU}`."""
    call = Call(
        function=function.name, arguments=node.arguments, primes=primes, start=node.start, end=node.end
    )
    return scope.value(call)


def _beside(node: Application, of: Unknown, found: Definition, scope: Scope) -> Value:
    """Evaluate a name of the student's own that is no function, with brackets behind it: what it depends on, or a factor."""
    if isinstance(found.tree, Function) and not of.index:
        return _applied(node, found.tree, found.tree.primes, scope)
    known = names_of(found.tree, scope).values
    if all(_is_said(one, known, scope) for one in node.arguments):
        scope.note(f"`{of.name[:20]}` is defined without arguments; they are left out.")
        return scope.value(of)
    if len(node.arguments) > 1:
        raise scope.failure(f"`{of.name[:20]}` is defined without arguments.", node)
    scope.note(f"`{of.name[:20]}` is multiplied by the brackets behind it.")
    factors = (of, node.arguments[0])
    return scope.value(Product(factors=factors, signs=(Times.ADJACENT,), start=node.start, end=node.end))


def _is_said(argument: Tree, known: frozenset[str], scope: Scope) -> bool:
    """Whether an argument is a name alone that the definition is made of, or one that nobody gave a meaning."""
    if isinstance(argument, Symbol):
        return bare_name(argument) in known
    return _says_nothing(argument, scope) or (isinstance(argument, Unknown) and argument.name in known)


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


class Names(Struct, frozen=True, kw_only=True):
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

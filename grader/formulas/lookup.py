"""What names stand for: values of the point, the student's own definitions, and functions of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from grader.formulas.extents import extents
from grader.formulas.scope import Definition, Scope, Value
from grader.formulas.shapes import entry, whole
from grader.formulas.tree import Application, Derivative, Index, Node, Symbol, Tree, Unknown, walk
from grader.formulas.world import World
from grader.model import Array


def bare_name(node: Symbol | Unknown) -> str:
    """Return what a name is looked up by: its primes belong to it."""
    return node.name + "'" * node.primes if isinstance(node, Symbol) else node.name


def symbol(node: Symbol, scope: Scope) -> Value:
    """Evaluate a name of the task.

    Raises
    ------
    UnevaluableError
        There is no such value, or not at that index.
    """
    if scope.bound or node.primes or node.updated or node.sample:
        return _special(node, scope)
    found = scope.world.values.get(node.name)
    if found is None:
        raise scope.failure(f"`{node.name[:20]}` is not a name of this task.", node, "unknown")
    return _at(found, node, scope)


def _at(found: Value, node: Symbol | Unknown, scope: Scope) -> Value:
    if isinstance(found, float):
        if node.index:
            raise scope.failure(f"`{node.name[:20]}` is a single number and has no entries.", node, "shape")
        return found
    if node.index:
        return entry(found, node.index, node, scope)
    return whole(found, node, scope)


def _special(node: Symbol, scope: Scope) -> Value:
    """Evaluate a name that is varied, primed, of a sample or after the step."""
    name = bare_name(node)
    if name in scope.bound and not node.updated:
        return _at(scope.bound[name], node, scope)
    if node.primes:
        return _own(node, scope)
    values = scope.world.updates if node.updated else scope.world.values
    if node.name not in values:
        what = "has no value after the step" if node.updated else "is not a name of this task"
        raise scope.failure(f"`{node.name[:20]}` {what}.", node, "unknown")
    found = np.asarray(values[node.name], dtype=np.float64)
    if node.sample:
        found = _sample(found, node, scope)
    return _at(float(found) if found.ndim == 0 else found, node, scope)


def _sample(found: Array, node: Symbol, scope: Scope) -> Array:
    """Return the sample that a label means; a label of a value without an axis for samples says nothing."""
    label = node.sample.strip("<>")
    if found.ndim == scope.axes.get(node.name, found.ndim) + 1:
        if label in scope.indices:
            position = scope.indices[label]
        elif label.isascii() and label.isdigit() and len(label) < 10:  # noqa: PLR2004 (an int of 32 bits)
            position = int(label) - scope.readings.first_index
        else:
            raise scope.failure("Which sample is meant cannot be told.", node)
        if not 0 <= position < found.shape[0]:
            raise scope.failure("An index runs past the end.", node, "shape")
        return np.asarray(found[position])
    if not is_one_sample(node, scope):
        raise scope.failure(f"`{node.name[:20]}` has one value, not one for each sample.", node, "shape")
    return found


def is_one_sample(node: Symbol, scope: Scope) -> bool:
    """Whether the label of a sample says nothing: the network has one, and no sum counts them."""
    shape = np.shape(scope.world.values.get(node.name, 0.0))
    is_one = node.sample.strip("<>") not in scope.indices
    if is_one and len(shape) == scope.axes.get(node.name, len(shape)):
        scope.note("A label of a sample is left out.")
        return True
    return False


def unknown(node: Unknown, scope: Scope) -> Value:
    """Evaluate a name that the task does not know: the student's own, or a letter that counts.

    Raises
    ------
    UnevaluableError
        It is neither.
    """
    if node.name in scope.bound:
        return _at(scope.bound[node.name], node, scope)
    if not node.index and node.name in scope.indices:
        return float(scope.indices[node.name] + scope.readings.first_index)
    if node.name in scope.definitions or node.index:
        return _own(node, scope)
    return _letter(node.name, node, scope)


def index(node: Index, scope: Scope) -> Value:
    """Evaluate a letter that counts to the number that it stands for.

    Raises
    ------
    UnevaluableError
        Nothing says how far it counts.
    """
    if node.name in scope.indices:
        return float(scope.indices[node.name] + scope.readings.first_index)
    return _letter(node.name, node, scope)


def _letter(name: str, node: Node, scope: Scope) -> Value:
    """Evaluate the letter of the true class, or a size."""
    if name in scope.world.hot:
        return float(hot_position(scope.world.hot[name], node, scope) + scope.readings.first_index)
    if name in scope.world.sizes:
        return float(scope.world.sizes[name])
    raise scope.failure(f"`{name[:20]}` is not a name of this task.", node, "unknown")


def hot_position(name: str, node: Node, scope: Scope) -> int:
    """Return where the 1 of a one-hot value stands, from 0."""
    found = np.asarray(scope.world.values.get(name, 0.0))
    if found.size not in found.shape:
        raise scope.failure(f"`{name[:20]}` does not tell one class.", node)
    return int(np.argmax(found))


# --------------------------------------------------------------------------------------------------------------
# Definitions


def _own(node: Symbol | Unknown, scope: Scope) -> Value:
    """Evaluate a name of the student's own."""
    name = bare_name(node)
    found = scope.definitions.get(name)
    if found is None:
        raise scope.failure(f"`{name[:20]}` is not a name of this task.", node, "unknown")
    if found.arguments:
        raise scope.failure(f"`{name[:20]}` is a function and has no argument here.", node)
    if node.index and len(found.indices) == len(node.index):
        places = {letter: scope.position(one) for letter, one in zip(found.indices, node.index, strict=True)}
        if min(places.values()) < 0:
            raise scope.failure("An index runs past the end.", node, "shape")
        return _evaluated(name, found, node, scope, indices=places)
    value = definition_of(node, scope)
    return _at(value, node, scope) if node.index else value


def definition_of(node: Symbol | Unknown, scope: Scope) -> Value:
    """Evaluate a name of the student's own as a whole, all its entries together.

    Raises
    ------
    UnevaluableError
        There is no such definition, or it has no value.
    """
    name = bare_name(node)
    found = scope.definitions.get(name)
    if found is None or found.arguments:
        raise scope.failure(f"`{name[:20]}` is not a name of this task.", node, "unknown")
    if not found.indices:
        return _evaluated(name, found, node, scope, indices={})
    sizes = extents(found.indices, (found.tree,), scope)
    if len(sizes) < len(set(found.indices)):
        raise scope.failure(f"How far the index of `{name[:20]}` counts cannot be told.", node)
    shape = tuple(sizes[letter] for letter in found.indices)
    scope.spend(int(np.prod(shape)), node)
    entries = [
        _evaluated(name, found, node, scope, indices=dict(zip(found.indices, at, strict=True)))
        for at in np.ndindex(*shape)
    ]
    if not all(isinstance(one, float) for one in entries):
        raise scope.failure(f"`{name[:20]}` has entries that are no single numbers.", node, "shape")
    return whole(np.array(entries).reshape(shape), node, scope)


def _evaluated(
    name: str, definition: Definition, node: Node, scope: Scope, *, indices: Mapping[str, int]
) -> Value:
    """Evaluate the tree of a definition once for what it depends on."""
    key = ("definition", name, tuple(indices.items()), id(scope.world))
    if not scope.bound and key in scope.memo:
        known = scope.memo[key]
        assert isinstance(known, float | np.ndarray)
        return known
    if name in scope.active:
        raise scope.failure(f"`{name[:20]}` is defined by itself.", node)
    scope.enter(node, 1)
    with _inside(scope, indices=indices, active=scope.active | {name}):
        value = scope.value(definition.tree)
    scope.depth -= 1
    if not scope.bound:
        scope.memo[key] = value
    return value


@contextmanager
def _inside(
    scope: Scope,
    *,
    indices: Mapping[str, int] | None = None,
    active: frozenset[str] | None = None,
    bound: Mapping[str, Value] | None = None,
    world: World | None = None,
) -> Iterator[None]:
    """Change the surroundings for a while."""
    saved = scope.indices, scope.active, scope.bound, scope.world
    scope.indices = scope.indices if indices is None else indices
    scope.active = scope.active if active is None else active
    scope.bound = scope.bound if bound is None else bound
    scope.world = scope.world if world is None else world
    try:
        yield
    finally:
        scope.indices, scope.active, scope.bound, scope.world = saved


# --------------------------------------------------------------------------------------------------------------
# Values at other places


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
        values |= _replaced(argument, node, scope)
    if not values:
        return scope.value(node.of)
    with _inside(scope, world=_world_with(values, node, scope)):
        return scope.value(node.of)


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
    else:
        raise scope.failure(f"`{node.of.name[:20]}` is no function of an expression.", node)
    is_updated = isinstance(argument, Symbol) and argument.updated and name in world.updates
    value = np.asarray(world.updates[name] if is_updated else definition_of(argument, scope))
    if name not in world.graph.index or value.size != np.size(world.values[name]):
        text = f"What stands in the place of `{name[:20]}` has another size."
        raise scope.failure(text, node, "shape")
    return {name: value}


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
    with _inside(scope, indices={}, active=scope.active | {of.name}, bound=bound):
        value = scope.value(found.tree)
    if not of.index:
        return value
    return _at(value, of, scope)


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
        with _inside(scope, world=_world_with(values, tree, scope)):
            return np.asarray(scope.value(tree))
    finally:
        scope.memo = memo


def with_bound(values: Mapping[str, Array], tree: Tree, scope: Scope) -> Array:
    """Evaluate where some names stand for other values, and nothing else changes."""
    bound = {**scope.bound, **{name: float(v) if v.ndim == 0 else v for name, v in values.items()}}
    with _inside(scope, bound=bound):
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
            updates |= isinstance(node, Symbol) and node.updated
            if name in values:
                continue
            values.add(name)
            if name in scope.definitions and not (isinstance(node, Symbol) and not node.primes):
                waiting.append(scope.definitions[name].tree)
    return Names(values=frozenset(values), has_derivatives=derivatives, has_updates=updates)

"""What names stand for: values of the point, letters that count, and the student's own definitions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np

from grader.formulas.tree import Index, Node, Number, Symbol, Unknown
from grader.formulas.values.extents import extents
from grader.formulas.values.scope import Definition, Scope, Value
from grader.formulas.values.shapes import entry, whole
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
    return at_index(found, node, scope)


def at_index(found: Value, node: Symbol | Unknown, scope: Scope) -> Value:
    """Return the entry of a value that the index of a name means; all of it where there is none."""
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
        return at_index(scope.bound[name], node, scope)
    if node.primes:
        return _own(node, scope)
    values = scope.world.updates if node.updated else scope.world.values
    if node.name not in values:
        what = "has no value after the step" if node.updated else "is not a name of this task"
        raise scope.failure(f"`{node.name[:20]}` {what}.", node, "unknown")
    found = np.asarray(values[node.name], dtype=np.float64)
    if node.sample:
        found = _sample(found, node, scope)
    return at_index(float(found) if found.ndim == 0 else found, node, scope)


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
        return at_index(scope.bound[node.name], node, scope)
    if not node.index and node.name in scope.indices:
        return float(scope.indices[node.name] + scope.readings.first_index)
    name = numbered(node)
    if name in scope.definitions and name != node.name:
        return _own(Unknown(name=name, start=node.start, end=node.end), scope)
    if node.name in scope.definitions or node.index:
        return _own(node, scope)
    return _letter(node.name, node, scope)


def numbered(node: Unknown) -> str:
    """Return the whole name of one with a number below it, as in `delta_2`; else its name alone."""
    if not node.index or not all(isinstance(one, Number) for one in node.index):
        return node.name
    return "_".join((node.name, *(one.text for one in node.index if isinstance(one, Number))))


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
        written = numbered(node) if isinstance(node, Unknown) else name
        raise scope.failure(f"`{written[:20]}` is not a name of this task.", node, "unknown")
    if found.arguments:
        raise scope.failure(f"`{name[:20]}` is a function and has no argument here.", node)
    if node.index and len(found.indices) == len(node.index):
        places = {letter: scope.position(one) for letter, one in zip(found.indices, node.index, strict=True)}
        if min(places.values()) < 0:
            raise scope.failure("An index runs past the end.", node, "shape")
        return _evaluated(name, found, node, scope, indices=places)
    value = definition_of(node, scope)
    return at_index(value, node, scope) if node.index else value


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
    with inside(scope, indices=indices, active=scope.active | {name}):
        value = scope.value(definition.tree)
    scope.depth -= 1
    if not scope.bound:
        scope.memo[key] = value
    return value


@contextmanager
def inside(
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

"""What a case shows: sides of kinks, signs of gradients, sizes; and whether rounding could decide any of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from grader.assignment import CaseRules, Unit
from grader.model import Array
from reference.network import Backward, Forward, Graph

Feature: TypeAlias = tuple[str, ...]

CLOSE = 0.45
"""A mask with another threshold than 0 shows only on inputs that are closer to 0 than it."""
UNLIKE = 0.04
"""Of two numbers that differ by less than this share, one could stand for the other unseen."""
WISHED = "wished for"
"""Kind of feature that a set of cases may do without where it cannot have it."""
SMALLEST_SUM = 0.05
"""A sum that cancels to less than this share of its terms is drawn again."""
KINK_MARGIN = 1e-6
"""Relative distance from a kink below which rounding could decide the side."""


def features(unit: Unit, leaves: Mapping[str, Array], run: Forward, gradients: Backward) -> Iterator[Feature]:
    """Yield what a case shows.

    Parameters
    ----------
    unit : Unit
    leaves : mapping of str to ndarray
    run : Forward
    gradients : Backward
        Of the network on the leaves.

    Yields
    ------
    tuple of str
        Its kind first. Every set of cases must show every feature that can be shown, but for those of the kind `WISHED`.
    """
    yield from _of_passes(unit.graph, run, gradients)
    yield from _sizes_shown(unit.cases, leaves)
    if _tells_apart(unit, run, gradients):
        yield (WISHED, "told apart")


def is_admissible(unit: Unit, run: Forward, gradients: Backward) -> bool:
    """Say whether no value is decided by rounding: no sum cancels, no kink is too close.

    Parameters
    ----------
    unit : Unit
    run : Forward
    gradients : Backward

    Returns
    -------
    bool
    """
    graph = unit.graph
    close_on_purpose = {graph.index[name] for name in unit.cases.near}
    for node, value in zip(graph.nodes, run.used, strict=True):
        if node.operation is None or close_on_purpose.intersection(node.inputs):
            continue
        arguments = [run.used[i] for i in node.inputs]
        if node.operation.magnitude is not None and _cancels(value, node.operation.magnitude(*arguments)):
            return False
        if node.operation.one_sided and _close_to_kink(arguments[0]):
            return False
    sizes = graph.backward_magnitudes(run, gradients)
    return not any(
        _cancels(gradients.computed[graph.index[name]], np.asarray(size)) for name, (size, _) in sizes.items()
    )


# Each of the next three has a way of its own for single numbers, where NumPy takes ten times as long: a student's check
# waits for the cases.


def _cancels(value: Array, size: Array) -> bool:
    if np.ndim(value) == np.ndim(size) == 0:
        return abs(float(value)) < SMALLEST_SUM * abs(float(size))
    return bool(np.linalg.norm(value) < SMALLEST_SUM * np.linalg.norm(size))


def _close_to_kink(argument: Array) -> bool:
    if np.ndim(argument) == 0:
        distance = abs(float(argument))
        return 0.0 < distance < KINK_MARGIN * max(distance, 1.0)
    largest = float(np.max(np.abs(argument), initial=0.0))
    return bool(np.any((argument != 0.0) & (np.abs(argument) < KINK_MARGIN * max(largest, 1.0))))


def _signs(values: Array) -> tuple[int, ...]:
    """Return -1, 0 or 1 for each entry."""
    entries = (float(values),) if np.ndim(values) == 0 else np.ravel(values).tolist()
    return tuple((entry > 0) - (entry < 0) for entry in entries)


# --------------------------------------------------------------------------------------------------------------
# What is shown


def _sizes_shown(rules: CaseRules, leaves: Mapping[str, Array]) -> Iterator[Feature]:
    """Yield which sizes are 1 and which are more: one sample hides what is summed or averaged over samples."""
    for name, rule in rules.leaves.items():
        for part, length in zip(rule.shape, np.shape(leaves[name]), strict=True):
            if isinstance(part, str) and 1 in rules.sizes[part]:
                yield ("size", part, "one" if length == 1 else "more")


def _tells_apart(unit: Unit, run: Forward, gradients: Backward) -> bool:
    """Whether every single number matters, and none could stand for another unseen; a target is near an output on purpose."""
    graph = unit.graph
    places = [i for name, i in graph.index.items() if name not in unit.cases.near and name != graph.loss]
    if any(np.ndim(run.used[i]) or not gradients.used[i] for i in places):
        return False
    # A unit that is on has the value of its argument.
    sizes = sorted(
        abs(float(run.used[i]))
        for i in places
        if run.used[i] not in [run.used[j] for j in graph.nodes[i].inputs]
    )
    return all(larger - smaller >= UNLIKE * larger for smaller, larger in pairwise(sizes))


def _of_passes(graph: Graph, run: Forward, gradients: Backward) -> Iterator[Feature]:
    """Yield what a case shows: sides of kinks with the sign of the arriving gradient, and non-zero quantities."""
    pattern: list[str] = []
    values = [_signs(value) for value in run.used]
    slopes = [_signs(gradient) for gradient in gradients.used]
    scalar = all(len(signs) == 1 for signs in values)
    for i, node in enumerate(graph.nodes):
        if node.operation is not None and node.operation.one_sided:
            source = node.inputs[0]
            sides, arriving = values[source], slopes[i]
            yield from (
                ("kink", str(i), f"{side:+}", f"{sign:+}")
                for side, sign in zip(sides, arriving, strict=True)
                if side and sign
            )
            pattern.extend(f"{side:+}" for side in sides)
            if scalar and 0.0 < abs(float(run.used[source])) < CLOSE:
                yield (WISHED, str(i), f"{sides[0]:+}")
            if scalar and sides[0] and arriving[0]:
                # A mask taken of another value shows only where its sign is another.
                yield from (
                    ("mask", str(i), name) for name, other in graph.index.items() if values[other] != sides
                )
                # What comes through where it must not may be held back by the next kink: there it shows in one case only.
                yield from (
                    (WISHED, str(i), f"{name} behind it {shown}") for name, shown in _behind(graph, run, i)
                )
                # Where it asks for more than 0, a value of 0 is on the side of those below.
                yield from (
                    (WISHED, str(i), f"side of {name}")
                    for name, other in graph.index.items()
                    if (values[other][0] > 0) != (sides[0] > 0)
                )
        if node.name is not None:
            if any(values[i]):
                yield ("value", node.name)
            if any(slopes[i]):
                yield ("gradient", node.name)
    if scalar:
        # With few kinks every combination of sides is worth a case: a mistake may show in one of them only.
        yield ("pattern", *pattern)


def _behind(graph: Graph, run: Forward, index: int) -> Iterator[tuple[str, str]]:
    """Yield which later kinks would show, and which hold back, what comes through one that holds it back."""
    node = graph.nodes[index]
    source = run.used[node.inputs[0]]
    if node.name is None or run.used[index] != 0.0 or source == 0.0:
        return
    leaves = {name: run.used[graph.index[name]] for name in graph.leaves}
    let_through = graph.forward(leaves, given={node.name: source})
    for later, value in zip(graph.nodes[index + 1 :], let_through.used[index + 1 :], strict=True):
        if later.name is not None and later.operation is not None and later.operation.one_sided:
            yield later.name, "shows" if value else "is held back"

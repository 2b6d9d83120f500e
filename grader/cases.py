"""Cases: the worked one of the task, and drawn ones that together leave no mistake a place to hide.

The guards hold for the set, not for each case: over the set every quantity is non-zero somewhere and every ReLU and
absolute value is on both sides, with arriving gradients of both signs. Pure: randomness comes in as a generator.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from grader.assignment import RATE, Assignment, NearRule
from grader.errors import AssignmentError
from grader.model import WORKED, Array, Case
from reference.network import Backward, Forward, Graph

POOL = 160
"""Admissible draws to choose the cases from."""
MOST_DRAWS = 10_000
SMALLEST_LEAF = 0.1
"""A leaf closer to zero than this share of its range is drawn again."""
SMALLEST_SUM = 0.05
"""A sum that cancels to less than this share of its terms is drawn again."""
SMALLEST_CENTRE = 0.05
"""Output below which a target's distance from it is no longer a share of it."""
KINK_MARGIN = 1e-6
"""Relative distance from a kink below which rounding could decide the side."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Draw:
    leaves: Mapping[str, Array]
    features: frozenset[tuple[str, ...]]


def worked_case(assignment: Assignment) -> Case:
    """Return the case that is printed in the task.

    Parameters
    ----------
    assignment : Assignment

    Returns
    -------
    Case
        Named `worked`; its loss is asked for the network's own output, its update for the network's own gradients:
        all of these numbers are known to students.
    """
    leaves = {
        name: np.asarray(value, np.float64) for name, value in assignment.cases.worked.items() if name != RATE
    }
    graph = assignment.graph
    gradients = graph.backward(graph.forward(leaves))
    return Case(
        name=WORKED,
        leaves=leaves,
        rate=assignment.cases.worked[RATE],
        unit_leaves=leaves,
        unit_gradients={name: graph.gradient(gradients, name) for name in assignment.parameters},
    )


def drawn_cases(assignment: Assignment, generator: np.random.Generator) -> tuple[Case, ...]:
    """Draw the hidden cases (or, from another seed, the practice cases).

    Parameters
    ----------
    assignment : Assignment
    generator : numpy.random.Generator

    Returns
    -------
    tuple of Case
        As many as the assignment says, named `drawn-1`, `drawn-2`, ...

    Raises
    ------
    AssignmentError
        Where the ranges admit too few draws, or more cases are needed to cover what can occur.
    """
    pool = _pool(assignment, generator)
    chosen = _cover(pool, assignment, generator)
    spare = [draw for draw in pool if draw not in chosen]
    low, high = assignment.cases.ranges[RATE]
    return tuple(
        Case(
            name=f"drawn-{number}",
            leaves=draw.leaves,
            rate=float(generator.uniform(low, high)),
            unit_leaves=unit.leaves,
            unit_gradients={
                name: np.asarray(_away_from_zero(generator, -2.0, 2.0), np.float64)
                for name in assignment.parameters
            },
        )
        for number, (draw, unit) in enumerate(zip(chosen, spare, strict=False), start=1)
    )


def _pool(assignment: Assignment, generator: np.random.Generator) -> list[_Draw]:
    pool: list[_Draw] = []
    for _ in range(MOST_DRAWS):
        leaves = _leaves(assignment, generator)
        run = assignment.graph.forward(leaves)
        gradients = assignment.graph.backward(run)
        if _admissible(assignment, run, gradients):
            pool.append(_Draw(leaves=leaves, features=frozenset(_features(assignment.graph, run, gradients))))
        if len(pool) == POOL:
            return pool
    raise AssignmentError(
        f"{assignment.folder}: cases.ranges: only {len(pool)} of {MOST_DRAWS} draws keep away from kinks and cancellation",
        remedy="widen the ranges",
    )


def _leaves(assignment: Assignment, generator: np.random.Generator) -> dict[str, Array]:
    rules = assignment.cases
    leaves = {
        name: np.asarray(_away_from_zero(generator, *rules.ranges[name]), np.float64)
        for name in assignment.graph.leaves
        if name in rules.ranges
    }
    if rules.near:
        unknown = dict.fromkeys(rules.near, np.asarray(0.0))
        run = assignment.graph.forward({**leaves, **unknown})
        for name, rule in rules.near.items():
            centre = float(assignment.graph.value(run, rule.near))
            leaves[name] = np.asarray(centre + _distance(generator, centre, rule), np.float64)
    return leaves


def _distance(generator: np.random.Generator, centre: float, rule: NearRule) -> float:
    """Draw the signed distance of a target from the network's output."""
    side = float(generator.choice((-1.0, 1.0)))
    if abs(centre) > SMALLEST_CENTRE:
        return side * abs(centre) * rule.within * float(generator.uniform(0.2, 1.0))
    return side * float(generator.uniform(*rule.otherwise))


def _away_from_zero(generator: np.random.Generator, low: float, high: float) -> float:
    smallest = SMALLEST_LEAF * max(abs(low), abs(high))
    while True:
        value = float(generator.uniform(low, high))
        if abs(value) >= smallest or min(abs(low), abs(high)) < smallest:
            return value


# --------------------------------------------------------------------------------------------------------------
# Guards


def _admissible(assignment: Assignment, run: Forward, gradients: Backward) -> bool:
    """Whether no value is decided by rounding: no sum cancels, no kink is too close."""
    graph = assignment.graph
    close_on_purpose = {graph.index[name] for name in assignment.cases.near}
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


def _cancels(value: Array, size: Array) -> bool:
    return bool(np.linalg.norm(value) < SMALLEST_SUM * np.linalg.norm(size))


def _close_to_kink(argument: Array) -> bool:
    largest = float(np.max(np.abs(argument), initial=0.0))
    return bool(np.any((argument != 0.0) & (np.abs(argument) < KINK_MARGIN * max(largest, 1.0))))


def _features(graph: Graph, run: Forward, gradients: Backward) -> Iterator[tuple[str, ...]]:
    """Yield what a case shows: sides of kinks with the sign of the arriving gradient, and non-zero quantities."""
    pattern: list[str] = []
    scalar = all(np.size(value) == 1 for value in run.used)
    for i, node in enumerate(graph.nodes):
        if node.operation is not None and node.operation.one_sided:
            sides = np.sign(np.ravel(run.used[node.inputs[0]]))
            arriving = np.sign(np.ravel(gradients.used[i]))
            yield from (
                ("kink", str(i), f"{side:+g}", f"{sign:+g}")
                for side, sign in zip(sides, arriving, strict=True)
                if side and sign
            )
            pattern.extend(f"{side:+g}" for side in sides)
            if scalar and sides[0] and arriving[0]:
                # A mask taken of another value shows only where its sign is another.
                yield from (
                    ("mask", str(i), name)
                    for name, other in graph.index.items()
                    if np.sign(run.used[other]) != sides[0]
                )
        if node.name is not None:
            if np.any(run.used[i]):
                yield ("value", node.name)
            if np.any(gradients.used[i]):
                yield ("gradient", node.name)
    if scalar:
        # With few kinks every combination of sides is worth a case: a mistake may show in one of them only.
        yield ("pattern", *pattern)


def _cover(pool: list[_Draw], assignment: Assignment, generator: np.random.Generator) -> list[_Draw]:
    """Choose as many draws as the assignment wants, so that all features of the pool occur (greedy set cover)."""
    wanted = frozenset[tuple[str, ...]]().union(*(draw.features for draw in pool))
    missing = wanted
    for _ in range(50):
        order = [pool[i] for i in generator.permutation(len(pool))]
        chosen: list[_Draw] = []
        missing = wanted
        while missing and len(chosen) < assignment.cases.drawn:
            best = max(order, key=lambda draw: len(draw.features & missing))
            chosen.append(best)
            missing = missing - best.features
        if not missing:
            rest = [draw for draw in order if draw not in chosen]
            return chosen + rest[: assignment.cases.drawn - len(chosen)]
    raise AssignmentError(
        f"{assignment.folder}: cases.drawn: {assignment.cases.drawn} cases do not cover all that can occur "
        f"({len(missing)} combinations of kink sides and gradient signs are left)",
        remedy="raise cases.drawn",
    )

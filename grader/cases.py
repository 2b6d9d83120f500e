"""Cases: the worked one of the task, and drawn ones that together leave no mistake a place to hide.

The guards hold for the set, not for each case: over the set every quantity is non-zero somewhere and every ReLU and
absolute value is on both sides, with arriving gradients of both signs. Pure: randomness comes in as a generator.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

import numpy as np
from msgspec import Struct

from grader.assignment import RATE, CaseRules, Kind, LeafRule, NearRule, Unit
from grader.errors import AssignmentError
from grader.model import WORKED, Array, Case
from reference.network import Backward, Forward, Graph

POOL = 80
"""Admissible draws to choose the cases from."""
POOL_OF_ARRAYS = 4
"""The same per case where values are arrays: each shows many sides at once."""
CLOSE = 0.45
"""A mask with another threshold than 0 shows only on inputs that are closer to 0 than it."""
ALIKE = 0.1
"""Two leaves that differ by less than this share are drawn again: taking one for the other would hardly show."""
UNLIKE = 0.04
"""The same for all numbers of a case in which each matters: one such case is wished for."""
MOST_UNLIKE = 50
"""How often; with many leaves two are always alike."""
WISHED = "close"
"""Kind of feature that a set of cases may do without where it cannot have it."""
NEAREST, FARTHEST = 0.1, 0.3
"""How far a target is from the output, as a share of the largest distance: the closer, the more outputs are told apart."""
MOST_DRAWS = 10_000
MOST_COVERS = 200
SMALLEST_LEAF = 0.1
"""A leaf closer to zero than this share of its range is drawn again."""
SMALLEST_SUM = 0.05
"""A sum that cancels to less than this share of its terms is drawn again."""
SMALLEST_CENTRE = 0.05
"""Output below which a target's distance from it is no longer a share of it."""
KINK_MARGIN = 1e-6
"""Relative distance from a kink below which rounding could decide the side."""


SIDES = (1.0, -1.0)


class _Draw(Struct, frozen=True, kw_only=True, eq=False):
    """Leaves that make one case, or two where targets lie near the output: one on each side of it.

    With the same weights on both sides, an output that is wrong inside `backward` lies on the wrong side of one of the
    targets, whichever way it is off; with other weights it may hide on both. Where all parameters' gradients are zero, they are
    on either side, and one is enough: what makes them anything else shows whatever its sign.
    """

    sides: tuple[Mapping[str, Array], ...]
    features: frozenset[tuple[str, ...]]


def cases_of(unit: Unit, generator: np.random.Generator) -> tuple[Case, ...]:
    """Return all cases of a unit: the worked one where there is one, drawn ones, and those at the edge.

    Parameters
    ----------
    unit : Unit
    generator : numpy.random.Generator

    Returns
    -------
    tuple of Case

    Raises
    ------
    AssignmentError
        See `drawn_cases`.
    """
    worked = worked_case(unit)
    drawn = drawn_cases(unit, generator)
    edges = (
        _written(unit, f"drawn-{number}", leaves, edge=True)
        for number, leaves in enumerate(unit.cases.edges, start=len(drawn) + 1)
    )
    return (*((worked,) if worked is not None else ()), *drawn, *edges)


def worked_case(unit: Unit) -> Case | None:
    """Return the case that is printed in the task.

    Parameters
    ----------
    unit : Unit

    Returns
    -------
    Case or None
        Named `worked`; its loss is asked for the network's own output, its update for the network's own gradients:
        all of these numbers are known to students. None where the task prints none.
    """
    return None if unit.cases.worked is None else _written(unit, WORKED, unit.cases.worked, edge=False)


def _written(unit: Unit, name: str, entry: Mapping[str, Array], *, edge: bool) -> Case:
    """Return a case whose leaves are written out."""
    leaves = {leaf: entry[leaf] for leaf in unit.graph.leaves}
    graph = unit.graph
    gradients = graph.backward(graph.forward(leaves))
    return Case(
        name=name,
        leaves=leaves,
        rate=float(entry.get(RATE, np.asarray(1.0))),
        spare_leaves=leaves,
        given_gradients={name: graph.gradient(gradients, name) for name in unit.parameters},
        edge=edge,
    )


def drawn_cases(unit: Unit, generator: np.random.Generator) -> tuple[Case, ...]:
    """Draw the hidden cases (or, from another seed, the practice cases).

    Parameters
    ----------
    unit : Unit
    generator : numpy.random.Generator

    Returns
    -------
    tuple of Case
        As many as the unit says, named `drawn-1`, `drawn-2`, ...

    Raises
    ------
    AssignmentError
        Where the ranges admit too few draws, or more cases are needed to cover what can occur.
    """
    pool = _pool(unit, generator)
    chosen = _cover(pool, unit, generator)
    rest = [draw for draw in pool if draw not in chosen]
    while len(asked := _leaves(chosen)) < unit.cases.drawn:
        chosen.append(rest.pop(0))
    spare = _leaves(sorted(rest, key=lambda draw: len(draw.sides), reverse=True))
    return tuple(
        Case(
            name=f"drawn-{number}",
            leaves=leaves,
            rate=1.0 if unit.cases.rate is None else float(generator.uniform(*unit.cases.rate)),
            spare_leaves=other,
            given_gradients={
                name: _away_from_zero(generator, -2.0, 2.0, np.shape(leaves[name]))
                for name in unit.parameters
            },
        )
        for number, (leaves, other) in enumerate(zip(asked[: unit.cases.drawn], spare, strict=False), start=1)
    )


def _leaves(draws: Iterable[_Draw]) -> list[Mapping[str, Array]]:
    return [leaves for draw in draws for leaves in draw.sides]


def _pool(unit: Unit, generator: np.random.Generator) -> list[_Draw]:
    pool: list[_Draw] = []
    arrays = any(rule.shape for rule in unit.cases.leaves.values())
    enough = POOL_OF_ARRAYS * unit.cases.drawn if arrays else POOL
    for _ in range(MOST_DRAWS):
        draw = _draw(unit, generator)
        if draw is not None:
            pool.append(draw)
        if len(pool) == enough:
            return pool
    raise AssignmentError(
        f"{unit.where}: cases.ranges: only {len(pool)} of {MOST_DRAWS} draws keep away from kinks and cancellation",
        remedy="widen the ranges",
    )


def _draw(unit: Unit, generator: np.random.Generator) -> _Draw | None:
    """Draw leaves; None where rounding would decide a value."""
    sides: list[Mapping[str, Array]] = []
    features: set[tuple[str, ...]] = set()
    for leaves in _sides(unit, generator):
        run = unit.graph.forward(leaves)
        gradients = unit.graph.backward(run)
        if not _admissible(unit, run, gradients):
            return None
        sides.append(leaves)
        features.update(_features(unit.graph, run, gradients))
        features.update(_sizes_shown(unit.cases, leaves))
        if _tells_apart(unit, run, gradients):
            features.add((WISHED, "told apart"))
        if not any(np.any(unit.graph.gradient(gradients, name)) for name in unit.parameters):
            break
        if any(abs(unit.graph.value(run, rule.near)) <= SMALLEST_CENTRE for rule in unit.cases.near.values()):
            return None  # the targets are far from it, and an output that is a little off shows on no side
    return _Draw(sides=tuple(sides), features=frozenset(features))


def _sides(unit: Unit, generator: np.random.Generator) -> Iterator[dict[str, Array]]:
    """Yield drawn leaves; twice where targets lie near the output, on one side of it and on the other."""
    rules = unit.cases
    leaves: dict[str, Array] = {}
    for _ in range(MOST_UNLIKE):
        sizes = _sizes(rules, generator)
        leaves = {name: _leaf(rule, sizes, generator) for name, rule in rules.leaves.items()}
        if not _some_alike(leaves.values()):
            break
    if not rules.near:
        yield leaves
        return
    run = unit.graph.forward({**leaves, **dict.fromkeys(rules.near, np.asarray(0.0))})
    centres = {name: float(unit.graph.value(run, rule.near)) for name, rule in rules.near.items()}
    for side in generator.permutation(SIDES):
        yield leaves | {
            name: np.asarray(centres[name] + side * _distance(generator, centres[name], rule), np.float64)
            for name, rule in rules.near.items()
        }


def _some_alike(leaves: Iterable[Array]) -> bool:
    """Whether two single numbers are so close, signs aside, that one could stand for the other unseen."""
    sizes = sorted(abs(float(leaf)) for leaf in leaves if not leaf.ndim)
    # Neighbours are closest: who is alike to anybody is alike to one of them.
    return any(larger - smaller < ALIKE * larger for smaller, larger in pairwise(sizes))


def _distance(generator: np.random.Generator, centre: float, rule: NearRule) -> float:
    """Draw how far a target is from the network's output."""
    if abs(centre) > SMALLEST_CENTRE:
        return abs(centre) * rule.within * float(generator.uniform(NEAREST, FARTHEST))
    return float(generator.uniform(*rule.otherwise))


def _sizes(rules: CaseRules, generator: np.random.Generator) -> dict[str, int]:
    """Draw the sizes of arrays, pairwise different where that can be: square matrices hide a missing transpose."""
    sizes: dict[str, int] = {}
    for _ in range(MOST_UNLIKE):
        sizes = {name: int(generator.choice(options)) for name, options in rules.sizes.items()}
        if len(set(sizes.values())) == len(sizes):
            break
    return sizes


def _leaf(rule: LeafRule, sizes: Mapping[str, int], generator: np.random.Generator) -> Array:
    """Draw the value of a leaf."""
    shape = tuple(part if isinstance(part, int) else sizes[part] for part in rule.shape)
    if rule.kind is Kind.LABELS:
        classes = rule.classes if isinstance(rule.classes, int) else sizes[rule.classes]
        return generator.integers(classes, size=shape).astype(np.float64)
    if rule.kind is Kind.ONE_HOT:
        is_column = shape[-1] == 1 and len(shape) > 1  # of one sample
        one_hot: Array = np.eye(shape[0] if is_column else shape[-1])
        if is_column:
            return one_hot[:, generator.integers(shape[0], size=1)]
        return one_hot[generator.integers(shape[-1], size=shape[:-1])]
    if rule.kind is Kind.PROBABILITIES:
        weights = np.exp(generator.normal(size=shape))
        return np.asarray(weights / np.sum(weights, axis=-1, keepdims=True))
    assert rule.range is not None
    return _away_from_zero(generator, *rule.range, shape)


def _away_from_zero(
    generator: np.random.Generator, low: float, high: float, shape: tuple[int, ...] = ()
) -> Array:
    """Draw entries of a range that are not small beside it, unless the range itself is on one side of zero."""
    smallest = SMALLEST_LEAF * max(abs(low), abs(high))
    values = np.asarray(generator.uniform(low, high, size=shape))
    if min(abs(low), abs(high)) < smallest:
        return values
    while np.any(small := np.abs(values) < smallest):
        values = np.where(small, generator.uniform(low, high, size=shape), values)
    return np.asarray(values)


# --------------------------------------------------------------------------------------------------------------
# Guards


def _admissible(unit: Unit, run: Forward, gradients: Backward) -> bool:
    """Whether no value is decided by rounding: no sum cancels, no kink is too close."""
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


def _sizes_shown(rules: CaseRules, leaves: Mapping[str, Array]) -> Iterator[tuple[str, ...]]:
    """Yield which sizes are 1 and which are more: one sample hides what is summed or averaged over samples."""
    for name, rule in rules.leaves.items():
        for part, length in zip(rule.shape, np.shape(leaves[name]), strict=True):
            if isinstance(part, str) and 1 in rules.sizes[part]:
                yield ("size", part, "one" if length == 1 else "more")


def _tells_apart(unit: Unit, run: Forward, gradients: Backward) -> bool:
    """Whether every single number matters, and none could stand for another unseen; a target is near an output on purpose."""
    index = unit.graph.index
    names = [name for name in index if name not in unit.cases.near and name != unit.graph.loss]
    if any(np.ndim(run.used[index[name]]) or not gradients.used[index[name]] for name in names):
        return False
    # The same number twice is a step that changes nothing, as a unit that is on.
    sizes = sorted({abs(float(run.used[index[name]])) for name in names})
    return all(larger - smaller >= UNLIKE * larger for smaller, larger in pairwise(sizes))


def _signs(values: Array) -> tuple[int, ...]:
    """Return -1, 0 or 1 for each entry."""
    entries = (float(values),) if np.ndim(values) == 0 else np.ravel(values).tolist()
    return tuple((entry > 0) - (entry < 0) for entry in entries)


def _features(graph: Graph, run: Forward, gradients: Backward) -> Iterator[tuple[str, ...]]:
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


def _worked_features(unit: Unit) -> frozenset[tuple[str, ...]]:
    """Return what the worked case shows already, of the features that are wished for."""
    worked = worked_case(unit)
    if worked is None:
        return frozenset()
    run = unit.graph.forward(worked.leaves)
    shown = _features(unit.graph, run, unit.graph.backward(run))
    return frozenset(feature for feature in shown if feature[0] == WISHED)


def _lack(missing: frozenset[tuple[str, ...]]) -> tuple[int, int]:
    """Count what is missing: first what a set of cases must show, then what is only wished for."""
    needed = sum(feature[0] != WISHED for feature in missing)
    return needed, len(missing) - needed


def _non_zero_gradients(draw: _Draw) -> int:
    return sum(feature[0] == "gradient" for feature in draw.features)


def _cover(pool: list[_Draw], unit: Unit, generator: np.random.Generator) -> list[_Draw]:
    """Choose draws that make no more cases than the unit wants, so that all features of the pool occur (greedy set cover)."""
    wanted = frozenset[tuple[str, ...]]().union(*(draw.features for draw in pool)) - _worked_features(unit)
    best: tuple[list[_Draw], frozenset[tuple[str, ...]]] = ([], wanted)
    for _ in range(MOST_COVERS):
        order = [pool[i] for i in generator.permutation(len(pool))]
        chosen = _greedy(order, wanted, unit.cases.drawn)
        missing = wanted.difference(*(draw.features for draw in chosen))
        if _lack(missing) < _lack(best[1]):
            best = (chosen, missing)
        if not missing:
            break
    chosen, missing = best
    needed, _ = _lack(missing)
    if not needed:
        # Who looks at the first cases alone, as the check of gradients does, is not to see zeros only.
        return sorted(chosen, key=_non_zero_gradients, reverse=True)
    raise AssignmentError(
        f"{unit.where}: cases.drawn: {unit.cases.drawn} cases do not cover all that can occur "
        f"({needed} combinations of kink sides and gradient signs are left)",
        remedy="raise cases.drawn",
    )


def _greedy(order: list[_Draw], wanted: frozenset[tuple[str, ...]], most: int) -> list[_Draw]:
    """Take the first draw, and then each time the one that shows most of what is missing, as far as there is room."""
    chosen: list[_Draw] = []
    missing, room = wanted, most
    while missing and (fitting := [draw for draw in order if len(draw.sides) <= room]):
        chosen.append(max(fitting, key=lambda draw: len(draw.features & missing)) if chosen else fitting[0])
        missing -= chosen[-1].features
        room -= len(chosen[-1].sides)
    return chosen

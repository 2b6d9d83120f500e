"""Draws the leaves of a network: numbers, labels and arrays in their ranges, and targets near an output."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

import numpy as np

from grader.assignment import CaseRules, Kind, LeafRule, NearRule, Unit
from grader.model import Array

ALIKE = 0.1
"""Two leaves that differ by less than this share are drawn again: taking one for the other would hardly show."""
MOST_UNLIKE = 50
"""How often; with many leaves two are always alike."""
NEAREST, FARTHEST = 0.1, 0.3
"""How far a target is from the output, as a share of the largest distance: the closer, the more outputs are told apart."""
SMALLEST_LEAF = 0.1
"""A leaf closer to zero than this share of its range is drawn again."""
SMALLEST_CENTRE = 0.05
"""Output below which a target's distance from it is no longer a share of it."""
SIDES = (1.0, -1.0)


def sides(unit: Unit, generator: np.random.Generator) -> Iterator[dict[str, Array]]:
    """Yield drawn leaves; twice where targets lie near the output, on one side of it and on the other.

    Parameters
    ----------
    unit : Unit
    generator : numpy.random.Generator

    Yields
    ------
    dict of str to ndarray
    """
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
    return away_from_zero(generator, *rule.range, shape)


def away_from_zero(
    generator: np.random.Generator, low: float, high: float, shape: tuple[int, ...] = ()
) -> Array:
    """Draw entries of a range that are not small beside it, unless the range itself is on one side of zero.

    Parameters
    ----------
    generator : numpy.random.Generator
    low, high : float
    shape : tuple of int

    Returns
    -------
    ndarray
        float64 of that shape.
    """
    smallest = SMALLEST_LEAF * max(abs(low), abs(high))
    values = np.asarray(generator.uniform(low, high, size=shape))
    if min(abs(low), abs(high)) < smallest:
        return values
    while np.any(small := np.abs(values) < smallest):
        values = np.where(small, generator.uniform(low, high, size=shape), values)
    return np.asarray(values)

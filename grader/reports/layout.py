"""Where the nodes of a network stand in a drawing: in layers from the inputs down to the loss, with few crossing edges.

Sugiyama, Tagawa and Toda (1981), "Methods for visual understanding of hierarchical system structures": layers by the longest
path, long edges cut at each layer, order by barycentres.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from msgspec import Struct

from grader.reports.outline import Outline

_SWEEPS = 12
_RELAXATIONS = 16
_SPINE = 6
"""How much straighter an edge between computed nodes is to be than one from a leaf."""


class Layout(Struct, frozen=True, kw_only=True):
    """The named nodes of a network in layers, and the edges between them."""

    layers: tuple[tuple[str, ...], ...]
    """From top to bottom, each from left to right; a long edge has a name of its own in each layer that it passes."""
    edges: tuple[tuple[str, ...], ...]
    """Of each edge its ends, and between them the names under which it passes layers."""
    passing: frozenset[str]
    """The names that stand for passing edges."""


@lru_cache(maxsize=256)
def layout(outline: Outline) -> Layout:
    """Lay out a network; once for each.

    Parameters
    ----------
    outline : Outline

    Returns
    -------
    Layout
    """
    depth = _depths(outline)
    layers = [_around(outline, depth, level) for level in range(max(depth.values()) + 1)]
    edges: list[tuple[str, ...]] = []
    passing: set[str] = set()
    for name, read in outline.sources.items():
        for source in read:
            between = [f"{source}>{name}>{level}" for level in range(depth[source] + 1, depth[name])]
            for level, passed in enumerate(between, start=depth[source] + 1):
                layers[level].append(passed)
            passing.update(between)
            edges.append((source, *between, name))
    ordered = _fewest_crossings(layers, edges)
    return Layout(layers=ordered, edges=tuple(edges), passing=frozenset(passing))


def _depths(outline: Outline) -> dict[str, int]:
    """Return the layer of each node: the longest path from a leaf; a leaf stands right above the first that reads it."""
    depth: dict[str, int] = {}
    for name, read in outline.sources.items():
        depth[name] = 1 + max((depth[source] for source in read if source in depth), default=0)
    for leaf in outline.leaves:
        readers = [depth[name] for name, read in outline.sources.items() if leaf in read]
        depth[leaf] = min(readers, default=1) - 1
    return {name: depth[name] for name in outline.nodes}


def _around(outline: Outline, depth: Mapping[str, int], level: int) -> list[str]:
    """Return the nodes of a layer, leaves to both sides of what is computed: weights to the left, a bias to the right."""
    leaves = [name for name in outline.leaves if depth[name] == level]
    computed = [name for name in outline.sources if depth[name] == level]
    half = (len(leaves) + 1) // 2
    return [*leaves[:half], *computed, *leaves[half:]]


def _fewest_crossings(
    layers: Sequence[Sequence[str]], edges: Sequence[Sequence[str]]
) -> tuple[tuple[str, ...], ...]:
    above: dict[str, list[str]] = {}
    below: dict[str, list[str]] = {}
    for edge in edges:
        for upper, lower in pairwise(edge):
            below.setdefault(upper, []).append(lower)
            above.setdefault(lower, []).append(upper)
    best = order = [list(layer) for layer in layers]
    fewest = _crossings(order, below)
    for sweep in range(_SWEEPS):
        order = _swept(order, above if sweep % 2 == 0 else below, downwards=sweep % 2 == 0)
        crossings = _crossings(order, below)
        if crossings < fewest:
            best, fewest = order, crossings
    return tuple(tuple(layer) for layer in best)


def _swept(
    order: Sequence[Sequence[str]], neighbours: Mapping[str, Sequence[str]], *, downwards: bool
) -> list[list[str]]:
    """Sort each layer by the mean place of its neighbours in the layer before it."""
    layers = [list(layer) for layer in order]
    for level in range(1, len(layers)) if downwards else range(len(layers) - 2, -1, -1):
        before = layers[level - 1 if downwards else level + 1]
        place = {name: (index + 0.5) / len(before) for index, name in enumerate(before)}
        size = len(layers[level])
        own = {name: (index + 0.5) / size for index, name in enumerate(layers[level])}

        def barycentre(
            name: str, place: Mapping[str, float] = place, own: Mapping[str, float] = own
        ) -> float:
            found = [place[other] for other in neighbours.get(name, ()) if other in place]
            return sum(found) / len(found) if found else own[name]

        layers[level].sort(key=barycentre)
    return layers


def _crossings(order: Sequence[Sequence[str]], below: Mapping[str, Sequence[str]]) -> int:
    count = 0
    for upper, lower in pairwise(order):
        place = {name: index for index, name in enumerate(lower)}
        ends = [sorted(place[other] for other in below.get(name, ()) if other in place) for name in upper]
        for index, first in enumerate(ends):
            count += sum(a > b for second in ends[index + 1 :] for a in first for b in second)
    return count


def places(plan: Layout, widths: Mapping[str, float], gap: float) -> dict[str, float]:
    """Return the middle of each name of a layout from left to right, straight edges where there is room.

    Parameters
    ----------
    plan : Layout
    widths : mapping of str to float
        Of every name.
    gap : float
        Between two neighbours.

    Returns
    -------
    dict of str to float
        From 0 on.
    """
    neighbours: dict[str, list[str]] = {}
    computed = {edge[-1] for edge in plan.edges}
    for edge in plan.edges:
        weight = _SPINE if edge[0] in computed else 1
        for upper, lower in pairwise(edge):
            neighbours.setdefault(upper, []).extend([lower] * weight)
            neighbours.setdefault(lower, []).extend([upper] * weight)
    middle: dict[str, float] = {}
    for layer in plan.layers:
        middle.update(_apart(layer, dict.fromkeys(layer, 0.0), widths, gap, dict.fromkeys(layer, 1)))
    for turn in range(_RELAXATIONS):
        for layer in plan.layers if turn % 2 == 0 else reversed(plan.layers):
            wanted = {
                name: sum(middle[other] for other in neighbours[name]) / len(neighbours[name])
                if name in neighbours
                else middle[name]
                for name in layer
            }
            weights = {name: len(neighbours.get(name, ())) for name in layer}
            middle.update(_apart(layer, wanted, widths, gap, weights))
    left = min(middle[name] - widths[name] / 2 for name in middle)
    return {name: at - left for name, at in middle.items()}


def _apart(
    layer: Sequence[str],
    wanted: Mapping[str, float],
    widths: Mapping[str, float],
    gap: float,
    weights: Mapping[str, int],
) -> dict[str, float]:
    """Move the nodes of a layer apart, and all of them to where the heavy ones are near to where they should be."""
    at: dict[str, float] = {}
    free = float("-inf")
    for name in layer:
        at[name] = max(wanted[name], free + widths[name] / 2)
        free = at[name] + widths[name] / 2 + gap
    heavy = sum(weights.values()) or 1
    shift = sum(weights[name] * (wanted[name] - at[name]) for name in layer) / heavy
    return {name: place + shift for name, place in at.items()}

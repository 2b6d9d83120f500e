"""The distribution of points: bins of a width that people count in."""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec import Struct

from grader.reports.text import points_text

_MOST_BINS = 10
"""Below full points, which have a bin of their own."""
_STEPS = (1.0, 2.0, 2.5, 5.0)
_DUST = 1e-9


class Bin(Struct, frozen=True, kw_only=True):
    """One bar of the histogram."""

    label: str
    """Its lower edge."""
    span: str
    """Both edges, in words."""
    count: int
    share: float
    """Of the highest bar, 0 to 1."""
    members: tuple[int, ...]
    """Places of its points among those that were given, most points first."""


def histogram(points: Sequence[float], max_points: float) -> tuple[Bin, ...]:
    """Count points in at most ten equal bins, and one more for full points.

    Parameters
    ----------
    points : sequence of float
        Points of the class, 0 to `max_points`.
    max_points : float
        Full points.

    Returns
    -------
    tuple of Bin
        Empty where there are no points to be had. The width is 1, 2, 2.5 or 5 times a power of ten; the last bin
        below full points may be narrower.
    """
    if max_points <= 0.0:
        return ()
    width = bin_width(max_points)
    full = math.ceil(max_points / width - _DUST)
    members: list[list[int]] = [[] for _ in range(full + 1)]
    for place, value in enumerate(points):
        # Sums of shares fall short of an edge by rounding.
        at = full if value >= max_points - _DUST else math.floor(value / width + _DUST)
        members[min(max(at, 0), full)].append(place)
    highest = max(1, *map(len, members))
    edges = [*(number * width for number in range(full)), max_points]
    return tuple(
        Bin(
            label=points_text(edges[number]),
            span=_span(edges, number),
            count=len(among),
            share=len(among) / highest,
            members=tuple(sorted(among, key=lambda place: -points[place])),
        )
        for number, among in enumerate(members)
    )


def bin_width(max_points: float) -> float:
    """Return the width of the bins: the smallest round one with which ten are enough.

    Parameters
    ----------
    max_points : float
        Full points, above 0.

    Returns
    -------
    float
        Points.
    """
    least = max_points / _MOST_BINS
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in (*_STEPS, 10.0) if step * power >= least * (1.0 - _DUST))


def _span(edges: Sequence[float], number: int) -> str:
    if number == len(edges) - 1:
        return f"{points_text(edges[number])}, full points"
    return f"{points_text(edges[number])} to under {points_text(edges[number + 1])}"

"""The pictures of the class page as SVG: bars of points, and networks with the share of first mistakes at every node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from grader.reports.class_bins import Bin
from grader.reports.class_mistakes import FirstMistakes, percent_text
from grader.reports.drawing import PAD, ROW, Box, plate_of

_SHADES = 4
"""From pale to dark; the darkest is for the node with most."""
_HEIGHT, _ABOVE, _BELOW = 190, 22, 24
"""Of the bars, in pixels, with the counts above and the edges below."""
_GAP = 0.14
"""Between two bars, as a share of one."""


def bars_svg(bins: Sequence[Bin]) -> str:
    """Draw a histogram as wide as the page; its letters keep their size on a phone.

    Parameters
    ----------
    bins : sequence of Bin

    Returns
    -------
    str
        An `svg` element.
    """
    pitch = 100 / len(bins)
    said = "; ".join(f"{one.span}: {one.count}" for one in bins if one.count)
    name = f"Submissions by points. {said or 'None yet'}."
    bars = "".join(_bar(one, number * pitch, pitch) for number, one in enumerate(bins))
    edges = "".join(_edge(one, (number + 0.5) * pitch) for number, one in enumerate(bins))
    ground = _HEIGHT - _BELOW
    return (
        f'<svg class="bars" xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(name)}" '
        f'width="100%" height="{_HEIGHT}"><svg y="{_ABOVE}" width="100%" height="{ground - _ABOVE}" overflow="visible">'
        f'{bars}</svg><line class="ground" x2="100%" y1="{ground}" y2="{ground}"/>{edges}</svg>'
    )


def _bar(one: Bin, left: float, pitch: float) -> str:
    if not one.count:
        return ""
    height = 100 * one.share
    return (
        f'<rect x="{left + pitch * _GAP / 2:.2f}%" y="{100 - height:.2f}%" width="{pitch * (1 - _GAP):.2f}%" '
        f'height="{height:.2f}%" rx="3"/><text x="{left + pitch / 2:.2f}%" y="{100 - height:.2f}%" dy="-6">{one.count}</text>'
    )


def _edge(one: Bin, middle: float) -> str:
    return f'<text class="edge" x="{middle:.2f}%" y="{_HEIGHT - 6}">{one.label}</text>'


def shares_svg(found: FirstMistakes) -> str:
    """Draw a network with the share of first mistakes at every node: as a number, and the darker the more.

    Parameters
    ----------
    found : FirstMistakes

    Returns
    -------
    str
        An `svg` element; it has the rules of a network on a student's report, and those of the class page.
    """
    plate = plate_of(found.outline)
    counts = dict(found.counts)
    by_node = {box.name: sum(counts.get(row, 0) for row in box.rows) for box in plate.boxes}
    most = max(by_node.values())
    said = "; ".join(f"{name}: {percent_text(count, found.total)}" for name, count in found.counts)
    name = f"The network {found.outline.unit}" if found.outline.unit else "The network"
    title = escape(
        f"{name} with the share of first mistakes. {said}. The table of mistakes names the students."
    )
    drawn = "".join(_drawn(box, counts, by_node[box.name] / most, found.total) for box in plate.boxes)
    return (
        f'<svg class="bpg-net" style="--bpg-wide:{plate.width:.0f}px" xmlns="http://www.w3.org/2000/svg" role="img" '
        f'aria-label="{title}" width="{plate.width:.0f}" height="{plate.height:.0f}" '
        f'viewBox="0 0 {plate.width:.0f} {plate.height:.0f}">{plate.drawn_edges}{drawn}</svg>'
    )


def _drawn(box: Box, counts: Mapping[str, int], share: float, total: int) -> str:
    count = sum(counts.get(row, 0) for row in box.rows)
    shade = f"share-{max(1, round(_SHADES * share))}" if count else "share-0"
    parts = [
        (
            f'<g class="{shade}"><rect x="{box.left:.1f}" y="{box.top:.1f}" width="{box.width:.1f}" '
            f'height="{box.height:.1f}" rx="6"/>'
        )
    ]
    left, right, y = box.left + PAD, box.left + box.width - PAD, box.top + ROW - 2
    for row in box.rows:
        parts.append(f'<text x="{left:.1f}" y="{y:.1f}">{escape(row)}</text>')
        if counts.get(row):
            percent = f"{100 * counts[row] / total:.0f} %"
            parts.append(
                f'<text class="bpg-word" x="{right:.1f}" y="{y:.1f}" text-anchor="end">{percent}</text>'
            )
        y += ROW
    if count:
        parts.append(f'<text x="{left:.1f}" y="{y:.1f}">{count} of {total}</text>')
    return "".join((*parts, "</g>"))

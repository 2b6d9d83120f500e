"""Draws a network with the verdict on every node as one SVG picture: colour, shape and word, and the first mistake marked.

The colours are mixed with that of the text around it, so it is read on light and on dark.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from grader.model import WORST_FIRST, Verdict
from grader.reports.layout import Layout, layout, places
from grader.reports.shapes import SHAPES
from reference.network import Graph

FIRST_MISTAKE = "first mistake"
COLOURS = {
    Verdict.CORRECT: "#1f9d55",
    Verdict.FOLLOWS: "#3b82d6",
    Verdict.WRONG: "#e0344b",
    Verdict.MISSING: "#7c8796",
    Verdict.INVALID: "#d97706",
    Verdict.UNDECIDED: "#8b5cf6",
}
"""Of each verdict, before it is mixed with the colour of the text."""

_LETTER = 6.7
"""Width of a letter of the fixed pitch at 11 pixels, on the safe side."""
_ROW, _PAD, _ICON = 15.0, 7.0, 14.0
_GAP, _BETWEEN = 12.0, 20.0
_PASSING = 8.0
"""Room for an edge that passes a layer."""
_ARROW = 5.0
_MARGIN = 4.0

STYLE = "".join(
    (
        ".bpg-net{display:block;max-width:100%;height:auto;color:inherit}",
        ".bpg-net{font:11px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}",
        ".bpg-net text{fill:currentColor;stroke:none}.bpg-net .bpg-edge{fill:none;stroke:currentColor;opacity:.45}",
        ".bpg-net .bpg-head{fill:currentColor;stroke:none;opacity:.6}",
        ".bpg-net rect{fill:none;stroke:currentColor;stroke-opacity:.35}",
        ".bpg-net .bpg-icon{fill:none;stroke:currentColor;stroke-width:2.4;stroke-linecap:round;stroke-linejoin:round}",
        ".bpg-net .bpg-said rect{fill:currentColor;fill-opacity:.09;stroke-opacity:.7}",
        ".bpg-net .bpg-first rect{stroke-width:3;stroke-opacity:1}.bpg-net .bpg-first .bpg-tag{font-weight:700}",
        *(
            f".bpg-{verdict}{{color:color-mix(in srgb,{colour} 62%,currentColor)}}"
            for verdict, colour in COLOURS.items()
        ),
    )
)
"""Rules for the picture, and for words coloured by a verdict; every name in them begins with `bpg-`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Box:
    """A node as it is drawn."""

    name: str
    rows: tuple[tuple[str, Verdict | None], ...]
    """What is said of it: a quantity and its verdict; the name alone where nothing is."""
    worst: Verdict | None
    is_first: bool

    @property
    def width(self) -> float:
        return max(self._row_width(*row) for row in self.rows) + 2 * _PAD

    def _row_width(self, label: str, verdict: Verdict | None) -> float:
        return _LETTER * len(label) + (0 if verdict is None else _ICON + _LETTER * (len(verdict) + 1))

    @property
    def height(self) -> float:
        return _ROW * (len(self.rows) + self.is_first) + _PAD


def network_svg(
    graph: Graph, verdicts: Mapping[str, Verdict], *, first_mistake: str | None = None, title: str
) -> str:
    """Draw a network with what is said of its quantities.

    Parameters
    ----------
    graph : Graph
    verdicts : mapping of str to Verdict
        By quantity: `z0`, `dL/dz0`, `w0_new`; others than those of the network are not drawn.
    first_mistake : str, optional
        The quantity to be marked.
    title : str
        What the picture is called for those who do not see it.

    Returns
    -------
    str
        An `svg` element with its own rules, as wide as there is room and at most as wide as it is drawn.
    """
    plan = layout(graph)
    boxes = {
        name: _box(name, graph.loss, verdicts, first_mistake)
        for layer in plan.layers
        for name in layer
        if name not in plan.passing
    }
    widths = {
        name: boxes[name].width if name in boxes else _PASSING for layer in plan.layers for name in layer
    }
    middles = {name: _MARGIN + at for name, at in places(plan, widths, _GAP).items()}
    ends, height = _ends(plan, boxes)
    width = max(middles[name] + widths[name] / 2 for name in middles) + _MARGIN
    edges = "".join(_edge([(middles[name], *ends[name]) for name in edge]) for edge in plan.edges)
    drawn = "".join(_drawn(box, middles[name], ends[name][0]) for name, box in boxes.items())
    return (
        f'<svg class="bpg-net" xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(title)}" '
        f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}">'
        f"<title>{escape(title)}</title><style>{STYLE}</style>{edges}{drawn}</svg>"
    )


def _box(name: str, loss: str, verdicts: Mapping[str, Verdict], first: str | None) -> _Box:
    quantities = (name, f"d{loss}/d{name}", f"{name}_new")
    said = {quantity: verdicts[quantity] for quantity in quantities if quantity in verdicts}
    rows = tuple((quantity, said.get(quantity)) for quantity in dict.fromkeys((name, *said)))
    worst = min(said.values(), key=WORST_FIRST.index, default=None)
    return _Box(name=name, rows=rows, worst=worst, is_first=first in quantities and first in verdicts)


def _ends(plan: Layout, boxes: Mapping[str, _Box]) -> tuple[dict[str, tuple[float, float]], float]:
    """Return the top and the foot of every name, where edges come in and leave, and the height of the whole."""
    ends: dict[str, tuple[float, float]] = {}
    at = _MARGIN
    for layer in plan.layers:
        foot = at + max((boxes[name].height for name in layer if name in boxes), default=0.0)
        for name in layer:
            # A short box stands low: what reads it is below.
            ends[name] = (foot - boxes[name].height if name in boxes else at, foot)
        at = foot + _BETWEEN
    return ends, at - _BETWEEN + _MARGIN


def _edge(points: list[tuple[float, float, float]]) -> str:
    """Draw an edge through points given as x, y above and y below."""
    x, _, y = points[0]
    path = f"M{x:.1f} {y:.1f}"
    for to_x, to_top, to_foot in points[1:]:
        is_last = (to_x, to_top, to_foot) == points[-1]
        end = to_top - (_ARROW if is_last else 0.0)
        half = (y + end) / 2
        path += f"C{x:.1f} {half:.1f} {to_x:.1f} {half:.1f} {to_x:.1f} {end:.1f}"
        if to_foot > to_top and not is_last:
            path += f"V{to_foot:.1f}"
        x, y = to_x, to_foot
    tip_x, tip_y = points[-1][0], points[-1][1]
    head = f"M{tip_x:.1f} {tip_y:.1f}l-{_ARROW / 1.6:.1f} -{_ARROW}h{_ARROW * 1.25:.1f}z"
    return f'<path class="bpg-edge" d="{path}"/><path class="bpg-head" d="{head}"/>'


def _drawn(box: _Box, middle: float, top: float) -> str:
    left = middle - box.width / 2
    said = "; ".join(f"{label}: {verdict}" if verdict is not None else label for label, verdict in box.rows)
    words = said + (f", {FIRST_MISTAKE}" if box.is_first else "")
    classes = "" if box.worst is None else f" bpg-said bpg-{box.worst}"
    parts = [
        f'<g class="bpg-node{classes}{" bpg-first" if box.is_first else ""}"><title>{escape(words)}</title>',
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="6"/></g>',
    ]
    y = top + _ROW - 2
    for label, verdict in box.rows:
        parts.append(_row(label, verdict, left + _PAD, y))
        y += _ROW
    if box.is_first:
        tag = (
            f'<text class="bpg-tag" x="{middle:.1f}" y="{y:.1f}" text-anchor="middle">{FIRST_MISTAKE}</text>'
        )
        parts.append(f'<g class="bpg-first bpg-{box.worst}">{tag}</g>')
    return "".join(parts)


def _row(label: str, verdict: Verdict | None, x: float, y: float) -> str:
    name = f'<text x="{x:.1f}" y="{y:.1f}">{escape(label)}</text>'
    if verdict is None:
        return name
    at = x + _LETTER * (len(label) + 0.5)
    icon = f'<g class="bpg-icon" transform="translate({at:.1f} {y - 9:.1f}) scale(.62)">{SHAPES[verdict]}</g>'
    word = f'<text x="{at + _ICON:.1f}" y="{y:.1f}">{verdict}</text>'
    return f'{name}<g class="bpg-{verdict}">{icon}{word}</g>'

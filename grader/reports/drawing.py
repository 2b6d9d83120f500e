"""Draws a network with the verdict on every node as one SVG picture: colour, shape and word, values, and the first mistake.

Where boxes and edges are is the same for a whole class and worked out once; the colours are those of the page around it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from html import escape

from msgspec import Struct

from grader.model import WORST_FIRST, Verdict
from grader.reports.layout import Layout, layout, places
from grader.reports.networks import Mark, NetworkView
from grader.reports.outline import Outline
from grader.reports.shapes import SHAPES

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

_DRAWINGS = 256
"""Drawings that are remembered: right networks look alike, and so do those with the usual mistakes."""
_LETTER = 6.7
"""Width of a letter of the fixed pitch at 11 pixels, on the safe side."""
ROW, PAD, _ICON = 15.0, 7.0, 13.0
"""Height of a row of a box, the space inside its edge, and the room for a shape."""
_VALUE = 7 * _LETTER
_FOOT = len(FIRST_MISTAKE) * _LETTER + _ICON
_GAP, _BETWEEN = 12.0, 20.0
_PASSING = 8.0
"""Room for an edge that passes a layer."""
_ARROW = 5.0
_MARGIN = 4.0
_BAND = 22.0
"""Width of the shade under an edge between two nodes of what follows."""

STYLE = "".join(
    (
        ".bpg-net{display:block;max-width:100%;height:auto;color:inherit}",
        ".bpg-net{font:11px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}",
        ".bpg-net text{fill:currentColor;stroke:none}.bpg-net .bpg-edge{fill:none;stroke:currentColor;opacity:.45}",
        ".bpg-net .bpg-head{fill:currentColor;stroke:none;opacity:.6}.bpg-net .bpg-none{opacity:.7}",
        ".bpg-net rect{fill:none;stroke:currentColor;stroke-opacity:.35}",
        ".bpg-net .bpg-icon{fill:none;stroke:currentColor;stroke-width:2.4;stroke-linecap:round;stroke-linejoin:round}",
        ".bpg-net .bpg-said rect{fill:currentColor;fill-opacity:.07;stroke-opacity:.7}",
        ".bpg-net .bpg-word{font-weight:700}",
        ".bpg-net .bpg-first rect{stroke-width:3;stroke-opacity:1}",
        f".bpg-net .bpg-band{{fill:none;stroke:currentColor;stroke-width:{_BAND:.0f};opacity:.16}}",
        ".bpg-net .bpg-after rect{fill-opacity:.2}",
        *(
            f".bpg-{verdict}{{color:color-mix(in srgb,{colour} 62%,currentColor)}}"
            for verdict, colour in COLOURS.items()
        ),
    )
)
"""Rules for pages that have none of their own for the picture; every name in them begins with `bpg-`."""


class Box(Struct, frozen=True, kw_only=True):
    """A node as it is drawn, and where."""

    name: str
    rows: tuple[str, ...]
    """The node itself, and what else is asked of it."""
    asked: tuple[str, ...]
    left: float = 0.0
    top: float = 0.0

    @property
    def indent(self) -> float:
        """Room for a shape before each row; one alone has it at the foot."""
        return _ICON if len(self.asked) > 1 else 0.0

    @property
    def width(self) -> float:
        """In pixels, as drawn."""
        inner = self.indent + max(map(len, self.rows)) * _LETTER + _LETTER + _VALUE
        return (max(inner, _FOOT) if self.asked else inner) + 2 * PAD

    @property
    def height(self) -> float:
        """In pixels: a line for each row, and one at the foot where something is asked."""
        return ROW * (len(self.rows) + bool(self.asked)) + PAD


class Plate(Struct, frozen=True, kw_only=True, eq=False):
    """What the drawings of a network have in common."""

    boxes: tuple[Box, ...]
    edges: tuple[tuple[str, str, str], ...]
    """The node an edge leaves, the one it leads to, and its curve."""
    drawn_edges: str
    width: float
    height: float


@lru_cache(_DRAWINGS)
def network_svg(view: NetworkView, title: str) -> str:
    """Draw a network with what is said of its quantities.

    Parameters
    ----------
    view : NetworkView
    title : str
        What the picture is called for those who do not see it.

    Returns
    -------
    str
        An `svg` element, as wide as there is room and at most as wide as it is drawn; it needs the rules of `STYLE`.
    """
    plate = plate_of(view.outline)
    marks = {mark.quantity: mark for mark in view.marks}
    following = {
        box.name
        for box in plate.boxes
        if any(row in marks and marks[row].verdict is Verdict.FOLLOWS for row in box.rows)
    }
    drawn = "".join(_drawn(box, marks, view, is_after=box.name in following) for box in plate.boxes)
    return (
        f'<svg class="bpg-net" style="--bpg-wide:{plate.width:.0f}px" xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(title)}" '
        f'width="{plate.width:.0f}" height="{plate.height:.0f}" viewBox="0 0 {plate.width:.0f} {plate.height:.0f}">'
        f"<title>{escape(title)}</title>{_bands(plate, view, following)}{plate.drawn_edges}{drawn}</svg>"
    )


@lru_cache(_DRAWINGS)
def plate_of(outline: Outline) -> Plate:
    """Work out where everything is; once for each network.

    Parameters
    ----------
    outline : Outline

    Returns
    -------
    Plate
        What drawings of this network have in common, whatever is said of its nodes.
    """
    plan = layout(outline)
    boxes = {name: _box(outline, name) for name in outline.nodes}
    widths = {
        name: boxes[name].width if name in boxes else _PASSING for layer in plan.layers for name in layer
    }
    middles = {name: _MARGIN + at for name, at in places(plan, widths, _GAP).items()}
    ends, height = _ends(plan, boxes)
    curves = [(edge[0], edge[-1], [(middles[name], *ends[name]) for name in edge]) for edge in plan.edges]
    return Plate(
        boxes=tuple(
            Box(
                name=name,
                rows=box.rows,
                asked=box.asked,
                left=middles[name] - widths[name] / 2,
                top=ends[name][0],
            )
            for name, box in boxes.items()
        ),
        edges=tuple((source, target, _curve(points, 0.0)) for source, target, points in curves),
        drawn_edges="".join(_edge(points) for _, _, points in curves),
        width=max(middles[name] + widths[name] / 2 for name in middles) + _MARGIN,
        height=height,
    )


def _box(outline: Outline, name: str) -> Box:
    quantities = outline.quantities(name)
    asked = tuple(quantity for quantity in quantities if quantity in outline.asked)
    return Box(name=name, rows=tuple(dict.fromkeys((name, *asked))), asked=asked)


def _ends(plan: Layout, boxes: Mapping[str, Box]) -> tuple[dict[str, tuple[float, float]], float]:
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


def _curve(points: list[tuple[float, float, float]], short: float) -> str:
    """Write the path through points given as x, y above and y below; it ends a little short of the last one."""
    x, _, y = points[0]
    path = f"M{x:.1f} {y:.1f}"
    for to_x, to_top, to_foot in points[1:]:
        is_last = (to_x, to_top, to_foot) == points[-1]
        end = to_top - (short if is_last else 0.0)
        half = (y + end) / 2
        path += f"C{x:.1f} {half:.1f} {to_x:.1f} {half:.1f} {to_x:.1f} {end:.1f}"
        if to_foot > to_top and not is_last:
            path += f"V{to_foot:.1f}"
        x, y = to_x, to_foot
    return path


def _edge(points: list[tuple[float, float, float]]) -> str:
    tip_x, tip_y = points[-1][0], points[-1][1]
    head = f"M{tip_x:.1f} {tip_y:.1f}l-{_ARROW / 1.6:.1f} -{_ARROW}h{_ARROW * 1.25:.1f}z"
    return f'<path class="bpg-edge" d="{_curve(points, _ARROW)}"/><path class="bpg-head" d="{head}"/>'


def _bands(plate: Plate, view: NetworkView, following: Collection[str]) -> str:
    """Shade the edges of the part that follows from an earlier mistake."""
    first = view.first_mistake
    joined = {box.name for box in plate.boxes if first in box.rows} | set(following)
    curves = "".join(curve for source, target, curve in plate.edges if source in joined and target in joined)
    if not following or not curves:
        return ""
    return f'<path class="bpg-band bpg-{Verdict.FOLLOWS}" d="{curves}"/>'


def _drawn(box: Box, marks: Mapping[str, Mark], view: NetworkView, *, is_after: bool) -> str:
    said = [marks[row] for row in box.rows if row in marks]
    worst = min((mark.verdict for mark in said), key=WORST_FIRST.index, default=None)
    first = marks.get(view.first_mistake or "") if view.first_mistake in box.rows else None
    is_first = first is not None
    if first is not None:
        # A value that nobody asked for may be missing there, too.
        worst = first.verdict
    name = [] if said and said[0].quantity == box.name else [box.name]
    words = "; ".join((*name, *(f"{mark.quantity}: {mark.verdict}" for mark in said)))
    classes = "" if worst is None else f" bpg-said bpg-{worst}"
    classes += (" bpg-after" if is_after else "") + (" bpg-first" if is_first else "")
    parts = [
        f'<g class="bpg-node{classes}"><title>{escape(words)}{f", {FIRST_MISTAKE}" if is_first else ""}</title>',
        f'<rect x="{box.left:.1f}" y="{box.top:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="6"/></g>',
    ]
    y = box.top + ROW - 2
    for row in box.rows:
        mark = marks.get(row)
        parts.append(_row(box, row, mark, _value(view, row, mark), y))
        y += ROW
    if worst is not None:
        word = FIRST_MISTAKE if is_first else worst
        foot = _icon(worst, box.left + PAD, y)
        at = box.left + PAD + _ICON
        parts.append(
            f'<g class="bpg-{worst}">{foot}<text class="bpg-word" x="{at:.1f}" y="{y:.1f}">{word}</text></g>'
        )
    return "".join(parts)


def _value(view: NetworkView, row: str, mark: Mark | None) -> str:
    if mark is not None:
        return mark.value
    return view.outline.given.get(row, "") if view.shows_values else ""


def _row(box: Box, row: str, mark: Mark | None, value: str, y: float) -> str:
    x = box.left + PAD
    is_open = mark is None and row in box.asked
    label = f'<text x="{x + box.indent:.1f}" y="{y:.1f}"{_NONE if is_open else ""}>{escape(row)}</text>'
    right = box.left + box.width - PAD
    number = f'<text x="{right:.1f}" y="{y:.1f}" text-anchor="end">{escape(value)}</text>' if value else ""
    if mark is None or not box.indent:
        return label + number
    return f'{label}<g class="bpg-{mark.verdict}">{_icon(mark.verdict, x, y)}{number}</g>'


_NONE = ' class="bpg-none"'


def _icon(verdict: Verdict, x: float, y: float) -> str:
    return (
        f'<g class="bpg-icon" transform="translate({x - 1:.1f} {y - 9:.1f}) scale(.62)">{SHAPES[verdict]}</g>'
    )

"""A student's curve over the expected one, as a small picture that is read without colour: one line is whole, one dashed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache

from markupsafe import Markup, escape
from msgspec import Struct

from grader.model import Curve
from grader.reports.text import number_text

DECADES = 100.0
"""Curves that are above zero and span more than this factor are drawn on a logarithmic scale."""
_WIDTH, _HEIGHT = 300, 160
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 62, 20, 30
"""Pixels around the field of the curves: for the numbers, the names of the lines, the name, and the steps."""
_LINE = 12.0
"""Height of a line of text."""
_CROSS = "m-4-4l8 8m0-8l-8 8"
_MANY = 256
_MOST_TICKS = 4


class CurveView(Struct, frozen=True, kw_only=True):
    """A curve of an experiment."""

    name: str
    """`losses`."""
    own: Curve | None
    """None where the student's answer is no curve."""
    expected: Curve | None
    """None where it may not be shown."""
    summary: str
    """What is seen, in a sentence or two."""

    @property
    def svg(self) -> Markup:
        """The picture; its rules are in `pictures.css`."""
        return _svg(self)

    @property
    def is_log(self) -> bool:
        """Whether the values are drawn on a logarithmic scale."""
        values = [value for curve in self._curves for _, value in _finite(curve)]
        return bool(values) and min(values) > 0.0 and max(values) / min(values) > DECADES

    @property
    def _curves(self) -> tuple[Curve, ...]:
        return tuple(curve for curve in (self.own, self.expected) if curve is not None)


@lru_cache(_MANY)
def curve_view(name: str, own: Curve | None, expected: Curve | None) -> CurveView | None:
    """Put curves together that are drawn into one field.

    Parameters
    ----------
    name : str
        Clean.
    own, expected : Curve or None
        None where there is none, or it may not be shown.

    Returns
    -------
    CurveView or None
        None where there is nothing to draw.
    """
    if own is None and expected is None:
        return None
    told = [_told("Yours", own)] if own is not None else []
    told += [_told("Expected", expected)] if expected is not None else []
    return CurveView(name=name, own=own, expected=expected, summary=" ".join(told))


def _told(whose: str, curve: Curve) -> str:
    points = list(_finite(curve))
    lost = _first_lost(curve)
    if not points:
        return f"{whose} has no finite value."
    (_, start), (last, end) = points[0], points[-1]
    low_at, low = min(points, key=lambda point: point[1])
    text = f"{whose} starts at {number_text(start)}"
    if 0 < low_at < last:
        text += f", is lowest at step {low_at} with {number_text(low)}"
    text += f" and ends at {number_text(end)} (step {last})."
    return text if lost is None else f"{text[:-1]}; it is not finite at step {lost}."


def _finite(curve: Curve) -> Iterator[tuple[int, float]]:
    """Yield step and value of the points that are finite."""
    for step, value in zip(curve.steps, curve.values, strict=True):
        if not isinstance(value, str):
            yield step, value


def _first_lost(curve: Curve) -> int | None:
    pairs = zip(curve.steps, curve.values, strict=True)
    return next((step for step, value in pairs if isinstance(value, str)), None)


# --------------------------------------------------------------------------------------------------------------
# Drawing


class _Scale(Struct, frozen=True, kw_only=True):
    """Where steps and values stand in the picture."""

    last: int
    low: float
    high: float
    is_log: bool

    def x(self, step: int) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * step / max(self.last, 1)

    def y(self, value: float) -> float:
        low, high, at = (self._even(one) for one in (self.low, self.high, value))
        share = (at - low) / (high - low) if high > low else 0.5
        return _HEIGHT - _BOTTOM - (_HEIGHT - _BOTTOM - _TOP) * share

    def _even(self, value: float) -> float:
        # Halved: the difference of two huge numbers may be infinite.
        return math.log10(value) if self.is_log else value / 2

    @property
    def ticks(self) -> tuple[float, ...]:
        """The values that are written beside the field: round ones."""
        if self.is_log:
            first, last = math.ceil(math.log10(self.low)), math.floor(math.log10(self.high))
            step = max(1, -(-(last - first + 1) // _MOST_TICKS))
            return tuple(10.0**power for power in range(first, last + 1, step))
        return tuple(_round_values(self.low, self.high))


def _round_values(low: float, high: float) -> Iterator[float]:
    """Yield at most four round numbers of a range; its one value where it has no extent."""
    span = high / _MOST_TICKS - low / _MOST_TICKS
    # The smallest of 1, 2, 5 times a power of ten of which at most four fit; none where rounding leaves no such step.
    power = 10.0 ** math.floor(math.log10(span)) if 0.0 < span < math.inf else 0.0
    step = next((factor * power for factor in (1, 2, 5, 10) if factor * power >= span), 0.0)
    if not step or not math.isfinite(low / step) or abs(low / step) > 1 / 1e-9:
        yield low
        return
    first = math.ceil(low / step)
    for count in range(_MOST_TICKS + 1):
        value = (first + count) * step
        if value <= high:
            yield value


@lru_cache(_MANY)
def _svg(view: CurveView) -> Markup:
    curves = view._curves  # noqa: SLF001  (ours)
    values = [value for curve in curves for _, value in _finite(curve)] or [0.0]
    last = max(curve.length for curve in curves) - 1
    scale = _Scale(last=last, low=min(values), high=max(values), is_log=view.is_log)
    lines = ""
    if view.expected is not None:
        lines += f'<path class="c-expected" d="{_path(view.expected, scale)}"/>'
    if view.own is not None:
        lines += f'<path class="c-own" d="{_path(view.own, scale)}"/>{_lost(view.own, scale)}'
    title = escape(f"{view.name} by step{', logarithmic' if view.is_log else ''}")
    return Markup(  # noqa: S704  (numbers, our own names, and what was escaped)
        f'<svg class="curve" role="img" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}">'
        f"<title>{title}</title><desc>{escape(view.summary)}</desc>"
        f"{_axes(view.name, scale)}{lines}{_labels(view, scale)}</svg>"
    )


def _path(curve: Curve, scale: _Scale) -> str:
    """Draw the finite points; a line ends where a point is not finite, and begins anew after it."""
    parts: list[str] = []
    is_on = False
    for step, value in zip(curve.steps, curve.values, strict=True):
        if isinstance(value, str):
            is_on = False
            continue
        parts.append(f"{'L' if is_on else 'M'}{scale.x(step):.1f} {scale.y(value):.1f}")
        is_on = True
    alone = len(parts) == 1
    return "".join(parts) + ("h.1" if alone else "")


def _lost(curve: Curve, scale: _Scale) -> str:
    """Mark the first point that is not finite."""
    step = _first_lost(curve)
    if step is None:
        return ""
    x = scale.x(step)
    anchor = "start" if x < _WIDTH / 2 else "end"
    at = x + 7 if anchor == "start" else x - 7
    return (
        f'<path class="c-lost" d="M{x:.1f} {_TOP}{_CROSS}"/>'
        f'<text class="c-lost-label" x="{at:.1f}" y="{_TOP + 4}" text-anchor="{anchor}">not finite</text>'
    )


def _axes(name: str, scale: _Scale) -> str:
    floor, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    parts = []
    for value in scale.ticks:
        y = scale.y(value)
        parts.append(f'<path class="c-grid" d="M{_LEFT} {y:.1f}H{right}"/>')
        text = escape(f"{value:.3g}")
        parts.append(f'<text x="{_LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{text}</text>')
    parts.append(f'<path class="c-axis" d="M{_LEFT} {_TOP}V{floor}H{right}"/>')
    parts.append(f'<text x="4" y="11">{escape(_short(name))}{" (log)" if scale.is_log else ""}</text>')
    parts.append(f'<text x="{_LEFT}" y="{floor + 14}" text-anchor="middle">0</text>')
    if scale.last > 0:
        parts.append(f'<text x="{right}" y="{floor + 14}" text-anchor="middle">{scale.last}</text>')
    parts.append(f'<text x="{(_LEFT + right) / 2:g}" y="{floor + 25}" text-anchor="middle">step</text>')
    return "".join(parts)


def _short(name: str) -> str:
    most = 32
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _labels(view: CurveView, scale: _Scale) -> str:
    """Name each line at its end, one above the other where both end alike."""
    ends = {
        name: scale.y(points[-1][1])
        for name, curve in (("own", view.own), ("expected", view.expected))
        if curve is not None and (points := list(_finite(curve)))
    }
    return "".join(
        f'<text class="c-{name}-label" x="{_WIDTH - _RIGHT + 6}" y="{y + 4:.1f}">'
        f"{'yours' if name == 'own' else 'expected'}</text>"
        for (name, _), y in zip(ends.items(), _apart(list(ends.values())), strict=True)
    )


def _apart(heights: Sequence[float]) -> Sequence[float]:
    """Return where the names of lines stand: a line of text apart, and none among the numbers below the field."""
    if len(heights) == 2 and abs(heights[0] - heights[1]) < _LINE:  # noqa: PLR2004  (two lines)
        middle = sum(heights) / 2
        first = -_LINE / 2 if heights[0] <= heights[1] else _LINE / 2
        heights = (middle + first, middle - first)
    too_low = max([*(height - (_HEIGHT - _BOTTOM - 4) for height in heights), 0.0])
    return [height - too_low for height in heights]

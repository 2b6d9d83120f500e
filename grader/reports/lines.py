"""The lines of written derivations in the public view: what a student may see of each, and which line gave a quantity."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from grader.model import LineResult, LineSide, LineVerdict, Place
from grader.reports.conditions import Feedback
from grader.reports.phrases import LINE_MEANINGS
from grader.reports.text import clean, clean_all, clean_line

_NAME = 80
_LINE = 500
_SOURCE = 2_000
_MOST_NOTES = 10
_MOST_SIDES = 40
_SIDES, _SHORT = 2_048, 4_000
"""How many sides are remembered, and below how many characters of each of their texts."""
_LINES = 1_024
"""How many short lines are remembered: in a class many write the same."""
_MOST_LINES = 400
"""Lines of a question that are shown: ten times what coursework has."""
_MOST_MATHML = 1_000_000
"""Characters of formulas in a question; behind them the source alone is shown."""
_MOST_GIVING = 6
"""Lines that are named beside a quantity."""

_QUIET = frozenset({LineVerdict.WITHDRAWN, LineVerdict.REPEATED, LineVerdict.DEFINITION, LineVerdict.OPEN})
"""Nothing is marked there, and the eye may pass over it."""
_RELATIONS = {
    "~": "\N{ALMOST EQUAL TO}",
    "<-": "\N{LEFTWARDS ARROW}",
    "propto": "\N{PROPORTIONAL TO}",
    ":=": "\N{COLON EQUALS}",
}
_MARK = '<mrow class="wrong">'
_TAG = re.compile(
    r"</?(?:math|mrow|mi|mn|mo|mtext|mfrac|msub|msup|msubsup|munder|munderover|mover|msqrt|mtable|mtr|mtd)"
    r'(?: displaystyle="true"| class="(?:wrong|bold|cases)"| stretchy="false"| accent="true"| form="[a-z]{1,10}")?>'
)
"""All that `grader.formulas.display.mathml` writes."""


class SideView(Struct, frozen=True, kw_only=True):
    """One side, as it was written and as it was read."""

    relation: str
    source: str
    mathml: str
    """Safe in HTML as it is; empty where there is none."""
    is_right: bool | None
    note: str


class LineView(Struct, frozen=True, kw_only=True):
    """One row of the table of lines."""

    number: int
    """Among those of its question, from 1."""
    place: str
    source: str
    """All sides as they were written, in one line."""
    sides: tuple[SideView, ...]
    verdict: LineVerdict
    is_quiet: bool
    counts_as: str | None
    """What it counts as, where that is not what it is labelled with."""
    label: str | None
    text: str
    notes: tuple[str, ...]
    is_short: bool = True
    """Whether it is as short as most lines, so that what is made of it can be remembered."""

    @property
    def anywhere(self) -> LineView:
        """The line without where it stands: equal for all who wrote the same and are told the same."""
        return replace(self, number=0, place="")


class LineLink(Struct, frozen=True, kw_only=True):
    """A line that gave a quantity."""

    number: int
    place: str
    is_first: bool
    """Among those that gave it."""


def line_views(lines: Sequence[LineResult], level: Feedback) -> tuple[LineView, ...]:
    """Take from the lines of a question what its student may see.

    Parameters
    ----------
    lines : sequence of LineResult
        In their order; their texts are hostile.
    level : Feedback
        `full` and `hints`: everything. `verdicts`: place, line and verdict, without what is wrong in it.
        `points`: nothing.

    Returns
    -------
    tuple of LineView
        Clean texts, not escaped, but for the formulas, which are MathML. Those behind the first 400 are left out.
    """
    if level is Feedback.POINTS:
        return ()
    shown = lines[:_MOST_LINES]
    places = _places([line.place for line in shown], [line.column for line in shown])
    left = _MOST_MATHML
    views = []
    for number, (line, place) in enumerate(zip(shown, places, strict=True), start=1):
        view = _line(line, number, place, left, told=level is not Feedback.VERDICTS)
        left -= sum([len(side.mathml) for side in view.sides])
        views.append(view)
    return tuple(views)


def left_out(lines: Sequence[LineResult]) -> int:
    """Return how many lines of a question are not shown, because there are too many."""
    return max(len(lines) - _MOST_LINES, 0)


def links_by_quantity(
    lines: Sequence[LineResult], views: Iterable[LineView]
) -> dict[str, tuple[LineLink, ...]]:
    """Return the lines that gave each quantity.

    Parameters
    ----------
    lines : sequence of LineResult
        Of a question.
    views : iterable of LineView
        Of the same lines.

    Returns
    -------
    dict of str to tuple of LineLink
        By name of the quantity; the first six lines of each.
    """
    found: dict[str, tuple[LineLink, ...]] = {}
    for line, view in zip(lines, views, strict=False):
        if line.quantity is not None and not view.is_quiet:
            links = found.get(line.quantity, ())
            found[line.quantity] = (
                *links,
                LineLink(number=view.number, place=view.place, is_first=not links),
            )[:_MOST_GIVING]
    return found


def _line(line: LineResult, number: int, place: str, left: int, *, told: bool) -> LineView:
    sides = line.sides[:_MOST_SIDES]
    formulas = sum([len(side.mathml) for side in sides])
    words = sum([len(side.source) + len(side.note) for side in sides]) + sum(
        map(len, (line.text, *line.notes))
    )
    is_short = formulas + words < _SHORT
    anywhere = (_short_line if is_short else _anywhere)(
        sides,
        line.verdict,
        line.quantity,
        line.label,
        line.text,
        line.notes,
        has_room=formulas <= left,
        told=told,
        is_short=is_short,
    )
    return replace(anywhere, number=number, place=place)


def _anywhere(
    sides: tuple[LineSide, ...],
    verdict: LineVerdict,
    quantity: str | None,
    label: str | None,
    text: str,
    notes: tuple[str, ...],
    *,
    has_room: bool,
    told: bool,
    is_short: bool,
) -> LineView:
    """Take a line without where it stands."""
    is_unread = verdict is LineVerdict.UNREAD
    return LineView(
        number=0,
        place="",
        source=clean_line(" ".join([f"{side.relation} {side.source}" for side in sides]), _SOURCE),
        sides=tuple([_remembered(side, has_room, told) for side in sides]),
        verdict=verdict,
        is_quiet=verdict in _QUIET,
        counts_as=_name(quantity) if told and quantity != label else None,
        label=_name(label),
        # Why a line was not read is told at every level: it is no mark.
        text=_text(text, verdict) if told or is_unread else "",
        notes=clean_all(notes, _LINE, _MOST_NOTES) if told else (),
        is_short=is_short,
    )


_short_line = lru_cache(_LINES)(_anywhere)


def _name(name: str | None) -> str | None:
    return None if name is None else clean_line(name, _NAME)


def _text(text: str, verdict: LineVerdict) -> str:
    """Return what is said of a line; the meaning of its verdict where nothing else is."""
    text = clean_line(text, 2 * _LINE)
    if verdict is LineVerdict.UNREAD:
        return f"{text} A person reads this line; nothing is lost by it.".strip()
    if text or verdict is LineVerdict.RIGHT:
        return text
    meaning = LINE_MEANINGS[verdict]
    return f"{meaning[0].upper()}{meaning[1:]}."


def _remembered(side: LineSide, has_room: bool, told: bool) -> SideView:
    """Take a side, or what it was taken to before: right answers are much the same for a whole class."""
    is_short = len(side.mathml) < _SHORT and len(side.source) < _SHORT and len(side.note) < _SHORT
    return (_short_side if is_short else _side)(side, has_room, told)


def _side(side: LineSide, has_room: bool, told: bool) -> SideView:
    return SideView(
        relation=_RELATIONS.get(side.relation, clean_line(side.relation, _NAME)),
        source=clean_line(side.source, _SOURCE),
        mathml=_formula(side.mathml, told=told) if has_room else "",
        is_right=side.is_right if told else None,
        note=clean_line(side.note, _LINE) if told else "",
    )


_short_side = lru_cache(_SIDES)(_side)


def _formula(mathml: str, *, told: bool) -> str:
    """Return a formula where it holds nothing but what we write into one, else nothing; unmarked where no mark is told."""
    is_one = mathml.startswith("<math ") and mathml.endswith("</math>") and mathml.count("<math ") == 1
    if not is_one or (not mathml.isascii() and clean(mathml, len(mathml)) != mathml):
        return ""
    if not {"<", ">", '"'}.isdisjoint(_TAG.sub("", mathml)):
        return ""
    return mathml if told else mathml.replace(_MARK, "<mrow>")


def _places(places: Sequence[Place], columns: Sequence[int]) -> list[str]:
    """Say where lines stand: with the file where there are several, with the column where a line of text holds several."""
    files = {place.file for place in places}
    rows = Counter((place.file, place.cell, place.line) for place in places)
    said = []
    for place, column in zip(places, columns, strict=True):
        parts = [clean_line(place.file, _NAME)] if len(files) > 1 else []
        parts += [f"cell {place.cell}"] if place.cell is not None else []
        parts.append(f"line {place.line}")
        parts += [f"column {column}"] if rows[(place.file, place.cell, place.line)] > 1 else []
        said.append(", ".join(parts))
    return said

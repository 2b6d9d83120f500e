"""Single errors put into one hand-in: each spoils one side of a line that was right, and changes its value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import isclose

from injections import Change, changes
from written_pieces import DOCUMENT, Span, spans_of
from written_values import POINTS, WORKED, NoFormulaError, Point, evaluate, name_of

_LABELS = (
    (re.compile(r"\\frac\{\\delta L\}\{\\delta (.+)\}"), "dL/d{}"),
    (re.compile(r"\\omega_\{([012s])_\{new\}\}"), "w{}_new"),
    (re.compile(r"(\\mathcal\{L\})\(.*\)"), "{}"),
    (re.compile(r"([zh]_\{?\d\}?|\\hat\{y\})"), "{}"),
)
_LEANING = {("numbers", "dL/dws"): frozenset({"dL/dw2"}), ("numbers", "dL/dh1"): frozenset({"dL/dz1"})}
"""Two lines stand under one label; the second one is another quantity's because the first one is right."""
_CLOSE = 1e-9
_CLOSE_NUMBERS = 0.01
"""A change of numbers that moves their value by less may be rounding."""


@dataclass(frozen=True, kw_only=True)
class Injected:
    """A hand-in with one more error, and what must be said of it."""

    name: str
    text: str
    question: str
    quantity: str
    """What must not be `correct` any more, in that question."""
    slips: frozenset[str]
    """Names that are right for the error."""
    line: int
    """Of the text, from 1."""
    start: int
    """Offset of the side that was changed."""
    in_numbers: bool
    """Whether it shows at the numbers of the task; else only at others, as a forgotten rate of 1 does."""
    leaning: frozenset[str]
    """Quantities of the question whose wrong label is known for a slip of the pen by this line's being right."""


def _quantity(label: str) -> str | None:
    """Return what a line is about."""
    for pattern, name in _LABELS:
        match = pattern.fullmatch(label)
        if match:
            return name.format(name_of(match[1]))
    return None


def _value(side: str, at: Point) -> float | None:
    try:
        return evaluate(side, at)
    except NoFormulaError:
        return None


def _agrees(side: str, quantity: str, points: tuple[Point, ...], close: float = _CLOSE) -> bool:
    """Whether a side can be read and is worth what it should be."""
    for at in points:
        value = _value(side, at)
        if value is None or not isclose(value, at.values[quantity], rel_tol=close, abs_tol=close):
            return False
    return True


def _is_read(side: str) -> bool:
    return all(_value(side, at) is not None for at in (WORKED, *POINTS))


def _is_of_numbers(side: str) -> bool:
    return re.search(r"\\omega|_|\\hat|\\frac", side) is None


def _points_of(side: str) -> tuple[Point, ...]:
    return (WORKED,) if _is_of_numbers(side) else (WORKED, *POINTS)


def _right_lines() -> Iterator[tuple[str, str, tuple[Span, ...]]]:
    """Yield the lines that are right in every side: their question, their quantity and their sides."""
    effect, numbers = DOCUMENT.index("\n2)\n"), DOCUMENT.index("\n3)\n")
    for chain in spans_of(DOCUMENT):
        quantity = _quantity(DOCUMENT[slice(*chain[0])])
        sides = [DOCUMENT[slice(*span)] for span in chain[1:]]
        if quantity and all(_agrees(side, quantity, _points_of(side)) for side in sides):
            yield ("derivation" if chain[0][0] < effect else "numbers"), quantity, chain[1:]
    assert effect < numbers


def _spoilt(question: str, quantity: str, number: int, span: Span, change: Change) -> Injected | None:
    """Return the hand-in with a change in it; None where the side keeps its value or is no formula any more."""
    start, end = span
    side = DOCUMENT[start:end]
    close = _CLOSE_NUMBERS if _is_of_numbers(side) else _CLOSE
    if not _is_read(change.side) or _agrees(change.side, quantity, _points_of(side), close):
        return None
    text = DOCUMENT[:start] + change.side + DOCUMENT[end:]
    return Injected(
        name=f"{question}, {quantity}, side {number}: {change.what}",
        text=text,
        question=question,
        quantity=quantity,
        slips=change.slips | {"miscalculated"} if _is_of_numbers(side) else change.slips,
        line=text.count("\n", 0, start) + 1,
        start=start,
        in_numbers=not _agrees(change.side, quantity, (WORKED,)),
        leaning=_LEANING.get((question, quantity), frozenset()),
    )


def _all() -> Iterator[Injected]:
    for question, quantity, sides in _right_lines():
        seen: set[str] = set()
        for number, span in enumerate(sides, start=2):
            for change in changes(DOCUMENT[slice(*span)], quantity):
                made = _spoilt(question, quantity, number, span, change)
                if made is not None and made.text not in seen:
                    seen.add(made.text)
                    yield made


INJECTED: tuple[Injected, ...] = tuple(_all())
"""In the order of the document; each line that was right is spoilt in several ways."""

"""Puts other numbers into a task, and finds the places where a person has to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from grader.assignment import RATE, Unit
from grader.authoring.numbers import Leaves
from grader.model import Array

SECTION = re.compile(r"(?ms)^## Numbers to try\n.*?(?=^## |\Z)")
POINTS = re.compile(r"^##? +Points\b")
HEADING = re.compile(r"^#{1,6} ")
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.]*\d)")
AS_PRINTED = 2
"""Decimals from which a number in a text is taken for a computed one."""


def with_numbers(text: str, units: Mapping[str, Unit], new: Mapping[str, Leaves]) -> str:
    """Put the numbers of other worked cases into a task.

    The section `Numbers to try` is written anew, since what it says of the old numbers holds for no others; in the rest `x = 1` and
    `learning rate 1` get the new number.

    Parameters
    ----------
    text : str
    units : mapping of str to Unit
        With the old worked cases.
    new : mapping of str to mapping
        The new ones, by the names of units.

    Returns
    -------
    str
    """
    changed = text
    for leaf, (old, value) in _single_numbers(units, new).items():
        for pattern in (rf"(?<!\w){re.escape(leaf)} ?= ?", *([r"learning rate "] if leaf == RATE else [])):
            changed = re.sub(rf"({pattern})({NUMBER.pattern})", _Put(old, value), changed)
    return SECTION.sub(lambda _: _section(units, new), changed, count=1) if new else changed


class _Put:
    """Puts a number in the place of another."""

    def __init__(self, old: float, new: float) -> None:
        self._old, self._new = old, new

    def __call__(self, match: re.Match[str]) -> str:
        """Return the text that stands there instead."""
        before, number = match[1], match[2]
        return f"{before}{self._new:g}" if float(number) == self._old else match[0]


def _single_numbers(units: Mapping[str, Unit], new: Mapping[str, Leaves]) -> dict[str, tuple[float, float]]:
    """Return the old and the new value of every single number that has one value throughout."""
    found: dict[str, set[tuple[float, float]]] = {}
    for name, leaves in new.items():
        old = units[name].cases.worked or {}
        for leaf, value in leaves.items():
            if value.ndim == 0:
                found.setdefault(leaf, set()).add((float(old[leaf]), float(value)))
    return {leaf: next(iter(pairs)) for leaf, pairs in found.items() if len(pairs) == 1}


def _section(units: Mapping[str, Unit], new: Mapping[str, Leaves]) -> str:
    """Write what is given in the worked cases; what it gives is for students to compute."""
    cases: dict[str, list[str]] = {}
    for name, leaves in new.items():
        given = "\n".join(f"{leaf} = {_printed(value)}" for leaf, value in leaves.items())
        cases.setdefault(given, []).extend(f"`{function}`" for function in units[name].functions)
    blocks = [
        (f"For {', '.join(functions)}:\n\n" if len(cases) > 1 else "") + f"```\n{given}\n```\n"
        for given, functions in cases.items()
    ]
    words = f"Compute {'this case' if len(cases) == 1 else 'these cases'} by hand and compare with what your work gives."
    return "\n".join(["## Numbers to try\n", *blocks, f"{words} It is marked on other numbers too.\n\n"])


def _printed(value: Array) -> str:
    if value.ndim == 0:
        return f"{float(value):g}"
    return "[" + ", ".join(_printed(np.asarray(entry)) for entry in value) + "]"


# --------------------------------------------------------------------------------------------------------------
# What is left


def left_over(text: str, units: Mapping[str, Unit]) -> Iterator[tuple[int, str]]:
    """Find lines with numbers that may be those of the old worked cases.

    Parameters
    ----------
    text : str
        With the new numbers in it.
    units : mapping of str to Unit
        With the old worked cases.

    Yields
    ------
    (int, str)
        Number of the line, and the line.
    """
    given, computed = _old_numbers(units.values())
    section = SECTION.search(text)
    inside = range(section.start(), section.end()) if section else range(0)
    position, counts_points = 0, False
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        if HEADING.match(line):
            counts_points = POINTS.match(line) is not None
        if position not in inside and not counts_points and _has_old(line, given, computed):
            yield number, line.strip()
        position += len(line)


def _old_numbers(units: Iterable[Unit]) -> tuple[set[float], Array]:
    """Return the broken numbers that were given, and all that come from them."""
    given: set[float] = set()
    computed: list[Array] = []
    for unit in units:
        leaves = unit.cases.worked
        if leaves is None:
            continue
        given |= {float(entry) for value in leaves.values() for entry in value.ravel()}
        graph = unit.graph
        run = graph.forward({name: leaves[name] for name in graph.leaves})
        back = graph.backward(run)
        computed += [np.ravel(graph.value(run, name)) for name in graph.computed]
        computed += [np.ravel(graph.gradient(back, name)) for name in graph.index]
    whole = np.concatenate(computed) if computed else np.zeros(0)
    return {value for value in given if value != int(value)}, whole


def _has_old(line: str, given: set[float], computed: Array) -> bool:
    for match in NUMBER.finditer(line):
        value = float(match[0])
        decimals = len(match[0].partition(".")[2])
        if decimals and value in given:
            return True
        if decimals >= AS_PRINTED and bool(np.any(np.round(computed, decimals) == value)):
            return True
    return False

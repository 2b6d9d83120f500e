"""Makes a private copy of an assignment: the same task with other numbers."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

import numpy as np
from msgspec import Struct

from grader.assignment import Assignment
from grader.authoring.folder import contents, renamed
from grader.authoring.numbers import Redrawn, redrawn, units_of
from grader.authoring.task_text import SECTION, left_over, with_numbers
from grader.authoring.toml_lines import replaced
from grader.errors import AssignmentError
from grader.model import Array

FILE = "assignment.toml"
TASK = "task.md"
TEXTS = (TASK, "template.md", "template.tex", "template.txt")


class Copy(Struct, frozen=True, kw_only=True):
    """A copy, not written yet."""

    files: dict[str, bytes]
    """Contents by path in the folder."""
    notes: tuple[str, ...]
    """What stayed as it was, and what the author has to read: one sentence each."""


def copied(assignment: Assignment, name: str, seed: int) -> Copy:
    """Copy an assignment with other numbers.

    Parameters
    ----------
    assignment : Assignment
    name : str
        Of the copy.
    seed : int
        The same one gives the same copy.

    Returns
    -------
    Copy

    Raises
    ------
    AssignmentError
        Where its numbers cannot be drawn anew, or not be written into its file.
    """
    new = redrawn(assignment, np.random.default_rng(seed))
    made = contents(assignment.folder)
    units = units_of(assignment)
    made[FILE] = _file(assignment, made[FILE].decode(), new, name, seed).encode()
    for text in set(TEXTS) & made.keys():
        own = renamed(made[text].decode(), assignment.name, name)
        made[text] = (with_numbers(own, units, new.worked) if text == TASK else own).encode()
    return Copy(files=made, notes=tuple(_notes(assignment, made)))


def _file(assignment: Assignment, text: str, new: Redrawn, name: str, seed: int) -> str:
    raw = tomllib.loads(text)
    changes: dict[tuple[str, ...], object] = {}
    for unit in new.ranges.keys() | new.worked.keys():
        place = ("units", unit, "cases") if unit and unit in raw.get("units", {}) else ("cases",)
        changes |= {
            (*place, "ranges", leaf): list(bounds) for leaf, bounds in new.ranges.get(unit, {}).items()
        }
        written = _at(raw, (*place, "worked"))
        changes |= {
            (*place, "worked", leaf): _entry(value, written.get(leaf))
            for leaf, value in new.worked.get(unit, {}).items()
        }
    first = f"# {assignment.name} with other numbers: `grader new {name} --from {assignment.name} --seed {seed}`.\n\n"
    try:
        return first + replaced(text, changes)
    except ValueError as error:
        raise AssignmentError(
            f"{assignment.folder / FILE}: {error}: its numbers cannot be replaced",
            remedy="write the entry on one line, `name = value`",
        ) from error


def _at(raw: dict[str, object], path: tuple[str, ...]) -> dict[str, object]:
    place: object = raw
    for key in path:
        place = place.get(key, {}) if isinstance(place, dict) else {}
    return place if isinstance(place, dict) else {}


def _entry(value: Array, old: object) -> object:
    """Return a value as TOML has it; whole numbers stay whole."""
    return value.astype(int).tolist() if _is_whole(old) else value.tolist()


def _is_whole(entry: object) -> bool:
    if isinstance(entry, list):
        return all(map(_is_whole, entry))
    return isinstance(entry, int)


def _notes(assignment: Assignment, made: dict[str, bytes]) -> Iterator[str]:
    units = units_of(assignment)
    networks = tomllib.loads(made[FILE].decode())
    named = [networks.get("network"), *(unit.get("network") for unit in networks.get("units", {}).values())]
    shared = sorted({text for text in named if text and not text.partition(":")[0].endswith(".py")})
    if shared:
        yield f"{FILE}: the networks of the grader itself are used, not copied: {', '.join(shared)}"
    if TASK in made and SECTION.search(made[TASK].decode()):
        yield f"{TASK}: `Numbers to try` is written anew, without results and with the names of {FILE}: read it"
    if any(unit.cases.edges for unit in units.values()):
        yield f"{FILE}: the cases of [[...cases.edge]] are as they were"
    if assignment.experiments:
        yield "the experiments are as they were: their data and their starts come from experiments.py"
    if not any(unit.cases.worked for unit in units.values()):
        yield "no worked case is printed: only the ranges are new"
    for text in TEXTS:
        if text in made:
            for number, line in left_over(made[text].decode(), units):
                yield f"{text}, line {number}: a number of the old worked case may be left: {line}"

"""Makes the notebook of a hand-out: a cell for each function, a check behind each question, headings for what is written.

The format is nbformat 4.5 (https://nbformat.readthedocs.io/en/latest/format_description.html). Where a student runs the check
cells they need the grader; in grading they are left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from grader.assignment import Assignment, QuestionSpec
from grader.handout.cells import Cut, Piece, cut
from grader.handout.texts import points_text
from grader.model import Document

_HEADING = re.compile(r"#{1,6}[ \t]+\S")
_FENCE = re.compile(r"[ \t]*(```|~~~)")
_LONGEST_ID = 64


class Cell(Struct, frozen=True, kw_only=True):
    """A cell of the notebook."""

    kind: str
    """`code` or `markdown`."""
    text: str
    id: str
    """What it is about; made unique when it is written."""


def notebook_cells(assignment: Assignment, written: Sequence[Document]) -> tuple[Cell, ...]:
    """Return the cells of an assignment's notebook.

    Parameters
    ----------
    assignment : Assignment
    written : sequence of Document
        What is handed out for written answers; Markdown alone has a place in a notebook.

    Returns
    -------
    tuple of Cell
        Empty where there is nothing to write in a notebook.

    Raises
    ------
    NoCellsError
        Where the modules cannot stand in one notebook.
    """
    code = tuple(_code_cells(assignment, cut(assignment.template))) if assignment.template else ()
    texts = tuple(_text_cells(written))
    if not code and not texts:
        return ()
    return (
        Cell(kind="markdown", text=_opening(assignment, has_code=bool(code)), id="opening"),
        *code,
        *texts,
    )


def notebook_text(cells: Sequence[Cell]) -> str:
    """Return the notebook file with these cells.

    Parameters
    ----------
    cells : sequence of Cell

    Returns
    -------
    str
        JSON.
    """
    document = {
        "cells": [_as_json(cell, name) for cell, name in zip(cells, _unique_ids(cells), strict=True)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _as_json(cell: Cell, name: str) -> dict[str, object]:
    entry: dict[str, object] = {"cell_type": cell.kind, "id": name, "metadata": {}}
    if cell.kind == "code":
        entry |= {"execution_count": None, "outputs": []}
    return {**entry, "source": cell.text.splitlines(keepends=True)}


def _unique_ids(cells: Sequence[Cell]) -> Iterator[str]:
    seen: set[str] = set()
    for cell in cells:
        base = re.sub(r"[^a-zA-Z0-9_-]+", "-", cell.id).strip("-")[: _LONGEST_ID - 4] or "cell"
        name, number = base, 1
        while name in seen:
            number += 1
            name = f"{base}-{number}"
        seen.add(name)
        yield name


def _opening(assignment: Assignment, *, has_code: bool) -> str:
    lines = [
        f"# {assignment.title}",
        "",
        "What to do stands in [task.md](task.md), how to check yourself in [README.md](README.md).",
    ]
    if has_code:
        lines.append(
            "Run the cells from the top; replace each `raise NotImplementedError(...)` by your work."
        )
    return "\n".join(lines)


# --------------------------------------------------------------------------------------------------------------
# Code


def _code_cells(assignment: Assignment, modules: Cut) -> Iterator[Cell]:
    if assignment.known_by_name:
        text = f'from grader.notebook import Check\n\ncheck = Check("{assignment.name}")'
        yield Cell(kind="code", text=text, id="check")
    if modules.introductions:
        yield Cell(kind="markdown", text="\n\n".join(modules.introductions), id="introduction")
    if modules.imports:
        yield Cell(kind="code", text=modules.imports, id="imports")
    first, groups = _grouped(assignment, modules)
    for piece in first:
        yield _code(piece)
    for question, pieces in groups.items():
        text = f"## {question.title} ({points_text(question.points)})"
        yield Cell(kind="markdown", text=text, id=f"question-{question.id}")
        for piece in pieces:
            yield _code(piece)
        if assignment.known_by_name:
            yield Cell(kind="code", text=f'check("{question.id}")', id=f"check-{question.id}")


def _code(piece: Piece) -> Cell:
    return Cell(kind="code", text=piece.text, id=piece.name or "definitions")


def _grouped(
    assignment: Assignment, modules: Cut
) -> tuple[list[Piece], dict[QuestionSpec, tuple[Piece, ...]]]:
    """Return what comes before all questions, and what is to be written for each, where that order runs; else all comes before."""
    uses = {question: _used(assignment, question) for question in assignment.questions}
    asked = {question: names for question, names in uses.items() if names}
    owners = {
        piece.name: next((question for question, names in asked.items() if piece.name in names), None)
        for piece in modules.pieces
        if piece.is_open
    }
    groups = {
        question: tuple(piece for piece in modules.pieces if owners.get(piece.name) is question)
        for question in asked
    }
    first = [piece for piece in modules.pieces if owners.get(piece.name) is None]
    if _runs([*first, *(piece for pieces in groups.values() for piece in pieces)]):
        return first, groups
    return list(modules.pieces), dict.fromkeys(asked, ())


def _runs(pieces: Sequence[Piece]) -> bool:
    """Whether no piece reads a name while it is run that a later one defines."""
    later: set[str] = set()
    for piece in reversed(pieces):
        if piece.needs & later:
            return False
        later |= piece.names
    return True


def _used(assignment: Assignment, question: QuestionSpec) -> frozenset[str]:
    """Return the top-level names that students define for a question; none where it is answered in writing."""
    if question.headings or question.id in assignment.part_of:
        return frozenset()
    names: set[str] = set()
    for function in question.functions:
        experiment = assignment.experiment_of.get(function)
        uses = experiment.uses if experiment else assignment.unit_of[function].functions[function].uses
        names.update(uses or (function.partition(".")[0],))
    return frozenset(names)


# --------------------------------------------------------------------------------------------------------------
# What is written


def _text_cells(written: Sequence[Document]) -> Iterator[Cell]:
    for document in written:
        if document.name.endswith(".md"):
            for text in _sections(document.text):
                yield Cell(kind="markdown", text=text, id=text.splitlines()[0].lstrip("# "))


def _sections(text: str) -> Iterator[str]:
    """Yield the parts of a Markdown text, each from one heading to the next; what is no heading opens none."""
    part: list[str] = []
    fenced = commented = False
    for line in text.splitlines():
        if _FENCE.match(line) and not commented:
            fenced = not fenced
        if _HEADING.match(line) and not fenced and not commented and any(part):
            yield "\n".join(part).strip("\n")
            part = []
        if not fenced and ("<!--" in line or "-->" in line):
            commented = line.rfind("<!--") > line.rfind("-->")
        part.append(line)
    if "".join(part).strip():
        yield "\n".join(part).strip("\n")

"""`list`, `show` and `doctor`: what there is, what it expects, and what this machine can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from grader.cli.completion import assignment_names
from grader.cli.screen import Screen, screen, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from grader.assignment import Assignment

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document and nothing else."
)


@click.command("list")
@json_option
def list_assignments(*, as_json: bool) -> None:
    """List the assignments that ship with the grader."""
    from grader.assignment_file import load, shipped

    assignments = [load(name) for name in shipped()]
    if as_json:
        entries = [{"name": a.name, "title": a.title, "points": a.max_points} for a in assignments]
        write_json({"schema": 1, "assignments": entries})
        return
    screen().table(
        ("assignment", "points", "asks for", "title"),
        [(a.name, f"{a.max_points:g}", ", ".join(_kinds(a)), a.title) for a in assignments],
    )


def _kinds(assignment: Assignment) -> Iterator[str]:
    """Yield what students hand in."""
    parts = assignment.parts
    kinds = (
        ("code", assignment.has_code),
        ("formulas", any(not part.asks_numbers for part in parts)),
        ("numbers", any(part.asks_numbers for part in parts)),
        ("texts", any(question.headings for question in assignment.questions)),
    )
    yield from (kind for kind, asked in kinds if asked)


@click.command(short_help="Show the worked case of an assignment.")
@click.argument("assignment", shell_complete=assignment_names)
@json_option
def show(*, assignment: str, as_json: bool) -> None:
    """Show the worked case of ASSIGNMENT: forward values, gradients, updated weights.

    Where formulas are asked it also says which quantities have the same value, everywhere or on the worked case alone.

    ASSIGNMENT is a shipped name (see `grader list`) or a folder with an assignment.toml.
    """
    from grader.assignment_file import load
    from grader.cli.sheets import coinciding, points_to_show, sentences, worked_entries

    asked = load(assignment)
    points = None if asked.sheet is None else points_to_show(asked.sheet)
    same = None if points is None else coinciding(points)
    written = [] if points is None else worked_entries(points)
    quantities = list({entry["name"]: entry for entry in (*written, *_worked(asked))}.values())
    if as_json:
        document = {"schema": 1, "assignment": asked.name, "case": "worked", "quantities": quantities}
        write_json(document if same is None else {**document, "coinciding": same._asdict()})
        return
    out = screen()
    if quantities:
        _show_worked(out, asked, quantities)
    else:
        out.line(f"{asked.title}: no worked case is printed (`[cases.worked]`)", style="bold")
    for sentence in sentences(same) if same is not None else []:
        out.line()
        out.line(sentence)


def _show_worked(out: Screen, asked: Assignment, quantities: Sequence[Mapping[str, Any]]) -> None:
    from grader.reports.text import numbers_text

    out.line(f"{asked.title}: the worked case", style="bold")
    for given in _given(asked):
        out.line(given)
    out.line()
    out.table(
        ("question", "quantity", "value"),
        [(entry["question"], entry["name"], numbers_text(entry["value"])) for entry in quantities],
    )


def _given(assignment: Assignment) -> Iterator[str]:
    """Yield what each worked case starts from."""
    from grader.reports.text import numbers_text
    from grader.serialize import json_numbers

    on_paper = [] if assignment.sheet is None else [assignment.sheet.unit]
    alone = [one for one in on_paper if not any(unit.graph is one.graph for unit in assignment.units)]
    for unit in (*assignment.units, *alone):
        if unit.cases.worked is not None:
            entries = ((name, numbers_text(json_numbers(value))) for name, value in unit.cases.worked.items())
            given = ", ".join(f"{name} = {value}" for name, value in entries)
            yield f"{unit.name}: given {given}" if unit.name else f"given {given}"


def _worked(assignment: Assignment) -> list[dict[str, Any]]:
    """Return every quantity of the worked cases once, in marking order."""
    import numpy as np

    from grader.cases import worked_case
    from grader.marking.expectations import expectations
    from grader.serialize import json_numbers

    questions = {name: question.id for question in assignment.questions for name in question.functions}
    entries: dict[str, dict[str, Any]] = {}
    for unit in assignment.units:
        case = worked_case(unit)
        if case is None:
            continue
        found = expectations(unit, [case]).cases[0].by_key
        places = {quantity: place for place, quantity in enumerate(unit.order)}
        for (function, quantity), expectation in sorted(found.items(), key=lambda item: places[item[0][1]]):
            entries.setdefault(
                unit.label(quantity),
                {
                    "name": unit.label(quantity),
                    "value": json_numbers(expectation.value + 0.0),  # -0.0 is printed as the zero it is
                    "shape": list(np.shape(expectation.value)),
                    "question": questions[function],
                },
            )
    return list(entries.values())

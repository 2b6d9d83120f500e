"""`list`, `show` and `doctor`: what there is, what it expects, and what this machine can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from grader.cli.screen import screen, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        ("assignment", "points", "title"), [(a.name, f"{a.max_points:g}", a.title) for a in assignments]
    )


@click.command(short_help="Show the worked case of an assignment.")
@click.argument("assignment")
@json_option
def show(*, assignment: str, as_json: bool) -> None:
    """Show the worked case of ASSIGNMENT: forward values, gradients, updated weights.

    ASSIGNMENT is a shipped name (see `grader list`) or a folder with an assignment.toml.
    """
    from grader.assignment_file import load
    from grader.reports.text import numbers_text

    asked = load(assignment)
    quantities = _worked(asked)
    if as_json:
        write_json({"schema": 1, "assignment": asked.name, "case": "worked", "quantities": quantities})
        return
    out = screen()
    if not quantities:
        out.line(f"{asked.title}: no worked case is printed (`[cases.worked]`)", style="bold")
        return
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

    for unit in assignment.units:
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

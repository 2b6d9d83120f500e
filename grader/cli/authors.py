"""`list`, `show` and `doctor`: what there is, what it expects, and what this machine can do."""

from __future__ import annotations

import os
import platform
import sys
from typing import TYPE_CHECKING, Any

import click

from grader.cli.screen import screen, write_json
from grader.errors import ExitCode

if TYPE_CHECKING:
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
    out.line(f"{asked.title}: the worked case", style="bold")
    given = ", ".join(f"{name} = {value:g}" for name, value in asked.cases.worked.items())
    out.line(f"given {given}")
    out.line()
    out.table(
        ("question", "quantity", "value"),
        [(entry["question"], entry["name"], numbers_text(entry["value"])) for entry in quantities],
    )


def _worked(assignment: Assignment) -> list[dict[str, Any]]:
    """Return every quantity of the worked case once, question by question."""
    import numpy as np

    from grader.cases import worked_case
    from grader.marking.expectations import expectations
    from grader.serialize import json_numbers

    reference = expectations(assignment, [worked_case(assignment)]).cases[0]
    entries: dict[str, dict[str, Any]] = {}
    for question in assignment.questions:
        for function in question.functions:
            for quantity in assignment.functions[function].quantities:
                value = reference.by_key[function, quantity].value
                entries.setdefault(
                    quantity,
                    {
                        "name": quantity,
                        "value": json_numbers(value + 0.0),  # -0.0 is printed as the zero it is
                        "shape": list(np.shape(value)),
                        "question": question.id,
                    },
                )
    places = {quantity: place for place, quantity in enumerate(assignment.order)}
    return sorted(entries.values(), key=lambda entry: places[entry["name"]])


@click.command(short_help="Say which isolation is in force here.")
@json_option
def doctor(*, as_json: bool) -> int:
    """Say which protection from submissions is in force on this machine, and what is missing."""
    import numpy as np

    from grader import __version__
    from grader.sandbox import level

    probes = _probes()
    report = {
        "schema": 1,
        "grader": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "platform": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "isolation": level(),
        "probes": probes,
    }
    if as_json:
        write_json(report)
        return ExitCode.DONE
    out = screen()
    for name in ("grader", "python", "numpy", "platform", "cores"):
        out.line(f"{name:10} {report[name]}")
    out.line()
    out.line(f"isolation  {level()}", style="bold")
    out.line(f"           {LEVELS[level()]}")
    out.line()
    out.table(
        ("probe", "here", "what it is for"),
        [(probe["name"], "yes" if probe["available"] else "no", probe["for"]) for probe in probes],
    )
    out.line()
    out.line("Grade untrusted submissions in a container or as a user of its own that can read nothing else.")
    return ExitCode.DONE


LEVELS = {
    "limits": "each submission in a process of its own, with limits on time, memory and output and a bare environment; "
    "its code can still read what this user can read",
    "process": "each submission in a process of its own with a time limit; for trusted code only",
}


def _probes() -> list[dict[str, Any]]:
    """Try what the sandbox builds on."""
    return [
        {
            "name": "processes of their own",
            "available": hasattr(os, "fork"),
            "for": "killing all that a submission starts",
        },
        {"name": "resource limits", "available": _has_limits(), "for": "bounding time, memory and file size"},
        {
            "name": "parent-death signal",
            "available": sys.platform == "linux",
            "for": "leaving nothing behind when the grader is killed",
        },
    ]


def _has_limits() -> bool:
    try:
        import resource
    except ImportError:
        return False
    return resource.getrlimit(resource.RLIMIT_CPU) is not None

"""The result file of one submission, for the instructor and programs: everything, expected values included."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from grader.model import (
    Automatic,
    Environment,
    Finding,
    Grade,
    Late,
    LineResult,
    Mark,
    Place,
    QuantityResult,
    QuestionResult,
)

SCHEMA = 1
"""Raised when a field changes its meaning or goes; a new field does not raise it."""


def result_document(grade: Grade) -> dict[str, Any]:
    """Lay a grade out as `results/STUDENT.json` has it.

    Parameters
    ----------
    grade : Grade
        The grade.

    Returns
    -------
    dict
        JSON values only, in the order in which the file has them.
    """
    return {
        "schema": SCHEMA,
        "assignment": grade.assignment,
        "student": grade.student,
        "submission": {"files": list(grade.files), "sha256": grade.sha256},
        "points": float(grade.points),
        "max_points": float(grade.max_points),
        "pending_points": float(grade.pending_points),
        "final": grade.final,
        "status": grade.status.value,
        "automatic": _automatic(grade.automatic),
        "marks": [_mark(mark) for mark in grade.marks],
        "late": _late(grade.late),
        "first_mistake": grade.first_mistake,
        "notes": list(grade.notes),
        "questions": [_question(question) for question in grade.questions],
        "environment": _environment(grade.environment),
        "seconds": float(grade.seconds),
        "peak_memory_mib": float(grade.peak_memory_mib),
    }


def result_text(grade: Grade) -> str:
    """Write the result file.

    Parameters
    ----------
    grade : Grade
        The grade.

    Returns
    -------
    str
        Indented JSON in ASCII, for a lone surrogate in a hostile text has no UTF-8.

    Raises
    ------
    ValueError
        Where a float is not finite: that has no place in JSON.
    """
    return indented_json(result_document(grade)) + "\n"


def indented_json(value: object) -> str:
    """Write JSON as `json.dumps(value, indent=1, allow_nan=False)` does, in a third of its time.

    Where it indents, `json` uses its encoder written in Python (`JSONEncoder.iterencode` of Python 3.11). Without, it uses
    the one in C; the white space is put in afterwards, and leaves numbers and texts as they are written.

    Parameters
    ----------
    value : object
        JSON values.

    Returns
    -------
    str
        JSON in ASCII, without a line feed at the end.

    Raises
    ------
    ValueError
        Where a float is not finite.
    """
    try:
        return msgspec.json.format(json.dumps(value, allow_nan=False, separators=(",", ":")), indent=1)
    except msgspec.DecodeError:
        # Half of a surrogate pair, as in a file name that is no UTF-8, is JSON to `json` alone.
        return json.dumps(value, indent=1, allow_nan=False)


def _environment(environment: Environment) -> dict[str, Any]:
    """Lay out under which conditions a grade was made; one made before limits were noted has none."""
    told: dict[str, Any] = {
        "grader": environment.grader,
        "numpy": environment.numpy,
        "isolation": environment.isolation,
        "seed_sha256": environment.seed_sha256,
    }
    limits = environment.limits
    if limits is not None:
        told["limits"] = {
            "call_cpu_s": float(limits.call_cpu_s),
            "submission_cpu_s": float(limits.submission_cpu_s),
            "memory_mib": limits.memory_mib,
            "output_kib": limits.output_kib,
        }
    return told


def _late(late: Late | None) -> dict[str, Any] | None:
    return None if late is None else {"days": late.days, "points": float(late.points), "why": late.why}


def _question(question: QuestionResult) -> dict[str, Any]:
    return {
        "id": question.id,
        "points": float(question.points),
        "max_points": float(question.max_points),
        "pending_points": float(question.pending_points),
        "status": question.status.value,
        "automatic": _automatic(question.automatic),
        "marks": [_mark(mark) for mark in question.marks],
        "message": question.message,
        "notes": list(question.notes),
        "quantities": [_quantity(quantity) for quantity in question.quantities],
        "findings": [_finding(finding) for finding in question.findings],
        "text": question.text,
        "place": None if question.place is None else _place(question.place),
        "lines": [_line(line) for line in question.lines],
    }


def _automatic(automatic: Automatic | None) -> dict[str, Any] | None:
    """Lay out what the grader decided where a person decided otherwise."""
    if automatic is None:
        return None
    return {
        "points": float(automatic.points),
        "pending_points": float(automatic.pending_points),
        "status": automatic.status.value,
    }


def _mark(mark: Mark) -> dict[str, Any]:
    return {
        "target": mark.target,
        "points": float(mark.points),
        "comment": mark.comment,
        "by": mark.by,
        "at": mark.at,
        "in_force": mark.in_force,
        "look_again": list(mark.look_again),
    }


def _place(place: Place) -> dict[str, Any]:
    return {"file": place.file, "cell": place.cell, "line": place.line, "heading": place.heading}


def _line(line: LineResult) -> dict[str, Any]:
    """Lay out a line of a written derivation; how it looks is for people, and stands in their reports."""
    return {
        "place": _place(line.place),
        "column": line.column,
        "verdict": line.verdict.value,
        "quantity": line.quantity,
        "label": line.label,
        "text": line.text,
        "notes": list(line.notes),
        "sides": [
            {
                "relation": side.relation,
                "source": side.source,
                "is_right": side.is_right,
                "note": side.note,
            }
            for side in line.sides
        ],
    }


def _quantity(quantity: QuantityResult) -> dict[str, Any]:
    error = quantity.error
    return {
        "name": quantity.name,
        "verdict": quantity.verdict.value,
        "case": quantity.case,
        "expected": quantity.expected,
        "actual": quantity.actual,
        "error": None
        if error is None
        else {
            "abs": error.abs,
            "rel": error.rel,
            "index": list(error.index),
            "rtol": error.rtol,
            "atol": error.atol,
        },
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "slip": finding.slip,
        "also": list(finding.also),
        "at": finding.at,
        "explains": list(finding.explains),
        "text": finding.text,
    }

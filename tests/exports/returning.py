"""Grades on their way back, made by hand, for the tests of platforms' tables."""

from __future__ import annotations

from typing import Any

from made import flipped, grade

from grader.exports.returned import Returned, returned
from grader.model import Origin, Platform
from grader.reports.view import public_view


def back(student: str = "Jane Doe", *, origin: Origin | None = None, **more: Any) -> Returned:
    """Make a grade of 9 of 10 points on its way back."""
    made = grade(flipped(), student=student, **more)
    return returned(made, public_view(made), file_name="file", origin=origin or Origin())


def moodle(name: str, number: int, **more: Any) -> Origin:
    """Say that a submission is from Moodle."""
    return Origin(
        platform=Platform.MOODLE,
        participant=str(number),
        name=name,
        folder=f"{name}_{number}_assignsubmission_file",
        **more,
    )


def canvas(name: str, user: int, upload: int = 9001, file: str = "main.py", *, late: bool = False) -> Origin:
    """Say that a submission is from Canvas."""
    folder = f"{name}{'_LATE' if late else ''}_{user}"
    return Origin(
        platform=Platform.CANVAS,
        participant=str(user),
        name=name,
        folder=folder,
        files=(f"{folder}_{upload}_{file}",),
        late=late,
    )

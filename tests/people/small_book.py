"""A class of three in an output folder, with one question that a person reads: made without grading anything."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from grader.gradebook import Gradebook, entry
from grader.model import Environment, Grade, Place, QuantityResult, QuestionResult, Status, Verdict
from grader.outfolder import GRADEBOOK, prepared

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
STUDENTS = ("alice", "bob", "007")


def made(student: str, text: str = "Because.", points: float = 3.0) -> Grade:
    """Make a grade: 3 of 4 points for code, and 2 that wait."""
    lost = QuantityResult(name="dL/dw1", verdict=Verdict.WRONG, required=True, case="worked", share=0.0)
    right = (replace(lost, name=f"dL/dw{number}", verdict=Verdict.CORRECT, share=1.0) for number in (0, 2, 3))
    return Grade(
        assignment="sample",
        student=student,
        files=("a.py",),
        sha256="ab" * 32,
        status=Status.GRADED,
        questions=(
            QuestionResult(
                id="gradients",
                title="Gradients",
                points=points,
                max_points=4.0,
                status=Status.GRADED,
                quantities=(lost, *right),
            ),
            QuestionResult(
                id="why",
                title="Why so",
                points=0.0,
                max_points=2.0,
                pending_points=2.0,
                status=Status.AWAITING,
                message="A person reads it.",
                text=text,
                place=Place(file="a.md", line=1, heading="Why so"),
            ),
        ),
        environment=Environment(grader="0", numpy="0", isolation="process", seed_sha256="cd" * 32),
    )


def put(book: Gradebook, grade: Grade) -> None:
    """Store a grade as a run over the class does."""
    book.put(entry(f"{grade.student}-file", "k", grade), reason="submission changed", now=NOW)


def output_folder(out: Path) -> Path:
    """Make the folder with its gradebook; its files are those that the first mark brings."""
    prepared(out)
    with Gradebook(out / GRADEBOOK) as book:
        book.set_meta("assignment", "sample")
        for student in STUDENTS:
            put(book, made(student))
    return out


def grades_csv(out: Path) -> dict[str, str]:
    """Return the lines of `grades.csv` by student."""
    lines = (out / "grades.csv").read_text(encoding="utf-8").splitlines()[1:]
    return {line.partition(",")[0]: line.partition(",")[2] for line in lines}

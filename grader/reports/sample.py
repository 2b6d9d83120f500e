"""A made-up class in which everything occurs that a report can show: what templates are tried with before a class is graded."""

from __future__ import annotations

from msgspec.structs import replace

from grader.model import (
    TOTAL,
    Automatic,
    Curve,
    Environment,
    ErrorMap,
    ErrorReport,
    Excerpt,
    Finding,
    Grade,
    Limits,
    LineResult,
    LineSide,
    LineVerdict,
    Mark,
    Place,
    QuantityResult,
    QuestionResult,
    Status,
    Traceback,
    Verdict,
)
from grader.reports.conditions import MarkingFacts
from grader.reports.outline import Outline

_TRACEBACK = Traceback(
    function="update",
    error="ZeroDivisionError: division by zero",
    frames=(
        Excerpt(
            file="work.py",
            cell=None,
            line=2,
            function="update",
            first=1,
            lines=("def update():", "    1 / 0"),
        ),
    ),
)
_PLACE = Place(file="work.md", line=3, heading="1)")
_MAP = ErrorMap(shape=(2, 3), dtype="float64", rows=("012", "34x"), worst=(1, 2), differing=5)
_OWN = Curve(length=3, steps=(0, 1, 2), values=(1.0, 0.5, "nan"))
_EXPECTED = Curve(length=3, steps=(0, 1, 2), values=(1.0, 0.4, 0.1))
_ERROR = ErrorReport(abs=0.5, rel=1.0, index=(1, 2), rtol=1e-4, atol=1e-12)


def _quantities() -> tuple[QuantityResult, ...]:
    """Make a row with each verdict; the gradient by `a` has the first mistake."""
    named = dict(zip(("dL/dy", "dL/dw", "dL/da", "y", "a", "L"), Verdict, strict=True))
    rows = (
        QuantityResult(
            name=name,
            verdict=verdict,
            required=name != "a",
            case="worked",
            expected=1.0,
            actual=0.5,
            error=_ERROR,
        )
        for name, verdict in named.items()
    )
    pictured = QuantityResult(
        name="xor.losses",
        verdict=Verdict.WRONG,
        required=True,
        case="drawn-1",
        reason="it has another shape",
        error_map=_MAP,
        curve=_OWN,
        expected_curve=_EXPECTED,
    )
    return (*rows, pictured)


def _lines() -> tuple[LineResult, ...]:
    """Make a written line with each verdict."""
    sides = (
        LineSide(relation="", source="y", mathml="<math><mi>y</mi></math>"),
        LineSide(relation="=", source="w a", is_right=False, note="not right"),
    )
    return tuple(
        LineResult(
            place=_PLACE,
            column=1,
            sides=sides,
            verdict=verdict,
            quantity="y",
            label="a" if verdict is LineVerdict.MISLABELLED else "y",
            text="A text.",
            notes=("A note.",),
        )
        for verdict in LineVerdict
    )


def _questions() -> tuple[QuestionResult, ...]:
    finding = Finding(
        slip="path-dropped",
        also=("scaled",),
        at="dL/da",
        explains=("dL/da", "dL/dw"),
        text="At dL/da: the path through y is left out.",
        rule="dL/da = dL/dy * w",
        used="dL/da = dL/dy",
    )
    code = QuestionResult(
        id="code", title="Code", points=1.0, max_points=3.0, status=Status.FAILED, message="It stopped.",
        notes=("A note.",), quantities=_quantities(), findings=(finding,), tracebacks=(_TRACEBACK,),
    )  # fmt: skip
    written = QuestionResult(
        id="written", title="Written", points=0.0, max_points=2.0, pending_points=2.0, status=Status.AWAITING,
        text="Words.", place=_PLACE, lines=_lines(), quantities=_quantities()[3:4],
    )  # fmt: skip
    return code, written


_MIXED = Grade(
    assignment="sample",
    student="anna",
    files=("work.py", "work.md"),
    sha256="0" * 64,
    status=Status.AWAITING,
    first_mistake="dL/da",
    questions=_questions(),
    notes=("A note.",),
    printed="Printed text.",
    environment=Environment(grader="0", numpy="2", isolation="jail", seed_sha256="0" * 64, limits=Limits()),
    seconds=0.25,
    peak_memory_mib=12.0,
)
_RIGHT = replace(
    _MIXED,
    student="ben",
    status=Status.GRADED,
    first_mistake=None,
    questions=(
        QuestionResult(
            id="code",
            title="Code",
            points=3.0,
            max_points=3.0,
            status=Status.GRADED,
            quantities=(
                QuantityResult(name="y", verdict=Verdict.CORRECT, required=True, case="worked", actual=1.0),
            ),
        ),
    ),
)
_MARK = Mark(target="code:y", points=0.5, comment="A comment.", by="Kim", at="2026-01-01T12:00:00+00:00")
_MARKED = replace(
    _MIXED,
    student="cleo",
    marks=(
        replace(_MARK, target=TOTAL, points=4.0, look_again=("The submission has changed since.",)),
        replace(_MARK, target="gone", in_force=False),
    ),
    automatic=Automatic(points=1.0, pending_points=2.0, status=Status.AWAITING),
    questions=tuple(
        replace(
            one,
            marks=(replace(_MARK, target=f"{one.id}:y"),),
            automatic=Automatic(points=one.points, pending_points=one.pending_points, status=one.status),
        )
        for one in _questions()
    ),
)
_STOPPED = (
    replace(
        _RIGHT,
        student=f"student {status.value}",
        status=status,
        message="A message.",
        questions=(),
        tracebacks=(_TRACEBACK,),
    )
    for status in Status
)
GRADES: tuple[Grade, ...] = (_MIXED, _RIGHT, _MARKED, *_STOPPED)
"""One with all that can be shown, one with nothing wrong, one that people marked, and one of each status that was not marked."""

FACTS = MarkingFacts(
    title="Sample",
    outlines=(
        Outline(
            unit="",
            loss="L",
            leaves=("a", "w"),
            sources={"y": ("a", "w"), "L": ("y",)},
            asked=frozenset(("y", "L", "dL/dy", "dL/dw", "dL/da", "w_new")),
            given={"a": "1", "w": "2x3"},
        ),
    ),
    read_by_person=("Written",),
    conventions=("samples stand in rows",),
)
"""What the assignment of the made-up class says."""

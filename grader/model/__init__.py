"""The values that flow from a submission to its grade; every one frozen, none with behaviour beyond small queries.

Nothing here reads a file, a clock or the environment. `docs/glossary.md` defines the words.
"""

from __future__ import annotations

from grader.model.findings import (
    Curve,
    ErrorMap,
    ErrorReport,
    Excerpt,
    Finding,
    JsonNumbers,
    LineResult,
    LineSide,
    Place,
    QuantityResult,
    Traceback,
)
from grader.model.grades import (
    LOOKS_NUMERICAL,
    TOTAL,
    Automatic,
    Environment,
    Grade,
    Late,
    Mark,
    QuestionResult,
)
from grader.model.runs import Call, CallResult, Ending, Frame, Job, Limits, RunOutcome, StudentError
from grader.model.submissions import Document, Origin, Platform, Source, Submission
from grader.model.values import WORKED, Answer, AnswerKind, Array, Case, Comparison, Opaque, Value
from grader.model.verdicts import STATUS_WORST_FIRST, WORST_FIRST, LineVerdict, Status, Verdict

__all__ = [
    "LOOKS_NUMERICAL",
    "STATUS_WORST_FIRST",
    "TOTAL",
    "WORKED",
    "WORST_FIRST",
    "Answer",
    "AnswerKind",
    "Array",
    "Automatic",
    "Call",
    "CallResult",
    "Case",
    "Comparison",
    "Curve",
    "Document",
    "Ending",
    "Environment",
    "ErrorMap",
    "ErrorReport",
    "Excerpt",
    "Finding",
    "Frame",
    "Grade",
    "Job",
    "JsonNumbers",
    "Late",
    "Limits",
    "LineResult",
    "LineSide",
    "LineVerdict",
    "Mark",
    "Opaque",
    "Origin",
    "Place",
    "Platform",
    "QuantityResult",
    "QuestionResult",
    "RunOutcome",
    "Source",
    "Status",
    "StudentError",
    "Submission",
    "Traceback",
    "Value",
    "Verdict",
]

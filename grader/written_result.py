"""Turns the marks of a question that is answered in formulas into its result: points, what waits for a person, every line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.assignment import QuestionSpec
from grader.marking.result import QuestionMarks
from grader.model import QuestionResult, Status, Submission, Verdict

if TYPE_CHECKING:
    from grader.derivations import WrittenMarks


def written_result(
    question: QuestionSpec, found: QuestionMarks, written: WrittenMarks, submission: Submission
) -> QuestionResult:
    """Return the result of a question that is answered in formulas or numbers.

    Parameters
    ----------
    question : QuestionSpec
    found : QuestionMarks
    written : WrittenMarks
    submission : Submission

    Returns
    -------
    QuestionResult
        `awaiting` where a person must look at a line, or at a file that is not read: what is lacking then waits. `missing`
        where nothing at all was written for it.
    """
    part = next(one for one in written.parts if one.part.question == question.id)
    required = [entry for entry in found.quantities if entry.required]
    lacking = {entry.name for entry in required if entry.verdict is Verdict.MISSING}
    pending = part.pending | (lacking if submission.unread else frozenset())
    given = any(entry.verdict is not Verdict.MISSING for entry in found.quantities)
    status, message = Status.GRADED, None
    if pending:
        status, message = Status.AWAITING, _waits(pending, submission)
    elif not given:
        status, message = Status.MISSING, "No line was found that gives any of what is asked."
    return QuestionResult(
        id=question.id,
        title=question.title,
        points=found.points,
        max_points=question.points,
        pending_points=question.points * len(pending) / len(required) if required else 0.0,
        status=status,
        message=message,
        notes=written.notes.get(question.id, ()),
        quantities=found.quantities,
        findings=found.findings,
        lines=written.lines.get(question.id, ()),
    )


def _waits(pending: frozenset[str], submission: Submission) -> str:
    names = ", ".join(sorted(pending))
    if submission.unread:
        files = ", ".join(f"`{name.replace('`', chr(39))[:80]}`" for name in submission.unread[:5])
        return f"A person must look for {names}: {files} cannot be read by the grader."
    return f"A person must look for {names}: lines that may give it could not be read."

"""The status of a question: the worst of its functions', with the sentences that say why."""

from __future__ import annotations

from grader.assignment import Assignment, QuestionSpec
from grader.examination import Examination
from grader.model import STATUS_WORST_FIRST, CallResult, Ending, Status

STATUS_OF = {
    Ending.FINISHED: Status.GRADED,
    Ending.RAISED: Status.FAILED,
    Ending.ABSENT: Status.MISSING,
    Ending.TIMEOUT: Status.TIMEOUT,
    Ending.MEMORY: Status.MEMORY,
    Ending.OUTPUT: Status.OUTPUT,
    Ending.KILLED: Status.KILLED,
    Ending.UNREADABLE: Status.UNREADABLE,
    Ending.FAULT: Status.FAULT,
}
NOT_YET_WRITTEN = "NotImplementedError"
NO_SUCH_METHOD = "AttributeError"
MOST_MESSAGES = 3


def question_status(
    assignment: Assignment, question: QuestionSpec, examination: Examination
) -> tuple[Status, str | None]:
    """Return the status of a question, and why it is not better.

    Parameters
    ----------
    assignment : Assignment
    question : QuestionSpec
        One that asks for functions.
    examination : Examination

    Returns
    -------
    (Status, str or None)
    """
    statuses = [Status.GRADED]
    messages: dict[str, None] = {}
    for name in question.functions:
        optional = name in assignment.unit_of and assignment.unit_of[name].functions[name].optional
        for result in examination.results[name]:
            status, message = call_status(result)
            if optional and status is Status.MISSING:
                continue
            statuses.append(status)
            if message:
                messages[message] = None
        if name in examination.reasons and not optional:
            statuses.append(Status.MISSING)
            messages[examination.reasons[name]] = None
    worst = min(statuses, key=STATUS_WORST_FIRST.index)
    return worst, "\n".join(list(messages)[:MOST_MESSAGES]) or None


def call_status(result: CallResult) -> tuple[Status, str | None]:
    """Return the status of a question of which a call is all there is, and why it is not better.

    Parameters
    ----------
    result : CallResult

    Returns
    -------
    (Status, str or None)
    """
    error = result.error
    if error is not None and error.type_name == NOT_YET_WRITTEN:
        return Status.MISSING, f"`{result.function}` is not yet written."
    if error is not None and error.type_name == NO_SUCH_METHOD and not error.frames:
        # Raised where we reach for the student's object, not by the student's code.
        return Status.MISSING, f"`{result.function}` is missing: {error.message}."
    return STATUS_OF[result.ending], result.message

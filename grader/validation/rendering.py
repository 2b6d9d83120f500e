"""Whether texts render: the task, and reports at every feedback level."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from grader.assignment import Assignment
from grader.model import Grade
from grader.reports.conditions import Feedback
from grader.reports.student import student_html, student_markdown
from grader.reports.view import public_view
from grader.validation.proof import Proof, counted, fails, holds

NAME = "texts"


def unrendered(result: Grade) -> list[str]:
    """Render the reports of a grade at every level, and say which could not be.

    Parameters
    ----------
    result : Grade

    Returns
    -------
    list of str
        Empty where all are fine.
    """
    problems = []
    for level in Feedback:
        try:
            view = public_view(result, level)
            texts = (student_html(view), student_markdown(view))
        except Exception as error:  # noqa: BLE001  the edge: whatever breaks a report is what is looked for
            problems.append(f"{result.student}, level {level}: {type(error).__name__}: {error}")
            continue
        if not all(view.opening in text or text.strip() for text in texts):
            problems.append(f"{result.student}, level {level}: the report is empty")
        problems += [
            f"{result.student}, level {level}: a finding at {finding.at} has no text"
            for question in view.questions
            for finding in question.findings
            if not finding.text.strip()
        ]
    return problems


def proof_of(assignment: Assignment, grades: Sequence[Grade], problems: Iterable[str]) -> Proof:
    """Say whether the task and all reports render.

    Parameters
    ----------
    assignment : Assignment
    grades : sequence of Grade
        Of the solution and the hand-out.
    problems : iterable of str
        What was found in the reports of the corpus.

    Returns
    -------
    Proof
    """
    details = [*_task(assignment), *problems, *(text for one in grades for text in unrendered(one))]
    levels = len(Feedback)
    found = f"the task, and reports at {counted(levels, 'level')}, as HTML and Markdown"
    if not details:
        return holds(NAME, found)
    return fails(
        NAME,
        found,
        details,
        remedy="correct the text that is named; a report that breaks is our mistake: report it",
    )


def _task(assignment: Assignment) -> list[str]:
    task = next((document for document in assignment.handout if document.name == "task.md"), None)
    if task is None:
        return ["there is no task.md"]
    problems = [] if task.text.strip() else ["task.md is empty"]
    fences = sum(line.lstrip().startswith("```") for line in task.text.splitlines())
    if fences % 2:
        problems.append("task.md: a code block is not closed")
    return problems

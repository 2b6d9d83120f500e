"""Finds the assignment that a file is about: by the functions that it defines, else by the quantities that it writes about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.assignment import Assignment, Sheet
    from grader.model import Document, Submission

_DEFINITIONS = re.compile(r"^[ \t]*(?:def|class)[ \t]+(\w+)|^(\w+)[ \t]*=", re.MULTILINE)


def recognised(submission: Submission) -> Assignment:
    """Find the shipped assignment that a submission is an answer to.

    Parameters
    ----------
    submission : Submission

    Returns
    -------
    Assignment

    Raises
    ------
    UsageError
        Where none, or more than one, fits.
    """
    from grader.assignment_file import load, names_asked, shipped

    names = _defined(submission)
    found = _only_best({name: len(names & names_asked(name)) for name in shipped()})
    if found is not None:
        return load(found)
    written = _by_writing(submission)
    if written is not None:
        return written
    raise _unknown(submission, names)


def _defined(submission: Submission) -> set[str]:
    """Return the names that a submission gives to something at the top level of its code."""
    text = "\n".join(cell for source in submission.sources for cell in source.cells)
    return {name for pair in _DEFINITIONS.findall(text) for name in pair if name}


def _by_writing(submission: Submission) -> Assignment | None:
    """Return the assignment whose quantities and headings a submission writes about; None where that is not plain."""
    from grader.assignment_file import load, shipped
    from grader.texts import documents_of

    if not submission.documents:
        return None
    assignments = {name: load(name) for name in shipped()}
    documents = documents_of(submission)
    found = _only_best(
        {
            name: len(_labels(submission, one.sheet)) + _headings(documents, one)
            for name, one in assignments.items()
            if one.sheet is not None
        }
    )
    return None if found is None else assignments[found]


def _labels(submission: Submission, sheet: Sheet) -> set[str]:
    """Return the quantities asked on a sheet that lines of a submission are labelled with."""
    from grader.derivations.labels import label_of
    from grader.formulas import read_documents

    asked = {quantity for part in sheet.parts for quantity in part.asked}
    lines = read_documents(submission.documents, sheet.symbols).lines
    labels = (label_of(line, sheet.unit) for line in lines)
    return asked & {label.quantity for label in labels if label is not None}


def _headings(documents: tuple[Document, ...], assignment: Assignment) -> int:
    """Return for how many questions something is written under their headings."""
    from grader.texts import find_answer

    headings = dict(
        [(question.id, question.headings) for question in assignment.questions]
        + [(part.question, part.headings) for part in assignment.parts]
    )
    answers = (find_answer(documents, asked) for asked in headings.values() if asked)
    return sum(answer is not None and answer.is_exact for answer in answers)


def _only_best(scores: Mapping[str, int]) -> str | None:
    """Return the one name with the most; None where nothing counts or two have as much."""
    best = max(scores.values(), default=0)
    names = [name for name, score in scores.items() if score == best]
    return names[0] if best and len(names) == 1 else None


def _unknown(submission: Submission, names: set[str]) -> UsageError:
    from grader.assignment_file import shipped
    from grader.submissions.names import listed

    remedy = f"name it with -a; shipped are: {', '.join(shipped())}"
    if submission.documents and not names:
        message = "no assignment is recognised by what is derived or headed in it"
    elif submission.problem is not None and not submission.documents:
        message, remedy = submission.problem, "repair it and check again, or name the assignment with -a"
    else:
        message = f"no assignment is recognised by what it defines: {listed(sorted(names)) or 'nothing'}"
    return UsageError(f"{submission.path}: {message}", remedy=remedy)

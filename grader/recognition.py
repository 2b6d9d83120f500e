"""Finds the assignment that a file is about: by the functions that it defines, else by the quantities that it writes about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from grader.assignment import Assignment, Sheet
    from grader.model import Document, Submission

_DEFINITIONS = re.compile(r"^[ \t]*(?:def|class)[ \t]+(\w+)|^(\w+)[ \t]*=", re.MULTILINE)

_WORD = re.compile(r"\w+")


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
    from grader.assignment_file import load

    names = _defined(submission)
    found = _by_definitions(names)
    if found is not None:
        return load(found)
    written = _by_writing(submission)
    if written is not None:
        return written
    raise _unknown(submission, names)


def joined(submissions: Sequence[Submission], assignment: Assignment | None = None) -> list[Submission]:
    """Put files together that were named one by one and are one submission.

    Parameters
    ----------
    submissions : sequence of Submission
        In the order in which they were named; those of folders and archives stay as they are.
    assignment : Assignment, optional
        What they answer, where that is known.

    Returns
    -------
    list of Submission
        Code files that define different parts of what is asked are one, with the texts beside them. Where two define the
        same, where two have one name, or where there are texts alone, each is one of its own.
    """
    files = [one for one in submissions if len(one.files) == 1 and one.conflict is None]
    code = [one for one in files if one.sources]
    if len(files) < 2 or len(files) < len(submissions) or not code:  # noqa: PLR2004 -- nothing to join
        return list(submissions)
    asked = _asked_in_code(assignment)
    names = [name for one in code for name in _defined(one) & asked]
    named = [one.files[0] for one in files]
    if len(set(names)) < len(names) or len(set(named)) < len(named) or len(code) < sum(map(_is_code, files)):
        return list(submissions)
    return [_as_one(files)]


def _is_code(submission: Submission) -> bool:
    """Whether it is meant to be code: a broken notebook is, and has no sources."""
    return bool(submission.sources) or not submission.documents


def _asked_in_code(assignment: Assignment | None) -> set[str]:
    if assignment is None:
        from grader.assignment_file import names_asked, shipped

        return set().union(*(names_asked(name) for name in shipped()))
    specs = [spec for unit in assignment.units for spec in unit.functions.values()]
    named = [spec.uses or (spec.name.partition(".")[0],) for spec in specs]
    return {name for names in (*named, *(one.uses for one in assignment.experiments)) for name in names}


def _as_one(files: Sequence[Submission]) -> Submission:
    """Return one submission with all that several files hold; its student is the first one's."""
    import hashlib

    from msgspec.structs import replace

    digest = hashlib.sha256("".join(one.sha256 for one in files).encode()).hexdigest()
    return replace(
        files[0],
        path=", ".join(one.path for one in files),
        files=tuple(name for one in files for name in one.files),
        sha256=digest,
        sources=tuple(source for one in files for source in one.sources),
        documents=tuple(document for one in files for document in one.documents),
        unread=tuple(name for one in files for name in one.unread),
        problem=None,
        notes=tuple(dict.fromkeys(note for one in files for note in one.notes)),
    )


def _defined(submission: Submission) -> set[str]:
    """Return the names that a submission gives to something at the top level of its code."""
    text = "\n".join(cell for source in submission.sources for cell in source.cells)
    return {name for pair in _DEFINITIONS.findall(text) for name in pair if name}


def _by_definitions(names: AbstractSet[str]) -> str | None:
    """Return the assignment that asks for most of some names.

    A file of an assignment is read as a table only where as many of the names stand in its text at all as the best has.
    """
    from grader.assignment_file import names_asked, shipped, shipped_folder

    at_most: dict[str, int] = {}
    for name in shipped():
        words = set(_WORD.findall((shipped_folder() / name / "assignment.toml").read_text(encoding="utf-8")))
        at_most[name] = len(names & words)
    scores: dict[str, int] = {}
    for name in sorted(at_most, key=lambda name: -at_most[name]):
        if at_most[name] < max(scores.values(), default=1):
            break
        scores[name] = len(names & names_asked(name))
    return _only_best(scores)


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

"""The submissions of a class that need a person, by what is to be done about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from grader.reports.class_rows import ClassRow, Need

NOTHING_TO_CHANGE = (
    "Their numbers are right, and no points were taken off. Ask how the gradients were computed: "
    "the task may want backpropagation."
)
NUMERICAL = "Gradients that look like difference quotients of the forward pass"


class Part(Struct, frozen=True, kw_only=True):
    """Submissions of a group that are alike: those with an answer to the same question."""

    title: str
    """Empty where the group has no parts."""
    told: tuple[tuple[ClassRow, str], ...]
    """Each submission with what happened; that may be empty."""


class Group(Struct, frozen=True, kw_only=True):
    """Submissions about which the same is to be done."""

    title: str
    todo: str
    """What to do, a sentence or two."""
    parts: tuple[Part, ...]
    count: int
    """Submissions; one may be in several parts."""
    has_texts: bool = True
    """Whether what happened is told of each; it may be the same for all."""


_TITLES: Mapping[Need, str] = {
    Need.FAULT: "Our grader failed",
    Need.CHOICE: "Somebody must choose",
    Need.UNREADABLE: "Could not be read",
    Need.AGAIN: "Marks to look at again",
    Need.LINES: "Lines that were not read",
    Need.ANSWER: "Answers to read",
    Need.POINTS: "Points that wait",
}
_TODO: Mapping[Need, str] = {
    Need.FAULT: "It costs nobody points. Run the same command again: it tries these again. What fails twice is a "
    "mistake of ours; please report it.",
    Need.CHOICE: "Take away what shall not count, and run the same command again: only these are graded.",
    Need.UNREADABLE: "Open the file. Mend it or ask for another one, and run the same command again: only these are graded.",
    Need.AGAIN: "What they were given for has changed since, and they hold until you decide again: give the same points with "
    "grader mark, or others, or take them back with --remove.",
    Need.LINES: "The grader could not make sense of them. Each report marks them; decide what the question is worth, and say so: "
    "grader mark OUT STUDENT QUESTION POINTS. The names of the questions: grader mark OUT.",
    Need.ANSWER: "Each report shows the answer. Give its points with: grader mark OUT STUDENT QUESTION POINTS. Or those of all in a "
    "spreadsheet: grader mark OUT --csv QUESTION -o FILE. The names of the questions: grader mark OUT.",
    Need.POINTS: "Look into the report for what is open.",
}


def groups(students: Iterable[ClassRow]) -> tuple[Group, ...]:
    """Sort the submissions that need a person by what is to be done.

    Parameters
    ----------
    students : iterable of ClassRow

    Returns
    -------
    tuple of Group
        What is most urgent first; gradients that look numerical last. Answers to read are parted by question.
    """
    rows = list(students)
    told: dict[Need, dict[str, list[tuple[ClassRow, str]]]] = {need: {} for need in Need}
    for row in rows:
        for reason in row.reasons:
            apart = reason.question if reason.need is Need.ANSWER else ""
            named = f"{reason.question}: {reason.text}" if reason.question and not apart else reason.text
            told[reason.need].setdefault(apart, []).append((row, named))
    made = [_group(_TITLES[need], _TODO[need], parts) for need, parts in told.items() if parts]
    numerical = [(row, "") for row in rows if row.looks_numerical]
    if numerical:
        made.append(_group(NUMERICAL, NOTHING_TO_CHANGE, {"": numerical}, has_texts=False))
    return tuple(made)


def waiting(students: Iterable[ClassRow]) -> dict[str, int]:
    """Count the submissions of which points wait for a person.

    Parameters
    ----------
    students : iterable of ClassRow

    Returns
    -------
    dict of str to int
        By the title of the group in which the class page has them, what is most urgent first; each submission counts once. Marks
        to look at again are left out: those points hold.
    """
    counts = Counter(_most_urgent(row) for row in students if not row.final)
    return {_TITLES[need]: counts[need] for need in Need if counts[need]}


def _most_urgent(row: ClassRow) -> Need:
    needs = {reason.need for reason in row.reasons} - {Need.AGAIN}
    return next((need for need in Need if need in needs), Need.POINTS)


def _group(
    title: str, todo: str, parts: Mapping[str, Sequence[tuple[ClassRow, str]]], *, has_texts: bool = True
) -> Group:
    return Group(
        title=title,
        todo=todo,
        parts=tuple(Part(title=part, told=tuple(told)) for part, told in parts.items()),
        count=len({id(row) for told in parts.values() for row, _ in told}),
        has_texts=has_texts,
    )

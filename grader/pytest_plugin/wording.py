"""The text of a test that failed: the points, the first mistake, and what is not right, in the words of `grader check`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from grader.hints import KIND, grade_at
from grader.model import Grade, LineVerdict, QuestionResult, Status, Verdict
from grader.practice import Checked
from grader.reports.plain_table import plain_table
from grader.reports.text import clean_line
from grader.reports.view import QuantityView, QuestionView, StudentView

_WIDTH = 100
"""Of a table; what is wider is told one quantity after the other."""
_MOST_ROWS = 16
_MOST_LINES = 12
_MOST_NAMES = 4
_MOST_NOTES = 5
_MOST_SOURCE = 200
_MOST_CAUSE = 200
_MOST_NAME = 80
_COLUMNS = ("quantity", "verdict", "yours", "expected", "case", "")
_WITHOUT_FINDING = {
    Verdict.INVALID: "cannot be compared:",
    Verdict.WRONG: "not right:",
    Verdict.MISSING: "not given:",
    Verdict.UNDECIDED: "nothing can be said about",
}
"""What is told first of a question in which no mistake was named, in this order."""
_TOLD_LINES = frozenset(
    {
        LineVerdict.WRONG,
        LineVerdict.FOLLOWS,
        LineVerdict.MISLABELLED,
        LineVerdict.METHOD,
        LineVerdict.CIRCULAR,
        LineVerdict.UNREAD,
    }
)
"""Lines of a derivation that are not simply right, and are marked."""


class Told(Struct, frozen=True, kw_only=True):
    """What a test says: one line for summaries, and all of it."""

    headline: str
    text: str
    """Begins with the headline; clean, of several lines."""


def failure(checked: Checked, number: int) -> Told:
    """Say what is not right in a question.

    Parameters
    ----------
    checked : Checked
    number : int
        Of the question, from 0.

    Returns
    -------
    Told
        From the view that every door shows: no expected value but those of the worked case, no rule, and no more than the
        author lets hints tell.
    """
    view, grade = checked.view(), grade_at(checked.grade, checked.step())
    question = view.questions[number]
    cause = _cause(grade, grade.questions[number], question)
    headline = f"{question.points} of {question.max_points} points: {cause}"
    parts = [
        [headline],
        _more_of(question.message, headline),
        [finding.text for finding in question.findings],
        list(_lines(question)),
        list(_quantities(question)),
        [view.explanation] if checked.step() < KIND else [],
        _notes(view, question),
    ]
    return Told(headline=headline, text="\n".join(line for part in parts for line in part))


def reason(checked: Checked, number: int) -> str:
    """Say in one line why a question has no result yet.

    Parameters
    ----------
    checked : Checked
    number : int
        Of the question, from 0.

    Returns
    -------
    str
    """
    view = checked.view()
    question = view.questions[number]
    return " ".join((question.message or view.message or question.status_word).split())


def printed(checked: Checked) -> str:
    """Return what the submission printed, clean and bounded."""
    return checked.view().printed


def _more_of(message: str | None, headline: str) -> list[str]:
    """Return the lines of a message, without the first where the headline has it."""
    lines = message.splitlines() if message else []
    return lines[1:] if lines and headline.endswith(lines[0]) else lines


def _cause(grade: Grade, given: QuestionResult, question: QuestionView) -> str:
    """Say in a few words what to look at first."""
    if given.status not in (Status.GRADED, Status.AWAITING):
        return _cut((question.message or question.status_word).partition("\n")[0], _MOST_CAUSE)
    mistakes = [
        view for finding, view in zip(given.findings, question.findings, strict=False) if finding.explains
    ]
    mistakes.sort(key=lambda view: view.at != grade.first_mistake)
    if mistakes:
        what = "first mistake: " if mistakes[0].at == grade.first_mistake else ""
        return f"{what}{mistakes[0].at} \N{EM DASH} {mistakes[0].kind}"
    for verdict, words in _WITHOUT_FINDING.items():
        names = [one.name for one in question.quantities if one.verdict is verdict]
        if names:
            return f"{words} {_listed(names)}"
    wrong = [line.place for line in question.lines if line.verdict is LineVerdict.WRONG]
    if wrong:
        return f"not right: {wrong[0]}"
    following = [one.name for one in question.quantities if one.verdict is Verdict.FOLLOWS]
    if following:
        return _follows(grade, following)
    return question.findings[0].kind if question.findings else "not all of it is right"


def _follows(grade: Grade, names: Sequence[str]) -> str:
    """Say that nothing is to be repaired here, and where the mistake is."""
    first = clean_line(grade.first_mistake or "", _MOST_NAME)
    cause = f"the first mistake, {first}" if first else "an earlier mistake"
    return f"{_listed(names)} {'follows' if len(names) == 1 else 'follow'} from {cause}"


def _quantities(question: QuestionView) -> Iterator[str]:
    """Yield a table of what is not right, or one quantity after the other where values are wide.

    Of a derivation the lines say all but what is not there.
    """
    if question.lines:
        missing = [one.name for one in question.quantities if one.verdict is Verdict.MISSING]
        yield from [f"not given: {', '.join(missing)}"] if missing else []
        return
    stopped = question.status is not Status.GRADED
    wrong = [
        one
        for one in question.quantities
        if one.verdict is not Verdict.CORRECT and not (stopped and one.verdict is Verdict.MISSING)
    ]
    rows = [_row(one) for one in wrong[:_MOST_ROWS]]
    if rows:
        table = plain_table([_COLUMNS, *rows])
        yield from table if max(map(len, table)) <= _WIDTH else _one_by_one(rows)
    if len(wrong) > _MOST_ROWS:
        yield f"and {len(wrong) - _MOST_ROWS} more"


def _row(one: QuantityView) -> tuple[str, ...]:
    return (
        one.name,
        one.verdict.value,
        one.actual or "",
        one.expected or "",
        one.case or "",
        one.reason or "",
    )


def _one_by_one(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    for name, verdict, *values in rows:
        yield f"{name}: {verdict}"
        yield from (
            f"    {column or 'why'}: {value}"
            for column, value in zip(_COLUMNS[2:], values, strict=True)
            if value
        )


def _lines(question: QuestionView) -> Iterator[str]:
    """Yield the lines of a derivation that are not right, each with what is said of it and of no finding."""
    findings = {finding.text for finding in question.findings}
    told = [line for line in question.lines if line.verdict in _TOLD_LINES]
    for line in told[:_MOST_LINES]:
        counts_as = f" (counts as {line.counts_as})" if line.counts_as else ""
        yield f"{line.verdict.value}, {line.place}{counts_as}: {_cut(line.source, _MOST_SOURCE)}"
        texts = dict.fromkeys((line.text, *(side.note for side in line.sides)))
        yield from (f"    {text}" for text in texts if text and text not in findings)
    if len(told) > _MOST_LINES:
        yield f"and {len(told) - _MOST_LINES} more lines"


def _notes(view: StudentView, question: QuestionView) -> list[str]:
    notes = (*view.notes, *question.notes)
    return [f"note: {note}" for note in dict.fromkeys(notes)][:_MOST_NOTES]


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]} [cut]"


def _listed(names: Sequence[str]) -> str:
    """Join names for a sentence; more than a few are counted."""
    if len(names) > _MOST_NAMES:
        names = (*names[: _MOST_NAMES - 1], f"{len(names) - _MOST_NAMES + 1} more")
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"

"""Says in a few lines what is wrong with a question, from what its student may see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from grader.model import LineVerdict, Verdict
from grader.reports.text import clean_line
from grader.reports.view import QuantityView, QuestionView

_LINE = 500
_MOST_LINES = 40
OPEN_LINES = frozenset(
    {
        *(LineVerdict.RIGHT, LineVerdict.FOLLOWS, LineVerdict.UNREAD, LineVerdict.WITHDRAWN),
        *(LineVerdict.REPEATED, LineVerdict.DEFINITION, LineVerdict.OPEN),
    }
)
"""Verdicts of lines that take no points off."""
MISTAKES = (Verdict.WRONG, Verdict.INVALID, Verdict.UNDECIDED)
"""Verdicts of quantities that were given and are not right."""


def details_of(shown: QuestionView, claims: Sequence[str] = ()) -> tuple[str, ...]:
    """Say what is wrong with a question, or what it waits for.

    Parameters
    ----------
    shown : QuestionView
    claims : sequence of str
        Whether its gradients fit the student's own forward pass; what explains a line is indented, and left out here.

    Returns
    -------
    tuple of str
        Clean lines, the most telling first.
    """
    said = (clean_line(line, _LINE) for line in claims if not line.startswith(" "))
    return tuple(islice((*islice(_lines(shown), _MOST_LINES), *said), 2 * _MOST_LINES))


def _lines(shown: QuestionView) -> Iterator[str]:
    if shown.message:
        yield from (line for line in shown.message.split("\n") if line.strip())
    for finding in shown.findings:
        yield finding.text
    for line in shown.lines:
        if line.verdict not in OPEN_LINES or line.verdict is LineVerdict.UNREAD:
            yield f"{line.place}, {line.verdict}: {line.text}"
    for entry in shown.quantities:
        if entry.verdict in MISTAKES:
            yield _row(entry)
    missing = [entry.name for entry in shown.quantities if entry.verdict is Verdict.MISSING]
    if missing:
        yield f"not given: {', '.join(missing)}"


def _row(entry: QuantityView) -> str:
    """Write what a quantity is and what was expected, as far as it may be told."""
    told = [
        *([entry.reason] if entry.reason else []),
        *([f"yours {entry.actual}"] if entry.actual else []),
        *([f"expected {entry.expected}"] if entry.expected else []),
    ]
    case = f" ({entry.case})" if entry.case and told else ""
    return f"{entry.name} is {entry.verdict}{': ' if told else ''}{', '.join(told)}{case}"

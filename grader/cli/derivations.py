"""Shows a written derivation on the terminal: how each line was read, what is said of it, and what of the question is given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from grader.cli.screen import Screen, verdict_text
from grader.model import WORKED, LineVerdict, Verdict

if TYPE_CHECKING:
    from grader.reports.lines import LineView
    from grader.reports.view import QuantityView, QuestionView

STYLES = {
    LineVerdict.RIGHT: "green",
    LineVerdict.FOLLOWS: "cyan",
    LineVerdict.WRONG: "bold red",
    LineVerdict.MISLABELLED: "bold red",
    LineVerdict.METHOD: "yellow",
    LineVerdict.CIRCULAR: "bold red",
    LineVerdict.UNREAD: "yellow",
}
"""The others are not marked, and shown dim."""
WIDTH = max(len(verdict) for verdict in LineVerdict)
MOST_SOURCE = 400
"""Characters of a line, or of a side; the student has the rest."""


def show_written(out: Screen, question: QuestionView) -> None:
    """Write every line of a question with what is said of it, then which quantities are given, and the points.

    Parameters
    ----------
    out : Screen
    question : QuestionView
        One that is answered in formulas or numbers.
    """
    if question.lines:
        _show_lines(out, question)
        out.line()
    if any(quantity.verdict is not Verdict.MISSING for quantity in question.quantities):
        _show_coverage(out, question)
    waits = f"; {question.pending} wait for a person" if question.pending else ""
    out.line(f"on the practice cases: {question.points} of {question.max_points} points{waits}")


def show_read(out: Screen, question: QuestionView) -> None:
    """Write which lines of a question were read, and nothing of what is said of them.

    Parameters
    ----------
    out : Screen
    question : QuestionView
    """
    for line in question.lines:
        is_read = line.verdict is not LineVerdict.UNREAD
        word, style = ("read", "") if is_read else ("not read", STYLES[LineVerdict.UNREAD])
        out.line(f"  {word:{WIDTH}}  {line.place}: {_cut(line.source)}", style=style)
    if question.lines_left_out:
        out.line(f"  and {question.lines_left_out} more lines")


def _show_lines(out: Screen, question: QuestionView) -> None:
    for line in question.lines:
        style = STYLES.get(line.verdict, "dim")
        counts_as = f" (counts as {line.counts_as})" if line.counts_as else ""
        out.line(f"  {line.verdict:{WIDTH}}  {line.place}{counts_as}: {_cut(line.source)}", style=style)
        for told in _told(line):
            out.line(f"  {'':{WIDTH}}  {told}")
        for note in line.notes:
            out.line(f"  {'':{WIDTH}}  note: {note}")
    if question.lines_left_out:
        out.line(f"  and {question.lines_left_out} more lines")


def _told(line: LineView) -> Iterator[str]:
    """Yield what is said of a line, piece by piece."""
    if line.verdict in (LineVerdict.WRONG, LineVerdict.FOLLOWS):
        off = [_cut(side.source) for side in line.sides if side.is_right is False]
        yield from (f"not right: {source}" for source in off if len(line.sides) > 2)  # noqa: PLR2004 -- one beside the label
    if line.text:
        yield line.text
    yield from dict.fromkeys(side.note for side in line.sides if side.note)


def _cut(source: str) -> str:
    return source if len(source) <= MOST_SOURCE else f"{source[:MOST_SOURCE]} [cut]"


def _show_coverage(out: Screen, question: QuestionView) -> None:
    has_numbers = any(quantity.case == WORKED for quantity in question.quantities)
    columns = ("quantity", "verdict", *(("yours", "expected") if has_numbers else ()), "line", "")
    given_by = question.given_by or ((),) * len(question.quantities)
    rows = []
    for quantity, links in zip(question.quantities, given_by, strict=True):
        places = ", ".join(dict.fromkeys(link.place.removeprefix("line ") for link in links))
        numbers = _numbers(quantity) if has_numbers else ()
        rows.append((quantity.name, verdict_text(quantity.verdict), *numbers, places, quantity.reason or ""))
    out.table(columns, rows)


def _numbers(quantity: QuantityView) -> tuple[str, str]:
    """Return the numbers of the worked case; those of other cases are worth nothing to who wrote a formula."""
    if quantity.case != WORKED:
        return "", ""
    return quantity.actual or "", quantity.expected or ""

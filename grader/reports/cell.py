"""A check as the output of a notebook's cell: as HTML without scripts, and as text with the same content."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup
from msgspec import Struct

from grader.model import WORKED, LineVerdict
from grader.reports.drawing import STYLE
from grader.reports.environments import html_environment
from grader.reports.lines import LineView
from grader.reports.plain_table import plain_table
from grader.reports.view import QuantityView, QuestionView

_MOST_DRAWN = 24
"""Nodes of a network that is shown at once; a larger one is unfolded by its reader."""
_COLOURED_AS = {
    LineVerdict.RIGHT: "correct",
    LineVerdict.FOLLOWS: "follows",
    LineVerdict.WRONG: "wrong",
    LineVerdict.MISLABELLED: "wrong",
    LineVerdict.CIRCULAR: "wrong",
    LineVerdict.UNREAD: "undecided",
}
"""The verdict on a quantity whose colour a verdict on a line has; the others have none."""
_COLUMNS = ("quantity", "verdict", "yours", "expected", "case", "")


class CellView(Struct, frozen=True, kw_only=True):
    """All that the output of a check shows; from the public view, so its texts are clean and not escaped."""

    title: str
    opening: str = ""
    questions: tuple[QuestionView, ...] = ()
    claims: tuple[tuple[str, ...], ...] = ()
    """For each question what differences of the student's own forward pass say on its gradients, line by line."""
    printed: str = ""
    notes: tuple[str, ...] = ()
    closing: str = ""
    drawing: str = ""
    """The network as an `svg` element of ours; empty where there is none to draw."""
    drawn_nodes: int = 0

    @property
    def claimed(self) -> tuple[tuple[QuestionView, tuple[str, ...]], ...]:
        """Each question of which there is something to say, with the claims on its gradients."""
        claims = self.claims or ((),) * len(self.questions)
        pairs = zip(self.questions, claims, strict=True)
        return tuple(
            (one, claimed) for one, claimed in pairs if one.message or one.quantities or one.lines or one.text
        )

    @property
    def unfolds(self) -> bool:
        """Whether the drawing is shown at once."""
        return self.drawn_nodes <= _MOST_DRAWN


def cell_html(view: CellView) -> str:
    """Render a check for the output of a cell.

    Parameters
    ----------
    view : CellView

    Returns
    -------
    str
        One element with its own rules, which follow the theme of JupyterLab and VS Code; every text is escaped.
    """
    template = html_environment().get_template("cell.html.j2")
    drawing, style = Markup(view.drawing), Markup(STYLE)  # noqa: S704  (both are made by us, and escaped)
    return template.render(
        view=view,
        values=values,
        has_values=has_values,
        coloured_as=_COLOURED_AS,
        drawing=drawing,
        verdict_style=style,
    )


def cell_text(view: CellView) -> str:
    """Write a check as plain text: for consoles, and for tools that show no HTML.

    Parameters
    ----------
    view : CellView

    Returns
    -------
    str
        Lines without colour.
    """
    lines = [view.title, *([view.opening] if view.opening else [])]
    for question, claims in view.claimed:
        lines += ["", *_question_text(question), *(f"  {claim}" for claim in claims)]
    if view.printed:
        lines += ["", "What your code printed:", view.printed]
    lines += ["", *(f"note: {note}" for note in view.notes), *([view.closing] if view.closing else [])]
    return "\n".join(lines).rstrip("\n")


def _question_text(question: QuestionView) -> Iterator[str]:
    yield question.title
    if question.message:
        yield question.message
    yield from (f"note: {note}" for note in question.notes)
    for finding in question.findings:
        yield f"  {finding.text}"
        if finding.used:
            yield f"  Your numbers come from: {finding.used}"
        if finding.rule:
            yield f"  The rule: {finding.rule}"
    for line in question.lines:
        yield from _line_text(line)
    if question.quantities:
        yield from _table_text(question)


def values(question: QuestionView, quantity: QuantityView) -> tuple[str, str, str]:
    """Return a quantity's own and expected value, and their case.

    Parameters
    ----------
    question : QuestionView
    quantity : QuantityView
        One of its.

    Returns
    -------
    tuple of str
        Empty where who wrote a formula is told nothing by the numbers of a case that they never saw.
    """
    if question.lines and quantity.case != WORKED:
        return "", "", ""
    return quantity.actual or "", quantity.expected or "", quantity.case or ""


def has_values(question: QuestionView) -> bool:
    """Say whether any quantity of a question has a value to show."""
    return any(any(values(question, one)) for one in question.quantities)


def _line_text(line: LineView) -> Iterator[str]:
    counts_as = f" (counts as {line.counts_as})" if line.counts_as else ""
    yield f"  {line.verdict}  {line.place}{counts_as}: {line.source}"
    said = (line.text, *(side.note for side in line.sides), *(f"note: {note}" for note in line.notes))
    yield from (f"      {text}" for text in dict.fromkeys(said) if text)


def _table_text(question: QuestionView) -> list[str]:
    rows: list[Sequence[str]] = [_COLUMNS]
    for one in question.quantities:
        mark = "first mistake" if one.first_mistake else ""
        # What is said of the whole question is not said in each of its rows.
        reason = one.reason if one.reason != question.message else None
        said = "; ".join(filter(None, (mark, reason)))
        rows.append((one.name, one.verdict, *values(question, one), said))
    used = [any(row[column] for row in rows[1:]) for column in range(len(_COLUMNS))]
    return plain_table([[cell for cell, shown in zip(row, used, strict=True) if shown] for row in rows])

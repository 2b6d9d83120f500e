"""What a check returns: a value that shows itself as the output of a cell, and as text where there is no HTML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from grader.assignment import Assignment, QuestionSpec
from grader.gradient_check.words import lines
from grader.hints import KIND, WHERE, step_for, view_at
from grader.model import Grade, Status, Verdict
from grader.outlines import outlines
from grader.practice import Checked
from grader.reports.cell import CellView, cell_html, cell_text
from grader.reports.check_words import NO_MISTAKE, closing_of
from grader.reports.drawing import network_svg
from grader.reports.networks import network_views
from grader.reports.text import clean, clean_line

_MOST_TITLE = 200
_MOST_PRINTED = 2_000
"""Characters: who looks for more calls the function in a cell."""
_NEXT = {
    WHERE: "check(..., hint=2) says what kind of mistake it is.",
    KIND: "check(..., hint=3) says the rule.",
}


class Looked(Struct, frozen=True, kw_only=True):
    """What was found out, whichever process did it."""

    grade: Grade
    claims: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By question what differences of the student's own forward pass say on the gradients, line by line."""


def looked(checked: Checked) -> Looked:
    """Take from a check what its output is made of."""
    ids = dict.fromkeys(one.question for one in checked.gradients)
    claims = {name: tuple(lines([one for one in checked.gradients if one.question == name])) for name in ids}
    return Looked(grade=checked.grade, claims=claims)


class CheckResult(Struct, frozen=True, kw_only=True, eq=False):
    """What came of a check; the value of a cell that ends with one."""

    grade: Grade | None
    """The whole grade on the worked case and the practice cases; None where nothing was looked at. No marks come of it."""
    view: CellView

    @property
    def is_all_correct(self) -> bool:
        """Whether nothing was taken off in what was asked for."""
        return self.grade is not None and self.grade.is_all_correct

    def __repr__(self) -> str:
        return cell_text(self.view)

    def _repr_html_(self) -> str:
        return cell_html(self.view)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Give both forms; see IPython's rich display."""
        del include, exclude
        return {"text/plain": repr(self), "text/html": self._repr_html_()}


def shown(
    assignment: Assignment,
    found: Looked | None,
    asked: Sequence[QuestionSpec],
    *,
    notes: Iterable[str],
    hint: int | None = None,
) -> CheckResult:
    """Make the output of a check.

    Parameters
    ----------
    assignment : Assignment
    found : Looked or None
        Of these questions and others; None where nothing was looked at.
    asked : sequence of QuestionSpec
        The questions to show.
    notes : iterable of str
        What the reader should know.
    hint : int, optional
        The step of the ladder of hints.

    Returns
    -------
    CheckResult
    """
    title = clean_line(assignment.title, _MOST_TITLE)
    if found is None:
        return CheckResult(grade=None, view=CellView(title=title, notes=tuple(notes)))
    part = _part(found.grade, {question.id for question in asked})
    most = assignment.policy.max_hint
    step = step_for(hint, most)
    public = view_at(part, step)
    told = step >= KIND
    drawing, nodes = _drawing(assignment, part) if told else ("", 0)
    view = CellView(
        title=title,
        opening=public.message or _opening(found.grade, part, public.explanation),
        questions=public.questions,
        claims=tuple(found.claims.get(question.id, ()) if told else () for question in part.questions),
        printed=clean(public.printed, _MOST_PRINTED),
        notes=(*public.notes, *notes),
        closing=_closing(part, step, most),
        drawing=drawing,
        drawn_nodes=nodes,
    )
    return CheckResult(grade=part, view=view)


def _part(grade: Grade, ids: Iterable[str]) -> Grade:
    """Return a grade with some questions alone; the first mistake stays where one of them has it."""
    questions = tuple(question for question in grade.questions if question.id in ids)
    named = {quantity.name for question in questions for quantity in question.quantities}
    first = grade.first_mistake if grade.first_mistake in named else None
    return replace(grade, questions=questions, first_mistake=first)


def _opening(whole: Grade, part: Grade, explanation: str) -> str:
    if part.is_all_correct:
        return NO_MISTAKE
    follows = any(
        quantity.verdict is Verdict.FOLLOWS for question in part.questions for quantity in question.quantities
    )
    if part.first_mistake is not None or not follows:
        return explanation
    before = "What is not correct here follows from other questions: check() shows them."
    if whole.first_mistake is not None:
        before = f"The first mistake is in {_title_of(whole)}: {whole.first_mistake}. What is not correct here follows from it."
    stopped = any(question.status is not Status.GRADED for question in part.questions)
    return f"{explanation} {before}" if stopped else before


def _title_of(whole: Grade) -> str:
    """Name the question that has the first mistake."""
    for question in whole.questions:
        if any(quantity.name == whole.first_mistake for quantity in question.quantities):
            return f"\N{LEFT DOUBLE QUOTATION MARK}{question.title}\N{RIGHT DOUBLE QUOTATION MARK}"
    return "another question"


def _closing(part: Grade, step: int, most: int) -> str:
    further = f"{_NEXT[step]} " if part.first_mistake and step in _NEXT and step < most else ""
    return f"{further}{closing_of(part)}"


def _drawing(assignment: Assignment, part: Grade) -> tuple[str, int]:
    """Draw the network that the first mistake is in; without one, the only network that something is said of."""
    quantities = [quantity for question in part.questions for quantity in question.quantities]
    views = network_views(outlines(assignment), quantities, part.first_mistake, values=True)
    if not views or (len(views) > 1 and views[0].first_mistake is None):
        return "", 0
    svg = network_svg(views[0], f"The network of {assignment.title}")
    return svg, len(views[0].outline.nodes)

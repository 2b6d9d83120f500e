"""What is wrong in a number: a sign, the slip that gives it, or a result that is not what the step written before it comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from msgspec.structs import replace

from grader import slips
from grader.derivations.answers import Answers, Chosen
from grader.derivations.figures import is_figure_of
from grader.derivations.points import Points
from grader.formulas.tree import Fraction, Product, Sum
from grader.marking.findings import WRONG
from grader.marking.mark import mark
from grader.marking.result import UnitMarks
from grader.model import Finding
from grader.slips import SLIPS

UNEXPLAINED = "unexplained"
MISCALCULATED = "miscalculated"
PATH_DROPPED = "path-dropped"
SIGN_FLIPPED = "sign-flipped"


def named_numbers(
    marks: UnitMarks, answers: Answers, asked: Sequence[str], points: Points
) -> Mapping[str, Finding]:
    """Name mistakes by the numbers that were written.

    Parameters
    ----------
    marks : UnitMarks
    answers : Answers
        What was marked.
    asked : sequence of str
        Quantities at which marking found a mistake.
    points : Points

    Returns
    -------
    mapping of str to Finding
        By quantity, where the number says more than marking found.
    """
    wrong = {entry.quantity for entry in marks.statements if entry.verdict in WRONG}
    return {
        **_by_path(marks, answers),
        **_by_number(marks, answers, asked, points),
        **_by_working(marks, answers, wrong, points),
    }


def _by_number(
    marks: UnitMarks, answers: Answers, asked: Sequence[str], points: Points
) -> Mapping[str, Finding]:
    """Explain wrong numbers beside right formulas by themselves: as if nothing but the number stood there."""
    unexplained = {located.finding.at for located in marks.findings if located.finding.slip == UNEXPLAINED}
    alone = frozenset(
        name
        for name in asked
        if name in unexplained
        and answers.chosen[name].formula_off is None
        and _has_right_side(answers.chosen[name])
    )
    if not alone:
        return {}
    again = replace(answers, by_number=alone)
    answered = frozenset(function for trial in again.trials for function, _ in trial.answers)
    found = mark(answers.everything, again.trials, answered=answered, changed={})
    named = {located.finding.at: located.finding for located in found.findings if located.finding.at in alone}
    return {name: _of_number(finding, answers.chosen[name], points) for name, finding in named.items()}


def _by_path(marks: UnitMarks, answers: Answers) -> Mapping[str, Finding]:
    """Explain numbers alone that two slips give."""
    found = [located.finding for located in marks.findings]
    alone = [one for one in found if one.at in answers.chosen and answers.chosen[one.at].formula_off is None]
    return {one.at: likelier for one in alone if (likelier := _with_path(one)) is not one}


def _with_path(finding: Finding) -> Finding:
    """Name the path that is left out where one number bears out both that and a sign in one of the paths."""
    if finding.slip != SIGN_FLIPPED or PATH_DROPPED not in finding.also:
        return finding
    also = tuple(SIGN_FLIPPED if slip == PATH_DROPPED else slip for slip in finding.also)
    text = slips.explained(PATH_DROPPED, finding.at, SLIPS[PATH_DROPPED].phrase)
    return replace(finding, slip=PATH_DROPPED, also=also, text=text, rule="", used="")


def _by_working(
    marks: UnitMarks, answers: Answers, wrong: AbstractSet[str], points: Points
) -> Mapping[str, Finding]:
    """Explain wrong results of what was written down rightly, `1/4 + 1/8 = 1/2`: a slip that gives the number did not happen."""
    found = [located.finding for located in marks.findings]
    alone = [
        one
        for one in found
        if one.at in answers.chosen
        and wrong.isdisjoint({*one.explains} - {one.at})
        and _is_worked_out(answers.chosen[one.at])
    ]
    return {
        one.at: _of_number(
            replace(one, slip=UNEXPLAINED, also=(), rule="", used=""), answers.chosen[one.at], points
        )
        for one in alone
    }


def _is_worked_out(chosen: Chosen) -> bool:
    """Whether the step to a wrong number is written in numbers, and is right."""
    result = chosen.figure_side
    return (
        result is not None
        and result.is_right is False
        and any(
            one.is_right and one.at < result.at and isinstance(one.tree, Sum | Product | Fraction)
            for one in chosen.entry.claim.figures
        )
    )


def _of_number(finding: Finding, chosen: Chosen, points: Points) -> Finding:
    """Return a finding on a number: a sign or a factor of two that shows at once, else the slip that gives it."""
    side = chosen.figure_side
    target = None if side is None else points.worked_target(finding.at)
    if side is not None and side.tree is not None and side.figure is not None and target is not None:
        for factor, slip in ((-1.0, SIGN_FLIPPED), (2.0, "scaled"), (0.5, "scaled")):
            if is_figure_of(replace(side.figure, value=side.figure.value / factor), target):
                text = slips.explained(slip, finding.at, SLIPS[slip].phrase)
                return replace(finding, slip=slip, also=(), text=text)
    return _miscalculated(finding, chosen) if finding.slip == UNEXPLAINED else _with_path(finding)


def _has_right_side(chosen: Chosen) -> bool:
    return any(side.is_right for side in chosen.entry.claim.sides)


def _miscalculated(finding: Finding, chosen: Chosen) -> Finding:
    side = chosen.figure_side
    text = slips.miscalculated(finding.at, None if side is None else side.side.source)
    return replace(finding, slip=MISCALCULATED, text=text)

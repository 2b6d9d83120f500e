"""Compositions: what is built of several parts is right if it is right with known-good parts in the place of the student's.

So one broken layer does not sink the network that stands on it; and what is wrong with good parts is wrong by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from msgspec.structs import replace

from grader import slips
from grader.marking.findings import Located
from grader.marking.result import Statement, UnitMarks
from grader.model import Verdict
from grader.slips import SLIPS

STILL_OFF = "also with known-good parts in the place of yours it is not right"
RIGHT = (Verdict.CORRECT, Verdict.FOLLOWS)


def is_right(marks: UnitMarks) -> bool:
    """Whether nothing is left to be asked of a composition."""
    return all(entry.verdict in RIGHT for entry in marks.statements)


def says_more(own: UnitMarks, with_good: UnitMarks, function: str) -> bool:
    """Whether known-good parts make more of a function right, or more of what is wrong in it explained.

    Where the part is asked for in the same unit, the function was followed through from the student's own values of it, and
    that may explain what is no single mistake at right ones.
    """
    before, after = _unclear(own, function), _unclear(with_good, function)
    wrong = {entry.quantity for entry in own.of(function) if entry.verdict not in RIGHT}
    return len(after) < len(before) or any(
        entry.verdict in RIGHT for entry in with_good.of(function) if entry.quantity in wrong
    )


def _unclear(marks: UnitMarks, function: str) -> set[str]:
    """Return what is neither right nor the work of a mistake with a name."""
    named = {
        quantity
        for located in marks.findings
        if located.function == function and located.finding.slip != "unexplained"
        for quantity in located.finding.explains
    }
    return {entry.quantity for entry in marks.of(function) if entry.verdict not in RIGHT} - named


def settled(own: UnitMarks, with_good: UnitMarks) -> UnitMarks:
    """Return the marks of a composition from those with the student's own parts and those with known-good ones.

    Parameters
    ----------
    own : UnitMarks
    with_good : UnitMarks
        Of the same unit, run apart.

    Returns
    -------
    UnitMarks
        Right either way is right: `follows` where only good parts make it so. What is wrong both ways is explained by what
        is wrong with good parts. Of the run with good parts come verdicts and names of slips alone, never a number or a
        word of the student's: code that has the solution at hand could hand it out in them.
    """
    better = {(entry.function, entry.quantity): entry for entry in with_good.statements}
    statements = tuple(
        _settled(entry, better.get((entry.function, entry.quantity))) for entry in own.statements
    )
    verdicts = {(entry.function, entry.quantity): entry.verdict for entry in statements}
    answered = {entry.function for entry in with_good.statements if entry.verdict is not Verdict.MISSING}
    findings = [
        *(entry for entry in own.findings if entry.function not in answered or not entry.finding.explains),
        *(_without_words(entry) for entry in with_good.findings if entry.function in answered),
    ]
    return UnitMarks(
        statements=statements,
        findings=tuple(kept for entry in findings if (kept := _still(entry, verdicts)) is not None),
    )


def _without_words(located: Located) -> Located:
    """Return a finding in our words alone: its own may tell shapes, factors and keys that the student chose."""
    function, finding = located
    phrase = SLIPS[finding.slip].phrase if finding.slip != "unexplained" else STILL_OFF
    return Located(function, replace(finding, text=slips.explained(finding.slip, finding.at, phrase)))


def _settled(own: Statement, with_good: Statement | None) -> Statement:
    if own.verdict in RIGHT or with_good is None:
        return own
    if own.verdict is Verdict.MISSING:
        # Of the run with good parts no number of the student's is shown: only what is expected, and where.
        own = replace(
            own,
            verdict=with_good.verdict,
            only_edges=with_good.only_edges,
            case=with_good.case,
            expected=with_good.expected,
        )
    return replace(own, verdict=Verdict.FOLLOWS, only_edges=False) if with_good.verdict in RIGHT else own


def _still(located: Located, verdicts: Mapping[tuple[str, str], Verdict]) -> Located | None:
    """Return a finding with what it still has to explain; None where nothing is left of it."""
    function, finding = located
    if not finding.explains:
        return located
    left = tuple(name for name in finding.explains if verdicts.get((function, name)) not in RIGHT)
    return Located(function, replace(finding, explains=left)) if left else None


def notes(function: str, own: UnitMarks, final: UnitMarks, wrong_parts: Collection[str]) -> Sequence[str]:
    """Say which way round a composition is right.

    Parameters
    ----------
    function : str
    own, final : UnitMarks
        With the student's own parts, and in the end.
    wrong_parts : collection of str
        Functions of the parts that are not right by themselves.

    Returns
    -------
    sequence of str
        A sentence or none.
    """
    before, after = own.of(function), final.of(function)
    if any(entry.verdict not in RIGHT for entry in after):
        return ()
    if any(entry.verdict not in RIGHT for entry in before):
        return (
            f"`{function}` is right with known-good parts in the place of yours: what is off in it comes from a part.",
        )
    if wrong_parts and all(entry.verdict is Verdict.CORRECT for entry in before):
        names = ", ".join(f"`{name}`" for name in wrong_parts)
        verb = "is" if len(wrong_parts) == 1 else "are"
        return (
            f"`{function}` is right, although {names} {verb} not: mistakes of parts cancel or do not show in it.",
        )
    return ()

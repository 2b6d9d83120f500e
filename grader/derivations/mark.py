"""Marks one question of written work: the same verdicts, slips and follow-through as for code, on what its lines give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from grader.assignment import WrittenPart
from grader.derivations.answers import Answers, Chosen
from grader.derivations.claims import Claim
from grader.derivations.entries import Entry, Standing, by_quantity, entries_of
from grader.derivations.findings import refined
from grader.derivations.identities import mark_identities
from grader.derivations.parts import Placed
from grader.derivations.points import Points
from grader.marking import texts
from grader.marking.findings import WRONG, Located
from grader.marking.mark import mark
from grader.marking.result import Statement, UnitMarks
from grader.model import AnswerKind, Finding, Verdict

MOST_ROUNDS = 4
"""Of marking, where a line follows from an earlier mistake in one side and is off in another."""
WAITS = "a line on it could not be read: a person looks at it"
ONLY_METHOD = "only the chain rule is written: a step of it is not worked out"
IN_A_CIRCLE = "it is computed from itself"
CONTRADICTED = "lines contradict each other"


@dataclass(frozen=True, kw_only=True)
class PartMarks:
    """What marking says on one question of written work."""

    part: WrittenPart
    marks: UnitMarks
    entries: tuple[Entry, ...] = ()
    chosen: Mapping[str, Chosen] = field(default_factory=dict)
    pending: frozenset[str] = frozenset()
    """Required quantities that a person must look at."""
    claims: tuple[Claim, ...] = ()
    """The lines that belong to it."""
    spans: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Offsets of what is wrong in the formula that answers for a quantity."""


def mark_part(part: WrittenPart, lines: Placed, points: Points, *, refused: bool) -> PartMarks:
    """Mark the lines of a question.

    Parameters
    ----------
    part : WrittenPart
    lines : Placed
        Those that belong to it, and those it may take what it lacks from.
    points : Points
    refused : bool
        Whether some of the documents could not be read to their end.

    Returns
    -------
    PartMarks
    """
    asked = [name for spec in part.unit.functions.values() for name in spec.quantities]
    required = {name for spec in part.unit.functions.values() for name in spec.required}
    claims = lines.own
    entries = entries_of(claims, points, asked, asks_numbers=part.asks_numbers)
    given = {entry.quantity for entry in entries}
    taken = [claim for claim in lines.offered if claim.quantity in asked and claim.quantity not in given]
    if taken:
        claims = (*claims, *taken)
        entries = entries_of(claims, points, asked, asks_numbers=part.asks_numbers)
    groups = by_quantity(entries)
    chosen = {name: one for name in asked if (one := _choose(groups.get(name, []))) is not None}
    chosen |= {
        name: chosen[other]
        for name in asked
        if name not in chosen
        for other in sorted(points.classes[name] & chosen.keys())[:1]
    }
    marks, chosen, answers = _marked(part, chosen, points)
    pending = _pending(claims, groups, required - chosen.keys(), refused=refused)
    marks = _with_forms(marks, chosen, groups, pending, points)
    marks, spans = refined(marks, answers, points)
    marks = _with_labels(marks, chosen, part, points)
    marks = _with_contradictions(marks, chosen, groups, part, points)
    identities = mark_identities(part, claims, points, refused=refused)
    return PartMarks(
        part=part,
        marks=UnitMarks(
            statements=(*marks.statements, *identities.marks.statements),
            findings=(*marks.findings, *identities.marks.findings),
        ),
        entries=(*entries, *identities.entries),
        chosen=chosen,
        pending=pending | identities.pending,
        claims=claims,
        spans=spans,
    )


def _choose(entries: Sequence[Entry]) -> Chosen | None:
    """Return the line that answers: one that is off where there is any, else the one that goes farthest."""
    for standing in (Standing.OFF, Standing.RIGHT, Standing.METHOD):
        for entry in entries:
            if entry.standing is standing:
                return Chosen(entry=entry)
    return None


def _marked(
    part: WrittenPart, chosen: Mapping[str, Chosen], points: Points
) -> tuple[UnitMarks, Mapping[str, Chosen], Answers]:
    """Mark the answers; where a side only follows and another one is off too, that one."""
    everything = points.tables[part.question]
    for _ in range(MOST_ROUNDS):
        answers = Answers(points=points, everything=everything, chosen=chosen)
        answered = frozenset(
            function
            for trial in answers.trials
            for (function, _), answer in trial.answers.items()
            if answer.kind is not AnswerKind.MISSING
        )
        marks = mark(everything, answers.trials, answered=answered, changed={})
        follows = {entry.quantity for entry in marks.statements if entry.verdict is Verdict.FOLLOWS}
        further = {name: more for name in follows & chosen.keys() if (more := _next(chosen[name])) is not None}
        if not further:
            break
        chosen = {**chosen, **further}
    return marks, chosen, answers


def _next(chosen: Chosen) -> Chosen | None:
    entry = chosen.entry
    if chosen.formula + 1 < len(entry.formulas_off):
        return replace(chosen, formula=chosen.formula + 1)
    if chosen.figure + 1 < len(entry.figures_off):
        return replace(chosen, figure=chosen.figure + 1)
    return None


def _pending(
    claims: Sequence[Claim], groups: Mapping[str, Sequence[Entry]], lacking: set[str], *, refused: bool
) -> frozenset[str]:
    """Return the quantities that nothing answers for, and that a line which could not be read may be about."""
    if refused or any(_is_nameless(claim) for claim in claims):
        return frozenset(lacking)
    return frozenset(
        name for name in lacking if any(one.standing is Standing.UNREAD for one in groups.get(name, ()))
    )


def _is_nameless(claim: Claim) -> bool:
    """Whether nobody can say what a line is about, because its label could not be read."""
    first = claim.line.sides[0]
    return not claim.is_withdrawn and first.tree is None and (claim.label is None or claim.label.at != 0)


# --------------------------------------------------------------------------------------------------------------
# What the form of a line does to its weight


def _with_forms(
    marks: UnitMarks,
    chosen: Mapping[str, Chosen],
    groups: Mapping[str, Sequence[Entry]],
    pending: frozenset[str],
    points: Points,
) -> UnitMarks:
    share = points.sheet.unit.policy.method_share

    def formed(entry: Statement) -> Statement:
        name = entry.quantity
        if name in pending:
            return replace(entry, verdict=Verdict.UNDECIDED, share=0.0, reason=WAITS)
        answer = chosen.get(name)
        if answer is None:
            circular = any(one.standing is Standing.CIRCULAR for one in groups.get(name, ()))
            return replace(entry, reason=IN_A_CIRCLE) if circular else entry
        if answer.entry.standing is Standing.OFF and entry.verdict is Verdict.CORRECT:
            # Where it differs, what follows from the student's lines before it says nothing.
            return replace(entry, verdict=Verdict.FOLLOWS)
        if answer.entry.standing is Standing.METHOD and entry.verdict is Verdict.CORRECT:
            return replace(entry, verdict=Verdict.UNDECIDED, share=share, reason=ONLY_METHOD)
        return entry

    return replace(marks, statements=tuple(map(formed, marks.statements)))


def _with_labels(
    marks: UnitMarks, chosen: Mapping[str, Chosen], part: WrittenPart, points: Points
) -> UnitMarks:
    """Charge the slips of the pen in labels, and say so."""
    off = {name: one.entry for name, one in chosen.items() if one.entry.is_mislabelled and one.entry.quantity == name}
    right = {entry.quantity for entry in marks.statements if entry.verdict is Verdict.CORRECT}
    share = 1.0 - points.sheet.unit.policy.label_cost
    found = [
        Located(
            _function(part, name),
            Finding(
                slip="mislabelled",
                at=name,
                explains=(name,),
                text=texts.mislabelled(entry.claim.quantity or "", name),
            ),
        )
        for name, entry in off.items()
        if name in right
    ]
    statements = tuple(
        replace(entry, share=share) if entry.quantity in off and entry.quantity in right else entry
        for entry in marks.statements
    )
    return UnitMarks(statements=statements, findings=(*marks.findings, *found))


def _with_contradictions(
    marks: UnitMarks,
    chosen: Mapping[str, Chosen],
    groups: Mapping[str, Sequence[Entry]],
    part: WrittenPart,
    points: Points,
) -> UnitMarks:
    """Share the weight of a quantity among lines that contradict each other (marking policy, section 5)."""
    shares: dict[str, float] = {}
    for name, answer in chosen.items():
        entries = [one for one in groups.get(name, ()) if one.counts]
        right = [one for one in entries if one.standing is Standing.RIGHT]
        wrong = _distinct([one for one in entries if one.standing is Standing.OFF])
        if right and wrong and answer.entry.standing is Standing.OFF:
            shares[name] = 1.0 / (1.0 + len(wrong))
    statements = tuple(
        replace(entry, share=shares[entry.quantity])
        if entry.quantity in shares and entry.verdict in WRONG
        else entry
        for entry in marks.statements
    )
    return replace(marks, statements=statements)


def _distinct(entries: Sequence[Entry]) -> list[Entry]:
    """Return lines that say different things; equal repeats are one."""
    kept: list[Entry] = []
    for entry in entries:
        if not any(says_the_same(entry, other) for other in kept):
            kept.append(entry)
    return kept


def says_the_same(one: Entry, other: Entry) -> bool:
    """Whether two lines give the same formulas and numbers for a quantity, wherever they stand."""
    return _said(one) == _said(other)


def _said(entry: Entry) -> object:
    formulas = frozenset(
        tuple(None if array is None else (array.shape, array.round(9).tobytes()) for array in side.values.arrays)
        for side in (entry.formulas_off or entry.claim.formulas)
        if side.values is not None
    )
    figures = frozenset(
        side.figure.value.round(9).tobytes()
        for side in (entry.figures_off or entry.claim.figures)
        if side.figure is not None
    )
    return entry.standing, formulas, figures


def _function(part: WrittenPart, quantity: str) -> str:
    return next(name for name, spec in part.unit.functions.items() if quantity in spec.quantities)

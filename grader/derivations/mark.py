"""Marks written work: the same verdicts, slips and follow-through as for code, on what the lines of the questions give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from msgspec import Struct, field
from msgspec.structs import replace

from grader.assignment import WrittenPart
from grader.derivations.answers import Answers, Chosen
from grader.derivations.claims import Claim, is_nameless
from grader.derivations.entries import Entry, Standing, by_quantity, entries_of
from grader.derivations.findings import refined
from grader.derivations.forms import weighed
from grader.derivations.identities import mark_identities
from grader.derivations.labels import Kind
from grader.derivations.layouts import by_convention, in_rows
from grader.derivations.meanings import worth
from grader.derivations.parts import Placed
from grader.derivations.points import Group, Points
from grader.derivations.sides import Step, gradients_in
from grader.derivations.values import values_of
from grader.formulas.tree import Tree, Unknown, walk
from grader.marking.findings import WRONG
from grader.marking.mark import mark
from grader.marking.result import UnitMarks
from grader.model import AnswerKind, Verdict

MOST_ROUNDS = 4
"""Of marking, where a line follows from an earlier mistake in one side and is off in another."""


class PartMarks(Struct, frozen=True, kw_only=True):
    """What marking says on one question of written work."""

    part: WrittenPart
    marks: UnitMarks
    claims: tuple[Claim, ...] = ()
    """The lines that belong to it."""
    entries: tuple[Entry, ...] = ()
    """What they answer."""
    chosen: Mapping[str, Chosen] = field(default_factory=dict)
    """The line that answers for each quantity."""
    pending: frozenset[str] = frozenset()
    """Required quantities that a person must look at."""
    spans: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Offsets of what is wrong in the formula that answers for a quantity."""


class Answered(Struct, frozen=True, kw_only=True):
    """A question with what its lines answer, before anything is marked."""

    part: WrittenPart
    claims: tuple[Claim, ...]
    entries: tuple[Entry, ...]
    chosen: Mapping[str, Chosen]
    pending: frozenset[str]


def mark_group(
    group: Group, lines: Mapping[str, Placed], points: Points, steps: frozenset[Step], *, refused: bool
) -> tuple[PartMarks, ...]:
    """Mark questions that ask for different quantities, so that a mistake in one is followed into the next.

    Parameters
    ----------
    group : Group
    lines : mapping of str to Placed
        By question: the lines that belong to it, and those it may take what it lacks from.
    points : Points
    steps : frozenset of Step
        Local derivatives that lines of their own work out.
    refused : bool
        Whether some of the documents could not be read to their end.

    Returns
    -------
    tuple of PartMarks
        One for each question.
    """
    answered = [_answered(part, lines[part.question], points, steps, refused=refused) for part in group.parts]
    chosen = {name: one for part in answered for name, one in part.chosen.items()}
    every = [name for part in group.parts for name in part.asked]
    chosen |= _for_equals(every, chosen, points)
    marks, answers = _marked(group, chosen, points)
    as_rows = _as_rows(group, lines, marks, points, steps)
    found, spans = refined(marks, answers, points) if as_rows is None else (as_rows, {})
    return tuple(_part(one, found, answers.chosen, spans, points, refused=refused) for one in answered)


def _as_rows(
    group: Group,
    lines: Mapping[str, Placed],
    marks: UnitMarks,
    points: Points,
    steps: frozenset[Step],
) -> UnitMarks | None:
    """Return the marks of questions in which every gradient is a row; None where that is not so."""
    if not any(entry.verdict in WRONG for entry in marks.statements):
        return None
    entries: list[Entry] = []
    for part in group.parts:
        placed = lines[part.question]
        own, offered = in_rows(placed.own, points), in_rows(placed.offered, points)
        if own is None or offered is None:
            return None
        again = Placed(own=own, offered=offered)
        entries += _answered(part, again, points, steps, refused=False).entries
    return by_convention(marks, group.parts, entries, points)


def _answered(
    part: WrittenPart, lines: Placed, points: Points, steps: frozenset[Step], *, refused: bool
) -> Answered:
    claims = lines.own
    entries = entries_of(claims, points, part.asked, steps, asks_numbers=part.asks_numbers)
    given = {entry.quantity for entry in entries}
    taken = [
        claim
        for claim in lines.offered
        if claim.quantity in part.asked
        and claim.quantity not in given
        and (claim.formulas or claim.is_unread or part.asks_numbers)
    ]
    if taken:
        claims = (*claims, *taken)
        entries = entries_of(claims, points, part.asked, steps, asks_numbers=part.asks_numbers)
    groups = by_quantity(entries)
    chosen = {name: one for name in part.asked if (one := _choose(groups.get(name, []))) is not None}
    lacking = part.required - chosen.keys() - _for_equals(part.asked, chosen, points).keys()
    pending = _pending(claims, groups, lacking, points, refused=refused)
    return Answered(part=part, claims=claims, entries=entries, chosen=chosen, pending=pending)


def _choose(entries: Sequence[Entry]) -> Chosen | None:
    """Return the line that answers: one that is off where there is any, else the one that goes farthest."""
    for standing in (Standing.OFF, Standing.RIGHT, Standing.METHOD):
        for entry in entries:
            if entry.standing is standing:
                return Chosen(entry=entry)
    return None


def _for_equals(asked: Sequence[str], chosen: Mapping[str, Chosen], points: Points) -> dict[str, Chosen]:
    """Let lines answer for quantities that equal theirs everywhere, and that no line is about."""
    return {
        name: chosen[other]
        for name in asked
        if name not in chosen
        for other in sorted(points.classes[name] & chosen.keys())
        if chosen[other].entry.stands_for(name, points)
    }


def _marked(group: Group, chosen: Mapping[str, Chosen], points: Points) -> tuple[UnitMarks, Answers]:
    """Mark the answers; where a side only follows and another one is off too, that one."""
    everything = group.everything
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
        further = {
            name: more for name in follows & chosen.keys() if (more := _next(chosen[name])) is not None
        }
        if not further:
            break
        chosen = {**chosen, **further}
    return marks, answers


def _next(chosen: Chosen) -> Chosen | None:
    entry = chosen.entry
    if chosen.formula + 1 < len(entry.formulas_off):
        return replace(chosen, formula=chosen.formula + 1)
    if chosen.figure + 1 < len(entry.figures_off):
        return replace(chosen, figure=chosen.figure + 1)
    return None


def _pending(
    claims: Sequence[Claim],
    groups: Mapping[str, Sequence[Entry]],
    lacking: frozenset[str],
    points: Points,
    *,
    refused: bool,
) -> frozenset[str]:
    """Return the quantities that nothing answers for, and that a line which could not be read may be about."""
    if refused or any(is_nameless(claim, points) for claim in claims):
        return lacking
    unread = {
        name for name in lacking if any(one.standing is Standing.UNREAD for one in groups.get(name, ()))
    }
    for claim in claims:
        unread |= _perhaps_about(claim, lacking - unread, points)
    return frozenset(unread)


def _perhaps_about(claim: Claim, lacking: AbstractSet[str], points: Points) -> set[str]:
    r"""Return what a line may give that has no label: what its left side derives the loss by, `\mathrm{vec}(dL/dW)`, or is worth."""
    first = claim.line.sides[0].tree
    is_unlabelled = claim.label is not None and claim.label.kind in (Kind.NOTHING, Kind.FUNCTION)
    if not lacking or claim.is_withdrawn or first is None or not is_unlabelled:
        return set()
    unit = points.sheet.unit
    by = {unit.gradient(name) for name in gradients_in(first, unit.loss)} & lacking
    trees = [side.tree for side in claim.line.sides]
    if by and not all(tree and _has_value(tree, claim, points) for tree in trees):
        return by
    if any(isinstance(node, Unknown) for node in walk(first)):
        quantity = worth(claim, points, sorted(lacking))
        return {quantity} if quantity else set()
    return set()


def _has_value(tree: Tree, claim: Claim, points: Points) -> bool:
    targets = points.targets[points.sheet.unit.loss]
    return values_of(tree, points.drawn[:1], targets[:1], claim.scope).known


def _part(
    answered: Answered,
    marks: UnitMarks,
    chosen: Mapping[str, Chosen],
    spans: Mapping[str, tuple[int, int]],
    points: Points,
    *,
    refused: bool,
) -> PartMarks:
    """Return what is said on one question of a group, with the identities that it asks for."""
    part = answered.part
    own = UnitMarks(
        statements=tuple(entry for entry in marks.statements if entry.function in part.unit.functions),
        findings=tuple(entry for entry in marks.findings if entry.function in part.unit.functions),
    )
    mine = {name: one for name, one in chosen.items() if name in part.asked}
    weighted = weighed(
        own,
        part,
        mine,
        by_quantity(answered.entries),
        answered.pending,
        points.sheet.unit.policy,
        nothing_wrong=not any(entry.verdict in WRONG for entry in marks.statements),
    )
    identities = mark_identities(part, answered.claims, points, refused=refused)
    return PartMarks(
        part=part,
        marks=UnitMarks(
            statements=(*weighted.statements, *identities.marks.statements),
            findings=(*weighted.findings, *identities.marks.findings),
        ),
        claims=answered.claims,
        entries=(*answered.entries, *identities.entries),
        chosen=mine,
        pending=answered.pending | identities.pending,
        spans=spans,
    )

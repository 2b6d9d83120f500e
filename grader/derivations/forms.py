"""What the form of a line leaves of its quantity's weight: unread, half worked out, under another label, contradicted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from grader import slips
from grader.assignment import Policy, WrittenPart
from grader.derivations.answers import Chosen
from grader.derivations.entries import Entry, Standing
from grader.marking.findings import WRONG, Located
from grader.marking.result import Statement, UnitMarks
from grader.model import Finding, Verdict

WAITS = "a line on it could not be read: a person looks at it"
ONLY_METHOD = "only the chain rule is written: a step of it is not worked out"
IN_A_CIRCLE = "it is computed from itself"


def weighed(
    marks: UnitMarks,
    part: WrittenPart,
    chosen: Mapping[str, Chosen],
    entries: Mapping[str, Sequence[Entry]],
    pending: frozenset[str],
    policy: Policy,
    *,
    nothing_wrong: bool,
) -> UnitMarks:
    """Give each quantity what the form of its lines leaves of it (marking policy, section 5).

    Parameters
    ----------
    marks : UnitMarks
        Of the question, by the values of its lines alone.
    part : WrittenPart
    chosen : mapping of str to Chosen
        The line that answers for each quantity.
    entries : mapping of str to sequence of Entry
        All lines about each quantity.
    pending : frozenset of str
        Quantities that a person must look at.
    policy : Policy
    nothing_wrong : bool
        Whether no question that is marked together with it has a mistake.

    Returns
    -------
    UnitMarks
    """
    marked = marks.statements
    if nothing_wrong:
        # What follows from numbers that were rounded, and from nothing else, is right.
        marked = tuple(
            replace(entry, verdict=Verdict.CORRECT) if entry.verdict is Verdict.FOLLOWS else entry
            for entry in marked
        )
    statements = [
        entry
        if nothing_wrong and entry.verdict is Verdict.CORRECT and _is_off(chosen.get(entry.quantity))
        else _formed(entry, chosen.get(entry.quantity), entries.get(entry.quantity, ()), pending, policy)
        for entry in marked
    ]
    right = {entry.quantity for entry in statements if entry.verdict is Verdict.CORRECT}
    mislabelled = {
        name: one.entry
        for name, one in chosen.items()
        if name in right and one.entry.is_mislabelled and one.entry.quantity == name
    }
    found = [_mislabelled(part, name, entry) for name, entry in mislabelled.items()]
    return UnitMarks(
        statements=tuple(
            replace(entry, share=1.0 - policy.label_cost) if entry.quantity in mislabelled else entry
            for entry in statements
        ),
        findings=(*marks.findings, *found),
    )


def _is_off(chosen: Chosen | None) -> bool:
    return chosen is not None and chosen.entry.standing is Standing.OFF


def _formed(
    statement: Statement,
    chosen: Chosen | None,
    entries: Sequence[Entry],
    pending: frozenset[str],
    policy: Policy,
) -> Statement:
    if statement.quantity in pending:
        return replace(statement, verdict=Verdict.UNDECIDED, share=0.0, reason=WAITS)
    if chosen is None:
        circular = any(one.standing is Standing.CIRCULAR for one in entries)
        return replace(statement, reason=IN_A_CIRCLE) if circular else statement
    standing = chosen.entry.standing
    if standing is Standing.OFF and statement.verdict is Verdict.CORRECT:
        # Where it differs, what follows from the student's lines before it says nothing.
        return replace(statement, verdict=Verdict.FOLLOWS)
    if standing is Standing.OFF and statement.verdict in WRONG:
        share = _share_of_contradicting(entries)
        return statement if share is None else replace(statement, share=share)
    if standing is Standing.METHOD and statement.verdict is Verdict.CORRECT:
        return replace(statement, verdict=Verdict.UNDECIDED, share=policy.method_share, reason=ONLY_METHOD)
    return statement


def _share_of_contradicting(entries: Sequence[Entry]) -> float | None:
    """Return the share of the right one among lines that contradict each other; None where none is right."""
    if not any(one.standing is Standing.RIGHT for one in entries):
        return None
    wrong = {entry.said for entry in entries if entry.standing is Standing.OFF}
    return 1.0 / (1.0 + len(wrong)) if wrong else None


def _mislabelled(part: WrittenPart, quantity: str, entry: Entry) -> Located:
    function = next(name for name, spec in part.unit.functions.items() if quantity in spec.quantities)
    text = slips.wrong_label(entry.claim.quantity or "", quantity)
    finding = Finding(slip="mislabelled", at=quantity, explains=(quantity,), text=text)
    return Located(function, finding)

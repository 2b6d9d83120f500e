"""The first table of the marking policy: slips planted into the reference, and what marking makes of them."""

from __future__ import annotations

from collections.abc import Sequence

from grader.assignment import Unit
from grader.validation.proof import Proof, fails, holds, not_here, percent
from grader.validation.slip_table import Outcome, Row, table_row

NAME = "slips"
LEAST = 0.95
"""Share that must be named."""


def proof_of(planted: Sequence[tuple[Unit, Sequence[Outcome]]]) -> Proof:
    """Say how many planted slips are accepted and named.

    Parameters
    ----------
    planted : sequence of (Unit, sequence of Outcome)

    Returns
    -------
    Proof
    """
    rows = [table_row(unit.name, outcomes) for unit, outcomes in planted]
    if not planted:
        return not_here(
            NAME, "nothing is asked as code; lines are marked with the same slips: see docs/accuracy.md"
        )
    changing = sum(row.changing for row in rows)
    if not changing:
        return not_here(NAME, "the networks admit no slip that changes a number")
    telling = sum(row.telling for row in rows)
    refused, named, placed = (
        sum(getattr(row, name) for row in rows) for name in ("refused", "named", "placed")
    )
    found = (
        f"{changing} that change a number: not accepted {percent(refused, changing)}, "
        f"named {percent(named, telling)}, first mistake at the place {percent(placed, telling)}"
    )
    accepted = [
        f"accepted: {_text(unit, one)}"
        for unit, outcomes in planted
        for one in outcomes
        if one.changes and one.accepted
    ]
    unnamed = [
        f"not named: {_text(unit, one)}; found: {', '.join(one.found) or 'nothing'}"
        for unit, outcomes in planted
        for one in outcomes
        if one.changes and one.tells and not one.named
    ]
    if not accepted and named >= LEAST * telling and placed >= LEAST * telling:
        return holds(NAME, found, unnamed)
    remedy = "raise `cases.drawn` or widen the ranges; where a slip stays accepted, tighten `[marking]`"
    return fails(NAME, found, [*accepted, *unnamed], remedy=remedy)


def rows_of(planted: Sequence[tuple[Unit, Sequence[Outcome]]]) -> list[Row]:
    """Return the lines of the table, one for each unit."""
    return [table_row(unit.name, outcomes) for unit, outcomes in planted]


def _text(unit: Unit, one: Outcome) -> str:
    return f"{one.slip} at {unit.label(one.at)} ({one.kind}): {one.text}"

"""What a proof gives: whether it holds, what was found, and what the author can do where it fails."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct


class Outcome(StrEnum):
    """How a proof ended."""

    HOLDS = "holds"
    FAILS = "fails"
    NOT_HERE = "does not apply"
    """There is nothing it could be about."""


class Proof(Struct, frozen=True, kw_only=True):
    """One row of the table."""

    name: str
    outcome: Outcome
    found: str
    """What was looked at and what came of it, with numbers; why it does not apply."""
    details: tuple[str, ...] = ()
    """What fails, place by place; where it holds, what the author may want to know."""
    remedy: str = ""
    """What to do, a sentence; empty where it holds."""


def holds(name: str, found: str, details: Sequence[str] = ()) -> Proof:
    """Return a proof that holds."""
    return Proof(name=name, outcome=Outcome.HOLDS, found=found, details=tuple(details))


def fails(name: str, found: str, details: Sequence[str] = (), *, remedy: str) -> Proof:
    """Return a proof that fails."""
    return Proof(name=name, outcome=Outcome.FAILS, found=found, details=tuple(details), remedy=remedy)


def not_here(name: str, why: str) -> Proof:
    """Return a proof that does not apply."""
    return Proof(name=name, outcome=Outcome.NOT_HERE, found=why)


def counted(count: int, one: str, more: str | None = None) -> str:
    """Return a number with its noun: `1 case`, `3 cases`.

    Parameters
    ----------
    count : int
    one : str
    more : str, optional
        The plural; with an s where it is left out.

    Returns
    -------
    str
    """
    return f"{count} {one if count == 1 else more or one + 's'}"


def percent(count: int, of: int) -> str:
    """Return a count with its share, `12 of 13 (92.3 %)`."""
    return f"{count} of {of} ({100 * count / max(of, 1):.1f} %)"

"""Decides which isolation a class is graded in, and refuses where it is too weak for unread code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.errors import HostError

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.sandbox import Isolation, Level


def protection(demanded: str | None, *, trusted: bool, tell: Callable[[str], None]) -> Isolation:
    """Choose the strongest isolation that holds here against attacks of our own.

    Parameters
    ----------
    demanded : str or None
        The weakest level that will do, as named with `--isolation`.
    trusted : bool
        Whether somebody vouches for the submissions (`--trust-submissions`).
    tell : callable
        Takes a line for the person at the terminal.

    Returns
    -------
    Isolation

    Raises
    ------
    HostError
        Where less than what was demanded is in force, or less than unread code needs and nobody vouches for it.
    """
    from grader.levels import UNTRUSTED_FROM
    from grader.sandbox import Level
    from grader.sandbox.canaries import confirm
    from grader.sandbox.choice import probe

    confirmed = confirm(probe())
    for broken in confirmed.broken:
        tell(f"isolation given up: {broken}")
    level = confirmed.isolation.level
    if demanded is not None:
        _require(level, Level(demanded), "was demanded")
    if not trusted:
        _require(level, UNTRUSTED_FROM, "is needed for code that nobody has read")
    return confirmed.isolation


def _require(level: Level, minimum: Level, why: str) -> None:
    from grader.levels import MEANING, UNTRUSTED_FROM

    if level.reaches(minimum):
        return
    remedy = "`grader doctor` says what is missing and how to get it"
    if minimum is UNTRUSTED_FROM:
        remedy += "; --trust-submissions grades without, if you have read the submissions"
    raise HostError(
        f"isolation `{minimum}` {why}, and only `{level}` is in force here ({MEANING[level]})", remedy=remedy
    )

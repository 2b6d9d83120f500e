"""The two claims of a gradient check as lines for a student; numbers are the student's own, or taken of their own functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.gradient_check.claims import Evidence, GradientCheck, GradientClaim

MOST_NAMES = 6
MOST_OFF = 3
"""Gradients of a unit that are told with their numbers."""


def lines(checks: Sequence[GradientCheck]) -> Iterator[str]:
    """Say what differences say, unit by unit.

    Parameters
    ----------
    checks : sequence of GradientCheck
        Of one question.

    Yields
    ------
    str
        A line; what explains the one before it is indented.
    """
    for check in checks:
        which = f"{_functions(check)}: " if len(checks) > 1 else ""
        yield f"{which}{_own(check)}"
        yield from (f"  {line}" for line in _details(check))
        if not check.forward_is_given:
            yield f"{which}your forward is the task's: {_answer(check.forward_is_the_tasks)}"
            yield from (f"  {line}" for line in _beside(check))


def _functions(check: GradientCheck) -> str:
    return ", ".join(dict.fromkeys(claim.function for claim in check.gradients))


def _own(check: GradientCheck) -> str:
    subject = "the forward pass that was handed out" if check.forward_is_given else "your forward"
    how = ""
    if check.fits:
        cases = dict.fromkeys(case for claim in check.gradients for case in claim.cases)
        how = f" ({_where(check)} on {_listed(tuple(cases))}, by central differences)"
    return f"your gradient fits {subject}: {_answer(check.fits)}{how}"


def _where(check: GradientCheck) -> str:
    """Say which entries were looked at."""
    decided = [claim for claim in check.gradients if claim.fits is not None]
    if all(claim.entries == claim.size for claim in decided):
        return "every entry"
    looked, size = sum(claim.entries for claim in decided), sum(claim.size for claim in decided)
    return f"{looked} of {size} entries, and all together along one direction,"


def _answer(said: bool | None) -> str:
    return "not known" if said is None else "yes" if said else "no"


def _details(check: GradientCheck) -> Iterator[str]:
    off = [claim for claim in check.gradients if claim.fits is False]
    for claim in off[:MOST_OFF]:
        yield _off(claim)
    if len(off) > MOST_OFF:
        yield f"nor does {_listed(tuple(claim.quantity for claim in off[MOST_OFF:]))}"
    for claim in check.gradients:
        if claim.fits is None:
            yield f"{claim.quantity} is undecided: {claim.reason or 'nothing was to be seen'}"
    if off and check.inner:
        yield f"no difference reaches {_listed(check.inner)}: they are followed from your own gradients"


def _off(claim: GradientClaim) -> str:
    evidence = claim.evidence
    if evidence is None:
        return f"{claim.quantity}: {claim.reason or 'it does not fit'}"
    return (
        f"{claim.quantity}{_entry(evidence)} on {evidence.case}: yours is {evidence.given:.6g}, "
        f"differences of your forward give {evidence.numerical:.6g}"
    )


def _entry(evidence: Evidence) -> str:
    if evidence.index is None:
        return ", along one direction,"
    return f" at {evidence.index}" if evidence.index else ""


def _beside(check: GradientCheck) -> Iterator[str]:
    """Say what both claims together mean."""
    if check.convention is not None:
        yield "what is found above differs by convention"
    elif check.fits and check.forward_is_the_tasks is False:
        yield "so the mistake is in the forward pass: put that right, and the gradient with it"


def _listed(names: tuple[str, ...]) -> str:
    shown = names[:MOST_NAMES]
    more = len(names) - len(shown)
    return ", ".join((*shown, *([f"{more} more"] if more else [])))

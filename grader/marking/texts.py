"""What findings say: one function for each kind of sentence."""

from __future__ import annotations

from collections.abc import Sequence

from grader.slips import SLIPS

_LONGEST = 60
"""Characters of a student's own text that a sentence quotes."""


def explained(slip: str, at: str, detail: str) -> str:
    """Write the text of a finding: where, what kind of mistake, and what to look at.

    Parameters
    ----------
    slip : str
    at : str
        The quantity at which it happened.
    detail : str
        What was done, without capital and full stop.

    Returns
    -------
    str
    """
    return f"At {at}: {detail}. {SLIPS[slip].look}"


def unexplained(at: str, reason: str) -> str:
    """Write what is known of an answer that no known mistake explains."""
    return f"At {at}: {reason}. No single known mistake gives these numbers. {SLIPS['unexplained'].look}"


def refused(quantities: Sequence[str], reason: str) -> str:
    """Write why answers are no numbers that could be compared."""
    return f"{', '.join(quantities)}: {reason}."


def unstable(quantities: Sequence[str], reason: str) -> str:
    """Write that answers overflow on inputs that are extreme."""
    return f"{', '.join(quantities)}: {reason}, on extreme inputs only. {SLIPS['unstable'].look}"


def mislabelled(at: str, partner: str) -> str:
    """Write that an answer carries the value of another quantity."""
    return f"What is given as {at} is the right value of {partner}; are two results exchanged?"


def wrong_label(label: str, quantity: str) -> str:
    """Write that a line stands under the name of another quantity than the one it is right for."""
    return f"The line labelled {label} is the right one for {quantity}: a slip of the pen in its label."


def miscalculated(at: str, written: str | None) -> str:
    """Write that a number is not what the formula before it comes to; `written` is the number as it stands there."""
    number = "the number" if written is None else f"`{written.replace('`', chr(39))[:_LONGEST]}`"
    return explained("miscalculated", at, f"the formula is right, and {number} is not what it comes to")


def unproved(identity: str, reason: str) -> str:
    """Write why a proof does not hold."""
    return f"At {identity}: {reason}."


def input_changed(function: str, arguments: str) -> str:
    """Write that a function altered what it was called with."""
    return (
        f"`{function}` changes its argument {arguments} in place. It costs nothing here; whoever calls it loses the "
        f"old values."
    )


def not_repeatable(function: str, case: str) -> str:
    """Write that a function gave two answers to one question."""
    return (
        f"`{function}` was called twice with the inputs of case {case} and gave different answers: does it use random "
        f"numbers, or values left over from an earlier call?"
    )


def gradients_kept(function: str) -> str:
    """Write that a function adds to what earlier calls left."""
    return (
        f"`{function}` adds to the gradients of its earlier calls; they must start from zero in every call."
    )

"""The words of verdicts and statuses in reports; tables only."""

from __future__ import annotations

from grader.model import LineVerdict, Status, Verdict
from grader.slips import SLIPS

VERDICT_MEANINGS = {
    Verdict.CORRECT: "the right value",
    Verdict.FOLLOWS: "a wrong value, and the right step from an earlier mistake",
    Verdict.WRONG: "a mistake happened at this step",
    Verdict.MISSING: "asked for and not given",
    Verdict.INVALID: "given, but not comparable: the type, the shape, or not finite",
    Verdict.UNDECIDED: "nothing can be said, for example because everything before it is zero",
}

LINE_MEANINGS = {
    LineVerdict.RIGHT: "every side that was compared has the right value",
    LineVerdict.FOLLOWS: "the right step from an earlier mistake",
    LineVerdict.WRONG: "a mistake happened in this line",
    LineVerdict.MISLABELLED: "the right value of another quantity than the one it is labelled with",
    LineVerdict.METHOD: "the chain rule is used rightly, and a derivative in it is not worked out",
    LineVerdict.CIRCULAR: "it is computed from itself",
    LineVerdict.UNREAD: "it could not be read by the grader; a person reads it",
    LineVerdict.WITHDRAWN: "struck out, quoted or called a draft, and not marked",
    LineVerdict.REPEATED: "it says what a line before it says, and counts once",
    LineVerdict.DEFINITION: "it gives a name of your own, and is not marked",
    LineVerdict.OPEN: "nobody asked for it, and it is not marked",
}

STATUS_WORDS = {
    Status.GRADED: "graded",
    Status.AWAITING: "waits for a person",
    Status.MISSING: "missing",
    Status.FAILED: "raised an error",
    Status.TIMEOUT: "ran out of time",
    Status.MEMORY: "used too much memory",
    Status.OUTPUT: "gave out too much",
    Status.KILLED: "ended without a result",
    Status.UNREADABLE: "not readable",
    Status.FAULT: "our fault",
}

STATUS_SENTENCES = {
    Status.AWAITING: "is read by a person",
    Status.MISSING: "is missing or not yet written",
    Status.FAILED: "stopped with an error",
    Status.TIMEOUT: "ran out of time",
    Status.MEMORY: "used more memory than allowed",
    Status.OUTPUT: "printed or returned more than allowed",
    Status.KILLED: "ended the process before it gave a result",
    Status.UNREADABLE: "could not be read",
    Status.FAULT: "could not be graded because our grader failed, which costs no points",
}
"""What happened to a question that was not graded, to be read after its title."""


def slip_phrase(slip: str) -> str:
    """Say what kind of mistake a slip is.

    Parameters
    ----------
    slip : str
        Name of a slip; one that has no phrase is spelled out.

    Returns
    -------
    str
        Reads after the name of a quantity and a dash.
    """
    return SLIPS[slip].phrase if slip in SLIPS else slip.replace("-", " ")

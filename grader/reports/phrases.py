"""The words of verdicts, statuses and slips in reports; tables only."""

from __future__ import annotations

from grader.model import Status, Verdict

SLIP_PHRASES = {
    "sign-flipped": "the sign is flipped",
    "path-dropped": "one of the paths into it is left out",
    "factor-missing": "a factor is missing",
    "wrong-factor": "one factor is the wrong value",
    "scaled": "it is off by a constant factor",
    "batch-mean-missing": "the division by the batch size is missing",
    "batch-mean-twice": "it is divided by the batch size twice",
    "not-summed": "it is not summed over the batch",
    "not-transposed": "a transpose is missing or on the wrong matrix",
    "derivative-missing": "the derivative of the activation is left out",
    "derivative-misplaced": "the derivative of the activation is taken at the wrong value",
    "value-for-derivative": "the activation stands where its derivative belongs",
    "jacobian-diagonal": "only the diagonal of the softmax Jacobian is used",
    "target-missing": "the target is left out",
    "activation-missing": "the activation is left out",
    "wrong-operand": "it is computed from the wrong value",
    "wrong-axis": "it is taken over the wrong axis",
    "unstable": "it overflows for large inputs",
    "regulariser-missing": "the regularisation term is left out",
    "regulariser-factor": "the regularisation term has the wrong factor",
    "regulariser-on-bias": "the regularisation term is applied to a bias",
    "wrong-loss": "it belongs to another loss than the one asked for",
    "other-convention": "it is right, but in another convention than the one asked for",
    "ascent": "the step goes up the gradient instead of down",
    "step-missing": "the weights are left unchanged",
    "rate-missing": "the learning rate is left out",
    "rate-twice": "it is multiplied by the learning rate twice",
    "updated-weights-used": "it is computed from weights that were already updated",
    "mislabelled": "it is the value of another quantity",
    "input-changed": "the function changes its inputs",
    "not-repeatable": "equal inputs give different answers",
    "gradients-kept": "gradients of earlier calls are added to it",
    "unexplained": "it is wrong, and no known mistake explains it",
}
"""What kind of mistake a slip is, to be read after the name of the quantity; never the rule as it should be."""

VERDICT_MEANINGS = {
    Verdict.CORRECT: "the right value",
    Verdict.FOLLOWS: "a wrong value, and the right step from an earlier mistake",
    Verdict.WRONG: "a mistake happened at this step",
    Verdict.MISSING: "asked for and not given",
    Verdict.INVALID: "given, but not comparable: the type, the shape, or not finite",
    Verdict.UNDECIDED: "nothing can be said, for example because everything before it is zero",
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
    Status.MISSING: "was not found in the submission",
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
    return SLIP_PHRASES.get(slip, slip.replace("-", " "))

"""The names of mistakes, in the order in which one is preferred to another, and the words for each."""

from __future__ import annotations

from collections.abc import Sequence

SLIPS: dict[str, str] = {
    "sign-flipped": "the sign is flipped",
    "path-dropped": "a path of the network is left out",
    "factor-missing": "a factor is left out",
    "wrong-factor": "a factor is replaced by another value",
    "batch-mean-missing": "the mean over the batch is left out",
    "batch-mean-twice": "the mean over the batch is taken twice",
    "not-summed": "a broadcast input's gradient is not summed as it should be",
    "not-transposed": "a transpose is missing or misplaced",
    "derivative-missing": "a derivative is left out",
    "derivative-misplaced": "a derivative is taken at the wrong place",
    "value-for-derivative": "a value stands where its derivative belongs",
    "jacobian-diagonal": "only the diagonal of the Jacobian is used",
    "target-missing": "the target is not subtracted",
    "activation-missing": "an activation is left out",
    "wrong-operand": "another value of the network is taken",
    "wrong-axis": "an operation runs over the wrong axis",
    "unstable": "it overflows for large inputs",
    "scaled": "a constant factor is too many or too few",
    "regulariser-missing": "the weight decay is left out",
    "regulariser-factor": "the weight decay has a wrong factor",
    "regulariser-on-bias": "the weight decay acts on a bias",
    "wrong-loss": "another loss is taken",
    "other-convention": "it is right in another convention",
    "ascent": "the step goes uphill",
    "step-missing": "the weight is not changed",
    "rate-missing": "the learning rate is left out",
    "rate-twice": "the learning rate is applied twice",
    "weight-missing": "the step is returned without the old weight",
    "updated-weights-used": "gradients are taken after some weights were already updated",
    "mislabelled": "it is the right value of another quantity",
    "input-changed": "the inputs are changed in place",
    "not-repeatable": "equal inputs give different answers",
    "gradients-kept": "gradients of earlier calls are still in the sum",
    "unexplained": "no known mistake gives these numbers",
}
"""Every slip with its headline. Special ones stand before general ones: the first that fits gives the finding its name."""

ORDER = {name: place for place, name in enumerate(SLIPS)}


def explained(at: str, detail: str) -> str:
    """Write the text of a finding: where, and what kind of mistake.

    Parameters
    ----------
    at : str
        The quantity at which it happened.
    detail : str
        What was done, without capital and full stop.

    Returns
    -------
    str
    """
    return f"At {at}: {detail}."


def unexplained(at: str, reason: str) -> str:
    """Write what is known of an answer that no known mistake explains."""
    return f"At {at}: {reason}. No single known mistake gives these numbers."


def refused(quantities: Sequence[str], reason: str) -> str:
    """Write why answers are no numbers that could be compared."""
    return f"{', '.join(quantities)}: {reason}."


def mislabelled(at: str, partner: str) -> str:
    """Write that an answer carries the value of another quantity."""
    return f"What is given as {at} is the right value of {partner}; are two results exchanged?"


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

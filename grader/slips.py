"""The names of mistakes: the order in which one is preferred to another, and every sentence that a student reads of one.

The names are part of the contract of result files. The texts say where to look, never the rule as it should be: that is
`Finding.rule`, which only the feedback level `full` shows. What was done in a single derivative stands with the operation's
own slips, in `reference`; each slip has its page in `docs/slips/`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

_LONGEST = 60
"""Characters of a student's own text that a sentence quotes."""


class SlipText(NamedTuple):
    """The words for one slip."""

    phrase: str
    """What kind of mistake it is, to be read after the name of a quantity and a dash."""
    look: str
    """What to look at, a sentence or two."""
    look_at_value: str | None = None
    """The same where it happened in a value of the forward pass, and no derivative was taken; None where `look` fits both."""


SLIPS: dict[str, SlipText] = {
    "regulariser-missing": SlipText(
        "the regularisation term is left out",
        "Differentiate every term of the loss.",
        "Compare the loss with the task, term by term.",
    ),
    "regulariser-factor": SlipText(
        "the regularisation term has the wrong factor",
        "Differentiate the regularisation term as the task writes it.",
        "Compare the regularisation term with that of the task.",
    ),
    "regulariser-on-bias": SlipText(
        "the regularisation term is applied to a bias",
        "Look which parameters the task regularises.",
    ),
    "sign-flipped": SlipText(
        "the sign is flipped",
        "Write the derivative of this one step down again and follow each minus, also the inner one of a difference.",
        "Compare each sign of this step with the task.",
    ),
    "path-dropped": SlipText(
        "one of the paths into it is left out",
        "Draw the network and follow every arrow that leaves this value: each one brings a term.",
        "Draw the network and follow every arrow that comes into this value: each one brings a term.",
    ),
    "factor-missing": SlipText(
        "a factor is missing",
        "Compare both sides of the product rule here. A factor of 1 hides this mistake.",
        "Compare the factors of this step with the task.",
    ),
    "wrong-factor": SlipText(
        "one factor is the wrong value",
        "Ask of each factor of this product which value of the forward pass it is.",
    ),
    "batch-mean-missing": SlipText(
        "the division by the batch size is missing",
        "Look where the loss takes its mean, and whether the gradient does too.",
    ),
    "batch-mean-twice": SlipText(
        "it is divided by the batch size twice",
        "The mean is taken once, in the loss; look where it comes in again.",
    ),
    "not-summed": SlipText(
        "it is not summed over the batch as it should be",
        "Compare the shape of the gradient with that of the value it belongs to, and ask how often the value was used.",
    ),
    "not-transposed": SlipText(
        "a transpose is missing or on the wrong matrix",
        "Write the shapes under each factor of the product.",
    ),
    "derivative-missing": SlipText(
        "a derivative is left out",
        "The chain rule has one factor for each step; count them here.",
    ),
    "derivative-misplaced": SlipText(
        "a derivative is taken at the wrong value",
        "Look at what the derivative of this step is evaluated at.",
    ),
    "value-for-derivative": SlipText(
        "a value stands where its derivative belongs",
        "Differentiate the activation on paper, and compare with what the code computes.",
    ),
    "jacobian-diagonal": SlipText(
        "only the diagonal of the softmax Jacobian is used",
        "Every output of the softmax depends on every input.",
    ),
    "target-missing": SlipText(
        "the target is left out",
        "Differentiate the loss with the target in it.",
        "Look where the target stands in the loss.",
    ),
    "activation-missing": SlipText(
        "an activation is left out",
        "Compare the step with the network in the task, activation by activation.",
    ),
    "wrong-operand": SlipText(
        "it is computed from the wrong value",
        "Compare each name in this step with the network in the task.",
    ),
    "wrong-axis": SlipText(
        "it is taken over the wrong axis",
        "Say aloud over what the sum runs: samples, or classes.",
    ),
    "unstable": SlipText(
        "it overflows for large inputs",
        "Try logits of 1000.",
    ),
    "scaled": SlipText(
        "it is off by a constant factor",
        "Look for a constant that is too many or too few: a 2, a 1/2, a count.",
    ),
    "wrong-loss": SlipText(
        "it belongs to another loss than the one asked for",
        "Read the definition of the loss in the task again.",
    ),
    "other-convention": SlipText(
        "it is right, but in another convention than the one asked for",
        "Compare with the conventions in the task.",
    ),
    "ascent": SlipText(
        "the step goes up the gradient",
        "Ask whether the loss falls after the step.",
    ),
    "step-missing": SlipText(
        "the weight is left unchanged",
        "Look whether the new value is computed and returned.",
    ),
    "rate-missing": SlipText(
        "the learning rate is left out",
        "A learning rate of 1 hides this mistake.",
    ),
    "rate-twice": SlipText(
        "it is multiplied by the learning rate twice",
        "A learning rate of 1 hides this mistake.",
    ),
    "weight-missing": SlipText(
        "the step is returned without the old weight",
        "Look what is returned: the change, or the new value.",
    ),
    "updated-weights-used": SlipText(
        "it is computed from weights that were already updated",
        "Compute every gradient before the first weight changes.",
    ),
    "mislabelled": SlipText(
        "it is the value of another quantity",
        "Compare the names, or the order, of what is returned.",
    ),
    "miscalculated": SlipText(
        "the formula is right, and the number is not what it comes to",
        "Put the numbers into the formula again, one factor at a time.",
    ),
    "input-changed": SlipText(
        "the function changes its inputs",
        "Copy what you are given before you change it.",
    ),
    "not-repeatable": SlipText(
        "equal inputs give different answers",
        "Use nothing but the arguments: no random numbers, and nothing that an earlier call left.",
    ),
    "gradients-kept": SlipText(
        "gradients of earlier calls are added to it",
        "Start from zero in every call.",
    ),
    "unexplained": SlipText(
        "it is wrong, and no known mistake explains it",
        "Work this step out by hand on a small case, from your own numbers before it.",
    ),
}
"""Every slip. Special ones stand before general ones: the first that fits gives the finding its name."""


# --------------------------------------------------------------------------------------------------------------
# What findings say: one function for each kind of sentence


def explained(slip: str, at: str, detail: str) -> str:
    """Write the text of a finding: where, what kind of mistake, and what to look at.

    Parameters
    ----------
    slip : str
    at : str
        The quantity at which it happened; `dL/dz2` is a derivative, `z2` none.
    detail : str
        What was done, without capital and full stop.

    Returns
    -------
    str
    """
    text = SLIPS[slip]
    look = text.look if "/d" in at else text.look_at_value or text.look
    return f"At {at}: {detail}. {look}"


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

"""What a gradient check says: on each gradient whether it fits the student's own forward pass, and whether that is the task's."""

from __future__ import annotations

from msgspec import Struct

from grader.model import JsonNumbers


class Evidence(Struct, frozen=True, kw_only=True):
    """One place at which a gradient was held against a difference quotient."""

    case: str
    leaf: str
    index: tuple[int, ...] | None
    """The entry; None for all entries at once, along one direction."""
    given: float
    """What the student's gradient says there."""
    numerical: float
    """What the difference quotient says."""
    step: float
    """The smaller one of the two steps, in the units of the leaf."""


class GradientClaim(Struct, frozen=True, kw_only=True):
    """What differences say on the gradient by one input, target or parameter of one function."""

    function: str
    quantity: str
    """Its name among those of the assignment: `dL/dw0`, `linear_grad.dL/dW`."""
    fits: bool | None
    """Whether it is the gradient of the student's own forward pass; None where differences do not tell."""
    reason: str | None = None
    """Why nothing is decided; reads as a sentence."""
    entries: int = 0
    """How many entries were looked at one by one, over all cases."""
    size: int = 0
    """How many there are on these cases; all of them together were looked at along one direction where not all were one by one."""
    cases: tuple[str, ...] = ()
    evidence: Evidence | None = None
    """Where it is farthest off; None unless it does not fit."""


class GradientCheck(Struct, frozen=True, kw_only=True):
    """The two claims on the gradients of one unit, apart from each other."""

    question: str
    """Id of the question that asks for the gradients."""
    unit: str
    """Empty where there is only one."""
    gradients: tuple[GradientClaim, ...]
    forward_is_the_tasks: bool | None
    """None where that is not known: nothing was given, or nothing of it could be decided."""
    forward_is_given: bool = False
    """Whether the forward pass is handed out with the task, so that none of the student's is asked for."""
    convention: str | None = None
    """How the student's convention differs, where that is all that differs."""
    inner: tuple[str, ...] = ()
    """Gradients by values from the middle, which differences cannot reach."""

    @property
    def fits(self) -> bool | None:
        """Whether every gradient that was decided fits, and at least one was."""
        decided = [one.fits for one in self.gradients if one.fits is not None]
        return all(decided) if decided else None


def document(checks: tuple[GradientCheck, ...]) -> list[dict[str, JsonNumbers]]:
    """Lay the claims out as JSON has them.

    Parameters
    ----------
    checks : tuple of GradientCheck

    Returns
    -------
    list of dict
    """
    return [
        {
            "question": one.question,
            "unit": one.unit,
            "fits_own_forward": one.fits,
            "forward_is_the_tasks": one.forward_is_the_tasks,
            "convention": one.convention,
            "gradients": [
                {"name": claim.quantity, "fits": claim.fits, "reason": claim.reason}
                for claim in one.gradients
            ],
        }
        for one in checks
    ]

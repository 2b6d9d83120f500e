"""What an operation is: its forward form, its derivative rule per input, its usual slips, and how it is written.

A rule is a vector-Jacobian product: called as `rule(g, out, *inputs)` with `g` = dL/d(out), it gives the operation's
contribution to dL/d(input), in the shape of the input. A slip is an executable wrong rule with the name the field has for it.

References
----------
Rumelhart, Hinton and Williams (1986), "Learning representations by back-propagating errors", equations 4 to 6;
Baydin et al. (2018), "Automatic differentiation in machine learning: a survey", section 3.2 (reverse mode);
Goodfellow, Bengio and Courville (2016), "Deep Learning", section 6.5 (backpropagation).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np

from reference.forms import negated, times

Rule: TypeAlias = Callable[..., Any]
"""`rule(g, out, *inputs)` -> contribution to the gradient of one input, in the input's shape."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Slip:
    """A known mistake in a derivative rule."""

    name: str
    rule: Rule
    """The wrong rule, called as the right one is; may raise where the shapes do not allow the mistake."""
    written: str = ""
    """The wrong rule as it is written, with the places of `Operation.derivatives`: "0" where the term is left out, empty where
    there is no form for it."""
    is_summed: bool = True
    """Whether what is written is summed over what was broadcast, as the right rule is."""
    text: str
    """What was done, as the end of the sentence "here ..."."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ForwardSlip:
    """A known mistake in the forward form: another operation stands where this one belongs."""

    name: str
    operation: Operation
    """What was computed instead, with the derivative that belongs to it."""
    text: str


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Operation:
    """An operation of a network; calling it on traced values records it, calling it on arrays computes it."""

    name: str
    forward: Callable[..., Any]
    rules: tuple[Rule, ...]
    """One per input."""
    written: str
    """The forward form with `{0}`, `{1}` for the inputs."""
    derivatives: tuple[str, ...]
    """The rules as written, with `{g}` for dL/d(out), `{out}`, `{0}`, `{1}`."""
    slips: tuple[tuple[Slip, ...], ...] = ()
    """Usual mistakes per input, special before general; empty where there is none."""
    forward_slips: tuple[ForwardSlip, ...] = ()
    one_sided: tuple[tuple[Rule, ...], ...] = ()
    """Rules with the derivative from the left and from the right, for operations with a kink."""
    linear: bool = False
    """Whether out is a sum of products, so that a rule applied to absolute values gives the size of what is summed."""
    magnitude: Callable[..., Any] | None = None
    """Size of what the forward form sums, in the shape of out; |out| where it is None."""
    rule_magnitudes: tuple[Rule | None, ...] = ()
    """Size of what each rule sums, called as the rule is; the rule's own size where it is None or there is none."""
    terms: Callable[..., int] = field(default=lambda out, *inputs: max(np.size(a) for a in (out, *inputs)))
    """How many elementary terms are computed in all: divided by the size of a result, its reduction length."""

    def __call__(self, *inputs: Any) -> Any:
        """Record the operation where an input is being traced, else compute it.

        Parameters
        ----------
        *inputs : traced value, ndarray or float
            As many as the operation has rules.

        Returns
        -------
        traced value or ndarray
        """
        for value in inputs:
            record = getattr(value, "_record", None)
            if record is not None:
                return record(self, inputs)
        return self.forward(*(np.asarray(value) for value in inputs))


def scaled(operation: Operation, factor: float) -> Operation:
    """Return the operation times a constant, derivative included.

    Parameters
    ----------
    operation : Operation
    factor : float
        Not 0.

    Returns
    -------
    Operation
    """
    return replace(
        operation,
        name=f"{factor:g} {operation.name}",
        forward=lambda *inputs: factor * operation.forward(*inputs),
        rules=tuple(_scaled_rule(rule, factor) for rule in operation.rules),
        one_sided=tuple(tuple(_scaled_rule(rule, factor) for rule in side) for side in operation.one_sided),
        magnitude=_scaled_magnitude(operation.magnitude, factor),
        rule_magnitudes=tuple(
            None if size is None else _scaled_size(size, factor) for size in operation.rule_magnitudes
        ),
        written=_times(factor, operation.written),
        derivatives=tuple(_scaled_form(form, factor) for form in operation.derivatives),
        slips=(),
        forward_slips=(),
    )


def _times(factor: float, form: str) -> str:
    return negated(form) if factor == -1.0 else times(factor, form)


def _scaled_form(form: str, factor: float) -> str:
    unscaled = "(-{out})" if factor == -1.0 else f"({{out}} / {factor:g})"
    return _times(factor, form.replace("{out}", unscaled))


def _scaled_magnitude(magnitude: Callable[..., Any] | None, factor: float) -> Callable[..., Any] | None:
    return None if magnitude is None else lambda *inputs: abs(factor) * magnitude(*inputs)


def _scaled_rule(rule: Rule, factor: float) -> Rule:
    # `out` already carries the factor, so it is taken off again for the rules that read it.
    return lambda g, out, *inputs: factor * rule(g, out / factor, *inputs)


def _scaled_size(size: Rule, factor: float) -> Rule:
    return lambda g, out, *inputs: abs(factor) * size(g, out / factor, *inputs)

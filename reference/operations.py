"""Each operation: its forward form, its derivative rule per input, the usual slips, and how it is written.

The table at the end is meant to be read line by line beside a textbook. A rule is a vector-Jacobian product: called as
`rule(g, out, *inputs)` with `g` = dL/d(out), it gives that operation's contribution to dL/d(input), in the shape of the
input. Nothing here knows of grading: a slip is an executable wrong rule with the name the field has for it.

References
----------
Rumelhart, Hinton and Williams (1986), "Learning representations by back-propagating errors", equations 4 to 6;
Baydin et al. (2018), "Automatic differentiation in machine learning: a survey", section 3.2 (reverse mode);
Goodfellow, Bengio and Courville (2016), "Deep Learning", section 6.5 (backpropagation) and 6.2.2.3 (softmax units).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np

Rule: TypeAlias = Callable[..., Any]
"""`rule(g, out, *inputs)` -> contribution to the gradient of one input, in the input's shape."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Slip:
    """A known mistake in a derivative rule."""

    name: str
    rule: Rule
    """The wrong rule, called as the right one is; may raise where the shapes do not allow the mistake."""
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
    """Rules with the derivative from the left and from the right, for operations with a kink at 0."""
    linear: bool = False
    """Whether out is a sum of products, so that a rule applied to absolute values gives the size of what is summed."""
    magnitude: Callable[..., Any] | None = None
    """Size of what the forward form sums, in the shape of out; |out| where it is None."""
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


# --------------------------------------------------------------------------------------------------------------
# Helpers of the table


def unbroadcast(contribution: Any, shape: tuple[int, ...]) -> Any:
    """Sum a contribution over the axes along which its input was broadcast.

    Parameters
    ----------
    contribution : ndarray
        Of the shape of the result, or broadcastable to it.
    shape : tuple of int
        Shape of the input.

    Returns
    -------
    ndarray of shape `shape`
    """
    given: tuple[int, ...] = contribution.shape
    if given == shape:
        return contribution
    added = len(given) - len(shape)
    axes = tuple(range(added)) + tuple(
        added + axis for axis, length in enumerate(shape) if length == 1 and given[added + axis] != 1
    )
    return np.reshape(contribution.sum(axis=axes), shape)


def _spread(g: Any, out: Any) -> Any:
    # Nearly always there is nothing to spread, and `broadcast_to` takes longer than all else in a rule of single numbers.
    return g if g.shape == out.shape else np.broadcast_to(g, out.shape)


def _swap(a: Any) -> Any:
    return np.swapaxes(a, -1, -2)


def _samples(a: Any) -> int:
    """Return the number of samples where samples stand in rows: the first axis of an array of rank 2 or more."""
    return int(a.shape[0]) if np.ndim(a) > 1 else 1


def _rows(logits: Any) -> int:
    """Return over how many rows a mean over samples is taken: all axes but the last."""
    return math.prod(np.shape(logits)[:-1])


def _matmul_rule(g: Any, a: Any, b: Any, *, of: int) -> Any:
    """Gradient of a @ b for any ranks that `numpy.matmul` takes: dA = G Bᵀ, dB = Aᵀ G, summed over broadcast axes."""
    a2 = a[None, :] if np.ndim(a) == 1 else a
    b2 = b[:, None] if np.ndim(b) == 1 else b
    # The column first: the result of two vectors has no axis yet that a row could be put before.
    g2 = np.expand_dims(g, -1) if np.ndim(b) == 1 else g
    g2 = np.expand_dims(g2, -2) if np.ndim(a) == 1 else g2
    if of == 0:
        return np.reshape(unbroadcast(g2 @ _swap(b2), a2.shape), np.shape(a))
    return np.reshape(unbroadcast(_swap(a2) @ g2, b2.shape), np.shape(b))


def _sigmoid(z: Any) -> Any:
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, e) / (1.0 + e)


def _softmax(s: Any, axis: int = -1) -> Any:
    e = np.exp(s - np.max(s, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def _naive_softmax(s: Any) -> Any:
    e = np.exp(s)
    return e / np.sum(e, axis=-1, keepdims=True)


def _log_softmax(s: Any) -> Any:
    shifted = s - np.max(s, axis=-1, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))


def _softmax_rule(g: Any, p: Any, axis: int = -1) -> Any:
    return p * (g - np.sum(g * p, axis=axis, keepdims=True))


def _softmax_minus(s: Any, t: Any) -> Any:
    """Return d(-sum t log softmax(s))/ds: the p - t of the textbook where each row of t sums to one, as one-hot rows do."""
    return _softmax(s) * np.sum(t, axis=-1, keepdims=True) - t


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
        written=f"-{operation.written}" if factor == -1.0 else f"{factor:g} ({operation.written})",
        slips=(),
        forward_slips=(),
    )


def _scaled_magnitude(magnitude: Callable[..., Any] | None, factor: float) -> Callable[..., Any] | None:
    return None if magnitude is None else lambda *inputs: abs(factor) * magnitude(*inputs)


def _scaled_rule(rule: Rule, factor: float) -> Rule:
    # `out` already carries the factor, so it is taken off again for the rules that read it.
    return lambda g, out, *inputs: factor * rule(g, out / factor, *inputs)


def _first_only(operation: str, form: str) -> Operation:
    return Operation(
        name=operation,
        forward=lambda a, b: np.broadcast_to(a, np.broadcast_shapes(np.shape(a), np.shape(b))),
        rules=(lambda g, y, a, b: unbroadcast(_spread(g, y), a.shape), lambda g, y, a, b: np.zeros_like(b)),
        written=form,
        derivatives=("{g}", "0"),
    )


def _second_only(operation: str, form: str) -> Operation:
    return Operation(
        name=operation,
        forward=lambda a, b: np.broadcast_to(b, np.broadcast_shapes(np.shape(a), np.shape(b))),
        rules=(lambda g, y, a, b: np.zeros_like(a), lambda g, y, a, b: unbroadcast(_spread(g, y), b.shape)),
        written=form,
        derivatives=("0", "{g}"),
    )


def _broadcast_slips(contribution: Rule, of: int) -> tuple[Slip, ...]:
    """Mistakes with an input that was broadcast (a bias); without broadcasting they change nothing."""

    def not_summed(g: Any, out: Any, *inputs: Any) -> Any:
        return _spread(contribution(g, out, *inputs), out)

    def averaged(g: Any, out: Any, *inputs: Any) -> Any:
        full = not_summed(g, out, *inputs)
        count = max(full.size // max(np.size(inputs[of]), 1), 1)
        return unbroadcast(full, inputs[of].shape) / count

    def summed_over_all(g: Any, out: Any, *inputs: Any) -> Any:
        full = not_summed(g, out, *inputs)
        return full if full.shape == inputs[of].shape else full.sum()

    return (
        Slip(name="not-summed", rule=not_summed, text="the gradient is not summed over the batch"),
        Slip(
            name="not-summed",
            rule=averaged,
            text="the gradient is averaged over the batch where it is summed",
        ),
        Slip(name="not-summed", rule=summed_over_all, text="the gradient is summed over all entries"),
    )


# --------------------------------------------------------------------------------------------------------------
# Operations that only stand in slips: what is computed when the right one is forgotten or confused

identity = Operation(
    name="identity",
    forward=lambda a: a,
    rules=(lambda g, y, a: g,),
    written="{0}",
    derivatives=("{g}",),
    linear=True,
)

square = Operation(
    name="square",
    forward=lambda d: d * d,
    rules=(lambda g, y, d: g * 2.0 * d,),
    written="{0}^2",
    derivatives=("{g} * 2 {0}",),
)

half_square = Operation(
    name="half square",
    forward=lambda d: 0.5 * d * d,
    rules=(lambda g, y, d: g * d,),
    written="{0}^2 / 2",
    derivatives=("{g} * {0}",),
)

_sum_first = _first_only("first term only", "{0}")
_sum_second = _second_only("second term only", "{1}")

_softmax_over_rows = Operation(
    name="softmax over the first axis",
    forward=lambda s: _softmax(s, axis=0),
    rules=(lambda g, p, s: _softmax_rule(g, p, axis=0),),
    written="softmax({0}, axis=0)",
    derivatives=("softmax'({0}) {g}",),
)

_unstable_softmax = Operation(
    name="softmax without shift",
    forward=_naive_softmax,
    rules=(lambda g, p, s: _softmax_rule(g, p),),
    written="exp({0}) / sum(exp({0}))",
    derivatives=("softmax'({0}) {g}",),
)

_summed_cross_entropy = Operation(
    name="summed softmax cross-entropy",
    forward=lambda s, t: -np.sum(t * _log_softmax(s)),
    rules=(lambda g, y, s, t: g * _softmax_minus(s, t), lambda g, y, s, t: -g * _log_softmax(s)),
    written="-sum({1} * log(softmax({0})))",
    derivatives=("{g} * (softmax({0}) - {1})", "-{g} * log(softmax({0}))"),
)

_entry_mean_cross_entropy = Operation(
    name="softmax cross-entropy averaged over entries",
    forward=lambda s, t: -np.mean(t * _log_softmax(s)),
    rules=(
        lambda g, y, s, t: g * _softmax_minus(s, t) / np.size(s),
        lambda g, y, s, t: -g * _log_softmax(s) / np.size(s),
    ),
    written="-mean({1} * log(softmax({0})))",
    derivatives=("{g} * (softmax({0}) - {1}) / (N K)", "-{g} * log(softmax({0})) / (N K)"),
)


# --------------------------------------------------------------------------------------------------------------
# The table


def _add_rule(of: int) -> Rule:
    return lambda g, y, *inputs: unbroadcast(_spread(g, y), inputs[of].shape)


subtract = Operation(
    name="subtract",
    forward=lambda a, b: a - b,
    rules=(_add_rule(0), lambda g, y, a, b: -unbroadcast(_spread(g, y), b.shape)),
    written="{0} - {1}",
    derivatives=("{g}", "-{g}"),
    slips=(
        _broadcast_slips(lambda g, y, a, b: g, of=0),
        _broadcast_slips(lambda g, y, a, b: -g, of=1),
    ),
    forward_slips=(
        ForwardSlip(
            name="path-dropped", operation=_sum_first, text="the second term of the difference is left out"
        ),
        ForwardSlip(
            name="path-dropped", operation=_sum_second, text="the first term of the difference is left out"
        ),
    ),
    linear=True,
    magnitude=lambda a, b: np.abs(a) + np.abs(b),
)

add = Operation(
    name="add",
    forward=lambda a, b: a + b,
    rules=(_add_rule(0), _add_rule(1)),
    written="{0} + {1}",
    derivatives=("{g}", "{g}"),
    slips=(
        _broadcast_slips(lambda g, y, a, b: g, of=0),
        _broadcast_slips(lambda g, y, a, b: g, of=1),
    ),
    forward_slips=(
        ForwardSlip(name="path-dropped", operation=_sum_first, text="the second term of the sum is left out"),
        ForwardSlip(name="path-dropped", operation=_sum_second, text="the first term of the sum is left out"),
        ForwardSlip(name="sign-flipped", operation=subtract, text="the second term is subtracted, not added"),
        ForwardSlip(
            name="sign-flipped",
            operation=scaled(subtract, -1.0),
            text="the first term is subtracted, not added",
        ),
    ),
    linear=True,
    magnitude=lambda a, b: np.abs(a) + np.abs(b),
)


def _product_slips(of: int) -> tuple[Slip, ...]:
    def without_factor(g: Any, y: Any, *inputs: Any) -> Any:
        return unbroadcast(_spread(g, y), inputs[of].shape)

    def own_value(g: Any, y: Any, *inputs: Any) -> Any:
        return unbroadcast(_spread(g * inputs[of], y), inputs[of].shape)

    return (
        Slip(name="factor-missing", rule=without_factor, text="the other factor of the product is left out"),
        Slip(name="wrong-factor", rule=own_value, text="its own value stands where the other factor belongs"),
    )


multiply = Operation(
    name="multiply",
    forward=lambda a, b: a * b,
    rules=(
        lambda g, y, a, b: unbroadcast(_spread(g * b, y), a.shape),
        lambda g, y, a, b: unbroadcast(_spread(g * a, y), b.shape),
    ),
    written="{0} * {1}",
    derivatives=("{g} * {1}", "{g} * {0}"),
    slips=(
        (*_product_slips(0), *_broadcast_slips(lambda g, y, a, b: g * b, of=0)),
        (*_product_slips(1), *_broadcast_slips(lambda g, y, a, b: g * a, of=1)),
    ),
    forward_slips=(
        ForwardSlip(
            name="factor-missing",
            operation=_first_only("first factor only", "{0}"),
            text="the second factor of the product is left out",
        ),
        ForwardSlip(
            name="factor-missing",
            operation=_second_only("second factor only", "{1}"),
            text="the first factor of the product is left out",
        ),
    ),
    linear=True,
)

divide = Operation(
    name="divide",
    forward=lambda a, b: a / b,
    rules=(
        lambda g, y, a, b: unbroadcast(_spread(g / b, y), a.shape),
        lambda g, y, a, b: unbroadcast(_spread(-g * a / (b * b), y), b.shape),
    ),
    written="{0} / {1}",
    derivatives=("{g} / {1}", "-{g} * {0} / {1}^2"),
    slips=(
        (
            Slip(
                name="factor-missing", rule=_add_rule(0), text="the division by the denominator is left out"
            ),
            Slip(
                name="wrong-factor",
                rule=lambda g, y, a, b: unbroadcast(_spread(g * b, y), a.shape),
                text="it is multiplied by the denominator, not divided",
            ),
        ),
        (
            Slip(
                name="factor-missing",
                rule=lambda g, y, a, b: unbroadcast(_spread(-g / (b * b), y), b.shape),
                text="the numerator is left out",
            ),
            Slip(
                name="factor-missing",
                rule=lambda g, y, a, b: unbroadcast(_spread(-g * a / b, y), b.shape),
                text="the denominator is not squared",
            ),
        ),
    ),
)

matmul = Operation(
    name="matmul",
    forward=np.matmul,
    rules=(
        lambda g, y, a, b: _matmul_rule(g, a, b, of=0),
        lambda g, y, a, b: _matmul_rule(g, a, b, of=1),
    ),
    written="{0} @ {1}",
    derivatives=("{g} @ {1}.T", "{0}.T @ {g}"),
    slips=(
        (
            Slip(
                name="not-transposed",
                rule=lambda g, y, a, b: g @ b,
                text="the second matrix is not transposed",
            ),
            Slip(
                name="not-transposed",
                rule=lambda g, y, a, b: _swap(_matmul_rule(g, a, b, of=0)),
                text="the result is transposed",
            ),
            Slip(
                name="factor-missing",
                rule=lambda g, y, a, b: _matmul_rule(g, a, np.ones_like(b), of=0),
                text="the second matrix is left out",
            ),
        ),
        (
            Slip(
                name="batch-mean-twice",
                rule=lambda g, y, a, b: _matmul_rule(g, a, b, of=1) / _samples(a),
                text="it is divided by the number of samples once more",
            ),
            Slip(
                name="not-transposed",
                rule=lambda g, y, a, b: a @ g,
                text="the first matrix is not transposed",
            ),
            Slip(
                name="not-transposed",
                rule=lambda g, y, a, b: _swap(_matmul_rule(g, a, b, of=1)),
                text="the result is transposed",
            ),
            Slip(
                name="factor-missing",
                rule=lambda g, y, a, b: _matmul_rule(g, np.ones_like(a), b, of=1),
                text="the first matrix is left out",
            ),
        ),
    ),
    linear=True,
    magnitude=lambda a, b: np.abs(a) @ np.abs(b),
    terms=lambda out, a, b: np.size(out) * np.shape(a)[-1],
)

total = Operation(
    name="sum",
    forward=np.sum,
    rules=(lambda g, y, a: _spread(g, a),),
    written="sum({0})",
    derivatives=("{g}",),
    linear=True,
    magnitude=lambda a: np.sum(np.abs(a)),
)

mean = Operation(
    name="mean",
    forward=np.mean,
    rules=(lambda g, y, a: _spread(g / np.size(a), a),),
    written="mean({0})",
    derivatives=("{g} / N",),
    slips=(
        (
            Slip(
                name="batch-mean-missing",
                rule=lambda g, y, a: _spread(g, a),
                text="the division by the number of entries is left out",
            ),
            Slip(
                name="batch-mean-twice",
                rule=lambda g, y, a: _spread(g / np.size(a) ** 2, a),
                text="it is divided by the number of entries twice",
            ),
        ),
    ),
    forward_slips=(
        ForwardSlip(name="wrong-loss", operation=total, text="the sum is taken where the mean belongs"),
    ),
    linear=True,
    magnitude=lambda a: np.mean(np.abs(a)),
)

exp = Operation(
    name="exp",
    forward=np.exp,
    rules=(lambda g, y, a: g * y,),
    written="exp({0})",
    derivatives=("{g} * exp({0})",),
    slips=(
        (
            Slip(name="derivative-missing", rule=lambda g, y, a: g, text="the derivative exp is left out"),
            Slip(
                name="derivative-misplaced",
                rule=lambda g, y, a: g * a,
                text="its argument stands for exp of it",
            ),
        ),
    ),
    forward_slips=(ForwardSlip(name="activation-missing", operation=identity, text="exp is left out"),),
)

log = Operation(
    name="log",
    forward=np.log,
    rules=(lambda g, y, a: g / a,),
    written="log({0})",
    derivatives=("{g} / {0}",),
    slips=(
        (
            Slip(
                name="derivative-missing",
                rule=lambda g, y, a: g,
                text="the derivative of the log is left out",
            ),
            Slip(
                name="value-for-derivative", rule=lambda g, y, a: g * y, text="log stands for its derivative"
            ),
            Slip(
                name="wrong-factor", rule=lambda g, y, a: g * a, text="it is multiplied where it is divided"
            ),
        ),
    ),
    forward_slips=(ForwardSlip(name="activation-missing", operation=identity, text="the log is left out"),),
)

absolute = Operation(
    name="abs",
    forward=np.abs,
    rules=(lambda g, y, a: g * np.sign(a),),
    written="|{0}|",
    derivatives=("{g} * sign({0})",),
    slips=(
        (
            Slip(
                name="derivative-missing",
                rule=lambda g, y, a: g,
                text="the sign, the derivative of | |, is left out",
            ),
        ),
    ),
    forward_slips=(
        ForwardSlip(
            name="wrong-loss", operation=half_square, text="half the square is taken for the absolute value"
        ),
        ForwardSlip(name="wrong-loss", operation=square, text="the square is taken for the absolute value"),
        ForwardSlip(name="wrong-loss", operation=identity, text="the absolute value is left out"),
    ),
    one_sided=(
        (lambda g, y, a: g * np.where(a > 0, 1.0, -1.0).astype(np.result_type(a)),),
        (lambda g, y, a: g * np.where(a >= 0, 1.0, -1.0).astype(np.result_type(a)),),
    ),
    magnitude=np.abs,
)

relu = Operation(
    name="relu",
    forward=lambda z: np.maximum(z, 0.0),
    rules=(lambda g, a, z: g * (z > 0),),
    written="relu({0})",
    derivatives=("{g} * relu'({0})",),
    slips=(
        (
            Slip(
                name="derivative-missing",
                rule=lambda g, a, z: g,
                text="the derivative of the ReLU (its mask) is left out",
            ),
            Slip(
                name="derivative-misplaced",
                rule=lambda g, a, z: g * (g > 0),
                text="the mask is taken of the incoming gradient",
            ),
            Slip(name="derivative-misplaced", rule=lambda g, a, z: g * (z <= 0), text="the mask is inverted"),
            Slip(
                name="value-for-derivative",
                rule=lambda g, a, z: g * a,
                text="the value relu(z) stands where its derivative belongs",
            ),
            Slip(
                name="value-for-derivative",
                rule=lambda g, a, z: g * z,
                text="the argument z stands where the derivative belongs",
            ),
        ),
    ),
    forward_slips=(ForwardSlip(name="activation-missing", operation=identity, text="the ReLU is left out"),),
    one_sided=((lambda g, a, z: g * (z > 0),), (lambda g, a, z: g * (z >= 0),)),
)

sigmoid = Operation(
    name="sigmoid",
    forward=_sigmoid,
    rules=(lambda g, a, z: g * a * (1.0 - a),),
    written="sigmoid({0})",
    derivatives=("{g} * {out} (1 - {out})",),
    slips=(
        (
            Slip(
                name="derivative-missing",
                rule=lambda g, a, z: g,
                text="the derivative of the sigmoid is left out",
            ),
            Slip(
                name="derivative-misplaced",
                rule=lambda g, a, z: g * _sigmoid(a) * (1.0 - _sigmoid(a)),
                text="the derivative is taken at the activation, not at its argument",
            ),
            Slip(
                name="derivative-misplaced",
                rule=lambda g, a, z: g * z * (1.0 - z),
                text="z (1 - z) stands for a (1 - a)",
            ),
            Slip(
                name="derivative-misplaced",
                rule=lambda g, a, z: g * (1.0 - a * a),
                text="the derivative of tanh stands for that of the sigmoid",
            ),
            Slip(name="value-for-derivative", rule=lambda g, a, z: g * a, text="a stands for a (1 - a)"),
            Slip(
                name="value-for-derivative",
                rule=lambda g, a, z: g * (1.0 - a),
                text="1 - a stands for a (1 - a)",
            ),
            Slip(
                name="value-for-derivative", rule=lambda g, a, z: g * a * a, text="a a stands for a (1 - a)"
            ),
        ),
    ),
    forward_slips=(
        ForwardSlip(name="activation-missing", operation=identity, text="the sigmoid is left out"),
    ),
)

softmax = Operation(
    name="softmax",
    forward=_softmax,
    rules=(lambda g, p, s: _softmax_rule(g, p),),
    written="softmax({0})",
    derivatives=("{out} * ({g} - sum({g} * {out}))",),
    slips=(
        (
            Slip(
                name="derivative-missing",
                rule=lambda g, p, s: g,
                text="the derivative of the softmax is left out",
            ),
            Slip(name="value-for-derivative", rule=lambda g, p, s: g * p, text="p stands for the derivative"),
            Slip(
                name="jacobian-diagonal",
                rule=lambda g, p, s: g * p * (1.0 - p),
                text="only the diagonal p (1 - p) of the softmax Jacobian is used",
            ),
        ),
    ),
    forward_slips=(
        ForwardSlip(name="activation-missing", operation=identity, text="the softmax is left out"),
        ForwardSlip(
            name="wrong-axis", operation=_softmax_over_rows, text="the softmax is taken over the samples"
        ),
        ForwardSlip(
            name="unstable", operation=_unstable_softmax, text="the maximum is not subtracted before exp"
        ),
    ),
)

softmax_cross_entropy = Operation(
    name="mean softmax cross-entropy",
    forward=lambda s, t: -np.sum(t * _log_softmax(s)) / _rows(s),
    rules=(
        lambda g, y, s, t: g * _softmax_minus(s, t) / _rows(s),
        lambda g, y, s, t: -g * _log_softmax(s) / _rows(s),
    ),
    written="-sum({1} * log(softmax({0}))) / N",
    derivatives=("{g} * (softmax({0}) - {1}) / N", "-{g} * log(softmax({0})) / N"),
    slips=(
        (
            Slip(
                name="batch-mean-missing",
                rule=lambda g, y, s, t: g * _softmax_minus(s, t),
                text="the division by the number of samples is left out",
            ),
            Slip(
                name="batch-mean-twice",
                rule=lambda g, y, s, t: g * _softmax_minus(s, t) / _rows(s) ** 2,
                text="it is divided by the number of samples twice",
            ),
            Slip(
                name="target-missing",
                rule=lambda g, y, s, t: g * _softmax(s) / _rows(s),
                text="the target is not subtracted",
            ),
            Slip(
                name="derivative-missing",
                rule=lambda g, y, s, t: g * (s - t) / _rows(s),
                text="the logits stand where their softmax belongs",
            ),
            Slip(
                name="wrong-axis",
                rule=lambda g, y, s, t: g * (_softmax(s, axis=0) - t) / _rows(s),
                text="the softmax is taken over the samples",
            ),
            Slip(
                name="scaled",
                rule=lambda g, y, s, t: g * _softmax_minus(s, t) / np.size(s),
                text="it is divided by the number of classes too",
            ),
        ),
        (),
    ),
    forward_slips=(
        ForwardSlip(
            name="wrong-loss",
            operation=_summed_cross_entropy,
            text="the loss is summed over the samples, not averaged",
        ),
        ForwardSlip(
            name="wrong-loss",
            operation=_entry_mean_cross_entropy,
            text="the loss is divided by the number of classes too",
        ),
    ),
)

OPERATIONS: tuple[Operation, ...] = (
    add,
    subtract,
    multiply,
    divide,
    matmul,
    total,
    mean,
    exp,
    log,
    absolute,
    relu,
    sigmoid,
    identity,
    softmax,
    softmax_cross_entropy,
    square,
    half_square,
)
"""Every operation that a network can be written with."""

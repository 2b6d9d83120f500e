"""Difference quotients: two step sizes that must agree, and kinks that a step must not cross."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from grader.gradient_check.evaluate import Evaluation
from grader.model import Array
from reference.network import Graph

FINE, FINER, COARSE = 1.1e-5, 1.1e-7, 4.1e-3
"""Steps as shares of an entry (at least of 1). Central differences are off by about step^2, and by the precision over the step: fine
ones do for double precision, the finer keep away from kinks, the coarse are for single precision."""
SECOND = 0.5
"""The second step as a share of the first."""
AGREEMENT = 1e-3
"""How much the quotients of the two steps may differ, as a share of the gradient."""
ROUNDINGS = 16.0
"""Roundings of the size of the loss that a forward pass may have gathered."""
MOST_NOISE = 1e-2
"""Beyond this share of the gradient rounding hides mistakes."""
CROSSED = "every step crosses a kink there"
DISAGREE = "two step sizes do not agree there: its forward pass is not smooth, or not repeatable"
NOISY = "rounding of its forward pass hides the difference there"


class Quotient(Struct, frozen=True, kw_only=True):
    """A directional derivative of the loss by central differences."""

    value: float
    uncertainty: float
    """How far it may be off by rounding and by the length of the step."""
    step: float


class Undecided(Struct, frozen=True, kw_only=True):
    """Why there is no quotient, and what step to try next; None where no other would do."""

    reason: str
    next_step: float | None


def quotient(
    graph: Graph,
    here: Evaluation,
    pairs: tuple[tuple[float, Evaluation, Evaluation], tuple[float, Evaluation, Evaluation]],
    base: float,
    scale: float,
) -> Quotient | Undecided:
    """Take the quotients of both steps.

    Parameters
    ----------
    graph : Graph
        Of the unit; only the signs of what goes into its kinks, and its loss, are taken from it.
    here : Evaluation
        At the case itself.
    pairs : two of (float, Evaluation, Evaluation)
        For each of the two steps, the larger first: the step, and what came out behind and ahead of the case.
    base : float
        The step as a share, one of the constants above.
    scale : float
        Size of the gradient's largest entry: what is tiny beside it need not agree with itself.

    Returns
    -------
    Quotient or Undecided

    Notes
    -----
    (L(w + h) - L(w - h)) / 2h is off by h^2 L'''/6 and by eps |L| / h (Nocedal and Wright 2006, "Numerical Optimization",
    section 8.1).
    """
    everywhere = [here, *(side for _, behind, ahead in pairs for side in (behind, ahead))]
    problem = next((one.problem for one in everywhere if one.problem is not None), None)
    if problem is not None:
        return Undecided(reason=problem, next_step=None)
    if any(_crossed(graph, here, one) for one in everywhere[1:]):
        return Undecided(
            reason=CROSSED, next_step=FINER if base == FINE else FINE if base == COARSE else None
        )
    losses = [(step, _loss(graph, behind), _loss(graph, ahead)) for step, behind, ahead in pairs]
    first, second = ((ahead - behind) / (2.0 * step) for step, behind, ahead in losses)
    if not np.isfinite(first) or not np.isfinite(second):
        return Undecided(reason="the loss is not finite there", next_step=None)
    single = _is_single(here, everywhere[1:])
    if single and base == FINE:
        return Undecided(reason=NOISY, next_step=COARSE)
    step = losses[1][0]
    precision = float(np.finfo(np.float32 if single else np.float64).eps)
    noise = ROUNDINGS * precision * max(_size(graph, one) for one in everywhere) / step
    apart, size = abs(first - second), max(abs(first), abs(second))
    if apart > AGREEMENT * max(size, AGREEMENT * scale) + noise:
        return Undecided(reason=DISAGREE, next_step=FINER if base == FINE else None)
    return Quotient(value=second, uncertainty=apart + noise, step=step)


def _loss(graph: Graph, evaluation: Evaluation) -> float:
    return float(np.asarray(evaluation.run.used[graph.index[graph.loss]], np.float64))


def _size(graph: Graph, evaluation: Evaluation) -> float:
    """Return the size of what the loss was made of: a sum that cancels has the rounding of its terms."""
    last = graph.nodes[graph.index[graph.loss]]
    values = (graph.index[graph.loss], *last.inputs)
    return max(float(np.max(np.abs(evaluation.run.used[i]), initial=0.0)) for i in values)


def _crossed(graph: Graph, here: Evaluation, there: Evaluation) -> bool:
    """Whether what goes into a ReLU, an absolute value or the like has another sign than on the case."""
    for node in graph.nodes:
        if node.operation is not None and node.operation.one_sided:
            before, after = (np.sign(one.run.used[node.inputs[0]]) for one in (here, there))
            if np.any(before != after):
                return True
    return False


def _is_single(here: Evaluation, others: list[Evaluation]) -> bool:
    """Whether the forward pass is in single precision: what it gives changes, and only to numbers that float32 has."""
    changed = [
        value
        for one in others
        for node, value in one.own.items()
        if node in here.own and not np.array_equal(value, here.own[node])
    ]
    return bool(changed) and all(_fits_single(value) for value in changed)


def _fits_single(value: Array) -> bool:
    with np.errstate(over="ignore"):
        return bool(
            np.array_equal(np.asarray(value, np.float32).astype(np.float64), np.asarray(value, np.float64))
        )

"""The matrix product and the transpose."""

# ruff: noqa: ARG005 - a rule names all its symbols, whether it uses them or not

from __future__ import annotations

from typing import Any

import numpy as np

from reference.operation import ForwardSlip, Operation, Slip
from reference.rules.arithmetic import identity
from reference.rules.broadcasting import unbroadcast


def _swap(a: Any) -> Any:
    return np.swapaxes(a, -1, -2)


def _transposed(a: Any) -> Any:
    return _swap(a) if np.ndim(a) > 1 else a


def _samples(a: Any) -> int:
    """Return the number of samples where samples stand in rows: the first axis of an array of rank 2 or more."""
    return int(a.shape[0]) if np.ndim(a) > 1 else 1


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
                written="{g} @ {1}",
                text="the second matrix is not transposed",
            ),
            Slip(
                name="not-transposed",
                rule=lambda g, y, a, b: _swap(_matmul_rule(g, a, b, of=0)),
                written="({g} @ {1}.T).T",
                text="the result is transposed",
            ),
            Slip(
                name="factor-missing",
                rule=lambda g, y, a, b: _matmul_rule(g, a, np.ones_like(b), of=0),
                written="{g} @ ones.T",
                text="the second matrix is left out",
            ),
        ),
        (
            Slip(
                name="batch-mean-missing",
                rule=lambda g, y, a, b: _matmul_rule(g, a, b, of=1) * _samples(a),
                written="N * {0}.T @ {g}",
                text="it is not divided by the number of samples",
            ),
            Slip(
                name="batch-mean-twice",
                rule=lambda g, y, a, b: _matmul_rule(g, a, b, of=1) / _samples(a),
                written="{0}.T @ {g} / N",
                text="it is divided by the number of samples once more",
            ),
            Slip(
                name="not-transposed",
                rule=lambda g, y, a, b: a @ g,
                written="{0} @ {g}",
                text="the first matrix is not transposed",
            ),
            Slip(
                name="not-transposed",
                rule=lambda g, y, a, b: _swap(_matmul_rule(g, a, b, of=1)),
                written="({0}.T @ {g}).T",
                text="the result is transposed",
            ),
            Slip(
                name="factor-missing",
                rule=lambda g, y, a, b: _matmul_rule(g, np.ones_like(a), b, of=1),
                written="ones.T @ {g}",
                text="the first matrix is left out",
            ),
        ),
    ),
    linear=True,
    magnitude=lambda a, b: np.abs(a) @ np.abs(b),
    terms=lambda out, a, b: np.size(out) * np.shape(a)[-1],
)

transpose = Operation(
    name="transpose",
    forward=_transposed,
    rules=(lambda g, y, a: _transposed(g),),
    written="{0}.T",
    derivatives=("{g}.T",),
    slips=(
        (
            Slip(
                name="not-transposed",
                rule=lambda g, y, a: g,
                written="{g}",
                text="the gradient is not transposed back",
            ),
        ),
    ),
    forward_slips=(ForwardSlip(name="not-transposed", operation=identity, text="the transpose is left out"),),
    linear=True,
)

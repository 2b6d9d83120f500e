"""What a gradient needs where NumPy broadcast an input, and the mistakes that are made there."""

# ruff: noqa: ARG005 - a rule names all its symbols, whether it uses them or not

from __future__ import annotations

from typing import Any

import numpy as np

from reference.operation import Operation, Rule, Slip


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


def spread(g: Any, out: Any) -> Any:
    """Give a gradient the shape of a result.

    Parameters
    ----------
    g : ndarray
        Broadcastable to the shape of `out`.
    out : ndarray

    Returns
    -------
    ndarray of the shape of `out`
    """
    # Nearly always there is nothing to spread, and `broadcast_to` takes longer than all else in a rule of single numbers.
    return g if g.shape == out.shape else np.broadcast_to(g, out.shape)


def sum_rule(of: int) -> Rule:
    """Return the rule of a term of a sum: dL/d(out), summed over what was broadcast.

    Parameters
    ----------
    of : int
        Position of the input.

    Returns
    -------
    Rule
    """
    return lambda g, y, *inputs: unbroadcast(spread(g, y), inputs[of].shape)


def first_only(name: str, form: str) -> Operation:
    """Return what is computed when the second of two inputs is forgotten, in the shape that both have together.

    Parameters
    ----------
    name : str
    form : str
        As written.

    Returns
    -------
    Operation
    """
    return Operation(
        name=name,
        forward=lambda a, b: np.broadcast_to(a, np.broadcast_shapes(np.shape(a), np.shape(b))),
        rules=(sum_rule(0), lambda g, y, a, b: np.zeros_like(b)),
        written=form,
        derivatives=("{g}", "0"),
    )


def second_only(name: str, form: str) -> Operation:
    """Return what is computed when the first of two inputs is forgotten, in the shape that both have together.

    Parameters
    ----------
    name : str
    form : str
        As written.

    Returns
    -------
    Operation
    """
    return Operation(
        name=name,
        forward=lambda a, b: np.broadcast_to(b, np.broadcast_shapes(np.shape(a), np.shape(b))),
        rules=(lambda g, y, a, b: np.zeros_like(a), sum_rule(1)),
        written=form,
        derivatives=("0", "{g}"),
    )


def broadcast_slips(contribution: Rule, of: int, written: str) -> tuple[Slip, ...]:
    """Return the mistakes with an input that was broadcast (a bias); without broadcasting they change nothing.

    Parameters
    ----------
    contribution : Rule
        The right rule before it is summed.
    of : int
        Position of the input.
    written : str
        That rule as it is written.

    Returns
    -------
    tuple of Slip
    """

    def not_summed(g: Any, out: Any, *inputs: Any) -> Any:
        return spread(contribution(g, out, *inputs), out)

    def averaged(g: Any, out: Any, *inputs: Any) -> Any:
        full = not_summed(g, out, *inputs)
        count = max(full.size // max(np.size(inputs[of]), 1), 1)
        return unbroadcast(full, inputs[of].shape) / count

    def summed_over_all(g: Any, out: Any, *inputs: Any) -> Any:
        full = not_summed(g, out, *inputs)
        return full if full.shape == inputs[of].shape else full.sum()

    return (
        Slip(
            name="not-summed",
            rule=not_summed,
            written=written,
            is_summed=False,
            text="the gradient is not summed over the batch",
        ),
        Slip(
            name="not-summed",
            rule=averaged,
            written=f"{written} / N",
            text="the gradient is averaged over the batch where it is summed",
        ),
        Slip(
            name="not-summed",
            rule=summed_over_all,
            written=f"sum({written})",
            is_summed=False,
            text="the gradient is summed over all entries",
        ),
    )

"""Every operation of the reference once more, written for autograd, with the inputs to try it on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import autograd.numpy as anp
import numpy as np
from hypothesis import strategies as st
from strategies import (
    Array,
    Shape,
    Shapes,
    apart_from_zero,
    around_zero,
    broadcast_shapes,
    equal_shapes,
    matmul_shapes,
    positive,
    single_shapes,
)

from reference.operations import OPERATIONS, Operation


@dataclass(frozen=True, kw_only=True)
class Form:
    """An operation as autograd has it."""

    function: Callable[..., Any]
    shapes: st.SearchStrategy[Shapes]
    examples: tuple[Shapes, ...]
    """Shapes for tests that need no drawing: they broadcast, or are square, where that can go wrong."""
    entries: tuple[Callable[[np.random.Generator, Shape], Array], ...] = (around_zero, around_zero)
    """How the entries of each input are drawn, inside the domain and away from kinks."""
    analytic: bool = True

    def inputs(self, rng: np.random.Generator, shapes: Shapes) -> list[Array]:
        """Draw the inputs."""
        return [draw(rng, shape) for draw, shape in zip(self.entries, shapes, strict=False)]


SINGLE: tuple[Shapes, ...] = (((3, 4),), ((3, 3),), ((4,),))
PAIRS: tuple[Shapes, ...] = (((3, 4), (4,)), ((4,), (3, 4)), ((3, 1), (1, 4)), ((3, 4), (3, 4)))
EQUAL: tuple[Shapes, ...] = (((3, 4), (3, 4)), ((3, 3), (3, 3)))
PRODUCTS: tuple[Shapes, ...] = (((3, 4), (4, 2)), ((3, 3), (3, 3)), ((4,), (4, 2)), ((2, 3, 4), (4, 2)))


def _single(function: Callable[..., Any], **fields: Any) -> Form:
    return Form(function=function, shapes=single_shapes(), examples=SINGLE, **fields)


def _pair(function: Callable[..., Any], **fields: Any) -> Form:
    return Form(function=function, shapes=broadcast_shapes(), examples=PAIRS, **fields)


def _rows(function: Callable[..., Any]) -> Form:
    return Form(function=function, shapes=single_shapes(min_dims=1), examples=SINGLE)


def _cross_entropy(function: Callable[..., Any]) -> Form:
    # Weights that do not sum to one: the rules hold for what is computed, not for one-hot targets only.
    entries = (around_zero, positive)
    return Form(function=function, shapes=equal_shapes(min_dims=1), examples=EQUAL, entries=entries)


def _softmax(s: Any, axis: int = -1) -> Any:
    return anp.exp(s) / anp.sum(anp.exp(s), axis=axis, keepdims=True)


def _summed_cross_entropy(s: Any, t: Any) -> Any:
    return -anp.sum(t * anp.log(_softmax(s)))


FORMS: dict[str, Form] = {
    "add": _pair(lambda a, b: a + b),
    "subtract": _pair(lambda a, b: a - b),
    "multiply": _pair(lambda a, b: a * b),
    "divide": _pair(lambda a, b: a / b, entries=(around_zero, apart_from_zero)),
    "matmul": Form(function=anp.matmul, shapes=matmul_shapes(), examples=PRODUCTS),
    "sum": _single(anp.sum),
    "mean": _single(anp.mean),
    "exp": _single(anp.exp),
    "log": _single(anp.log, entries=(positive,)),
    "abs": _single(lambda a: anp.where(a > 0, a, -a), analytic=False),
    "relu": _single(lambda z: anp.where(z > 0, z, 0.0 * z), analytic=False),
    "sigmoid": _single(lambda z: 1.0 / (1.0 + anp.exp(-z)), analytic=False),
    "identity": _single(lambda a: 1.0 * a),
    "square": _single(lambda a: a**2),
    "half square": _single(lambda a: a**2 / 2.0),
    "softmax": _rows(_softmax),
    "softmax without shift": _rows(_softmax),
    "softmax over the first axis": _rows(lambda s: _softmax(s, axis=0)),
    "mean softmax cross-entropy": _cross_entropy(
        lambda s, t: _summed_cross_entropy(s, t) * s.shape[-1] / s.size
    ),
    "summed softmax cross-entropy": _cross_entropy(_summed_cross_entropy),
    "softmax cross-entropy averaged over entries": _cross_entropy(
        lambda s, t: _summed_cross_entropy(s, t) / s.size
    ),
    "first term only": _pair(lambda a, b: a + 0.0 * b),
    "second term only": _pair(lambda a, b: 0.0 * a + b),
    "first factor only": _pair(lambda a, b: a + 0.0 * b),
    "second factor only": _pair(lambda a, b: 0.0 * a + b),
    "-1 subtract": _pair(lambda a, b: b - a),
}


def all_operations() -> list[Operation]:
    """Return the operations of the table and those that stand in for them in forward slips, each once."""
    found: dict[int, Operation] = {}

    def visit(operations: Iterable[Operation]) -> None:
        for operation in operations:
            if id(operation) not in found:
                found[id(operation)] = operation
                visit(slip.operation for slip in operation.forward_slips)

    visit(OPERATIONS)
    return list(found.values())

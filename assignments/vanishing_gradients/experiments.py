"""What the curves of gradient norms against depth must be: the reference's own, of the same weights.

Twenty layers of width 10 on six samples; X and G are standard normal, weights have variance 2 / D. The curves are logarithms
to base 10: norms of a plain sigmoid stack fall by ten powers of ten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np

from reference.network import trace
from reference.networks.deep_stack import deep_stack
from reference.operations import Operation, relu, sigmoid

DEPTH, WIDTH, SAMPLES = 20, 10, 6
SEED = 4
ACTIVATIONS: Mapping[str, Operation] = {"sigmoid": sigmoid, "relu": relu}

Setup: TypeAlias = tuple[tuple[Any, ...], dict[str, Any], dict[str, int]]


def by_depth(activation: str, *, residual: bool) -> Callable[[], Setup]:
    """Return the experiment with one kind of stack: arguments, the expected curve, and how much of it is compared."""

    def setup() -> Setup:
        rng = np.random.default_rng(SEED)
        X, G = rng.normal(size=(2, SAMPLES, WIDTH))
        weights = rng.normal(0.0, np.sqrt(2.0 / WIDTH), (DEPTH, WIDTH, WIDTH))
        norms = [norm_of_first(X, weights[:d], G, activation, residual=residual) for d in range(1, DEPTH + 1)]
        return (X, weights, G, activation, residual), {"log10_norms": np.log10(norms)}, {"log10_norms": DEPTH}

    return setup


def norm_of_first(X: Any, weights: Any, G: Any, activation: str, *, residual: bool) -> float:
    """Return the norm of dL/dW1 in one stack."""
    graph = trace(deep_stack(len(weights), ACTIVATIONS[activation], residual=residual))
    leaves = {"X": X, "G": G} | {f"W{k}": W for k, W in enumerate(weights, start=1)}
    return float(np.linalg.norm(graph.gradient(graph.backward(graph.forward(leaves)), "W1")))


sigmoid_plain = by_depth("sigmoid", residual=False)
sigmoid_residual = by_depth("sigmoid", residual=True)
relu_plain = by_depth("relu", residual=False)
relu_residual = by_depth("relu", residual=True)

"""Deep stacks of equal layers, plain and residual: how a gradient fades or grows on its way to the first layer.

References
----------
Bengio, Simard and Frasconi (1994), "Learning long-term dependencies with gradient descent is difficult"; Glorot and Bengio
(2010), "Understanding the difficulty of training deep feedforward neural networks", section 4.2; He et al. (2016), "Identity
mappings in deep residual networks", equations 4 and 5.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reference.operations import Operation, sigmoid, total


def deep_stack(depth: int, activation: Operation = sigmoid, residual: bool = False) -> Callable[[Any], None]:
    """Make the network function of a stack of square layers.

    Parameters
    ----------
    depth : int
        Number of layers, at least 1.
    activation : Operation
        After each product.
    residual : bool
        Whether each layer adds what it was given to what it computes.

    Returns
    -------
    callable
        Sets Hk = activation(H(k-1) Wk), plus H(k-1) where residual, for k = 1 .. depth, with H0 = X, and L = sum(H_depth * G): G is the
        gradient that comes from above. Shapes: X, Hk and G (N, D), Wk (D, D).
    """

    def network(n: Any) -> None:
        values = n.X
        for k in range(1, depth + 1):
            layer = activation(values @ getattr(n, f"W{k}"))
            setattr(n, f"H{k}", layer + values if residual else layer)
            values = getattr(n, f"H{k}")
        n.L = total(values * n.G)

    return network

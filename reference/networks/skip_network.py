"""A chain of two ReLU units with a skip connection from the first to the output."""

from __future__ import annotations

from typing import Any

from reference.operations import absolute, relu


def skip_network(n: Any) -> None:
    """Set the nodes of the skip network; all values are single numbers.

    z0 = w0 x, h0 = relu(z0), z1 = w1 h0, h1 = relu(z1), z2 = ws h0 + w2 h1, y_hat = z2, L = |y - y_hat|.
    """
    n.z0 = n.w0 * n.x
    n.h0 = relu(n.z0)
    n.z1 = n.w1 * n.h0
    n.h1 = relu(n.z1)
    n.z2 = n.ws * n.h0 + n.w2 * n.h1
    n.y_hat = n.z2
    n.L = absolute(n.y - n.y_hat)

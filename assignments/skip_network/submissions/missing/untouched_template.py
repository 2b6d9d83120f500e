"""The skip network: forward pass, loss, backward pass and one step of gradient descent.

    z0 = w0 x          h0 = relu(z0)
    z1 = w1 h0         h1 = relu(z1)
    z2 = ws h0 + w2 h1
    y_hat = z2         L = |y - y_hat|

Every value is a single number. Where a derivative jumps, any value between the one-sided ones is right.
"""

from __future__ import annotations


def relu(z: float) -> float:
    """Return max(z, 0)."""
    return max(z, 0.0)


def sign(u: float) -> float:
    """Return 1 for u > 0, -1 for u < 0 and 0 for u = 0."""
    return float(u > 0) - float(u < 0)


def forward(x: float, w0: float, w1: float, w2: float, ws: float) -> dict[str, float]:
    """Compute every node of the network.

    Parameters
    ----------
    x : float
        Input.
    w0, w1, w2, ws : float
        Weights; `ws` is the one of the skip connection.

    Returns
    -------
    dict of str to float
        Keys `z0`, `h0`, `z1`, `h1`, `z2`, `y_hat`.
    """
    raise NotImplementedError("not yet written")


def loss(y_hat: float, y: float) -> float:
    """Compute the loss L = |y - y_hat|.

    Parameters
    ----------
    y_hat : float
        Output of the network.
    y : float
        Target.

    Returns
    -------
    float
    """
    raise NotImplementedError("not yet written")


def backward(x: float, y: float, w0: float, w1: float, w2: float, ws: float) -> dict[str, float]:
    """Compute the derivative of the loss by every weight and node.

    Parameters
    ----------
    x, y : float
        Input and target.
    w0, w1, w2, ws : float
        Weights.

    Returns
    -------
    dict of str to float
        dL/d(node) by the node's name: `w0`, `w1`, `w2`, `ws` are asked for; `y_hat`, `z2`, `h1`, `z1`, `h0`, `z0` are
        welcome.
    """
    raise NotImplementedError("not yet written")


def update(weights: dict[str, float], gradients: dict[str, float], lr: float) -> dict[str, float]:
    """Take one step of gradient descent from gradients that are already there.

    Parameters
    ----------
    weights : dict of str to float
        Keys `w0`, `w1`, `w2`, `ws`.
    gradients : dict of str to float
        dL/d(weight), same keys.
    lr : float
        Learning rate.

    Returns
    -------
    dict of str to float
        The new weights, keys `w0_new`, `w1_new`, `w2_new`, `ws_new`.
    """
    raise NotImplementedError("not yet written")


def step(x: float, y: float, w0: float, w1: float, w2: float, ws: float, lr: float) -> dict[str, float]:
    """Compute the gradients at these weights and take one step.

    Optional: delete it, or leave it as it is, if you do not write it.

    Parameters
    ----------
    x, y : float
        Input and target.
    w0, w1, w2, ws : float
        Weights before the step.
    lr : float
        Learning rate.

    Returns
    -------
    dict of str to float
        The new weights, keys as those of `update`.
    """
    raise NotImplementedError("not yet written")

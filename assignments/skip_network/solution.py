"""The skip network: forward pass, loss, backward pass and one step of gradient descent.

    z0 = w0 x          h0 = ReLU(z0)
    z1 = w1 h0         h1 = ReLU(z1)
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
    # BEGIN SOLUTION
    z0 = w0 * x
    h0 = relu(z0)
    z1 = w1 * h0
    h1 = relu(z1)
    z2 = ws * h0 + w2 * h1
    return {"z0": z0, "h0": h0, "z1": z1, "h1": h1, "z2": z2, "y_hat": z2}
    # END SOLUTION


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
    # BEGIN SOLUTION
    return abs(y - y_hat)
    # END SOLUTION


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
    # BEGIN SOLUTION
    node = forward(x, w0, w1, w2, ws)
    # |u| has the derivative sign(u), and u = y - y_hat falls when y_hat grows.
    d_y_hat = -sign(y - node["y_hat"])
    d_z2 = d_y_hat
    d_ws = d_z2 * node["h0"]
    d_w2 = d_z2 * node["h1"]
    d_h1 = d_z2 * w2
    d_z1 = d_h1 * (node["z1"] > 0)
    d_w1 = d_z1 * node["h0"]
    # h0 is read twice: by the skip connection and by z1.
    d_h0 = d_z2 * ws + d_z1 * w1
    d_z0 = d_h0 * (node["z0"] > 0)
    d_w0 = d_z0 * x
    return {
        "w0": d_w0,
        "w1": d_w1,
        "w2": d_w2,
        "ws": d_ws,
        "y_hat": d_y_hat,
        "z2": d_z2,
        "h1": d_h1,
        "z1": d_z1,
        "h0": d_h0,
        "z0": d_z0,
    }
    # END SOLUTION


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
    # BEGIN SOLUTION
    return {f"{name}_new": weight - lr * gradients[name] for name, weight in weights.items()}
    # END SOLUTION


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
    # BEGIN SOLUTION
    gradients = backward(x, y, w0, w1, w2, ws)
    weights = {"w0": w0, "w1": w1, "w2": w2, "ws": ws}
    return update(weights, gradients, lr)
    # END SOLUTION

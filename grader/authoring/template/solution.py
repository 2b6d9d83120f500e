"""One neuron: forward pass, loss, backward pass and one step of gradient descent.

    z = w x + b        a = 1 / (1 + e^-z)        L = (a - y)^2

Every value is a single number.
"""

from math import exp


def forward(x: float, w: float, b: float) -> dict[str, float]:
    """Compute the values of the neuron.

    Parameters
    ----------
    x : float
        Input.
    w, b : float
        Weight and bias.

    Returns
    -------
    dict of str to float
        Keys `z` and `a`.
    """
    # BEGIN SOLUTION
    z = w * x + b
    return {"z": z, "a": 1 / (1 + exp(-z))}
    # END SOLUTION


def loss(a: float, y: float) -> float:
    """Compute the loss L = (a - y)^2 from the output and the target."""
    # BEGIN SOLUTION
    return (a - y) ** 2
    # END SOLUTION


def backward(x: float, y: float, w: float, b: float) -> dict[str, float]:
    """Compute the derivative of the loss by the weight and the bias.

    Parameters
    ----------
    x, y : float
        Input and target.
    w, b : float
        Weight and bias.

    Returns
    -------
    dict of str to float
        dL/d(name) under the keys `w` and `b`; `a` and `z` are welcome.
    """
    # BEGIN SOLUTION
    a = forward(x, w, b)["a"]
    d_a = 2 * (a - y)
    d_z = d_a * a * (1 - a)
    return {"w": d_z * x, "b": d_z, "a": d_a, "z": d_z}
    # END SOLUTION


def update(weights: dict[str, float], gradients: dict[str, float], lr: float) -> dict[str, float]:
    """Take one step of gradient descent.

    Parameters
    ----------
    weights, gradients : dict of str to float
        Keys `w` and `b`; the gradients are dL/dw and dL/db.
    lr : float
        Learning rate.

    Returns
    -------
    dict of str to float
        The new weights, keys `w_new` and `b_new`.
    """
    # BEGIN SOLUTION
    return {f"{name}_new": weight - lr * gradients[name] for name, weight in weights.items()}
    # END SOLUTION

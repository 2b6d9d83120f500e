"""Asks the modules of a submission for named arrays: one function for each thing that is marked.

`student` has the names of the submission that the assignment lists. Parameters and their gradients are set from here, so
that no answer depends on how weights were drawn, and one broken function does not spoil what is asked of another. What
the library may change in place, as `grad += ...` does, is a copy.
"""

from __future__ import annotations

import numpy as np

# --------------------------------------------------------------------------------------------------------------
# zero_grad: what comes of a new gradient that is added afterwards


def zero_one(student, dW):
    return {"W_grad": _restarted(student, [(None, dW)])[0]}


def zero_two(student, W_old, b_old, dW, db):
    gradients = _restarted(student, [(W_old, dW), (b_old, db)])
    return dict(zip(("W_grad", "b_grad"), gradients, strict=True))


def zero_four(student, W2_old, b2_old, dW1, db1, dW2, db2):
    gradients = _restarted(student, [(None, dW1), (None, db1), (W2_old, dW2), (b2_old, db2)])
    return dict(zip(("W1_grad", "b1_grad", "W2_grad", "b2_grad"), gradients, strict=True))


def _restarted(student, pairs):
    """Make a parameter of each pair of an old gradient and a new one, set all to zero, and add the new ones."""
    parameters = [
        student.Parameter(np.ones_like(new), None if old is None else old.copy()) for old, new in pairs
    ]
    student.zero_grad(parameters)
    # What still has no gradient is an answer that is not there, not a sum that cannot be computed.
    return [
        None if parameter.grad is None else parameter.grad + new
        for parameter, (_, new) in zip(parameters, pairs, strict=True)
    ]


# --------------------------------------------------------------------------------------------------------------
# Modules, each alone


def relu_backward(student, X, G):
    relu = student.ReLU()
    relu(X)
    return relu.backward(G)


def linear_backward(student, X, W, b, G, W_old, b_old):
    layer = _linear(student, W, b)
    layer.W.grad, layer.b.grad = W_old.copy(), b_old.copy()
    layer(X)
    dX = layer.backward(G)
    return {"X": dX, "W": layer.W.grad, "b": layer.b.grad}


def loss_backward(student, s, t):
    loss_fn = student.CrossEntropyLoss()
    loss_fn(s, t)
    return loss_fn.backward()


# --------------------------------------------------------------------------------------------------------------
# Modules in a row: Linear - Sigmoid - Linear, and three linear layers with ReLU between them


def sigmoid_backward(student, X, W1, b1, W2, b2, G):
    linear = _linears(student, (W1, b1), (W2, b2))
    model = student.Sequential([linear[0], student.Sigmoid(), linear[1]])
    model(X)
    return {"X": model.backward(G), **_numbered(linear, "grad")}


def relu_network_backward(student, X, W1, b1, W2, b2, W3, b3, G):
    linear = _linears(student, (W1, b1), (W2, b2), (W3, b3))
    model = student.Sequential([linear[0], student.ReLU(), linear[1], student.ReLU(), linear[2]])
    model(X)
    return {"X": model.backward(G), **_numbered(linear, "grad")}


def sigmoid_step(student, X, T, W1, b1, W2, b2, lr):
    linear = _linears(student, (W1, b1), (W2, b2))
    _step(student, [linear[0], student.Sigmoid(), linear[1]], X, T, lr)
    return _numbered(linear, "data")


def relu_step(student, X, T, W1, b1, W2, b2, W3, b3, lr):
    linear = _linears(student, (W1, b1), (W2, b2), (W3, b3))
    _step(student, [linear[0], student.ReLU(), linear[1], student.ReLU(), linear[2]], X, T, lr)
    return _numbered(linear, "data")


def _step(student, modules, X, T, lr):
    model, loss_fn = student.Sequential(modules), student.CrossEntropyLoss()
    loss_fn(model(X), T)
    student.backward_pass(model, loss_fn, lr)


# --------------------------------------------------------------------------------------------------------------
# check_gradients


def check_gradients(student, c):
    """Let every gradient of a linear layer come out c times too large, and see what the check says of it."""
    right = student.Linear.backward

    def too_large(layer, grad):
        passed_on = right(layer, grad)
        layer.W.grad = c * layer.W.grad
        layer.b.grad = c * layer.b.grad
        return passed_on

    student.Linear.backward = too_large
    try:
        return student.check_gradients()
    finally:
        student.Linear.backward = right


# --------------------------------------------------------------------------------------------------------------
# Building layers, and reading what came out


def _linear(student, W, b):
    """Make a linear layer with these parameters and gradients of zero."""
    layer = student.Linear(*W.shape)
    layer.W.data, layer.b.data = W.copy(), b.copy()
    layer.W.grad, layer.b.grad = np.zeros_like(W), np.zeros_like(b)
    return layer


def _linears(student, *pairs):
    return [_linear(student, W, b) for W, b in pairs]


def _numbered(linear, attribute):
    """Name `data` or `grad` of the first layer W1 and b1, of the second W2 and b2, and so on."""
    named = {}
    for number, layer in enumerate(linear, start=1):
        named[f"W{number}"] = getattr(layer.W, attribute)
        named[f"b{number}"] = getattr(layer.b, attribute)
    return named

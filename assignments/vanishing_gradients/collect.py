"""How answers are obtained from the functions of a submission: one network each of the four kinds, and its curve."""

from __future__ import annotations

import numpy as np

LAYERS = 3


def forward_sigmoid_plain(student, X, W1, W2, W3):
    return by_layer("H", student.forward(X, [W1, W2, W3], "sigmoid", False))


def forward_sigmoid_residual(student, X, W1, W2, W3):
    return by_layer("H", student.forward(X, [W1, W2, W3], "sigmoid", True))


def forward_relu_plain(student, X, W1, W2, W3):
    return by_layer("H", student.forward(X, [W1, W2, W3], "relu", False))


def forward_relu_residual(student, X, W1, W2, W3):
    return by_layer("H", student.forward(X, [W1, W2, W3], "relu", True))


def gradients_sigmoid_plain(student, X, W1, W2, W3, G):
    return by_layer("W", student.gradients(X, [W1, W2, W3], G, "sigmoid", False))


def gradients_sigmoid_residual(student, X, W1, W2, W3, G):
    return by_layer("W", student.gradients(X, [W1, W2, W3], G, "sigmoid", True))


def gradients_relu_plain(student, X, W1, W2, W3, G):
    return by_layer("W", student.gradients(X, [W1, W2, W3], G, "relu", False))


def gradients_relu_residual(student, X, W1, W2, W3, G):
    return by_layer("W", student.gradients(X, [W1, W2, W3], G, "relu", True))


def norm_curve(student, X, weights, G, activation, residual):
    """Norms span twelve powers of ten; their logarithms are compared, so that every depth counts the same."""
    norms = student.norms_by_depth(X, list(weights), G, activation, residual)
    if np.size(norms) != len(weights):  # one end of a curve of training may be left out, a depth may not
        raise ValueError(f"{np.size(norms)} norms for {len(weights)} depths")
    with np.errstate(all="ignore"):
        return {"log10_norms": np.log10(np.asarray(norms, dtype=np.float64))}


def by_layer(letter, arrays):
    """Name what belongs to each of the three layers."""
    if not hasattr(arrays, "__len__"):
        raise TypeError(f"it returned a {type(arrays).__name__}, not a list of arrays")
    if len(arrays) != LAYERS:
        raise ValueError(f"{len(arrays)} arrays for {LAYERS} layers")
    return {f"{letter}{layer}": array for layer, array in enumerate(arrays, start=1)}

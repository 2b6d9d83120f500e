# mypy: ignore-errors
# result: graded
# points: at most 10
"""Alters what it is called with, for those who come after it."""


def update(weights, gradients, lr):
    new = {name: weights[name] - lr * gradients[name] for name in weights}
    for name in list(weights):
        weights[name] = gradients[name] = 0.0
    return new

"""The exclusive or, learned by a network with two output units; nothing to write here, the questions are in answers.md.

Run it with `python -m lib.experiments` from the folder above.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .activations import Sigmoid
from .gradient_utilities import backward_pass, zero_grad
from .losses import CrossEntropyLoss
from .network import Linear, Sequential

Array = NDArray[np.float64]

INPUTS: Array = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
TARGETS: Array = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
"""One-hot: the first class is "equal", the second is "different"."""


def train(seed: int, lr: float, steps: int) -> list[float]:
    """Train Linear(2, 4) - Sigmoid - Linear(4, 2) on all four points at once.

    Parameters
    ----------
    seed : int
        Of the initial weights.
    lr : float
        Learning rate.
    steps : int
        Number of steps of gradient descent.

    Returns
    -------
    list of float
        The loss before the first step and after each one: `steps` + 1 numbers.
    """
    rng = np.random.default_rng(seed)
    model = Sequential([Linear(2, 4, rng), Sigmoid(), Linear(4, 2, rng)])
    loss_fn = CrossEntropyLoss()
    losses = [loss_fn(model(INPUTS), TARGETS)]
    for _ in range(steps):
        zero_grad(model.parameters())
        backward_pass(model, loss_fn, lr)
        losses.append(loss_fn(model(INPUTS), TARGETS))
    return losses


def table() -> str:
    """Describe runs of 2000 steps from several starts and with several learning rates, one run a line."""
    lines = ["   lr seed   start  1 step     last rises"]
    for lr in (0.1, 1.0, 10.0, 100.0):
        for seed in range(5):
            losses = train(seed, lr, steps=2000)
            rises = int(np.sum(np.diff(losses) > 0))
            lines.append(
                f"{lr:5.1f} {seed:4d} {losses[0]:7.3f} {losses[1]:7.3f} {losses[-1]:8.4f} {rises:5d}"
            )
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())  # noqa: T201

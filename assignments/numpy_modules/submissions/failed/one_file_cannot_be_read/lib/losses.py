"""The loss of a classifier: softmax and cross-entropy in one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .activations import Softmax

Array = NDArray[np.float64]


class CrossEntropyLoss:
    """Mean cross-entropy of the softmax of the scores: L = -(1/N) sum_n sum_k y_nk log p_nk, with p = softmax(s)."""

    def __init__(self) -> None:
        self.softmax = Softmax()
        self.probabilities: Array | None = None
        self.targets: Array | None = None

    def __call__(self, scores: Array, targets: Array) -> float:
        """Compute the loss: `loss_fn(scores, targets)` is `loss_fn.forward(scores, targets)`."""
        return self.forward(scores, targets)

    def forward(self, scores: Array, targets: Array) -> float:
        """Compute the loss, and keep the probabilities and the targets.

        Parameters
        ----------
        scores : ndarray of shape (N, K)
            Output of the network, before the softmax; N samples, K classes.
        targets : ndarray of shape (N, K)
            One-hot rows: 1 for the class of the sample, else 0.

        Returns
        -------
        float
            The mean over the N samples.
        """
        self.probabilities = self.softmax(scores)
        self.targets = targets
        # log p_k = s_k - max - log(sum of exp), which stays finite where p_k itself rounds to 0.
        shifted = scores - scores.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        return float(-(targets * log_p).sum() / len(scores))

    def backward(self) -> Array:
        """Return the gradient of the loss by the scores of the last forward pass.

        Returns
        -------
        ndarray of shape (N, K)
            dL/ds, for the mean over the N samples.
        """
        N = self.targets.shape[0
        return (self.probabilities - self.targets) / N

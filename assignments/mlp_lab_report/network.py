"""The compound layer of softmax and cross-entropy, for one sample."""

from __future__ import annotations

from typing import Any

from reference.operations import log, softmax, total


def softmax_with_cross_entropy(n: Any) -> None:
    """Set p = softmax(s) and L = -sum_k t_k log p_k.

    Logits s, one-hot targets t and p have shape (K,).
    """
    n.p = softmax(n.s)
    n.L = -total(n.t * log(n.p))

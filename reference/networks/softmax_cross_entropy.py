"""Softmax and cross-entropy as separate steps, samples in rows."""

from __future__ import annotations

from typing import Any

from reference.operations import log, softmax, total


def softmax_with_cross_entropy(n: Any) -> None:
    """Set p = softmax(s) over the last axis and L = -sum_k t_k log p_k, summed over all samples.

    s, t and p have shape (..., K); t is one-hot.
    """
    n.p = softmax(n.s)
    n.log_p = log(n.p)
    n.L = -total(n.t * n.log_p)

"""The mean cross-entropy of given probabilities, and that of the softmax of logits."""

from __future__ import annotations

from typing import Any

from reference.operations import cross_entropy_rows, mean, softmax, softmax_cross_entropy_rows


def of_probabilities(n: Any) -> None:
    """Set L = -1/N sum_n sum_k t[n, k] log p[n, k].

    Probabilities p and one-hot targets t have shape (N, K).
    """
    n.L = mean(cross_entropy_rows(n.p, n.t))


def of_logits(n: Any) -> None:
    """Set p = softmax(s) and L = -1/N sum_n sum_k t[n, k] log p[n, k].

    Logits s, one-hot targets t and p have shape (N, K). The loss is computed from s, not from p: it is finite where p
    underflows.
    """
    n.p = softmax(n.s)
    n.L = mean(softmax_cross_entropy_rows(n.s, n.t))

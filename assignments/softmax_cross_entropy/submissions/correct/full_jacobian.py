"""The gradient by the full Jacobian of log softmax, one matrix per sample."""

import numpy as np


def softmax(s):
    e = np.exp(s - s.max(1)[:, None])
    return e / e.sum(1)[:, None]


def cross_entropy(p, t):
    # tiny number so that log never sees 0
    return -np.sum(t * np.log(p + 1e-12)) / p.shape[0]


def log_softmax(s):
    z = s - s.max(1)[:, None]
    return z - np.log(np.exp(z).sum(1))[:, None]


def loss(s, t):
    return -np.einsum("nk,nk->", t, log_softmax(s)) / s.shape[0]


def backward(s, t):
    N, K = s.shape
    p = softmax(s)
    # d log p_k / d s_j = [k == j] - p_j
    jacobian = np.eye(K)[None, :, :] - p[:, None, :]
    return np.einsum("nk,nkj->nj", -t / N, jacobian)

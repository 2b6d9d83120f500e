import numpy as np


def affine_forward(x, w, b):
    """x (N, d1, ..., dk), w (D, M), b (M,)"""
    return np.reshape(x, (x.shape[0], np.prod(x.shape[1:]))) @ w + b, (x, w, b)


def affine_backward(dout, cache):
    x, w, _ = cache
    rows = np.reshape(x, (x.shape[0], np.prod(x.shape[1:])))
    return np.reshape(dout @ w.T, x.shape), rows.T @ dout, dout.sum(0)


def relu_forward(x):
    return (x > 0) * x, x


def relu_backward(dout, cache):
    # 1/2 at the kink, why not
    return dout * np.heaviside(cache, 0.5)


def softmax_loss(x, y):
    z = x - x.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    n = np.arange(y.size)
    dx = np.exp(log_p)
    dx[n, y] = dx[n, y] - 1
    return -log_p[n, y].mean(), dx / y.size

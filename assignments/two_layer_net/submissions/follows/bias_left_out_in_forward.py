import numpy as np


def affine_forward(x, w, b):
    N = x.shape[0]
    out = x.reshape(N, -1).dot(w)
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    x, w, b = cache
    dx = dout.dot(w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T.dot(dout)
    db = np.sum(dout, axis=0)
    return dx, dw, db


def relu_forward(x):
    out = np.maximum(0, x)
    cache = x
    return out, cache


def relu_backward(dout, cache):
    dx = dout.copy()
    dx[cache <= 0] = 0
    return dx


def softmax_loss(x, y):
    probs = np.exp(x - np.max(x, axis=1, keepdims=True))
    sums = np.sum(probs, axis=1, keepdims=True)
    log_probs = x - np.max(x, axis=1, keepdims=True) - np.log(sums)
    probs /= sums
    N = x.shape[0]
    loss = -np.sum(log_probs[np.arange(N), y]) / N
    dx = probs.copy()
    dx[np.arange(N), y] -= 1
    dx /= N
    return loss, dx


class TwoLayerNet:
    def __init__(self, W1, b1, W2, b2):
        self.params = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}

    def scores(self, X):
        h, _ = affine_forward(X, self.params["W1"], self.params["b1"])
        a, _ = relu_forward(h)
        s, _ = affine_forward(a, self.params["W2"], self.params["b2"])
        return s

    def loss(self, X, y, reg):
        W1, b1, W2, b2 = (self.params[k] for k in ("W1", "b1", "W2", "b2"))
        h, cache_h = affine_forward(X, W1, b1)
        a, cache_a = relu_forward(h)
        s, cache_s = affine_forward(a, W2, b2)
        loss, ds = softmax_loss(s, y)
        loss += reg * (np.sum(W1 * W1) + np.sum(W2 * W2))
        grads = {}
        da, grads["W2"], grads["b2"] = affine_backward(ds, cache_s)
        dh = relu_backward(da, cache_a)
        _, grads["W1"], grads["b1"] = affine_backward(dh, cache_h)
        grads["W1"] += 2 * reg * W1
        grads["W2"] += 2 * reg * W2
        return loss, grads

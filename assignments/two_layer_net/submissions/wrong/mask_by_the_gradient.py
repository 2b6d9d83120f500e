import numpy as np


def affine_forward(x, w, b):
    rows = x.reshape(x.shape[0], -1)
    return rows @ w + b, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    rows = x.reshape(x.shape[0], -1)
    dx = (dout @ w.T).reshape(x.shape)
    dw = rows.T @ dout
    db = dout.sum(axis=0)
    return dx, dw, db


def relu_forward(x):
    return np.maximum(x, 0), x


def relu_backward(dout, x):
    return dout * (dout > 0)


def softmax_loss(x, y):
    N = len(x)
    z = x - x.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    loss = -log_p[range(N), y].sum() / N
    dx = np.exp(log_p)
    dx[range(N), y] -= 1
    return loss, dx / N


class TwoLayerNet:
    def __init__(self, W1, b1, W2, b2):
        self.params = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}

    def forward(self, X):
        p = self.params
        z, self.cache1 = affine_forward(X, p["W1"], p["b1"])
        a, self.cache2 = relu_forward(z)
        s, self.cache3 = affine_forward(a, p["W2"], p["b2"])
        return s

    def scores(self, X):
        return self.forward(X)

    def loss(self, X, y, reg):
        p = self.params
        loss, ds = softmax_loss(self.forward(X), y)
        loss += reg * np.sum(p["W1"] ** 2)
        loss += reg * np.sum(p["W2"] ** 2)
        da, dW2, db2 = affine_backward(ds, self.cache3)
        dz = relu_backward(da, self.cache2)
        dX, dW1, db1 = affine_backward(dz, self.cache1)
        dW1 = dW1 + 2 * reg * p["W1"]
        dW2 = dW2 + 2 * reg * p["W2"]
        return loss, {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}

import numpy as np

dtype = np.float32


def affine_forward(x, w, b):
    x, w, b = x.astype(dtype), w.astype(dtype), b.astype(dtype)
    return x.reshape(x.shape[0], -1) @ w + b, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    dout = dout.astype(dtype)
    return (dout @ w.T).reshape(x.shape), x.reshape(x.shape[0], -1).T @ dout, dout.sum(axis=0)


def relu_forward(x):
    return np.maximum(x.astype(dtype), 0), x


def relu_backward(dout, cache):
    return dout.astype(dtype) * (cache > 0)


def softmax_loss(x, y):
    x = x.astype(dtype)
    z = x - x.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    p = np.exp(log_p)
    p[np.arange(len(y)), y] -= 1
    return -log_p[np.arange(len(y)), y].mean(), p / dtype(len(y))


class TwoLayerNet:
    def __init__(self, W1, b1, W2, b2):
        self.params = {"W1": W1.astype(dtype), "b1": b1.astype(dtype), "W2": W2.astype(dtype), "b2": b2.astype(dtype)}

    def scores(self, X):
        a, _ = affine_forward(X, self.params["W1"], self.params["b1"])
        r, _ = relu_forward(a)
        return affine_forward(r, self.params["W2"], self.params["b2"])[0]

    def loss(self, X, y, reg):
        W1, b1, W2, b2 = [self.params[k] for k in ["W1", "b1", "W2", "b2"]]
        a, ca = affine_forward(X, W1, b1)
        r, cr = relu_forward(a)
        s, cs = affine_forward(r, W2, b2)
        L, ds = softmax_loss(s, y)
        dr, dW2, db2 = affine_backward(ds, cs)
        _, dW1, db1 = affine_backward(relu_backward(dr, cr), ca)
        reg = dtype(reg)
        L = L + reg * ((W1**2).sum() + (W2**2).sum())
        return L, {"W1": dW1 + 2 * reg * W1, "W2": dW2 + 2 * reg * W2, "b1": db1, "b2": db2}

import numpy as np

def affine_forward(x, w, b):
    out = x.reshape(x.shape[0], -1).dot(w) + b
    return out, (x, w, b)

def affine_backward(dout, cache):
    x, w, b = cache
    dx = dout.dot(w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T.dot(dout)
    db = dout.sum(axis=0)
    return {"dx": dx, "dw": dw, "db": db}

def relu_forward(x):
    return np.maximum(x, 0), x

def relu_backward(dout, cache):
    return dout * (cache > 0)

def softmax_loss(x, y):
    N = x.shape[0]
    m = x - x.max(axis=1, keepdims=True)
    lse = np.log(np.exp(m).sum(axis=1, keepdims=True))
    logp = m - lse
    loss = -logp[np.arange(N), y].sum() / N
    dx = np.exp(logp)
    dx[np.arange(N), y] -= 1
    return loss, dx / N

class TwoLayerNet:
    def __init__(self, W1, b1, W2, b2):
        self.params = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}

    def scores(self, X):
        h, _ = affine_forward(X, self.params["W1"], self.params["b1"])
        a, _ = relu_forward(h)
        s, _ = affine_forward(a, self.params["W2"], self.params["b2"])
        return s

    def loss(self, X, y, reg):
        p = self.params
        h, c1 = affine_forward(X, p["W1"], p["b1"])
        a, cr = relu_forward(h)
        s, c2 = affine_forward(a, p["W2"], p["b2"])
        loss, ds = softmax_loss(s, y)
        loss += reg * (np.sum(p["W1"] ** 2) + np.sum(p["W2"] ** 2))
        g2 = affine_backward(ds, c2); da, dW2, db2 = g2["dx"], g2["dw"], g2["db"]
        dh = relu_backward(da, cr)
        g1 = affine_backward(dh, c1); dW1, db1 = g1["dw"], g1["db"]
        return loss, {"W1": dW1 + 2 * reg * p["W1"], "b1": db1, "W2": dW2 + 2 * reg * p["W2"], "b2": db2}

import numpy as np


def vec(*values):
    """everything as arrays with one element, as in the lecture (batch of one)"""
    return [np.array([v]) for v in values]


def forward(x, w0, w1, w2, ws):
    x, w0, w1, w2, ws = vec(x, w0, w1, w2, ws)
    z0 = w0 * x
    h0 = z0.clip(min=0)
    z1 = w1 * h0
    h1 = z1.clip(min=0)
    z2 = ws * h0 + w2 * h1
    return {"z0": z0, "h0": h0, "z1": z1, "h1": h1, "z2": z2, "y_hat": z2.copy()}


def loss(y_hat, y):
    return np.abs(np.array([y]) - np.array([y_hat])).reshape(1, 1)


def backward(x, y, w0, w1, w2, ws):
    f = forward(x, w0, w1, w2, ws)
    delta2 = np.sign(f["y_hat"] - y)
    delta1 = delta2 * w2 * (f["z1"] > 0).astype(float)
    delta0 = (delta2 * ws + delta1 * w1) * (f["z0"] > 0).astype(float)
    return {"w0": delta0 * x, "w1": delta1 * f["h0"], "w2": delta2 * f["h1"], "ws": delta2 * f["h0"],
            "z2": delta2, "z1": delta1, "z0": delta0}


def update(weights, gradients, lr):
    keys = list(weights)
    W = np.array([[weights[k]] for k in keys])
    G = np.array([[gradients[k]] for k in keys])
    return dict(zip(keys, W - lr * G))

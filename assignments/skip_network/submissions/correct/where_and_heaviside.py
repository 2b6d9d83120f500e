import numpy as np


def forward(x, w0, w1, w2, ws):
    z0 = np.dot(w0, x)
    h0 = np.where(z0 > 0, z0, 0)
    z1 = np.dot(w1, h0)
    h1 = np.where(z1 > 0, z1, 0)
    z2 = np.dot([ws, w2], [h0, h1])
    return {"z0": z0, "h0": h0, "z1": z1, "h1": h1, "z2": z2, "y_hat": z2}


def loss(y_hat, y):
    return np.linalg.norm([y - y_hat], 1)


def backward(x, y, w0, w1, w2, ws):
    f = forward(x, w0, w1, w2, ws)
    dz2 = 2 * np.heaviside(f["z2"] - y, 0.5) - 1
    dws, dw2 = dz2 * np.array([f["h0"], f["h1"]])
    dz1 = dz2 * w2 * np.heaviside(f["z1"], 0)
    dz0 = np.dot([dz2, dz1], [ws, w1]) * np.heaviside(f["z0"], 0)
    return {"w0": dz0 * x, "w1": dz1 * f["h0"], "w2": dw2, "ws": dws, "z0": dz0, "z1": dz1, "z2": dz2}


def update(weights, gradients, lr):
    w = np.array(list(weights.values()))
    g = np.array([gradients[k] for k in weights])
    return dict(zip(weights, w - lr * g))

name = input('your name: ')
lr = float(input('learning rate: '))

import numpy as np


def relu(z):
    return np.maximum(z, 0)


def drelu(z):
    return np.where(z > 0, 1.0, 0.0)


def forward(x, w0, w1, w2, ws):
    out = {}
    out["z0"] = w0 * x
    out["h0"] = relu(out["z0"])
    out["z1"] = w1 * out["h0"]
    out["h1"] = relu(out["z1"])
    out["z2"] = ws * out["h0"] + w2 * out["h1"]
    out["y_hat"] = out["z2"]
    return out


def loss(y_hat, y):
    return np.abs(y - y_hat)


def backward(x, y, w0, w1, w2, ws):
    # forward again, we need the values in between
    z0 = w0 * x
    h0 = relu(z0)
    z1 = w1 * h0
    h1 = relu(z1)
    y_hat = ws * h0 + w2 * h1
    # now from the end to the start
    g = np.sign(y_hat - y)
    grad_ws = g * h0
    grad_w2 = g * h1
    g_h1 = g * w2
    g_z1 = g_h1 * drelu(z1)
    grad_w1 = g_z1 * h0
    g_h0 = g * ws + g_z1 * w1
    g_z0 = g_h0 * drelu(z0)
    grad_w0 = g_z0 * x
    return {"w0": grad_w0, "w1": grad_w1, "w2": grad_w2, "ws": grad_ws}


def update(weights, gradients, lr):
    return {k + "_new": weights[k] - lr * gradients[k] for k in ("w0", "w1", "w2", "ws")}

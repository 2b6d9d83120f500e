import numpy as np

def relu(z):
    return np.maximum(0.0, z)

def forward(x, w0, w1, w2, ws):
    z0 = np.longdouble(w0) * x
    h0 = relu(z0)
    z1 = w1 * h0
    h1 = relu(z1)
    z2 = ws * h0 + w2 * h1
    y_hat = z2
    return {"z0": z0, "h0": h0, "z1": z1, "h1": h1, "z2": z2, "y_hat": y_hat}

def loss(y_hat, y):
    return abs(y - y_hat)

def backward(x, y, w0, w1, w2, ws):
    n = forward(x, w0, w1, w2, ws)
    dy = -np.sign(y - n["y_hat"])
    dz2 = dy
    dws = dz2 * n["h0"]
    dw2 = dz2 * n["h1"]
    dh1 = dz2 * w2
    dz1 = dh1 * (n["z1"] > 0)
    dw1 = dz1 * n["h0"]
    dh0 = dz2 * ws + dz1 * w1
    dz0 = dh0 * (n["z0"] > 0)
    dw0 = dz0 * x
    return {"w0": dw0, "w1": dw1, "w2": dw2, "ws": dws, "y_hat": dy, "z2": dz2, "h1": dh1, "z1": dz1, "h0": dh0, "z0": dz0}

def update(weights, gradients, lr):
    return {k + "_new": weights[k] - lr * gradients[k] for k in ("w0", "w1", "w2", "ws")}

def step(x, y, w0, w1, w2, ws, lr):
    g = backward(x, y, w0, w1, w2, ws)
    return update(dict(w0=w0, w1=w1, w2=w2, ws=ws), g, lr)

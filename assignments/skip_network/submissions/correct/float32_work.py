import numpy as np

f32 = np.float32


def forward(x, w0, w1, w2, ws):
    x, w0, w1, w2, ws = f32(x), f32(w0), f32(w1), f32(w2), f32(ws)
    z0 = w0 * x
    h0 = max(z0, f32(0))
    z1 = w1 * h0
    h1 = max(z1, f32(0))
    z2 = ws * h0 + w2 * h1
    return dict(z0=z0, h0=h0, z1=z1, h1=h1, z2=z2, y_hat=z2)


def loss(y_hat, y):
    return f32(abs(f32(y) - f32(y_hat)))


def backward(x, y, w0, w1, w2, ws):
    n = forward(x, w0, w1, w2, ws)
    g = {"y_hat": np.sign(n["y_hat"] - f32(y))}
    g["z2"] = g["y_hat"]
    g["ws"] = g["z2"] * n["h0"]
    g["w2"] = g["z2"] * n["h1"]
    g["h1"] = g["z2"] * f32(w2)
    g["z1"] = g["h1"] * f32(n["z1"] > 0)
    g["w1"] = g["z1"] * n["h0"]
    g["h0"] = g["z2"] * f32(ws) + g["z1"] * f32(w1)
    g["z0"] = g["h0"] * f32(n["z0"] > 0)
    g["w0"] = g["z0"] * f32(x)
    return g


def update(weights, gradients, lr):
    return {k: f32(weights[k]) - f32(lr) * f32(gradients[k]) for k in weights}


def step(x, y, w0, w1, w2, ws, lr):
    return update(dict(w0=w0, w1=w1, w2=w2, ws=ws), backward(x, y, w0, w1, w2, ws), lr)

"""Computed by hand, see scan."""


def relu(z):
    return max(z, 0)


def forward(x, w0, w1, w2, ws):
    z0 = w0 * x
    h0 = relu(z0)
    z1 = w1 * h0
    h1 = relu(z1)
    z2 = ws * h0 + w2 * h1
    return {"z0": z0, "h0": h0, "z1": z1, "h1": h1, "z2": z2, "y_hat": z2}


def loss(y_hat, y):
    return abs(y_hat - y)


def backward(x, y, w0, w1, w2, ws):
    return {"w0": 0.75, "w1": 0.25, "w2": 0.25, "ws": 0.5}


def update(weights, gradients, lr):
    return {"w0_new": -0.25, "w1_new": 0.25, "w2_new": 0.25, "ws_new": 0.0}

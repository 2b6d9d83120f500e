def relu(a):
    return a if a > 0 else 0.0


def heavi(a):
    return 1.0 if a > 0 else 0.0


def sgn(a):
    return (a > 0) - (a < 0)


def forward(x, w0, w1, w2, ws):
    z0 = w0 * x
    h0 = relu(z0)
    z1 = w1 * h0
    h1 = relu(z1)
    z2 = ws * h0 + w2 * h1
    y_hat = z2
    return {"z0": z0, "h0": h0, "z1": z1, "h1": h1, "z2": z2, "y_hat": y_hat}


def loss(y_hat, y):
    return abs(y - y_hat)


def backward(x, y, w0, w1, w2, ws):
    v = forward(x, w0, w1, w2, ws)
    dy_hat = sgn(v["y_hat"] - y)
    dz2 = dy_hat
    dws = dz2 * v["h0"]
    dw2 = dz2 * v["h1"]
    dh1 = dz2 * w2
    dz1 = dh1 * heavi(v["z1"])
    dw1 = dz1 * v["h0"]
    dh0 = dz2 * ws + dz1 * w1
    dz0 = dh0 * heavi(v["z0"])
    dw0 = dz0 * x
    return {"w0": dw0, "w1": dw1, "w2": dw2,
            "y_hat": dy_hat, "z2": dz2, "h1": dh1, "z1": dz1, "h0": dh0, "z0": dz0}


def update(weights, gradients, lr):
    new = {}
    for name in weights:
        new[name] = weights[name] - lr * gradients[name]
    return new

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


# backward: no time left, sorry

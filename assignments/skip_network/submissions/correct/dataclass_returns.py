from dataclasses import dataclass


@dataclass
class Nodes:
    z0: float
    h0: float
    z1: float
    h1: float
    z2: float
    y_hat: float


@dataclass
class Gradients:
    w0: float
    w1: float
    w2: float
    ws: float
    y_hat: float


def relu(z):
    return max(0.0, z)


def forward(x, w0, w1, w2, ws):
    z0 = w0 * x
    z1 = w1 * relu(z0)
    z2 = ws * relu(z0) + w2 * relu(z1)
    return Nodes(z0, relu(z0), z1, relu(z1), z2, z2)


def loss(y_hat, y):
    return abs(y - y_hat)


def backward(x, y, w0, w1, w2, ws):
    n = forward(x, w0, w1, w2, ws)
    sign = (n.y_hat > y) - (n.y_hat < y)
    main = sign * w2 * (n.z1 > 0)
    return Gradients(
        w0=(sign * ws + main * w1) * (n.z0 > 0) * x,
        w1=main * n.h0,
        w2=sign * n.h1,
        ws=sign * n.h0,
        y_hat=sign,
    )


def update(weights, gradients, lr):
    return {name: weights[name] - lr * gradients[name] for name in weights}

from math import fabs


class Bag:
    def __init__(self, **kw):
        self.__dict__.update(kw)


def forward(x, w0, w1, w2, ws):
    o = Bag()
    o.z0 = w0 * x
    o.h0 = o.z0 if o.z0 > 0 else 0.0
    o.z1 = w1 * o.h0
    o.h1 = o.z1 if o.z1 > 0 else 0.0
    o.z2 = ws * o.h0 + w2 * o.h1
    o.y_hat = o.z2
    return o


def loss(y_hat, y):
    return fabs(y_hat - y)


def backward(x, y, w0, w1, w2, ws):
    o = forward(x, w0, w1, w2, ws)
    s = 1.0 if o.y_hat > y else -1.0 if o.y_hat < y else 0.0
    a = s * w2 if o.z1 > 0 else 0.0
    b = s * ws + a * w1 if o.z0 > 0 else 0.0
    return Bag(w0=b * x, w1=a * o.h0, w2=s * o.h1, ws=s * o.h0)


def update(weights, gradients, lr):
    return Bag(**{k + "_new": weights[k] - lr * gradients[k] for k in weights})

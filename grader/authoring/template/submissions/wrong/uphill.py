from math import exp


def forward(x, w, b):
    z = w * x + b
    return {"z": z, "a": 1 / (1 + exp(-z))}


def loss(a, y):
    return (a - y) ** 2


def backward(x, y, w, b):
    a = forward(x, w, b)["a"]
    d_a = 2 * (a - y)
    d_z = d_a * a * (1 - a)
    return {"w": d_z * x, "b": d_z, "a": d_a, "z": d_z}


def update(weights, gradients, lr):
    w = weights["w"] + lr * gradients["w"]
    b = weights["b"] + lr * gradients["b"]
    return {"w_new": w, "b_new": b}

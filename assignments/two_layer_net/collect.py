"""How answers are obtained from the layers and the network of a submission."""

from __future__ import annotations


def affine_out(student, x, w, b):
    out, _ = student.affine_forward(x, w, b)
    return out


def affine_gradients(student, x, w, b, dout):
    """The cache is that of the first of two calls forward: a network calls the layer twice before it goes back."""
    _, cache = student.affine_forward(x.copy(), w.copy(), b.copy())
    student.affine_forward(x[::-1].copy(), w.copy(), b.copy())
    dx, dw, db = student.affine_backward(dout, cache)
    return {"x": dx, "w": dw, "b": db}


def relu_out(student, X):
    out, _ = student.relu_forward(X)
    return out


def relu_gradient(student, X, G):
    _, cache = student.relu_forward(X)
    return student.relu_backward(G, cache)


def softmax_loss_value(student, x, y):
    loss, _ = student.softmax_loss(x, y)
    return loss


def softmax_loss_gradient(student, x, y):
    _, dx = student.softmax_loss(x, y)
    return dx


def net_scores(student, X, W1, b1, W2, b2):
    return student.TwoLayerNet(W1, b1, W2, b2).scores(X)


def net_loss(student, X, y, reg, W1, b1, W2, b2):
    loss, _ = student.TwoLayerNet(W1, b1, W2, b2).loss(X, y, reg)
    return loss


def net_gradients(student, X, y, reg, W1, b1, W2, b2):
    _, grads = student.TwoLayerNet(W1, b1, W2, b2).loss(X, y, reg)
    return grads

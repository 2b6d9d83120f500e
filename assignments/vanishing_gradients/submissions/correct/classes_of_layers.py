import numpy as np


def activate(Z, activation):
    return np.maximum(Z, 0.0) if activation == "relu" else 1.0 / (1.0 + np.exp(-Z))


class Plain:
    def __init__(self, W, activation):
        self.W, self.activation = W, activation

    def forward(self, H):
        self.H = H
        self.Z = np.einsum("nd,de->ne", H, self.W)
        return activate(self.Z, self.activation)

    def backward(self, dout):
        if self.activation == "relu":
            dZ = np.where(self.Z > 0, dout, 0.5 * dout * (self.Z == 0))
        else:
            s = activate(self.Z, "sigmoid")
            dZ = dout * s - dout * s**2
        self.dW = np.einsum("nd,ne->de", self.H, dZ)
        return np.einsum("ne,de->nd", dZ, self.W)


class Residual(Plain):
    def forward(self, H):
        return super().forward(H) + H

    def backward(self, dout):
        return super().backward(dout) + dout


class Stack:
    """A stack of one kind of layer.

    Discussion
    ----------
    sigmoid'(z) <= 1/4: every plain sigmoid layer makes the gradient smaller, 20 of them by ten powers of ten, the first
    layer does not learn. ReLU keeps it about as large. The skip connection passes the gradient on as it is and adds
    the rest, so it does not vanish; with ReLU it grows from layer to layer.
    """

    def __init__(self, weights, activation, residual):
        kind = Residual if residual else Plain
        self.layers = [kind(W, activation) for W in weights]

    def forward(self, H):
        return [H := layer.forward(H) for layer in self.layers]

    def backward(self, G):
        for layer in self.layers[::-1]:
            G = layer.backward(G)
        return [layer.dW for layer in self.layers]


def forward(X, weights, activation, residual):
    return Stack(weights, activation, residual).forward(X)


def gradients(X, weights, G, activation, residual):
    stack = Stack(weights, activation, residual)
    stack.forward(X)
    return stack.backward(G)


def norms_by_depth(X, weights, G, activation, residual):
    def norm(m):
        dW1, *_ = gradients(X, weights[:m], G, activation, residual)
        return float(np.sqrt((dW1**2).sum()))

    return [norm(m + 1) for m, _ in enumerate(weights)]

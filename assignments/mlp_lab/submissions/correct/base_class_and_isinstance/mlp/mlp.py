import numpy as np

from .linear_layer import LinearLayer


class MLP(object):
    def __init__(self, n_inputs, layers, loss, output_layers=[]):
        self.n_inputs = n_inputs
        self.layers = layers
        self.loss = loss
        self.output_layers = output_layers

    def propagate(self, X, output_layers=True, last_layer=None):
        layers = self.layers
        if output_layers:
            layers = layers + self.output_layers
        for layer in layers:
            X = layer.forward(X)
            if layer.name == last_layer:
                return X
        return X

    def evaluate(self, X, T):
        return self.loss.forward(self.propagate(X, output_layers=False), T)

    def gradient(self, X, T):
        A = [X]
        for layer in self.layers:
            A.append(layer.forward(A[-1]))
        grads = {}
        d = self.loss.delta(A[-1], T)
        for layer, inp, out in reversed(list(zip(self.layers, A[:-1], A[1:]))):
            if isinstance(layer, LinearLayer):
                grads[layer.name] = layer.grad(inp, d)
            d = layer.delta(out, d)
        return grads

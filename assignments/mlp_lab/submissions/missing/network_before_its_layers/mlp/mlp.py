import numpy as np


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
        values = [X]
        for layer in self.layers:
            values.append(layer.forward(values[-1]))
        delta = self.loss.delta(values[-1], T)
        grads = {}
        for i in range(len(self.layers) - 1, -1, -1):
            layer = self.layers[i]
            if layer.has_params():
                grads[layer.name] = layer.grad(values[i], delta)
            delta = layer.delta(values[i + 1], delta)
        return grads

import numpy as np


class LinearLayer(object):
    def __init__(self, n_inputs, n_units, rng, name):
        self.name = name
        self.W = rng.normal(0.0, np.sqrt(2.0 / n_inputs), (n_inputs, n_units))
        self.b = np.ones(n_units)

    def has_params(self):
        return True

    def forward(self, X):
        return X @ self.W + self.b

    def delta(self, Y, delta_next):
        return delta_next @ self.W.T

    def grad(self, X, delta_next):
        dW = np.dot(X.T, delta_next) / len(X)
        db = np.mean(delta_next)
        return [dW, db]

    def update_params(self, dparams):
        dW, db = dparams
        self.W += dW
        self.b += db


class ReLULayer(object):
    def __init__(self, name):
        self.name = name

    def has_params(self):
        return False

    def forward(self, X):
        return np.maximum(0, X)

    def delta(self, Y, delta_next):
        return delta_next * (Y > 0)


class SoftmaxLayer(object):
    def __init__(self, name):
        self.name = name

    def has_params(self):
        return False

    def forward(self, X):
        e_X = np.exp(X - np.max(X, axis=1, keepdims=True))
        return e_X / np.sum(e_X, axis=1, keepdims=True)

    def delta(self, Y, delta_next):
        return Y * (delta_next - np.sum(delta_next * Y, axis=1, keepdims=True))


class LossCrossEntropy(object):
    def __init__(self, name):
        self.name = name

    def forward(self, X, T):
        return -np.sum(T * np.log(X), axis=1)

    def delta(self, X, T):
        return -T / X


class LossCrossEntropyForSoftmaxLogits(object):
    def __init__(self, name):
        self.name = name

    def forward(self, X, T):
        m = np.max(X, axis=1, keepdims=True)
        logsum = m + np.log(np.sum(np.exp(X - m), axis=1, keepdims=True))
        return np.sum(T * (logsum - X), axis=1)

    def delta(self, X, T):
        e_X = np.exp(X - np.max(X, axis=1, keepdims=True))
        P = e_X / np.sum(e_X, axis=1, keepdims=True)
        return P - T


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

import numpy as np


class MLP(object):
    def __init__(self, n_inputs, layers, loss, output_layers=[]):
        self.n_inputs = n_inputs
        self.layers = layers
        self.loss = loss
        self.output_layers = output_layers

    def propagate(self, X, output_layers=True, last_layer=None):
        raise NotImplementedError("not yet written")

    def evaluate(self, X, T):
        raise NotImplementedError("not yet written")

    def gradient(self, X, T):
        raise NotImplementedError("not yet written")

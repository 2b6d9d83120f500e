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
        n = X.shape[0]
        dW = X.T @ delta_next / n
        db = np.sum(delta_next, axis=0) / n
        return [dW, db]

    def update_params(self, dparams):
        dW, db = dparams
        self.W += dW
        self.b += db

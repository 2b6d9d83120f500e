import numpy as np


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

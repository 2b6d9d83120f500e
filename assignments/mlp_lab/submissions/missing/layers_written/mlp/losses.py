import numpy as np


class LossCrossEntropy(object):
    def __init__(self, name):
        self.name = name

    def forward(self, X, T):
        raise NotImplementedError("not yet written")

    def delta(self, X, T):
        raise NotImplementedError("not yet written")


class LossCrossEntropyForSoftmaxLogits(object):
    def __init__(self, name):
        self.name = name

    def forward(self, X, T):
        raise NotImplementedError("not yet written")

    def delta(self, X, T):
        raise NotImplementedError("not yet written")

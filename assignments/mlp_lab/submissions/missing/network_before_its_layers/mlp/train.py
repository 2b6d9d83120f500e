import numpy as np


def train(network, X, T, rate, epochs, batch_size, rng):
    raise NotImplementedError("not yet written")

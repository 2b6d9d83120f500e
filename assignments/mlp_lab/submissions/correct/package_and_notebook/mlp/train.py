import numpy as np


def train(network, X, T, rate, epochs, batch_size, rng):
    losses = [np.mean(network.evaluate(X, T))]
    N = len(X)
    for epoch in range(epochs):
        order = rng.permutation(N)
        for i in range(0, N, batch_size):
            idx = order[i:i + batch_size]
            grads = network.gradient(X[idx], T[idx])
            for layer in network.layers:
                if layer.has_params():
                    dW, db = grads[layer.name]
                    layer.update_params([-rate * dW, -rate * db])
        losses.append(np.mean(network.evaluate(X, T)))
    return losses

import numpy as np


def softmax(s):
    e = np.exp(s - np.max(s, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def cross_entropy(p, t):
    N = p.shape[0]
    return -np.sum(t * np.log(p)) / N


def loss(s, t):
    N = s.shape[0]
    z = s - np.max(s, axis=1, keepdims=True)
    return -np.sum(t * (z - np.log(np.sum(np.exp(z), axis=1, keepdims=True)))) / N


def backward(s, t):
    N = s.shape[0]
    delta = (softmax(s) - t) / N
    # average over the batch
    return delta / N

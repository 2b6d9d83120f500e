import numpy as np


def softmax(s):
    e = np.exp(s - np.max(s, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def cross_entropy(p, t):
    return -np.sum(t * np.log(p)) / p.shape[0]


def loss(s, t):
    z = s - np.max(s, axis=1, keepdims=True)
    log_p = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    return -np.sum(t * log_p) / s.shape[0]


def backward(s, t):
    # prediction minus target
    return (s - t) / s.shape[0]

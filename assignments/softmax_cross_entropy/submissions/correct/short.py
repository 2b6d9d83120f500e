import numpy as np


def softmax(s):
    s = s - np.max(s, axis=1, keepdims=True)
    return np.exp(s) / np.sum(np.exp(s), axis=1, keepdims=True)


def cross_entropy(p, t):
    return -np.mean(np.sum(t * np.log(p), axis=1))


def loss(s, t):
    m = np.max(s, axis=1, keepdims=True)
    lse = m + np.log(np.sum(np.exp(s - m), axis=1, keepdims=True))
    return np.mean(np.sum(t * (lse - s), axis=1))


def backward(s, t):
    return (softmax(s) - t) / s.shape[0]

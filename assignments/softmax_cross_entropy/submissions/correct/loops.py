# no broadcasting, I always get it wrong
import math

import numpy as np


def softmax(s):
    N, K = s.shape
    p = np.zeros((N, K))
    for n in range(N):
        biggest = max(s[n])
        total = 0.0
        for k in range(K):
            total += math.exp(s[n][k] - biggest)
        for k in range(K):
            p[n, k] = math.exp(s[n][k] - biggest) / total
    return p


def cross_entropy(p, t):
    result = 0.0
    for n in range(len(p)):
        for k in range(len(p[n])):
            if t[n][k] == 1:
                result = result - math.log(p[n][k])
    return result / len(p)


def loss(s, t):
    result = 0.0
    for row, target in zip(s, t):
        biggest = max(row)
        log_sum = math.log(sum(math.exp(x - biggest) for x in row))
        right = int(np.argmax(target))
        result += biggest + log_sum - row[right]
    return result / len(s)


def backward(s, t):
    p = softmax(s)
    g = np.zeros(s.shape)
    for n in range(len(s)):
        for k in range(len(s[n])):
            g[n, k] = (p[n, k] - t[n, k]) / len(s)
    return g

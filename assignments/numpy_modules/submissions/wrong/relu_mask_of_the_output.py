import numpy as np


class Parameter:
    def __init__(self, data, grad=None, name=None):
        self.data = data
        self.grad = grad
        self.name = name


class Module:
    input_cache = None

    def __call__(self, x):
        return self.forward(x)

    def parameters(self):
        return []


class Sigmoid(Module):
    def forward(self, x):
        self.input_cache = x
        return 1 / (1 + np.exp(-x))

    def backward(self, grad):
        a = 1 / (1 + np.exp(-self.input_cache))
        return grad * a * (1 - a)


class ReLU(Module):
    def forward(self, x):
        self.input_cache = x
        return np.maximum(x, 0)

    def backward(self, grad):
        out = self.forward(self.input_cache)
        grad = grad.copy()
        grad[~(out >= 0)] = 0
        return grad


class Softmax(Module):
    def forward(self, x):
        self.input_cache = x
        e = np.exp(x - np.max(x, axis=1, keepdims=True))
        return e / np.sum(e, axis=1, keepdims=True)


class Linear(Module):
    def __init__(self, n_inputs, n_outputs, rng=None):
        rng = rng or np.random.default_rng()
        self.W = Parameter(rng.uniform(-1, 1, (n_inputs, n_outputs)) / np.sqrt(n_inputs), name="W")
        self.b = Parameter(np.zeros(n_outputs), name="b")

    def forward(self, x):
        self.input_cache = x
        return x @ self.W.data + self.b.data

    def backward(self, grad):
        self.W.grad += self.input_cache.T @ grad
        self.b.grad += np.sum(grad, axis=0)
        return grad @ self.W.data.T

    def parameters(self):
        return [self.W, self.b]


class Sequential(Module):
    def __init__(self, modules):
        self.modules = modules

    def forward(self, x):
        for module in self.modules:
            x = module(x)
        return x

    def backward(self, grad):
        for module in self.modules[::-1]:
            grad = module.backward(grad)
        return grad

    def parameters(self):
        return [p for module in self.modules for p in module.parameters()]


class CrossEntropyLoss:
    def __init__(self):
        self.softmax = Softmax()

    def __call__(self, scores, targets):
        return self.forward(scores, targets)

    def forward(self, scores, targets):
        self.scores = scores
        self.probabilities = self.softmax(scores)
        self.targets = targets
        return -np.sum(targets * np.log(self.probabilities + 1e-12)) / len(scores)

    def backward(self):
        return (self.probabilities - self.targets) / len(self.targets)


def zero_grad(params):
    for p in params:
        p.grad = np.zeros(p.data.shape)


def backward_pass(model, loss_fn, lr):
    grad = loss_fn.backward()
    model.backward(grad)
    for p in model.parameters():
        p.data = p.data - lr * p.grad


def check_gradients():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(4, 3))
    T = np.eye(2)[[0, 1, 1, 0]]
    model = Sequential([Linear(3, 5, rng), Sigmoid(), Linear(5, 2, rng)])
    loss_fn = CrossEntropyLoss()
    zero_grad(model.parameters())
    loss_fn(model(X), T)
    model.backward(loss_fn.backward())
    analytic, numeric = [], []
    for p in model.parameters():
        for i in np.ndindex(p.data.shape):
            analytic.append(p.grad[i])
            old = p.data[i]
            p.data[i] = old + 1e-5
            plus = loss_fn(model(X), T)
            p.data[i] = old - 1e-5
            minus = loss_fn(model(X), T)
            p.data[i] = old
            numeric.append((plus - minus) / 2e-5)
    a, n = np.array(analytic), np.array(numeric)
    return np.linalg.norm(a - n) / (np.linalg.norm(a) + np.linalg.norm(n))

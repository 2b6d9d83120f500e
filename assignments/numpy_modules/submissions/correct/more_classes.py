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
        return grad * (self.input_cache > 0)


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
    [setattr(p, 'grad', np.zeros_like(p.data)) for p in params]


def backward_pass(model, loss_fn, lr):
    SGD(model.parameters(), lr).step(model, loss_fn)


def check_gradients():
    return GradientChecker(Sequential([Linear(2, 3), Sigmoid(), Linear(3, 2)]), CrossEntropyLoss()).run()


class Tanh(Module):
    def forward(self, x):
        self.input_cache = x
        return np.tanh(x)

    def backward(self, grad):
        return grad * (1 - np.tanh(self.input_cache) ** 2)


class SGD:
    def __init__(self, params, lr):
        self.params, self.lr = params, lr

    def step(self, model, loss_fn):
        model.backward(loss_fn.backward())
        for p in self.params:
            p.data = p.data - self.lr * p.grad


class GradientChecker:
    """Largest relative error of any parameter: the same number where all are off by one factor."""

    def __init__(self, model, loss_fn):
        self.model, self.loss_fn = model, loss_fn
        self.x = np.array([[0.5, -1.0], [2.0, 0.3], [-0.7, 1.1]])
        self.t = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])

    def loss(self):
        return self.loss_fn(self.model(self.x), self.t)

    def run(self):
        zero_grad(self.model.parameters())
        self.loss()
        self.model.backward(self.loss_fn.backward())
        return max(self.error(p, p.grad.copy()) for p in self.model.parameters())

    def error(self, p, a, eps=1e-5):
        n = np.zeros(p.data.shape)
        for i in np.ndindex(*p.data.shape):
            p.data[i] += eps
            n[i] = self.loss()
            p.data[i] -= 2 * eps
            n[i] -= self.loss()
            p.data[i] += eps
        n /= 2 * eps
        return np.linalg.norm(a - n) / (np.linalg.norm(a) + np.linalg.norm(n))


if __name__ == "__main__":
    print("gradients are right" if check_gradients() < 1e-6 else "something is wrong")

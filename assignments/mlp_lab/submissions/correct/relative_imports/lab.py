"""XOR and spirals."""
import matplotlib.pyplot as plt
import numpy as np

from mlp.linear_layer import LinearLayer
from mlp.losses import LossCrossEntropyForSoftmaxLogits
from mlp.mlp import MLP
from mlp.relu_layer import ReLULayer
from mlp.softmax_layer import SoftmaxLayer
from mlp.train import train


def xor():
    rng = np.random.RandomState(1234)
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    T = np.array([[0, 1], [1, 0], [1, 0], [0, 1]])
    net = MLP(2, [LinearLayer(2, 4, rng, "l1"), ReLULayer("r1"), LinearLayer(4, 2, rng, "l2")],
              LossCrossEntropyForSoftmaxLogits("loss"), [SoftmaxLayer("sm")])
    losses = train(net, X, T, 0.1, 100, 4, rng)
    print("XOR:", losses[0], "->", losses[-1])
    plt.plot(losses)
    plt.xlabel("epoch")
    plt.savefig("xor.png")


if __name__ == "__main__":
    xor()

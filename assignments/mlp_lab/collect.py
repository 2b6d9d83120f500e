"""Asks the classes of a submission for named arrays: one function for each thing that is marked, and each experiment.

`student` has the names of the submission that the assignment lists. Layers get their weights from here, so that no answer
depends on how they were drawn.
"""

from __future__ import annotations

import numpy as np

# What draws weights that are replaced at once; to make one for each layer takes longer than most of the calls.
RNG = np.random.RandomState(0)

# ----------------------------------------------------------------------------------------------------------------
# Layers and losses, each alone


def linear_forward(student, X, W, b):
    return _linear(student, W, b, "linear").forward(X)


def linear_delta(student, W, b, Y, G):
    return _linear(student, W, b, "linear").delta(Y, G)


def linear_grad(student, X, W, b, G):
    dW, db = _linear(student, W, b, "linear").grad(X, G)
    return {"W": dW, "b": _flat_bias(db)}


def linear_update(student, weights, gradients, lr):
    layer = _linear(student, weights["W"], weights["b"], "linear")
    layer.update_params([-lr * gradients["W"], (-lr * gradients["b"]).reshape(np.shape(layer.b))])
    return {"W_new": layer.W, "b_new": _flat_bias(layer.b)}


def relu_forward(student, X):
    return student.ReLULayer("relu").forward(X)


def relu_delta(student, Y, G):
    return student.ReLULayer("relu").delta(Y, G)


def softmax_forward(student, X):
    return student.SoftmaxLayer("softmax").forward(X)


def softmax_delta(student, Y, G):
    return student.SoftmaxLayer("softmax").delta(Y, G)


def cross_entropy_forward(student, X, T):
    return _flat_losses(student.LossCrossEntropy("loss").forward(X, T))


def cross_entropy_delta(student, X, T):
    return student.LossCrossEntropy("loss").delta(X, T)


def logits_loss_forward(student, X, T):
    return _flat_losses(student.LossCrossEntropyForSoftmaxLogits("loss").forward(X, T))


def logits_loss_delta(student, X, T):
    return student.LossCrossEntropyForSoftmaxLogits("loss").delta(X, T)


# ----------------------------------------------------------------------------------------------------------------
# The network: a loss on logits behind three linear layers, and a softmax layer behind two


def propagate(student, X, W1, b1, W2, b2, W3, b3):
    network = _logits_mlp(student, [W1, b1, W2, b2, W3, b3])
    return {
        "A1": network.propagate(X, last_layer="relu_1"),
        "logits": network.propagate(X, output_layers=False),
        "p": network.propagate(X),
    }


def evaluate(student, X, T, W1, b1, W2, b2, W3, b3):
    return _flat_losses(_logits_mlp(student, [W1, b1, W2, b2, W3, b3]).evaluate(X, T))


def gradient(student, X, T, W1, b1, W2, b2, W3, b3):
    return _gradients(_logits_mlp(student, [W1, b1, W2, b2, W3, b3]).gradient(X, T))


def softmax_evaluate(student, X, T, W1, b1, W2, b2):
    return _flat_losses(_softmax_mlp(student, [W1, b1, W2, b2]).evaluate(X, T))


def softmax_gradient(student, X, T, W1, b1, W2, b2):
    return _gradients(_softmax_mlp(student, [W1, b1, W2, b2]).gradient(X, T))


# ----------------------------------------------------------------------------------------------------------------
# Experiments


def train_in_batches(student, X, T, weights, rate, epochs, batch_size):
    """Train in batches; `weights` has W and b of each linear layer in turn."""
    network = _logits_mlp(student, weights)
    return {"losses": student.train(network, X, T, rate, epochs, batch_size, np.random.RandomState(0))}


def train_on_all(student, X, T, weights, rate, epochs):
    """Train on all samples at once."""
    network = _logits_mlp(student, weights)
    losses = student.train(network, X, T, rate, epochs, len(X), np.random.RandomState(0))
    return {"losses": losses, "train_accuracy": _accuracy(network, X, T)}


def train_and_test(student, X, T, X_test, T_test, weights, rate, epochs):
    """Train on all samples at once, and predict samples that were not there."""
    network = _logits_mlp(student, weights)
    losses = student.train(network, X, T, rate, epochs, len(X), np.random.RandomState(0))
    return {
        "losses": losses,
        "train_accuracy": _accuracy(network, X, T),
        "test_accuracy": _accuracy(network, X_test, T_test),
    }


def train_with_amplitudes(student, X, T, weights, rate, epochs):
    """Train on all samples at once, and follow the mean absolute weight of linear layers, as its change from the start in per cent.

    X and T come as bytes. The first layer is left out: it moves by less than single precision resolves.
    """
    X, T = X.astype(np.float64), T.astype(np.float64)
    network = _logits_mlp(student, weights)
    rng = np.random.RandomState(0)
    losses, amplitudes = [np.mean(network.evaluate(X, T))], [_amplitudes(network)]
    for _ in range(epochs):
        losses.append(student.train(network, X, T, rate, 1, len(X), rng)[-1])
        amplitudes.append(_amplitudes(network))
    changes = 100.0 * (np.array(amplitudes) / amplitudes[0] - 1.0)
    return {"losses": losses} | {f"change_{k}": changes[:, k - 1] for k in range(2, 7)}


# ----------------------------------------------------------------------------------------------------------------
# Building networks, and reading what came out


def _linear(student, W, b, name):
    n_inputs, n_units = W.shape
    RNG.seed(0)
    layer = student.LinearLayer(n_inputs, n_units, RNG, name)
    layer.W = W.copy()
    layer.b = b.reshape(np.shape(layer.b)).copy()
    return layer


def _hidden_and_last(student, weights):
    """Build linear layers with a ReLU between each two, named linear_1, relu_1, linear_2 and so on."""
    pairs = list(zip(weights[::2], weights[1::2], strict=True))
    layers = []
    for number, (W, b) in enumerate(pairs, start=1):
        layers.append(_linear(student, W, b, f"linear_{number}"))
        if number < len(pairs):
            layers.append(student.ReLULayer(f"relu_{number}"))
    return layers


def _logits_mlp(student, weights):
    loss = student.LossCrossEntropyForSoftmaxLogits("loss")
    return student.MLP(
        len(weights[0]), _hidden_and_last(student, weights), loss, [student.SoftmaxLayer("softmax")]
    )


def _softmax_mlp(student, weights):
    layers = [*_hidden_and_last(student, weights), student.SoftmaxLayer("softmax")]
    return student.MLP(len(weights[0]), layers, student.LossCrossEntropy("loss"))


def _gradients(by_layer):
    """Name the gradients of linear_1 W1 and b1, and so on; entries of layers without parameters do no harm."""
    named = {}
    for layer, pair in by_layer.items():
        if layer.startswith("linear_"):
            dW, db = pair
            number = layer.removeprefix("linear_")
            named |= {f"W{number}": dW, f"b{number}": _flat_bias(db)}
    return named


def _accuracy(network, X, T):
    return float(np.mean(np.argmax(network.propagate(X), axis=1) == np.argmax(T, axis=1)))


def _amplitudes(network):
    return [np.mean(np.abs(layer.W)) for layer in network.layers if layer.has_params()]


def _flat_bias(b):
    """Read a bias that is kept as a row, (1, n_units), which is allowed, as (n_units,)."""
    return np.reshape(b, -1) if np.ndim(b) == 2 and np.shape(b)[0] == 1 else b  # noqa: PLR2004 -- a row


def _flat_losses(losses):
    """Read losses in a column, (N, 1), which is allowed, as (N,)."""
    return np.reshape(losses, -1) if np.ndim(losses) == 2 and np.shape(losses)[1] == 1 else losses  # noqa: PLR2004

from reference.network import trace
from reference.networks.skip_network import skip_network

graph = trace(skip_network)


def run(x, y, w0, w1, w2, ws):
    return graph.forward(dict(x=x, y=y, w0=w0, w1=w1, w2=w2, ws=ws))


def forward(x, w0, w1, w2, ws):
    return {k: graph.value(run(x, 0.0, w0, w1, w2, ws), k) for k in "z0 h0 z1 h1 z2 y_hat".split()}


def loss(y_hat, y):
    return abs(y - y_hat)


def backward(x, y, w0, w1, w2, ws):
    back = graph.backward(run(x, y, w0, w1, w2, ws))
    return {k: graph.gradient(back, k) for k in "w0 w1 w2 ws".split()}


def update(weights, gradients, lr):
    return {k: weights[k] - lr * gradients[k] for k in weights}

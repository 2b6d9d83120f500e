"""The network: every name that is read and never set is an input, a target or a parameter; every name that is set is asked for."""

from reference.operations import sigmoid, square


def neuron(n):
    n.z = n.w * n.x + n.b
    n.a = sigmoid(n.z)
    n.L = square(n.a - n.y)

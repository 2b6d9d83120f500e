"""The four kinds of stack, three layers deep."""

from __future__ import annotations

from reference.networks.deep_stack import deep_stack
from reference.operations import relu, sigmoid

LAYERS = 3

sigmoid_plain = deep_stack(LAYERS, sigmoid, residual=False)
sigmoid_residual = deep_stack(LAYERS, sigmoid, residual=True)
relu_plain = deep_stack(LAYERS, relu, residual=False)
relu_residual = deep_stack(LAYERS, relu, residual=True)

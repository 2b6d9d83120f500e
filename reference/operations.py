"""The table of all operations; each theme stands in a module of `reference.rules`.

It is meant to be read line by line beside a textbook. Nothing here knows of grading: a slip is an executable wrong rule with
the name the field has for it.
"""

from __future__ import annotations

from reference.operation import ForwardSlip, Operation, Rule, Slip, scaled
from reference.rules.activations import leaky_relu, relu, sigmoid, tanh
from reference.rules.arithmetic import (
    add,
    divide,
    half_square,
    identity,
    multiply,
    power,
    square,
    subtract,
)
from reference.rules.broadcasting import unbroadcast
from reference.rules.elementary import absolute, exp, log
from reference.rules.logit_losses import softmax_cross_entropy_rows
from reference.rules.maxima import maximum
from reference.rules.mean_losses import picked, softmax_cross_entropy, softmax_cross_entropy_of_labels
from reference.rules.penalty import not_penalised, sum_of_squares, with_penalty
from reference.rules.probability_losses import cross_entropy_rows
from reference.rules.products import matmul, transpose
from reference.rules.reductions import averaged, mean, summed, total
from reference.rules.shapes import flattened, reshaped
from reference.rules.softmax import log_softmax, log_softmax_over, softmax, softmax_over

__all__ = [
    "OPERATIONS",
    "ForwardSlip",
    "Operation",
    "Rule",
    "Slip",
    "absolute",
    "add",
    "averaged",
    "cross_entropy_rows",
    "divide",
    "exp",
    "flattened",
    "half_square",
    "identity",
    "leaky_relu",
    "log",
    "log_softmax",
    "log_softmax_over",
    "matmul",
    "maximum",
    "mean",
    "multiply",
    "not_penalised",
    "picked",
    "power",
    "relu",
    "reshaped",
    "scaled",
    "sigmoid",
    "softmax",
    "softmax_cross_entropy",
    "softmax_cross_entropy_of_labels",
    "softmax_cross_entropy_rows",
    "softmax_over",
    "square",
    "subtract",
    "sum_of_squares",
    "summed",
    "tanh",
    "total",
    "transpose",
    "unbroadcast",
    "with_penalty",
]

OPERATIONS: tuple[Operation, ...] = (
    # Arithmetic, entry by entry
    add,
    subtract,
    multiply,
    divide,
    power(2.0),
    power(3.0),
    power(-1.0),
    square,
    half_square,
    identity,
    # Products and shapes
    matmul,
    transpose,
    flattened,
    reshaped(-1),
    # Sums, means, maxima
    total,
    mean,
    summed(0),
    summed(-1, keepdims=True),
    averaged(0),
    averaged(-1, keepdims=True),
    maximum(-1),
    maximum(0, keepdims=True),
    # Functions and activations
    exp,
    log,
    absolute,
    relu,
    leaky_relu(0.01),
    sigmoid,
    tanh,
    softmax,
    softmax_over(0),
    log_softmax,
    # Losses
    softmax_cross_entropy,
    softmax_cross_entropy_of_labels,
    picked,
    cross_entropy_rows,
    softmax_cross_entropy_rows,
    sum_of_squares,
    not_penalised,
    with_penalty,
)
"""Every operation that a network can be written with; of those that take arguments, the usual ones."""

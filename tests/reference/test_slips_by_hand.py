"""Every slip of the table gives the numbers of the mistake that its text tells, worked by hand on small inputs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from reference.operations import OPERATIONS, Slip

SLIPS: dict[tuple[str, int, str], Slip] = {
    (operation.name, position, slip.text): slip
    for operation in OPERATIONS
    for position, slips in enumerate(operation.slips)
    for slip in slips
}

LN2 = float(np.log(2.0))
ZERO = np.zeros(())

# A batch of three samples: X (3, 2), W (2, 2), a row of two that is broadcast, and the gradient G (3, 2) of the result.
X = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
W = np.array([[1.0, 0.0], [2.0, 1.0]])
ROW = np.array([7.0, 8.0])
G = np.array([[1.0, 1.0], [0.0, 2.0], [1.0, 0.0]])

NOT_SUMMED = "the gradient is not summed over the batch"
AVERAGED = "the gradient is averaged over the batch where it is summed"
ALL_SUMMED = "the gradient is summed over all entries"
UNDIVIDED = "it is not divided by the number of samples"
FACTOR = "the other factor of the product is left out"
OWN = "its own value stands where the other factor belongs"


def _rows() -> Iterator[tuple[str, int, str, tuple[Any, ...], Any]]:
    """Yield operation, input, text, (g, out, *inputs) and the expected contribution."""
    # Columns of G sum to 2 and 3, all of it to 5.
    for name, position, sign in (("add", 0, 1), ("add", 1, 1), ("subtract", 0, 1), ("subtract", 1, -1)):
        values = (G, X, ROW, X) if position == 0 else (G, X, X, ROW)
        yield name, position, NOT_SUMMED, values, sign * G
        yield name, position, AVERAGED, values, [sign * 2 / 3, sign * 1.0]
        yield name, position, ALL_SUMMED, values, sign * 5.0
    for position in (0, 1):
        values = (G, X, ROW, X) if position == 0 else (G, X, X, ROW)
        # The sum times the three samples: what is left of a mean that was taken in the loss.
        yield "add", position, UNDIVIDED, values, [6, 9]
        yield "multiply", position, NOT_SUMMED, values, [[1, 2], [0, 8], [5, 0]]
        yield "multiply", position, AVERAGED, values, [2, 10 / 3]
        yield "multiply", position, ALL_SUMMED, values, 16
        yield "multiply", position, FACTOR, values, [2, 3]
        yield "multiply", position, OWN, values, [14, 24]
    yield from _of_matmul()
    yield from _of_single_inputs()
    yield from _of_powers_and_penalties()
    yield from _of_reductions()
    yield from _of_activations()
    yield from _of_softmax()
    yield from _of_cross_entropy()
    yield from _of_rows_of_probabilities()
    yield from _of_rows_of_logits()


def _of_matmul() -> Iterator[tuple[str, int, str, tuple[Any, ...], Any]]:
    values = (G, X, X, W)
    # G W^T = [[1, 3], [0, 2], [1, 2]] and X^T G = [[6, 7], [8, 10]] are right.
    yield "matmul", 0, "the second matrix is not transposed", values, [[3, 1], [4, 2], [1, 0]]
    yield "matmul", 0, "the result is transposed", values, [[1, 0, 1], [3, 2, 2]]
    yield "matmul", 0, "the second matrix is left out", values, [[2, 2], [2, 2], [1, 1]]
    yield "matmul", 1, UNDIVIDED, values, [[18, 21], [24, 30]]
    by_samples = [[2, 7 / 3], [8 / 3, 10 / 3]]
    yield "matmul", 1, "it is divided by the number of samples once more", values, by_samples
    yield "matmul", 1, "the result is transposed", values, [[6, 8], [7, 10]]
    yield "matmul", 1, "the first matrix is left out", values, [[2, 3], [2, 3]]
    square = (G[:2], X[:2], X[:2], W)
    yield "matmul", 1, "the first matrix is not transposed", square, [[1, 5], [3, 11]]


def _of_single_inputs() -> Iterator[tuple[str, int, str, tuple[Any, ...], Any]]:
    quotient = tuple(np.array(value) for value in (3.0, 0.5, 2.0, 4.0))
    yield "divide", 0, "the division by the denominator is left out", quotient, 3
    yield "divide", 0, "it is multiplied by the denominator, not divided", quotient, 12
    yield "divide", 1, "the numerator is left out", quotient, -3 / 16
    yield "divide", 1, "the denominator is not squared", quotient, -1.5

    nine = (np.array(9.0), np.array(1.0), np.ones(3))
    yield "mean", 0, "the division by the number of entries is left out", nine, [9, 9, 9]
    yield "mean", 0, "it is divided by the number of entries twice", nine, [1, 1, 1]
    six = (np.array(6.0), np.array(1.0), np.ones((2, 3)))
    by_rows = "it is divided by the number of rows, not by that of all entries"
    yield "mean", 0, by_rows, six, [[3, 3, 3], [3, 3, 3]]

    # g = 3, out = 5, argument = 2: a rule may use the value and the argument, so they need not fit together.
    three = tuple(np.array(value) for value in (3.0, 5.0, 2.0))
    yield "exp", 0, "the derivative exp is left out", three, 3
    yield "exp", 0, "its argument stands for exp of it", three, 6
    yield "log", 0, "the derivative of the log is left out", three, 3
    yield "log", 0, "log stands for its derivative", three, 15
    yield "log", 0, "it is multiplied where it is divided", three, 6
    negative = tuple(np.array(value) for value in (3.0, 2.0, -2.0))
    yield "abs", 0, "the sign, the derivative of | |, is left out", negative, 3


def _of_powers_and_penalties() -> Iterator[tuple[str, int, str, tuple[Any, ...], Any]]:
    # g = 3, out = 5, argument = 2, as above.
    three = tuple(np.array(value) for value in (3.0, 5.0, 2.0))
    for p, without_exponent, not_lowered in ((2, 6, 30), (3, 12, 45), (-1, 0.75, -15)):
        name = f"power {p}"
        yield name, 0, "the derivative of the power is left out", three, 3
        yield name, 0, f"the factor {p}, the exponent, is left out", three, without_exponent
        yield name, 0, "the exponent is not lowered by one", three, not_lowered
        yield name, 0, "the power stands where its derivative belongs", three, 15

    weights = (np.array(3.0), np.array(5.0), np.array([1.0, -2.0]))
    name = "sum of squares"
    yield name, 0, "the gradient of the squared weights is left out", weights, [0, 0]
    yield name, 0, "the factor 2 of the squared weights is left out", weights, [3, -6]
    yield name, 0, "the weights are left out of the gradient of their squares", weights, [6, 6]
    yield name, 0, "the strength of the penalty is left out of its gradient", weights, [2, -4]
    three = (np.array(3.0), np.array(0.0), np.array(2.0))
    yield "not penalised", 0, "biases are penalised as weights are", three, 3
    yield "not penalised", 0, "biases are penalised by half their squares", three, 1.5
    numbers = (np.array(3.0), np.array(7.0), np.array(5.0), np.array(2.0))
    yield "add penalty", 1, "the gradient of the penalty is left out", numbers, 0
    yield "add penalty", 1, "the gradient of the penalty is half of what it should be", numbers, 1.5
    yield "add penalty", 1, "the gradient of the penalty is twice what it should be", numbers, 6


def _of_reductions() -> Iterator[tuple[str, int, str, tuple[Any, ...], Any]]:
    yield "transpose", 0, "the gradient is not transposed back", (G, X, X.T), G

    divided = "it is divided by the number of terms, though they are summed"
    columns = (np.array([3.0, 6.0]), ROW, X)
    yield "sum over axis 0", 0, divided, columns, [[1, 2], [1, 2], [1, 2]]
    rows = (np.array([[4.0], [8.0], [12.0]]), np.zeros((3, 1)), X)
    yield "sum over axis -1, kept", 0, divided, rows, [[2, 2], [4, 4], [6, 6]]

    missing = "the division by the number of averaged entries is left out"
    twice = "it is divided by the number of averaged entries twice"
    columns = (np.array([9.0, 18.0]), ROW, X)
    yield "mean over axis 0", 0, missing, columns, [[9, 18], [9, 18], [9, 18]]
    yield "mean over axis 0", 0, twice, columns, [[1, 2], [1, 2], [1, 2]]
    yield "mean over axis -1, kept", 0, missing, rows, [[4, 4], [8, 8], [12, 12]]
    yield "mean over axis -1, kept", 0, twice, rows, [[1, 1], [2, 2], [3, 3]]

    every = "every entry gets the gradient, not the largest alone"
    value = "the largest value stands where its derivative, 1, belongs"
    a = np.array([[1.0, 3.0], [4.0, 2.0]])
    largest = (np.array([2.0, 5.0]), np.array([3.0, 4.0]), a)
    yield "max over axis -1", 0, every, largest, [[2, 2], [5, 5]]
    yield "max over axis -1", 0, value, largest, [[0, 6], [20, 0]]
    largest = (np.array([[2.0, 5.0]]), np.array([[4.0, 3.0]]), a)
    yield "max over axis 0, kept", 0, every, largest, [[2, 5], [2, 5]]
    yield "max over axis 0, kept", 0, value, largest, [[0, 15], [8, 0]]


def _of_activations() -> Iterator[tuple[str, int, str, tuple[Any, ...], Any]]:
    z = np.array([1.0, -2.0, 4.0, 0.0])
    relu = (np.array([-1.0, 2.0, 3.0, 5.0]), np.array([1.0, 0.0, 4.0, 0.0]), z)
    yield "relu", 0, "the derivative of the ReLU (its mask) is left out", relu, [-1, 2, 3, 5]
    yield "relu", 0, "the mask is taken of the incoming gradient", relu, [0, 2, 3, 5]
    yield "relu", 0, "the mask is inverted", relu, [0, 2, 0, 5]
    yield "relu", 0, "the value relu(z) stands where its derivative belongs", relu, [-1, 0, 12, 0]
    yield "relu", 0, "the argument z stands where the derivative belongs", relu, [-1, -4, 12, 0]

    quotient = "the mask is made of z / |z|, which is not a number at 0"
    yield "relu", 0, quotient, relu, [-1, 0, 3, np.nan]
    quotient = "the mask is made of a / |a|, which is not a number where the unit is off"
    yield "relu", 0, quotient, relu, [-1, np.nan, 3, np.nan]

    leaky = (relu[0], np.array([1.0, -0.02, 4.0, 0.0]), z)
    name = "leaky relu 0.01"
    yield name, 0, "the derivative of the leaky ReLU is left out", leaky, [-1, 2, 3, 5]
    yield name, 0, "the slope below zero is left out of the derivative", leaky, [-1, 0, 3, 0]
    yield name, 0, "the mask is taken of the incoming gradient", leaky, [-0.01, 2, 3, 5]
    yield name, 0, "the mask is inverted", leaky, [-0.01, 2, 0.03, 5]
    value = "the value of the leaky ReLU stands where its derivative belongs"
    yield name, 0, value, leaky, [-1, -0.04, 12, 0]

    # g = 2, a = 1/4, z = 3; sigma'(u) = 1 / (2 + 2 cosh u).
    sigmoid = tuple(np.array(value) for value in (2.0, 0.25, 3.0))
    at_a = 2 / (2 + 2 * np.cosh(0.25))
    yield "sigmoid", 0, "the derivative of the sigmoid is left out", sigmoid, 2
    yield "sigmoid", 0, "the derivative is taken at the activation, not at its argument", sigmoid, at_a
    yield "sigmoid", 0, "z (1 - z) stands for a (1 - a)", sigmoid, -12
    yield "sigmoid", 0, "the derivative of tanh stands for that of the sigmoid", sigmoid, 1.875
    yield "sigmoid", 0, "a stands for a (1 - a)", sigmoid, 0.5
    yield "sigmoid", 0, "1 - a stands for a (1 - a)", sigmoid, 1.5
    yield "sigmoid", 0, "a a stands for a (1 - a)", sigmoid, 0.125
    yield "sigmoid", 0, "1 - z^2 stands for a (1 - a)", sigmoid, -16

    # g = 2, a = 1/2, z = 3; tanh'(u) = 1 / cosh(u)^2.
    tanh = tuple(np.array(value) for value in (2.0, 0.5, 3.0))
    at_a = 2 / np.cosh(0.5) ** 2
    yield "tanh", 0, "the derivative of tanh is left out", tanh, 2
    yield "tanh", 0, "the derivative is taken at the activation, not at its argument", tanh, at_a
    yield "tanh", 0, "1 - z^2 stands for 1 - a^2", tanh, -16
    yield "tanh", 0, "the derivative of the sigmoid stands for that of tanh", tanh, 0.5
    yield "tanh", 0, "a stands for 1 - a^2", tanh, 1
    yield "tanh", 0, "a^2 stands for 1 - a^2", tanh, 0.5
    yield "tanh", 0, "1 - a stands for 1 - a^2", tanh, 1


def _of_softmax() -> Iterator[tuple[str, int, str, tuple[Any, ...], Any]]:
    softmax = (np.array([4.0, 1.0]), np.array([0.25, 0.75]), np.zeros(2))
    diagonal = "only the diagonal p (1 - p) of the softmax Jacobian is used"
    yield "softmax", 0, "the derivative of the softmax is left out", softmax, [4, 1]
    yield "softmax", 0, "p stands for the derivative", softmax, [1, 0.75]
    yield "softmax", 0, diagonal, softmax, [0.75, 0.1875]

    columns = tuple(value[:, None] for value in softmax)
    name = "softmax over axis 0"
    yield name, 0, "the derivative of the softmax is left out", columns, [[4], [1]]
    yield name, 0, "p stands for the derivative", columns, [[1], [0.75]]
    yield name, 0, diagonal, columns, [[0.75], [0.1875]]

    logarithm = (np.array([4.0, 1.0]), np.log([0.25, 0.75]), np.zeros(2))
    name = "log softmax"
    yield name, 0, "the derivative of the log softmax is left out", logarithm, [4, 1]
    yield name, 0, "the sum of the arriving gradient is left out", logarithm, [3.75, 0.25]
    yield name, 0, "only the diagonal 1 - p of the Jacobian is used", logarithm, [3, 0.25]


# N = 2, K = 3, p = [[1/3, 1/3, 1/3], [1/4, 1/4, 1/2]].
LOGITS = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, LN2]])
TARGETS = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
LABELS = np.array([0.0, 2.0])


def _instead_of_p_minus_t() -> Iterator[tuple[str, Any]]:
    """Yield what stands for p - t = [[-2/3, 1/3, 1/3], [1/4, 1/4, -1/2]], with the text that tells it."""
    yield "the target is not subtracted", [[1 / 3, 1 / 3, 1 / 3], [1 / 4, 1 / 4, 1 / 2]]
    yield "the logits stand where their softmax belongs", [[-1, 0, 0], [0, 0, LN2 - 1]]
    by_p = "the derivative by the probabilities stands for that by the logits"
    yield by_p, [[-3, 0, 0], [0, 0, -2]]
    diagonal = "only the diagonal p (1 - p) of the softmax Jacobian is used"
    yield diagonal, [[-2 / 3, 0, 0], [0, 0, -1 / 2]]
    e = np.exp(0.25)
    twice = [[-2 / 3, 1 / 3, 1 / 3], [1 / (2 + e), 1 / (2 + e), e / (2 + e) - 1]]
    yield "the softmax is taken twice", twice
    # With d = p - t it is p (d - sum(d p)): the sums are 0 and -1/8.
    again = [[-2 / 9, 1 / 9, 1 / 9], [3 / 32, 3 / 32, -3 / 16]]
    yield "the Jacobian of the softmax is multiplied on once more", again
    # Over the samples the columns are (1/2, 1/2), (1/2, 1/2), (1/3, 2/3); all entries have the sum 7.
    yield "the softmax is taken over the samples", [[-1 / 2, 1 / 2, 1 / 3], [1 / 2, 1 / 2, -1 / 3]]
    everything = [[-6 / 7, 1 / 7, 1 / 7], [1 / 7, 1 / 7, -5 / 7]]
    yield "the softmax is taken over all entries together", everything
    # sigma(0) = 1/2 and sigma(ln 2) = 2/3.
    sigmoids = [[-1 / 2, 1 / 2, 1 / 2], [1 / 2, 1 / 2, -1 / 3]]
    yield "the sigmoid stands where the softmax belongs", sigmoids
    yield "the derivative is that of a log taken before the sum", [[0, 1, 1], [1, 1, 0]]
    by_classes = [[-2 / 9, 1 / 9, 1 / 9], [1 / 12, 1 / 12, -1 / 6]]
    yield "it is divided by the number of classes too", by_classes


UNSTABLE: tuple[tuple[str, Any], ...] = (
    # exp(1000) is infinite, and infinity over infinity is no number; of the other class 1 / infinity - 1 is left.
    ("the maximum is not subtracted before exp", [[np.nan, -1.0]]),
    # p = (1, 0): -1 / 0 spoils the sum over the row.
    (
        "it is taken through t / p, which is not a number where a probability is rounded to 0",
        [[np.nan, np.nan]],
    ),
)
"""What stands for p - t of the logits (1000, 0) where the second class is right."""


def _of_cross_entropy() -> Iterator[tuple[str, int, str, tuple[Any, ...], Any]]:
    far = np.array([[1000.0, 0.0]])
    for name, targets, second in (
        ("mean softmax cross-entropy", TARGETS, np.array([[0.0, 1.0]])),
        ("mean softmax cross-entropy of labels", LABELS, np.array([1.0])),
    ):
        values = (np.array(12.0), ZERO, LOGITS, targets)
        missing = "the division by the number of samples is left out"
        yield name, 0, missing, values, [[-8, 4, 4], [3, 3, -6]]
        twice = [[-2, 1, 1], [0.75, 0.75, -1.5]]
        yield name, 0, "it is divided by the number of samples twice", values, twice
        for text, instead in _instead_of_p_minus_t():
            yield name, 0, text, values, 6.0 * np.array(instead)
        for text, instead in UNSTABLE:
            yield name, 0, text, (np.array(12.0), ZERO, far, second), 12.0 * np.array(instead)

    column = "1 is subtracted in the whole column of each label, not in its own row alone"
    values = (np.array(12.0), ZERO, LOGITS, LABELS)
    yield "mean softmax cross-entropy of labels", 0, column, values, [[-4, 2, -4], [-4.5, 1.5, -3]]

    every = "every entry of the row gets the gradient, not the one at the label alone"
    picked = (np.array([5.0, 7.0]), np.zeros(2), LOGITS, LABELS)
    yield "entry at the label", 0, every, picked, [[5, 5, 5], [7, 7, 7]]


def _of_rows_of_probabilities() -> Iterator[tuple[str, int, str, tuple[Any, ...], Any]]:
    name = "cross-entropy of rows"
    # N = 3, K = 2; right is -g t / x = [[-8, 0], [0, -8], [0, -4]].
    x = np.array([[1 / 4, 3 / 4], [1 / 2, 1 / 2], [1 / 4, 3 / 4]])
    t = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    values = (np.array([2.0, 4.0, 3.0]), np.zeros(3), x, t)
    samples = "it is divided by the number of samples, though each row has its own loss"
    yield name, 0, samples, values, [[-8 / 3, 0], [0, -8 / 3], [0, -4 / 3]]
    yield name, 0, "the target is left out", values, [[-8, -8 / 3], [-8, -8], [-12, -4]]
    yield name, 0, "the derivative of the log is left out", values, [[-2, 0], [0, -4], [0, -3]]
    by_logits = "the derivative by the logits stands for that by the probabilities"
    yield name, 0, by_logits, values, [[-1.5, 1.5], [2, -2], [0.75, -0.75]]
    terms = [[4 * LN2, 0], [0, 4 * LN2], [0, -3 * np.log(0.75)]]
    yield name, 0, "the terms of the loss stand for their derivatives", values, terms
    multiplied = "it is multiplied by the probability where it is divided"
    yield name, 0, multiplied, values, [[-0.5, 0], [0, -2], [0, -2.25]]
    # (x - t) / (x (1 - x)), where x (1 - x) is 3/16, 1/4 and 3/16.
    binary = "the derivative is that of the binary cross-entropy"
    yield name, 0, binary, values, [[-8, 8], [8, -8], [4, -4]]
    yield name, 0, "it is divided by the number of classes too", values, [[-4, 0], [0, -4], [0, -2]]


def _of_rows_of_logits() -> Iterator[tuple[str, int, str, tuple[Any, ...], Any]]:
    name, g = "softmax cross-entropy of rows", np.array([3.0, 4.0])
    values = (g, np.zeros(2), LOGITS, TARGETS)
    samples = "it is divided by the number of samples, though each row has its own loss"
    yield name, 0, samples, values, [[-1, 0.5, 0.5], [0.5, 0.5, -1]]
    for text, instead in _instead_of_p_minus_t():
        yield name, 0, text, values, g[:, None] * np.array(instead)
    far = (np.array([3.0]), np.zeros(1), np.array([[1000.0, 0.0]]), np.array([[0.0, 1.0]]))
    for text, instead in UNSTABLE:
        yield name, 0, text, far, 3.0 * np.array(instead)


ROWS = list(_rows())


@pytest.mark.parametrize(
    ("name", "position", "text", "values", "expected"),
    [pytest.param(*row, id=f"{row[0]}-{row[1]}-{row[2]}") for row in ROWS],
)
def test_a_slip_gives_the_numbers_of_the_mistake_that_its_text_tells(
    name: str, position: int, text: str, values: tuple[Any, ...], expected: Any
) -> None:
    actual = SLIPS[name, position, text].rule(*values)
    assert np.shape(actual) == np.shape(expected)
    assert np.allclose(actual, expected, rtol=1e-14, atol=0.0, equal_nan=True)


def test_every_slip_of_the_table_is_worked_by_hand() -> None:
    assert {row[:3] for row in ROWS} == set(SLIPS)

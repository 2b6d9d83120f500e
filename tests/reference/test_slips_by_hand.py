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
        yield "multiply", position, NOT_SUMMED, values, [[1, 2], [0, 8], [5, 0]]
        yield "multiply", position, AVERAGED, values, [2, 10 / 3]
        yield "multiply", position, ALL_SUMMED, values, 16
        yield "multiply", position, FACTOR, values, [2, 3]
        yield "multiply", position, OWN, values, [14, 24]
    yield from _of_matmul()
    yield from _of_single_inputs()
    yield from _of_cross_entropy()


def _of_matmul() -> Iterator[tuple[str, int, str, tuple[Any, ...], Any]]:
    values = (G, X, X, W)
    # G W^T = [[1, 3], [0, 2], [1, 2]] and X^T G = [[6, 7], [8, 10]] are right.
    yield "matmul", 0, "the second matrix is not transposed", values, [[3, 1], [4, 2], [1, 0]]
    yield "matmul", 0, "the result is transposed", values, [[1, 0, 1], [3, 2, 2]]
    yield "matmul", 0, "the second matrix is left out", values, [[2, 2], [2, 2], [1, 1]]
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

    # g = 3, out = 5, argument = 2: a rule may use the value and the argument, so they need not fit together.
    three = tuple(np.array(value) for value in (3.0, 5.0, 2.0))
    yield "exp", 0, "the derivative exp is left out", three, 3
    yield "exp", 0, "its argument stands for exp of it", three, 6
    yield "log", 0, "the derivative of the log is left out", three, 3
    yield "log", 0, "log stands for its derivative", three, 15
    yield "log", 0, "it is multiplied where it is divided", three, 6
    negative = tuple(np.array(value) for value in (3.0, 2.0, -2.0))
    yield "abs", 0, "the sign, the derivative of | |, is left out", negative, 3

    z = np.array([1.0, -2.0, 4.0, 0.0])
    relu = (np.array([-1.0, 2.0, 3.0, 5.0]), np.array([1.0, 0.0, 4.0, 0.0]), z)
    yield "relu", 0, "the derivative of the ReLU (its mask) is left out", relu, [-1, 2, 3, 5]
    yield "relu", 0, "the mask is taken of the incoming gradient", relu, [0, 2, 3, 5]
    yield "relu", 0, "the mask is inverted", relu, [0, 2, 0, 5]
    yield "relu", 0, "the value relu(z) stands where its derivative belongs", relu, [-1, 0, 12, 0]
    yield "relu", 0, "the argument z stands where the derivative belongs", relu, [-1, -4, 12, 0]

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

    softmax = (np.array([4.0, 1.0]), np.array([0.25, 0.75]), np.zeros(2))
    diagonal = "only the diagonal p (1 - p) of the softmax Jacobian is used"
    yield "softmax", 0, "the derivative of the softmax is left out", softmax, [4, 1]
    yield "softmax", 0, "p stands for the derivative", softmax, [1, 0.75]
    yield "softmax", 0, diagonal, softmax, [0.75, 0.1875]


def _of_cross_entropy() -> Iterator[tuple[str, int, str, tuple[Any, ...], Any]]:
    name = "mean softmax cross-entropy"
    # N = 2, K = 3, p = [[1/3, 1/3, 1/3], [1/4, 1/4, 1/2]]; right is 6 (p - t).
    s = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, LN2]])
    t = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    values = (np.array(12.0), ZERO, s, t)
    missing = "the division by the number of samples is left out"
    yield name, 0, missing, values, [[-8, 4, 4], [3, 3, -6]]
    twice = [[-2, 1, 1], [0.75, 0.75, -1.5]]
    yield name, 0, "it is divided by the number of samples twice", values, twice
    yield name, 0, "the target is not subtracted", values, [[2, 2, 2], [1.5, 1.5, 3]]
    logits = [[-6, 0, 0], [0, 0, 6 * LN2 - 6]]
    yield name, 0, "the logits stand where their softmax belongs", values, logits
    # Over the samples the columns are (1/2, 1/2), (1/2, 1/2), (1/3, 2/3).
    yield name, 0, "the softmax is taken over the samples", values, [[-3, 3, 2], [3, 3, -2]]
    both = [[-4 / 3, 2 / 3, 2 / 3], [0.5, 0.5, -1]]
    yield name, 0, "it is divided by the number of classes too", values, both


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
    assert np.allclose(actual, expected, rtol=1e-14, atol=0.0)


def test_every_slip_of_the_table_is_worked_by_hand() -> None:
    assert {row[:3] for row in ROWS} == set(SLIPS)

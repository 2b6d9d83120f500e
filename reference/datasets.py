"""Data for training experiments: XOR, spirals and drawn digits, made from a generator that the caller seeds.

Nothing is read or downloaded: the same generator in the same state gives the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Generator: TypeAlias = np.random.RandomState | np.random.Generator


@dataclass(frozen=True, kw_only=True, slots=True)
class DataSet:
    """Samples and their classes."""

    X: Array
    """Inputs, shape (N, D), one sample in a row."""
    T: Array
    """One-hot targets, shape (N, K)."""


def xor() -> DataSet:
    """Return the four points of exclusive or.

    Returns
    -------
    DataSet
        X (4, 2) of zeros and ones; T = eye(2)[1 - (a xor b)]: column 0 stands for true.

    References
    ----------
    Goodfellow, Bengio and Courville (2016), "Deep Learning", section 6.1.
    """
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return DataSet(X=X, T=np.eye(2)[(X[:, 0] == X[:, 1]).astype(int)])


def spirals(generator: Generator, *, classes: int = 3, samples: int = 100) -> DataSet:
    """Draw the arms of a spiral, one class an arm.

    Arm i has radii r = linspace(0, 2.5, samples) and angles t = linspace(4 i, 4 (i + 1), samples) + 0.2 noise, and the points
    (r sin t, r cos t). One standard normal number is drawn for each point, arm by arm.

    Parameters
    ----------
    generator : numpy.random.RandomState or numpy.random.Generator
        Is advanced: a test set is drawn from the same one, after the training set.
    classes : int
        Number of arms.
    samples : int
        Points in each arm.

    Returns
    -------
    DataSet
        X (classes samples, 2) in float32, arm after arm; T (classes samples, classes) in float64.
    """
    radii = np.linspace(0.0, 2.5, samples)
    arms = []
    for i in range(classes):
        angles = np.linspace(4.0 * i, 4.0 * (i + 1), samples) + 0.2 * generator.normal(size=samples)
        arms.append(np.column_stack([radii * np.sin(angles), radii * np.cos(angles)]))
    labels = np.repeat(np.arange(classes), samples)
    return DataSet(X=np.concatenate(arms).astype(np.float32), T=np.eye(classes)[labels])


# --------------------------------------------------------------------------------------------------------------
# Digits

SIDE = 28
"""Pixels of a picture in each direction."""
CLASSES = 10

#     0 --- 1
#     |     |
#     2 --- 3
#     |     |
#     4 --- 5
_CORNERS = np.array([[-6.0, -9.0], [6.0, -9.0], [-6.0, 0.0], [6.0, 0.0], [-6.0, 9.0], [6.0, 9.0]])
"""Ends of strokes as (right, down) in pixels from the middle."""
_STROKES: tuple[tuple[tuple[int, int], ...], ...] = (
    ((0, 1), (1, 5), (5, 4), (4, 0)),
    ((1, 3), (3, 5)),
    ((0, 1), (1, 3), (3, 2), (2, 4), (4, 5)),
    ((0, 1), (1, 3), (2, 3), (3, 5), (5, 4)),
    ((0, 2), (2, 3), (1, 3), (3, 5)),
    ((1, 0), (0, 2), (2, 3), (3, 5), (5, 4)),
    ((1, 0), (0, 4), (4, 5), (5, 3), (3, 2)),
    ((0, 1), (1, 5)),
    ((0, 1), (1, 5), (5, 4), (4, 0), (2, 3)),
    ((3, 2), (2, 0), (0, 1), (1, 5), (5, 4)),
)
"""Which corners each digit joins, as the segments of a display do."""


def digits(generator: Generator, *, samples: int = 3000) -> DataSet:
    """Draw pictures of digits, dark on white paper: strokes that are moved, turned, slanted, thick or thin, and noise.

    White paper makes inputs large. In a network of five layers of 64 ReLU units and one of 10 outputs, with the weights of
    `he_initialised` from `RandomState(1234)` and the pictures of another `RandomState(1234)`, the largest logit of the first pass is 791,
    beyond the 709.78 where exp overflows.

    Parameters
    ----------
    generator : numpy.random.RandomState or numpy.random.Generator
        Is advanced.
    samples : int
        Number of pictures; classes take turns, 0 to 9.

    Returns
    -------
    DataSet
        X (samples, 784), whole numbers 0 .. 255 in float64, row after row of 28 x 28 pixels, not scaled; T (samples, 10).
    """
    labels = np.arange(samples) % CLASSES
    corners = _moved_corners(generator, samples)
    thickness = generator.uniform(2.0, 3.4, size=(samples, 1))
    darkness = generator.uniform(225.0, 255.0, size=(samples, 1))
    noise = generator.normal(0.0, 20.0, size=(samples, SIDE * SIDE))
    X = np.empty((samples, SIDE * SIDE))
    for digit in range(CLASSES):
        rows = labels == digit
        distance = _distance_to_strokes(corners[rows], _STROKES[digit])
        # A stroke fades out over one pixel.
        ink = np.clip(thickness[rows] + 0.5 - distance, 0.0, 1.0)
        X[rows] = 255.0 - darkness[rows] * ink
    return DataSet(X=np.rint(np.clip(X + noise, 0.0, 255.0)), T=np.eye(CLASSES)[labels])


def _moved_corners(generator: Generator, samples: int) -> Array:
    """Return the corners of each sample, shape (samples, 6, 2), in pixels from the middle."""
    scale = generator.uniform(0.8, 1.15, size=(samples, 1, 2))
    turn, slant = generator.uniform(-0.2, 0.2, size=(2, samples, 1))
    shift = generator.uniform(-1.5, 1.5, size=(samples, 1, 2))
    wobble = generator.normal(0.0, 0.7, size=(samples, 6, 2))
    at = scale * _CORNERS + wobble
    right, down = at[..., 0] + slant * at[..., 1], at[..., 1]
    turned = [np.cos(turn) * right - np.sin(turn) * down, np.sin(turn) * right + np.cos(turn) * down]
    return np.stack(turned, axis=-1) + shift


def _distance_to_strokes(corners: Array, strokes: tuple[tuple[int, int], ...]) -> Array:
    """Return how far each pixel, of each sample, is from the nearest stroke; shape (samples, 784)."""
    middle = (SIDE - 1) / 2.0
    down, right = np.divmod(np.arange(SIDE * SIDE, dtype=np.float32), SIDE)
    pixels = np.stack([right - middle, down - middle]).astype(np.float32)
    corners = corners.astype(np.float32)
    nearest = np.full((len(corners), SIDE * SIDE), np.inf, np.float32)
    for start, end in strokes:
        x, y = (pixels[i] - corners[:, start, i, None] for i in range(2))
        along = corners[:, end] - corners[:, start]
        length = np.sum(along**2, axis=1, keepdims=True)
        share = np.clip((x * along[:, :1] + y * along[:, 1:]) / length, 0.0, 1.0)
        squared = (x - share * along[:, :1]) ** 2 + (y - share * along[:, 1:]) ** 2
        nearest = np.minimum(nearest, squared)
    return np.sqrt(nearest)

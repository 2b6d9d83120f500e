"""Hypothesis strategies for arrays and their shapes, for the tests of every part."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Shape: TypeAlias = tuple[int, ...]
Shapes: TypeAlias = tuple[Shape, ...]


def generators() -> st.SearchStrategy[np.random.Generator]:
    """Draw seeded generators: entries come from them, so that an example is two draws however large it is."""
    return st.integers(0, 2**32 - 1).map(np.random.default_rng)


def shapes(*, min_dims: int = 0, max_dims: int = 3, max_side: int = 4) -> st.SearchStrategy[Shape]:
    """Draw one shape without empty axes."""
    return hnp.array_shapes(min_dims=min_dims, max_dims=max_dims, max_side=max_side)


def single_shapes(*, min_dims: int = 0) -> st.SearchStrategy[Shapes]:
    """Draw the shapes of one input."""
    return shapes(min_dims=min_dims).map(lambda shape: (shape,))


def equal_shapes(*, min_dims: int = 0) -> st.SearchStrategy[Shapes]:
    """Draw the shapes of two inputs that are the same."""
    return shapes(min_dims=min_dims).map(lambda shape: (shape, shape))


def broadcast_shapes() -> st.SearchStrategy[Shapes]:
    """Draw the shapes of two inputs that broadcast together, scalars and equal shapes among them."""
    return hnp.mutually_broadcastable_shapes(
        num_shapes=2, min_dims=0, max_dims=3, min_side=1, max_side=3
    ).map(lambda drawn: drawn.input_shapes)


def matmul_shapes() -> st.SearchStrategy[Shapes]:
    """Draw the shapes of two inputs that `numpy.matmul` takes: vectors, matrices, and batches that broadcast."""
    return hnp.mutually_broadcastable_shapes(
        signature="(m?,k),(k,n?)->(m?,n?)", min_dims=0, max_dims=2, min_side=1, max_side=3
    ).map(lambda drawn: drawn.input_shapes)


def around_zero(rng: np.random.Generator, shape: Shape) -> Array:
    """Draw entries between -2 and 2 that are at least 0.05 from 0, where kinks and poles are."""
    return np.asarray(rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.05, 2.0, size=shape))


def apart_from_zero(rng: np.random.Generator, shape: Shape) -> Array:
    """Draw entries of both signs between 0.5 and 2 in size, fit to divide by."""
    return np.asarray(rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.5, 2.0, size=shape))


def positive(rng: np.random.Generator, shape: Shape) -> Array:
    """Draw entries between 0.3 and 3."""
    return np.asarray(rng.uniform(0.3, 3.0, size=shape))


def one_hot(rng: np.random.Generator, rows: int, classes: int) -> Array:
    """Draw one-hot targets of shape (rows, classes)."""
    return np.eye(classes)[rng.integers(0, classes, size=rows)]

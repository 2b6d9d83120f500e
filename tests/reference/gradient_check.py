"""Holds a derivative rule against numbers that do not come from it; tested on planted faults in `test_gradient_check`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import autograd
import numpy as np
from strategies import Array

from reference.operations import Operation


def disagreement(actual: Any, expected: Any, *, rtol: float = 1e-10) -> str | None:
    """Say how a gradient disagrees: its type, its shape, an entry that is not finite, or the worst entry.

    The tolerance is relative to the largest expected entry, so that one wrong cell among many is seen; inputs are of
    size 1, so a gradient under 1e-3 in all its entries is left over from larger terms that cancelled.
    """
    got, want = np.asarray(actual), np.asarray(expected)
    if got.dtype != want.dtype:
        return f"dtype {got.dtype}, not {want.dtype}"
    if got.shape != want.shape:
        return f"shape {got.shape}, not {want.shape}"
    if not np.all(np.isfinite(got)):
        return f"not finite at {np.argwhere(~np.isfinite(got))[0].tolist()}"
    error = np.abs(got - want)
    worst = np.unravel_index(int(np.argmax(error)), error.shape)
    if error[worst] <= rtol * max(float(np.max(np.abs(want))), 1e-3):
        return None
    return f"{got[worst]} for {want[worst]} at {[int(i) for i in worst]}"


def central_difference(function: Callable[[Array], Any], at: Array, g: Array, *, step: float = 1e-5) -> Array:
    """Return d<g, function(at)>/d(at), entry by entry; off by about step^2 (truncation) and 1e-16/step (rounding)."""
    gradient = np.empty_like(at)
    for index in np.ndindex(at.shape):
        shift = np.zeros_like(at)
        shift[index] = step
        gradient[index] = np.sum(g * (function(at + shift) - function(at - shift))) / (2.0 * step)
    return gradient


def complex_step(function: Callable[[Array], Any], at: Array, g: Array) -> Array:
    """Return the same to full precision, for analytic functions (Squire and Trapp 1998, SIAM Review 40, 110)."""
    gradient, step = np.empty_like(at), 1e-30
    for index in np.ndindex(at.shape):
        shift = np.zeros(at.shape, complex)
        shift[index] = 1j * step
        gradient[index] = np.sum(g * np.imag(function(at + shift))) / step
    return gradient


def with_input(
    operation: Callable[..., Any], inputs: Sequence[Array], position: int
) -> Callable[[Array], Any]:
    """Return the operation as a function of one input, the others held."""
    return lambda value: operation(*inputs[:position], value, *inputs[position + 1 :])


def check_against_autograd(
    operation: Operation, form: Callable[..., Any], inputs: Sequence[Array], g: Array
) -> list[str]:
    """List how an operation disagrees with `form`, the same function written for autograd: value and each rule."""
    out = operation.forward(*inputs)
    found = [f"value: {text}" for text in [disagreement(out, form(*inputs))] if text]
    for position, rule in enumerate(operation.rules):
        pull_back, _ = autograd.make_vjp(form, position)(*inputs)
        text = disagreement(rule(g, out, *inputs), pull_back(g))
        found += [f"rule {position}: {text}"] if text else []
    return found


def check_against_differences(
    operation: Operation, inputs: Sequence[Array], g: Array, *, analytic: bool
) -> list[str]:
    """List how the rules disagree with differences of the operation's own forward form."""
    out, found = operation.forward(*inputs), []
    for position, rule in enumerate(operation.rules):
        function, actual = with_input(operation.forward, inputs, position), rule(g, out, *inputs)
        # Central differences are relative to the size 1 of the entries, as exact zeros come out as rounding.
        numeric = central_difference(function, inputs[position], g)
        scale = 1.0 + float(np.max(np.abs(numeric)))
        text = disagreement(np.asarray(actual) / scale + 1.0, numeric / scale + 1.0, rtol=1e-6)
        if analytic:
            text = text or disagreement(actual, complex_step(function, inputs[position], g))
        found += [f"rule {position}: {text}"] if text else []
    return found

"""From what a function returned to one answer per quantity: dict, tuple, single value or object with attributes alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grader.assignment import FunctionSpec, Role
from grader.model import Answer, AnswerKind, Array, Opaque, Value

ACCEPTED = {np.dtype(np.float32), np.dtype(np.float64)}
MOST_NAMES = 12
"""How many keys of a returned dict a message lists."""


class _NoNumberError(ValueError):
    """Why a value is no array of numbers; never leaves this module."""


def read_answers(spec: FunctionSpec, value: Value) -> dict[str, Answer]:
    """Read the answers of one call.

    Parameters
    ----------
    spec : FunctionSpec
        What the function returns by the unit.
    value : Value
        What it did return.

    Returns
    -------
    dict of str to Answer
        By quantity; every quantity of the function has an entry.
    """
    if isinstance(value, dict):
        return _from_dict(spec, value)
    if value is None:
        return _nothing(spec, f"`{spec.name}` returned nothing (None): is a `return` missing?")
    if spec.single:
        return {spec.quantities[0]: _single(value)}
    if isinstance(value, tuple | list) or (isinstance(value, np.ndarray) and value.ndim >= 1):
        return _from_sequence(spec, list(value))
    return _nothing(spec, f"`{spec.name}` returned {_kind(value)}; expected is {_wanted(spec)}")


def _from_dict(spec: FunctionSpec, value: dict[str, Value]) -> dict[str, Answer]:
    answers = {}
    for key, quantity in zip(spec.keys, spec.quantities, strict=True):
        name = key if key in value else _other_spelling(spec, key, value)
        if name is None:
            answers[quantity] = _not_among(spec, key, value)
        elif value[name] is None:
            reason = f"`{spec.name}` gave None for `{key}`"
            answers[quantity] = Answer(kind=AnswerKind.MISSING, reason=reason)
        else:
            answers[quantity] = read_value(value[name])
    return answers


def _other_spelling(spec: FunctionSpec, key: str, value: dict[str, Value]) -> str | None:
    """Return what a key is called where it is not as documented: a plain name that cannot mean anything else."""
    others: tuple[str, ...] = ()
    if spec.role is Role.BACKWARD:
        others = (f"dL/d{key}", f"dL_d{key}", f"d{key}", f"grad_{key}")
    elif spec.role in (Role.UPDATE, Role.STEP):
        others = (key.removesuffix("_new"),)
    return next((name for name in others if name in value and name not in spec.keys), None)


def _not_among(spec: FunctionSpec, key: str, value: dict[str, Value]) -> Answer:
    found = ", ".join(f"`{key[:40]}`" for key in list(value)[:MOST_NAMES]) or "none"
    reason = f"`{spec.name}` returned no `{key}`; its keys are: {found}"
    return Answer(kind=AnswerKind.MISSING, reason=reason)


def _from_sequence(spec: FunctionSpec, values: Sequence[Value]) -> dict[str, Answer]:
    required = tuple(quantity for quantity in spec.quantities if quantity in spec.required)
    for names in (spec.quantities, required):
        if len(values) == len(names):
            answers = _nothing(spec, f"`{spec.name}` returned only the required values")
            return answers | {name: read_value(value) for name, value in zip(names, values, strict=True)}
    return _nothing(spec, f"`{spec.name}` returned {len(values)} values; expected is {_wanted(spec)}")


def _single(value: Value) -> Answer:
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]  # `return y,`; a list of one is an array of one row
    return read_value(value)


def _nothing(spec: FunctionSpec, reason: str) -> dict[str, Answer]:
    return {quantity: Answer(kind=AnswerKind.MISSING, reason=reason) for quantity in spec.quantities}


def _wanted(spec: FunctionSpec) -> str:
    return f"a dict with {', '.join(f'`{key}`' for key in spec.keys)}, or a tuple in this order"


def read_value(value: Value) -> Answer:
    """Read the answer to one quantity: numbers, or why there are none.

    Parameters
    ----------
    value : Value
        What a function gave for it.

    Returns
    -------
    Answer
    """
    if type(value) is float:  # by far the most common
        return Answer(kind=AnswerKind.GIVEN, value=np.asarray(value))
    if value is None:
        return Answer(kind=AnswerKind.MISSING, reason="it is None")
    try:
        array = _array(value)
    except _NoNumberError as error:
        return Answer(kind=AnswerKind.INVALID, reason=str(error))
    return Answer(kind=AnswerKind.GIVEN, value=array)


def _array(value: Value) -> Array:
    if isinstance(value, bool | str | dict | Opaque):
        raise _NoNumberError(f"it is {_kind(value)}, not a number")
    if isinstance(value, np.ndarray):
        if value.dtype in ACCEPTED:
            return value
        if np.issubdtype(value.dtype, np.integer):
            return value.astype(np.float64)
        raise _NoNumberError(f"it is an array of {value.dtype}; use float64 or float32")
    if isinstance(value, int | float):
        return np.asarray(_number(value))
    parts = [_array(part) for part in value or () if part is not None]
    if (
        not isinstance(value, tuple | list)
        or len(parts) != len(value)
        or len({part.shape for part in parts}) != 1
    ):
        raise _NoNumberError(f"it is {_kind(value)}, not an array of numbers")
    return np.stack(parts)


def _number(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        raise _NoNumberError("it is an integer too large for a float") from None


def _kind(value: Value) -> str:
    """Say in words what a value is."""
    if isinstance(value, Opaque):
        return value.reason
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    names = {
        bool: "a bool",
        str: "text",
        dict: "a dict",
        tuple: "a tuple",
        list: "a list",
        type(None): "None",
    }
    return names.get(type(value), "a single number")

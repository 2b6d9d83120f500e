"""Grades and arrays as JSON, and back; says nothing about files or reports."""

from __future__ import annotations

import json
import math
from typing import Any, TypeAlias

import msgspec
import numpy as np
from numpy.typing import ArrayLike

from grader.model import Grade, JsonNumbers, Origin

MOST_ENTRIES = 64
"""Arrays with more entries are given by shape, dtype and their head."""
HEAD_ENTRIES = 16

Nested: TypeAlias = "float | int | bool | str | list[Nested]"


def dumps(value: Grade | Origin) -> str:
    """Write a grade, or where it is from, as one line of JSON that `loads` or `loads_origin` reads back to an equal value.

    The text is ASCII: a lone surrogate in a hostile text survives as its escape, where UTF-8 would refuse it.

    Parameters
    ----------
    value : Grade or Origin
        Any whose floats are finite; `JsonNumbers` as `json_numbers` makes them.

    Returns
    -------
    str
        One JSON object.

    Raises
    ------
    ValueError
        Where a float is not finite: that has no place in JSON, and `json_numbers` writes it as text.
    """
    return json.dumps(msgspec.to_builtins(value), allow_nan=False, separators=(",", ":"))


def loads(text: str) -> Grade:
    """Read a grade that `dumps` wrote.

    Parameters
    ----------
    text : str
        One JSON object.

    Returns
    -------
    Grade
        Equal to what was written.

    Raises
    ------
    ValueError
        Where the text is no JSON (`json.JSONDecodeError`) or no grade (`msgspec.ValidationError`).
    """
    try:
        return msgspec.json.decode(text, type=Grade)
    except msgspec.DecodeError:
        # Half of a surrogate pair is JSON to `json` alone; and what is no grade is refused by its rules.
        return msgspec.convert(json.loads(text), Grade)


def loads_origin(text: str) -> Origin:
    """Read where a grade is from, as `dumps` wrote it.

    Parameters
    ----------
    text : str
        One JSON object.

    Returns
    -------
    Origin

    Raises
    ------
    ValueError
        Where the text is no JSON or no such value.
    """
    return msgspec.convert(json.loads(text), Origin)


def json_numbers(array: ArrayLike) -> JsonNumbers:
    """Write an array as the JSON of results and reports has it.

    Parameters
    ----------
    array : array_like of any shape
        Floats, integers or booleans; not finite entries are allowed.

    Returns
    -------
    JsonNumbers
        A number for a scalar; nested lists up to 64 entries; else `{"shape", "dtype", "head"}` with the first
        16 entries in C order. Entries that are not finite are "nan", "inf" and "-inf". An empty array always has
        the second form: nested lists of shape (10**9, 0) would fill the memory.

    Raises
    ------
    TypeError
        Where the entries are not real numbers.
    """
    values = np.asarray(array)
    if values.ndim == 0 and values.dtype == np.float64:  # the common case of hand-sized networks, kept cheap
        return json_number(float(values))
    if values.dtype.kind not in "fiub":
        raise TypeError(f"an array of {values.dtype} has no JSON numbers")
    dtype = str(values.dtype)
    if values.dtype.kind == "f":
        values = values.astype(np.float64)
    if values.size == 0 or values.size > MOST_ENTRIES:
        head = values.ravel()[:HEAD_ENTRIES].tolist()
        return {"shape": list(values.shape), "dtype": dtype, "head": _named(head)}
    nested: Any = values.tolist()
    return _named(nested)


def json_number(number: float) -> float | str:
    """Write a float as JSON has it: itself, or "nan", "inf", "-inf"."""
    if math.isfinite(number):
        return number
    if math.isnan(number):
        return "nan"
    return "inf" if number > 0 else "-inf"


def _named(nested: Nested) -> Nested:
    """Replace floats that are not finite by their names."""
    if isinstance(nested, list):
        return [_named(entry) for entry in nested]
    return json_number(nested) if isinstance(nested, float) else nested

"""Writes values as header and blob; what has no place in plain data becomes an opaque node that says why."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping, Sequence
from json.encoder import encode_basestring_ascii as _quoted
from types import AsyncGeneratorType, CoroutineType, GeneratorType

import numpy as np
from numpy.typing import NDArray

from grader.sandbox.wire import (
    DOUBLE_BYTES,
    DTYPES,
    MAX_BLOB_BYTES,
    MAX_DEPTH,
    MAX_DIMENSIONS,
    MAX_EMPTY_ROWS,
    MAX_HEADER_BYTES,
    MAX_INT_BITS,
    MAX_KEY,
    MAX_NODES,
    MAX_PACKED,
    MAX_TEXT,
)

MAX_TEXT_BYTES = MAX_HEADER_BYTES // 4
"""Texts, keys and integers of one value, as JSON has them. Numbers and brackets of 50,000 parts are under a second
quarter of the header, what was printed is in the rest."""
_KIND_NAMES = {
    "U": "a string array",
    "S": "an array of bytes",
    "O": "an object array (rows of unequal length, np.zeros_like(None), or entries that are not numbers)",
    "c": "a complex array",
    "V": "a structured array",
    "M": "an array of dates",
    "m": "an array of time spans",
}
_KINDS: Mapping[type, str] = {float: "f", np.float64: "g"}
"""How numbers that are written in one piece are told apart."""
_EXACT = {("fractions", "Fraction"), ("decimal", "Decimal")}
"""Numbers of the standard library that count by their value, by module and name: most runs never import these modules."""
_DOUBLE = ["a", "float64", []]
_NAMES: Mapping[np.dtype[np.generic], str] = {dtype: name for name, dtype in DTYPES.items()}
"""NumPy puts the name together anew each time."""


def encode_value(
    value: object,
    *,
    attributes: Sequence[str] = (),
    refused: Mapping[type, str] | None = None,
    max_bytes: int = MAX_BLOB_BYTES,
) -> tuple[object, bytes]:
    """Write one value; what has no place in plain data becomes an opaque node that says why.

    Parameters
    ----------
    value : object
        Anything. Methods that a subclass overrides are not used; attributes and `str` of keys are.
    attributes : sequence of str
        Names to read off objects that are no plain data; with at least one of them, the object becomes a dict.
    refused : mapping of type to str
        Types that are always opaque, with the reason.
    max_bytes : int
        Bytes of arrays to write at most; an array that does not fit is opaque.

    Returns
    -------
    tree : object
        What goes into a header.
    blob : bytes
        What goes into the blob of the same frame.

    Raises
    ------
    Exception
        Whatever a property or `__str__` of the value raises.
    """
    writer = _Writer(attributes=attributes, refused=refused or {}, max_bytes=max_bytes)
    try:
        tree = writer.node(value, 0)
    except _TooManyNodesError:
        return _opaque(value, f"too large (more than {MAX_NODES:,} parts); return a NumPy array"), b""
    if writer.text > MAX_TEXT_BYTES:
        return _opaque(value, "too large (too much text)"), b""
    return tree, b"".join(writer.parts)


class _TooManyNodesError(Exception):
    """The value has more parts than a frame may hold."""


def _type_name(value: object) -> str:
    return str(type(value).__name__)[:80]


def _opaque(value: object, reason: str) -> object:
    return ["o", _type_name(value), reason]


class _Writer:
    """Walks one value; counts its nodes, its text and the bytes of its arrays."""

    def __init__(self, *, attributes: Sequence[str], refused: Mapping[type, str], max_bytes: int) -> None:
        self.parts: list[bytes] = []
        self.text = 0
        self._attributes = attributes
        self._refused = refused
        self._bytes_left = max_bytes
        self._nodes = 0
        self._packed = 0

    def node(self, value: object, depth: int) -> object:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise _TooManyNodesError
        if depth > MAX_DEPTH:
            return _opaque(value, "nested too deeply, or holds itself")
        if value is None or value is True or value is False:
            return value
        if type(value) is float:  # most of what crosses
            return ["f", float.hex(value)]
        # Exact types first: a subclass may lie about what it is.
        write = _WRITERS.get(type(value)) or self._for_subclass(type(value))
        return write(self, value, depth)

    def _for_subclass(self, kind: type) -> Callable[[_Writer, object, int], object]:
        if kind in self._refused:
            return _Writer.write_refused
        if issubclass(kind, np.generic):
            return _Writer.write_array
        for base in (np.ndarray, dict, list, int, float, str):
            if issubclass(kind, base):
                return _WRITERS[base]
        return _Writer.write_object

    def write_refused(self, value: object, depth: int) -> object:
        del depth
        return _opaque(value, self._refused[type(value)])

    def write_integer(self, value: object, depth: int) -> object:
        del depth
        assert isinstance(value, int)
        if int.bit_length(value) > MAX_INT_BITS:
            return _opaque(value, f"an integer of more than {MAX_INT_BITS} bits")
        digits = hex(int.__index__(value))
        self.text += len(digits)
        return ["i", digits]

    def write_float(self, value: object, depth: int) -> object:
        del depth
        assert isinstance(value, float)
        return ["f", float.hex(value)]

    def write_string(self, value: object, depth: int) -> object:
        del depth
        assert isinstance(value, str)
        if str.__len__(value) > MAX_TEXT:
            return _opaque(value, f"a text of {str.__len__(value):,} characters")
        plain = str.__str__(value)
        self.text += len(_quoted(plain))
        return ["s", plain]

    def write_list(self, value: object, depth: int) -> object:
        assert isinstance(value, list)
        self._reserve(list.__len__(value))
        if kinds := self._pack(list(list.__iter__(value)), depth):
            self._nodes += len(kinds)
            return ["q", "l", kinds]
        return ["l", [self.node(item, depth + 1) for item in list.__iter__(value)]]

    def write_tuple(self, value: object, depth: int) -> object:
        assert isinstance(value, tuple)
        self._reserve(tuple.__len__(value))
        if kinds := self._pack(list(tuple.__iter__(value)), depth):
            self._nodes += len(kinds)
            return ["q", "t", kinds]
        return ["t", [self.node(item, depth + 1) for item in tuple.__iter__(value)]]

    def write_dict(self, value: object, depth: int) -> object:
        assert isinstance(value, dict)
        self._reserve(dict.__len__(value))
        names = list(dict.keys(value))
        if all(type(name) is str and len(name) <= MAX_KEY for name in names) and (
            kinds := self._pack(list(dict.values(value)), depth)
        ):
            self._nodes += len(names)
            self.text += sum(len(_quoted(name)) for name in names)
            return ["p", kinds, names]
        entries: dict[str, object] = {}
        for key, item in dict.items(value):
            if issubclass(type(key), str):
                entries[str.__str__(key)[:MAX_KEY]] = self.node(item, depth + 1)
            else:
                # The number may be right, but it has no name to look it up by.
                reason = f"under a key that is no text but {_article(_type_name(key))}"
                entries.setdefault(str(key)[:MAX_KEY], _opaque(item, reason))
        self.text += sum(len(_quoted(key)) for key in entries)
        return ["d", [[key, item] for key, item in entries.items()]]

    def _pack(self, numbers: Sequence[object], depth: int) -> str:
        """Write numbers of double precision in one piece: most of what crosses is a few of them.

        Returns
        -------
        str
            What each is: a plain number, or one of NumPy's. Empty, and nothing is written, where one is something else, or
            where they have no room.
        """
        kinds = [_KINDS.get(type(number), "") for number in numbers]
        size = DOUBLE_BYTES * len(kinds)
        fits = self._packed + len(kinds) <= MAX_PACKED and size <= self._bytes_left and depth < MAX_DEPTH
        if "" in kinds or not fits:
            return ""
        self.parts.append(struct.pack(f"={len(kinds)}d", *numbers))
        self._packed += len(kinds)
        self._bytes_left -= size
        return "".join(kinds)

    def write_double(self, value: object, depth: int) -> object:
        """Write one number as the array that it is to NumPy, in a tenth of the time."""
        return _DOUBLE if self._pack((value,), depth - 1) else self.write_array(value, depth)

    def _reserve(self, count: int) -> None:
        if self._nodes + count > MAX_NODES:
            raise _TooManyNodesError

    def write_array(self, value: object, depth: int) -> object:
        del depth
        array = self._real(np.asarray(value))
        is_long = array.dtype.kind == "f" and array.itemsize > DOUBLE_BYTES  # np.longdouble, by its value
        name = "float64" if is_long else _NAMES.get(array.dtype) or array.dtype.name
        if name not in DTYPES:
            kind = _KIND_NAMES.get(array.dtype.kind, f"an array of type {str(array.dtype)[:60]}")
            single = kind.replace("an array", "a value").replace("array", "value")
            return _opaque(value, kind if array.ndim else single)
        if array.ndim > MAX_DIMENSIONS:
            return _opaque(value, f"an array of {array.ndim} dimensions")
        if not array.size and math.prod(length for length in array.shape if length) > MAX_EMPTY_ROWS:
            return _opaque(value, f"an empty array of shape {array.shape}"[:120])
        # The size is known before any byte is written: a broadcast array of 8 TB takes no memory until then.
        size = array.size * DTYPES[name].itemsize
        if size > self._bytes_left:
            return _opaque(value, f"too large ({size / 1e6:,.0f} MB)")
        self._bytes_left -= size
        with np.errstate(all="ignore"):  # np.longdouble holds numbers that are infinite in float64
            self.parts.append(array.astype(DTYPES[name], copy=False).tobytes())
        return ["a", name, list(array.shape)]

    def write_complex(self, value: object, depth: int) -> object:
        assert isinstance(value, complex)
        return _opaque(value, "a complex number") if value.imag else self.write_float(value.real, depth)

    def write_exact(self, value: object, depth: int) -> object:
        """Write a fraction or a decimal number by its value."""
        try:
            return self.write_float(float(value), depth)  # type: ignore[arg-type]  # both have `__float__`
        except (OverflowError, ValueError):  # larger than a float, or a signalling NaN
            return _opaque(value, f"{_article(_type_name(value))} that is no float")

    def write_mapping(self, value: object, depth: int) -> object:
        assert isinstance(value, Mapping)
        self._reserve(len(value))
        return self.write_dict(dict(value), depth)

    def _real(self, array: NDArray[np.generic]) -> NDArray[np.generic]:
        """Return complex numbers as the real ones that they equal; where one has an imaginary part, as they are."""
        fits = array.dtype.kind == "c" and array.size * DOUBLE_BYTES <= self._bytes_left
        return array.real if fits and not np.any(array.imag) else array

    def write_object(self, value: object, depth: int) -> object:
        kind = type(value)
        if (kind.__module__, kind.__qualname__) in _EXACT:
            return self.write_exact(value, depth)
        found = {}
        for name in self._attributes:
            try:
                found[name] = getattr(value, name)
            except AttributeError:
                continue
        if found:
            return self.write_dict(found, depth)
        # Read-only views, chains and others that are no dict, and say that they are as good.
        if issubclass(kind, Mapping):
            return self.write_mapping(value, depth)
        if issubclass(kind, tuple):
            return self.write_tuple(value, depth)
        return _opaque(value, _describe(value))


_WRITERS: Mapping[type, Callable[[_Writer, object, int], object]] = {
    int: _Writer.write_integer,
    float: _Writer.write_float,
    complex: _Writer.write_complex,
    str: _Writer.write_string,
    list: _Writer.write_list,
    tuple: _Writer.write_tuple,
    dict: _Writer.write_dict,
    np.ndarray: _Writer.write_array,
    np.float64: _Writer.write_double,
}
"""What writes a value, by its type; one table for all writers, of which there are many small ones."""


def _article(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def _describe(value: object) -> str:
    if type(value) is GeneratorType or type(value) is AsyncGeneratorType:
        return "a generator; return its values"
    if type(value) is CoroutineType:
        value.close()  # or Python warns, of a line of ours, that nobody awaited it
        return "a coroutine (from `async def`); return plain values"
    if callable(value):
        return "a function or class; call it and return what it gives"
    return _article(_type_name(value))

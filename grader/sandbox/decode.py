"""Reads values from header and blob; whatever the bytes are, the outcome is a value or a `WireError`.

The bytes of arrays are taken from the blob in the order of their nodes, so that no two arrays can share (and multiply)
them.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from grader.sandbox.wire import (
    DOUBLE_BYTES,
    DTYPES,
    MAX_DEPTH,
    MAX_DIMENSIONS,
    MAX_EMPTY_ROWS,
    MAX_INT_BITS,
    MAX_KEY,
    MAX_NODES,
    MAX_PACKED,
    MAX_TEXT,
    WireError,
    text,
)

_HEX_INTEGER = re.compile(r"-?0x[0-9a-f]+")
_MAX_FLOAT_TEXT = 40
_MAX_LENGTH = 1 << 31


def decode_value(
    tree: object, blob: bytes, *, opaque: Callable[[str, str], object], writeable: bool = True
) -> object:
    """Read one value; whatever the bytes are, it is a value or a `WireError`.

    Parameters
    ----------
    tree : object
        The node in a header.
    blob : bytes
        The blob of the same frame; all of it must belong to this value.
    opaque : callable
        Makes what stands for an opaque value from its type's name and the reason.
    writeable : bool
        Whether arrays may be written to; not those that several are going to share.

    Returns
    -------
    object
        None, bool, int, float, str, list, tuple, dict with text keys, a fresh array, or what `opaque` gave.

    Raises
    ------
    WireError
        When the tree is not a value or does not fit the blob.
    """
    reader = _Reader(blob, opaque, writeable=writeable)
    try:
        value = reader.node(tree, 0)
    except (ValueError, TypeError, OverflowError, RecursionError, MemoryError) as error:
        raise WireError(f"not a value: {type(error).__name__}") from None
    if reader.position != len(blob):
        raise WireError("bytes left over")
    return value


class _Reader:
    """Walks one tree and takes the bytes of its arrays from the blob in turn."""

    def __init__(self, blob: bytes, opaque: Callable[[str, str], object], *, writeable: bool) -> None:
        self.position = 0
        self._blob = blob
        self._opaque = opaque
        self._writeable = writeable
        self._nodes = 0
        self._packed = 0

    def node(self, tree: object, depth: int) -> object:
        self._nodes += 1
        # Twice the writer's count: it reserves room for the children of an opaque entry only once.
        if self._nodes > 2 * MAX_NODES or depth > MAX_DEPTH + 1:
            raise WireError("too many nodes")
        if tree is None or tree is True or tree is False:
            return tree
        if type(tree) is not list or not tree or type(tree[0]) is not str or tree[0] not in _READERS:
            raise WireError("not a node")
        return _READERS[tree[0]](self, tree[1:], depth)

    def read_integer(self, fields: list[object], depth: int) -> int:
        del depth
        (digits,) = fields
        if (
            type(digits) is not str
            or len(digits) > MAX_INT_BITS // 4 + 4
            or not _HEX_INTEGER.fullmatch(digits)
        ):
            raise WireError("not an integer")
        return int(digits, 16)

    def read_float(self, fields: list[object], depth: int) -> float:
        del depth
        (digits,) = fields
        if type(digits) is not str or len(digits) > _MAX_FLOAT_TEXT:
            raise WireError("not a float")
        return float.fromhex(digits)

    def read_string(self, fields: list[object], depth: int) -> str:
        del depth
        (value,) = fields
        return text(value, MAX_TEXT)

    def read_tuple(self, fields: list[object], depth: int) -> tuple[object, ...]:
        return tuple(self.read_list(fields, depth))

    def read_list(self, fields: list[object], depth: int) -> list[object]:
        (items,) = fields
        if type(items) is not list:
            raise WireError("not a list")
        return [self.node(item, depth + 1) for item in items]

    def read_dict(self, fields: list[object], depth: int) -> dict[str, object]:
        (entries,) = fields
        if type(entries) is not list:
            raise WireError("not a dict")
        result: dict[str, object] = {}
        for entry in entries:
            if type(entry) is not list:
                raise WireError("not an entry")
            key, item = entry
            name = text(key, MAX_KEY)
            if name in result:
                raise WireError("a key twice")
            result[name] = self.node(item, depth + 1)
        return result

    def read_packed_dict(self, fields: list[object], depth: int) -> dict[str, object]:
        del depth
        kinds, names = fields
        numbers = self._unpack(kinds)
        if type(names) is not list or len(names) != len(numbers):
            raise WireError("not as many names as numbers")
        result = dict(zip((text(name, MAX_KEY) for name in names), numbers, strict=True))
        if len(result) != len(numbers):
            raise WireError("a key twice")
        return result

    def read_packed_sequence(self, fields: list[object], depth: int) -> object:
        del depth
        kind, kinds = fields
        numbers = self._unpack(kinds)
        if kind == "l":
            return numbers
        if kind != "t":
            raise WireError("not a kind of sequence")
        return tuple(numbers)

    def _unpack(self, kinds: object) -> list[object]:
        """Take numbers from the blob: `f` is a plain one, `g` one of NumPy's."""
        if type(kinds) is not str or kinds.strip("fg"):
            raise WireError("not kinds of numbers")
        self._packed += len(kinds)
        if self._packed > MAX_PACKED:
            raise WireError("too many numbers in one piece")
        start = self.position
        self.position += DOUBLE_BYTES * len(kinds)
        if self.position > len(self._blob):
            raise WireError("numbers outside the blob")
        numbers = struct.unpack_from(f"={len(kinds)}d", self._blob, start)
        return [
            number if kind == "f" else np.array(number) for kind, number in zip(kinds, numbers, strict=True)
        ]

    def read_array(self, fields: list[object], depth: int) -> NDArray[np.generic]:
        del depth
        name, shape = fields
        if type(name) is not str or name not in DTYPES:
            raise WireError("not a type of array")
        if type(shape) is not list or len(shape) > MAX_DIMENSIONS:
            raise WireError("not a shape")
        if not all(type(length) is int and 0 <= length <= _MAX_LENGTH for length in shape):
            raise WireError("not a shape")
        count = math.prod(shape)
        # (2**31, 0) takes no bytes here, and 2**31 empty lists where it is written out.
        if not count and math.prod(length for length in shape if length) > MAX_EMPTY_ROWS:
            raise WireError("an empty array too large")
        start = self.position
        self.position += count * DTYPES[name].itemsize
        if self.position > len(self._blob):
            raise WireError("array outside the blob")
        # A byte of a bool array may be anything here; only 0 and 1 are bools.
        dtype = DTYPES["uint8"] if name == "bool" else DTYPES[name]
        flat = np.frombuffer(self._blob, dtype, count, start) if count else np.empty(0, dtype)
        array = flat.astype(DTYPES[name]).reshape(shape)
        array.flags.writeable = self._writeable
        return array

    def read_hidden(self, fields: list[object], depth: int) -> object:
        del depth
        type_name, reason = fields
        return self._opaque(text(type_name, MAX_KEY), text(reason, MAX_KEY))


_READERS: Mapping[str, Callable[[_Reader, list[object], int], object]] = {
    "i": _Reader.read_integer,
    "f": _Reader.read_float,
    "s": _Reader.read_string,
    "l": _Reader.read_list,
    "t": _Reader.read_tuple,
    "d": _Reader.read_dict,
    "a": _Reader.read_array,
    "p": _Reader.read_packed_dict,
    "q": _Reader.read_packed_sequence,
    "o": _Reader.read_hidden,
}
"""What reads a node, by its tag; one table for all readers, of which there are many small ones."""

"""Cuts a stream of bytes into frames, and names the limits of what a frame may hold; every byte read is hostile.

A frame is a magic word, two lengths, a JSON header and a blob. Values stand in the header as small tagged lists, the
bytes of their arrays in the blob (see `encode` and `decode`). All three run on both sides of the border to student
code, know nothing of the grader, and never pickle.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NoReturn

import numpy as np

MAX_HEADER_BYTES = 4 << 20
MAX_BLOB_BYTES = 16 << 20
MAX_RESULTS_BYTES = MAX_HEADER_BYTES + MAX_BLOB_BYTES
"""Of a frame of results: the text and the bytes of one as large as it may be."""
MAX_NODES = 50_000
MAX_DEPTH = 16
MAX_TEXT = 1 << 16
MAX_KEY = 200
MAX_INT_BITS = 4096
MAX_DIMENSIONS = 32
MAX_EMPTY_ROWS = 10_000
"""Product of the other lengths of an array without entries: written out as lists, each of them costs memory."""
MAX_PACKED = 4096
"""Numbers of one value that may be written in one piece: each takes 9 bytes of a frame and may become 120 of memory."""
DOUBLE_BYTES = 8

_SMALL_HEADER_BYTES = 1 << 16
"""Whatever is in a header of this length, it takes a few MB at most."""
_BYTES_PER_VALUE = 16
_BYTES_PER_FIELD = 400
"""A header may hold as many values and fields as its greatest length has of these. An honest value of 50,000 parts
has up to five values a part; hostile ones (`[[[[`) take 88 bytes of memory for each two bytes of a header."""
_MAX_INTEGER_TEXT = 20
_MAX_FLOAT_TEXT = 40
# Possessive, and at home in a string without an end: time grows with the length alone, and no memory is needed.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)

_MAGIC = b"BPG1"
# Made once: there are many small headers, and none of ours holds itself.
_write_json = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_PREFIX = struct.Struct("<4sII")
DTYPES = {
    name: np.dtype(name)
    for name in (
        "bool",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "float16",
        "float32",
        "float64",
    )
}
"""Types of arrays that cross the border, by name; float16 and bool so that they can be refused with a reason."""


class WireError(Exception):
    """Bytes that are not a frame, or a frame that is not what it should be."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """One message: a header as JSON has it, and the bytes of its arrays."""

    header: Mapping[str, object]
    blob: bytes = b""


def encode_frame(header: Mapping[str, object], blob: bytes = b"") -> bytes:
    """Write one frame.

    Parameters
    ----------
    header : mapping
        What `json` can write.
    blob : bytes
        The bytes of the arrays in the header, from `encode_value`.

    Returns
    -------
    bytes
    """
    return frame_of(encode_header(header), blob)


def encode_header(header: Mapping[str, object]) -> bytes:
    """Write a header, or a part of one, as JSON in ASCII."""
    return _write_json(header).encode("ascii")


def frame_of(text: bytes, blob: bytes) -> bytes:
    """Make a frame of a header that is written already."""
    return _PREFIX.pack(_MAGIC, len(text), len(blob)) + text + blob


def results_frame(texts: Sequence[bytes], blobs: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Put what several calls gave into one frame, each as its text and the bytes of its arrays.

    The texts are no part of the header, so that the other side can tell by its bytes alone that it read a result before.

    Parameters
    ----------
    texts : sequence of bytes
        What is said of each call, from `encode_header`.
    blobs : sequence of bytes
        Of each call.

    Returns
    -------
    header, blob : bytes
    """
    sizes = ",".join(f"{len(text)},{len(blob)}" for text, blob in zip(texts, blobs, strict=True))
    parts = chain.from_iterable(zip(texts, blobs, strict=True))
    return f'{{"kind":"results","sizes":[{sizes}]}}'.encode("ascii"), b"".join(parts)


def own_frames(data: bytes) -> list[Frame]:
    """Read frames that the grader itself wrote: nothing in them is checked.

    Parameters
    ----------
    data : bytes
        Whole frames.

    Returns
    -------
    list of Frame
    """
    frames: list[Frame] = []
    while data:
        _, header_length, blob_length = _PREFIX.unpack_from(data)
        blob_start = _PREFIX.size + header_length
        end = blob_start + blob_length
        header = json.loads(data[_PREFIX.size : blob_start])
        frames.append(Frame(header=header, blob=data[blob_start:end]))
        data = data[end:]
    return frames


class FrameReader:
    """Cuts a stream of bytes into frames, however the bytes arrive.

    Parameters
    ----------
    max_header, max_blob : int
        Largest lengths in bytes that are believed; a frame that announces more is refused before any of it is kept.
    """

    def __init__(self, *, max_header: int = MAX_HEADER_BYTES, max_blob: int = MAX_RESULTS_BYTES) -> None:
        self._max_header = max_header
        self._max_blob = max_blob
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Take more bytes and give the frames that are complete.

        Yields
        ------
        Frame

        Raises
        ------
        WireError
            When the bytes are not a frame.
        """
        self._buffer += data
        while (frame := self._cut()) is not None:
            yield frame

    @property
    def pending(self) -> bool:
        """Whether part of a frame is waiting for the rest."""
        return bool(self._buffer)

    def _cut(self) -> Frame | None:
        if len(self._buffer) < _PREFIX.size:
            return None
        magic, header_length, blob_length = _PREFIX.unpack_from(self._buffer)
        if magic != _MAGIC:
            raise WireError("not a frame")
        if header_length > self._max_header or blob_length > self._max_blob:
            raise WireError("frame too large")
        end = _PREFIX.size + header_length + blob_length
        if len(self._buffer) < end:
            return None
        # Slices of the view, not of the buffer: each byte is copied once.
        with memoryview(self._buffer) as view:
            text = bytes(view[_PREFIX.size : _PREFIX.size + header_length])
            blob = bytes(view[_PREFIX.size + header_length : end])
        del self._buffer[:end]
        return Frame(header=read_header(text, self._max_header), blob=blob)


def read_header(text: bytes, max_length: int = MAX_HEADER_BYTES) -> Mapping[str, object]:
    """Read a header, or a part of one that was sent by itself.

    Parameters
    ----------
    text : bytes
        JSON in ASCII, if it is honest.
    max_length : int
        Bytes that are believed.

    Returns
    -------
    mapping
        Its fields, whose types are not checked.

    Raises
    ------
    WireError
        When it is no JSON object, or would become far more memory than it has bytes.
    """
    if len(text) > max_length:
        raise WireError("frame too large")
    _check_amount(text, max_length)
    return _parse_header(text)


def _check_amount(text: bytes, max_header: int) -> None:
    """Refuse a header that would become far more memory than it has bytes, before it does."""
    max_values, max_fields = max_header // _BYTES_PER_VALUE, max_header // _BYTES_PER_FIELD
    if len(text) <= _SMALL_HEADER_BYTES or _within(text, max_values, max_fields):
        return
    # Every string is a value or the name of a field; a count that stops there bounds the time and memory of this.
    max_strings = max_values + max_fields
    bare, strings = _STRING.subn(b"", text, count=max_strings + 1)
    if strings > max_strings or not _within(bare, max_values, max_fields):
        raise WireError("header holds too much")


def _within(text: bytes, max_values: int, max_fields: int) -> bool:
    # Every value but the first comes after one of these.
    values = text.count(b"[") + text.count(b"{") + text.count(b",")
    return values <= max_values and text.count(b"{") + text.count(b":") <= max_fields


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    # Two readers could believe two different ones.
    if len(fields) != len(pairs):
        raise WireError("a field twice")
    return fields


def _constant(_name: str) -> NoReturn:
    raise WireError("header is not JSON: NaN or Infinity")


def _integer(digits: str) -> int:
    # The time to read digits grows with their square, and Python's own limit is a setting of the process.
    if len(digits) > _MAX_INTEGER_TEXT:
        raise WireError("a number of too many digits")
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits) if len(digits) <= _MAX_FLOAT_TEXT else math.inf
    if not math.isfinite(value):
        raise WireError("a number too large or of too many digits")
    return value


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer, parse_float=_float
)


def _parse_header(text: bytes) -> Mapping[str, object]:
    try:
        header = _DECODER.decode(text.decode("ascii"))
    except (ValueError, RecursionError, MemoryError) as error:
        raise WireError(f"header is not JSON: {type(error).__name__}") from None
    if type(header) is not dict:
        raise WireError("header is not an object")
    return header


def text(value: object, max_length: int) -> str:
    r"""Check that a field of a header is text that can be written anywhere.

    Parameters
    ----------
    value : object
        The field.
    max_length : int
        Characters it may have.

    Returns
    -------
    str
        The text; halves of surrogate pairs, which no file can hold, are written out as `\udc80`, six characters
        for one.

    Raises
    ------
    WireError
        When it is something else or longer.
    """
    if type(value) is not str or len(value) > max_length:
        raise WireError("not a text")
    return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode("utf-8")

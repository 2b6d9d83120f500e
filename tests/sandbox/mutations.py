"""Makes streams of frames that are almost right: bytes changed, cut and spliced, and any part of a header replaced."""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any, TypeAlias

import numpy as np

from grader.sandbox.encode import encode_value
from grader.sandbox.wire import encode_frame, encode_header

Json: TypeAlias = Any
Parts: TypeAlias = tuple[Json, bytes]
"""Header and blob of one frame."""

_PREFIX = 12
_ERROR = {"type": "ValueError", "message": "no", "frames": [[0, None, 2, "f"], [1, 1, 1, "g"]]}
_OUTPUT = {"printed": "text\n", "cut": False}
_VALUES: Sequence[object] = (
    1.5,
    {"z0": 0.1, "h0": np.float32(2.0), "k": [1, True, None, "text"]},
    {"w": np.arange(6.0).reshape(2, 3), "b": np.zeros((0, 3)), "n": np.array(7)},
    ((np.array([True, False]), -(2**70)), {"deep": [[[[1.0]]]], "set": {1}}),
    {"z0": 0.1, "h0": np.float64(2.0)},
    ((1.0, np.float64(2.0)), [3.0], np.float64(4.0)),
)
_HEADERS: Sequence[Mapping[str, Json]] = (
    {"kind": "ready"},
    {"kind": "surveyed", "found": ["f", "g"]},
    {"kind": "note", "text": "x"},
    {"kind": "loading", "source": 0},
    {"kind": "stopped", "source": 1, "cell": 1, "error": _ERROR, "unreadable": False},
    {
        "kind": "loaded",
        "functions": {"f": {"state": "conflict", "files": [0, 1]}, "g": {"state": "raised", "error": _ERROR}},
        "memory": False,
        **_OUTPUT,
    },
    {"kind": "calling", "index": 1},
    {
        "kind": "results",
        "results": [
            {"kind": "raised", "index": 0, "error": _ERROR, "memory": False, **_OUTPUT},
        ],
        "sizes": [0],
    },
    {"kind": "overflow"},
    {"kind": "end"},
)
_NASTY: Sequence[Json] = (
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        2,
        2**31,
        2**63,
        -(2**64),
        10**30,
        0.5,
        -0.0,
        1e308,
        float("nan"),
        float("inf"),
    ),
    *("", "f", "a", "l", "d", "float64", "object", "0x1p0", "0x" + "f" * 2000, "\ud800", "\0", "x" * 70_000),
    *([], {}, [[]], [0], [2**31, 0], [2**31, 2**31, 2**31, 2**31], ["a", "float64", [2**40]], ["l", []]),
    *(
        ["d", [["a", None], ["a", None]]],
        ["i", "0x1"],
        ["o", "t", "r"],
        {"state": "ready"},
        {"kind": "ready"},
    ),
)


def valid() -> list[Parts]:
    """Give one frame of each kind, several with values, for a job of two sources, `f` with one argument and `g`."""
    with_value = [_results(_result(0, value)) for value in _VALUES]
    together = _results(_result(0, _VALUES[0]), _result(1, _VALUES[-1]))
    return [(deepcopy(dict(header)), b"") for header in _HEADERS] + [*with_value, together]


def _result(index: int, value: object) -> Parts:
    tree, blob = encode_value(value)
    return {"kind": "returned", "index": index, "value": tree, "changed": [], **_OUTPUT}, blob


def _results(*results: Parts) -> Parts:
    """Give results as they are altered: what is said of each call apart from the bytes, and their lengths."""
    header = {
        "kind": "results",
        "results": [header for header, _ in results],
        "sizes": [len(blob) for _, blob in results],
    }
    return header, b"".join(blob for _, blob in results)


def sent(header: Json, blob: bytes) -> bytes:
    """Write a frame; one of results as it crosses the border, each text in the blob before its bytes."""
    return encode_frame(*_as_sent(header, blob))


def _as_sent(header: Json, blob: bytes) -> Parts:
    if not isinstance(header, dict) or not isinstance(header.get("results"), list):
        return header, blob
    texts = [encode_header(entry) for entry in header["results"]]
    sizes = header.get("sizes")
    if not isinstance(sizes, list):
        return {**header, "results": len(texts)}, b"".join(texts) + blob
    lengths: list[Json] = []
    data = b""
    for place, text in enumerate(texts):
        size = sizes[place] if place < len(sizes) else 0
        cut = size if type(size) is int and size >= 0 else 0
        lengths += [len(text), size]
        data, blob = data + text + blob[:cut], blob[cut:]
    lengths += sizes[len(texts) :]
    others = {name: value for name, value in header.items() if name != "results"}
    return {**others, "sizes": lengths}, data + blob


def mutant(rng: random.Random, frames: Sequence[Parts]) -> bytes:
    """Make one stream of one to three frames with one to four faults.

    Parameters
    ----------
    rng : random.Random
        Decides everything.
    frames : sequence of Parts
        What to start from; not altered.

    Returns
    -------
    bytes
    """
    stream = b""
    for parts in rng.choices(frames, k=rng.choice((1, 1, 2, 3))):
        header, blob = deepcopy(parts[0]), parts[1]
        for _ in range(rng.choice((0, 1, 1, 2, 3))):
            header, blob = rng.choice(_PARTS_FAULTS)(rng, header, blob, frames)
        stream += _frame(rng, header, blob)
    for _ in range(rng.choice((0, 0, 0, 1, 3))):
        stream = rng.choice(_BYTE_FAULTS)(rng, stream)
    return stream


def pieces(rng: random.Random, stream: bytes) -> list[bytes]:
    """Cut a stream where a pipe might."""
    cuts = sorted(rng.randrange(len(stream) + 1) for _ in range(rng.choice((0, 1, 5))))
    return [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]


# --------------------------------------------------------------------------------------------------------------
# Faults in what a frame says


def _places(node: Json) -> list[tuple[Json, Any]]:
    """Give every place in a tree: the list or object, and the index or key in it."""
    found = []
    waiting = [node]
    while waiting:
        inner = waiting.pop()
        keys = (
            list(inner) if isinstance(inner, dict) else range(len(inner)) if isinstance(inner, list) else ()
        )
        found += [(inner, key) for key in keys]
        waiting += [inner[key] for key in keys]
    return found


def _replace(rng: random.Random, header: Json, blob: bytes, frames: Sequence[Parts]) -> Parts:
    """Put anything in the place of anything: a nasty value, or a part of some frame."""
    places = _places(header)
    if not places:
        return deepcopy(rng.choice(_NASTY)), blob
    inner, key = rng.choice(places)
    other, its_key = rng.choice(_places(rng.choice(frames)[0]))
    inner[key] = deepcopy(other[its_key]) if rng.random() < 0.4 else deepcopy(rng.choice(_NASTY))
    return header, blob


def _remove(rng: random.Random, header: Json, blob: bytes, _frames: Sequence[Parts]) -> Parts:
    places = _places(header)
    if places:
        inner, key = rng.choice(places)
        del inner[key]
    return header, blob


def _wrap(rng: random.Random, header: Json, blob: bytes, _frames: Sequence[Parts]) -> Parts:
    """Nest a part, once or too deeply."""
    places = _places(header)
    if places:
        inner, key = rng.choice(places)
        for _ in range(rng.choice((1, 20, 100))):
            inner[key] = ["l", [inner[key]]] if rng.random() < 0.9 else [inner[key]]
    return header, blob


def _repeat(rng: random.Random, header: Json, blob: bytes, _frames: Sequence[Parts]) -> Parts:
    """Make a list longer, or a number another."""
    lists = [inner for inner, _ in _places(header) if isinstance(inner, list)]
    if lists:
        chosen = rng.choice(lists)
        chosen *= rng.choice((2, 40))
    return header, blob


def _count(rng: random.Random, header: Json, blob: bytes, _frames: Sequence[Parts]) -> Parts:
    """Change a number a little: an index, a line, a length."""
    numbers = [(inner, key) for inner, key in _places(header) if type(inner[key]) is int]
    if numbers:
        inner, key = rng.choice(numbers)
        inner[key] += rng.choice((-2, -1, 1, 2, 1000))
    return header, blob


def _blob(rng: random.Random, header: Json, blob: bytes, _frames: Sequence[Parts]) -> Parts:
    size = rng.choice((0, 1, 7, 8, len(blob) - 1, len(blob) + 1, 2 * len(blob)))
    return header, rng.randbytes(max(0, size))


_PARTS_FAULTS: Sequence[Callable[[random.Random, Json, bytes, Sequence[Parts]], Parts]] = (
    *(_replace, _replace, _replace, _remove, _wrap, _repeat, _count, _count, _blob),
)


def _frame(rng: random.Random, header: Json, blob: bytes) -> bytes:
    header, blob = _as_sent(header, blob)
    if rng.random() < 0.9:
        return encode_frame(header, blob)
    # As no honest writer does it: a field twice, other white space, bytes that are not ASCII.
    text = json.dumps(header, ensure_ascii=False, separators=(" ,", "\n: ")).encode("utf-8", "surrogatepass")
    text = text.replace(b'"index"', b'"kind"', rng.choice((0, 1)))
    return struct.pack("<4sII", b"BPG1", len(text), len(blob)) + text + blob


# --------------------------------------------------------------------------------------------------------------
# Faults in the bytes


def _flip(rng: random.Random, stream: bytes) -> bytes:
    changed = bytearray(stream)
    for _ in range(rng.choice((1, 2, 8))):
        if changed:
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _cut(rng: random.Random, stream: bytes) -> bytes:
    start, end = sorted(rng.randrange(len(stream) + 1) for _ in range(2))
    return stream[:start] + stream[end:]


def _splice(rng: random.Random, stream: bytes) -> bytes:
    start, end = sorted(rng.randrange(len(stream) + 1) for _ in range(2))
    place = rng.randrange(len(stream) + 1)
    return stream[:place] + stream[start:end] + stream[place:]


def _insert(rng: random.Random, stream: bytes) -> bytes:
    place = rng.randrange(len(stream) + 1)
    return stream[:place] + rng.choice((b"[", b"{", b'"', b"\\", b",", b"\0", b"9" * 5000)) + stream[place:]


def _lengths(rng: random.Random, stream: bytes) -> bytes:
    """Announce other lengths."""
    lengths = (rng.choice((0, 1, 64, 1 << 22, (1 << 22) + 1, 1 << 31, (1 << 32) - 1)) for _ in range(2))
    return stream[:4] + struct.pack("<II", *lengths) + stream[_PREFIX:]


_BYTE_FAULTS: Sequence[Callable[[random.Random, bytes], bytes]] = (
    _flip,
    _flip,
    _cut,
    _splice,
    _insert,
    _lengths,
)

"""Whatever the bytes, reading them gives a submission with sources or with a problem, and never an exception."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path

import pytest
from clock import allowed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packed import COMPRESSED, HONEST, special, tar_of, zip_of

from grader.submissions import find, read

NOTEBOOK = json.dumps(
    {
        "cells": [
            {"cell_type": "markdown", "source": ["# Title"]},
            {"cell_type": "code", "source": ["x = 1\n", "y"], "outputs": [{"text": ["1\n"]}], "metadata": {}},
        ],
        "metadata": {"kernelspec": {"language": "python"}},
        "nbformat": 4,
    }
).encode()
TAR = tar_of([*HONEST.items(), ("a" * 120 + ".py", b""), (special("l.py", b"2", "main.py"), b"")])
SEEDS: dict[str, bytes] = {
    ".zip": zip_of([*HONEST.items(), ("hw1/work.ipynb", NOTEBOOK)]),
    ".ipynb": NOTEBOOK,
    ".py": "# coding: utf-8\nx = 'é'\n".encode(),
    **{suffix: compress(TAR) for suffix, compress in COMPRESSED.items()},
}

Edit = tuple[int, int, bytes]
# Values that matter to a header: ends of ranges, octal digits, a sign bit.
PARTS = st.binary(max_size=8) | st.sampled_from(
    [b"\xff" * 4, b"\0" * 8, b"7" * 11, b"\x80" + bytes(10), b"PK\x05\x06"]
)
EDITS = st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 12), PARTS), min_size=1, max_size=6)


def mutated(data: bytes, edits: list[Edit]) -> bytes:
    for place, length, part in edits:
        start = place % (len(data) + 1)
        data = data[:start] + part + data[start + length :]
    return data


def repaired(data: bytes) -> bytes:
    """Put right the checksums of a tar, so that what was altered is believed."""
    blocks = bytearray(data)
    for start in range(0, len(blocks) - 511, 512):
        if blocks[start + 257 : start + 262] == b"ustar":
            blocks[start + 148 : start + 156] = b" " * 8
            blocks[start + 148 : start + 156] = b"%06o\0 " % sum(blocks[start : start + 512])
    return bytes(blocks)


def check(name: str, data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(data)
        (found,) = find([path], single=True)
        start = time.process_time()
        submission = read(found)
        assert time.process_time() - start < allowed(1.0)
    assert (submission.problem is None) == bool(submission.sources)
    assert submission.problem is None or 20 < len(submission.problem) < 600
    assert submission.files
    shown = "".join((*submission.files, *submission.notes, submission.problem or ""))
    shown.encode("utf-8")
    assert not set(shown) & set("\0\r\n\x1b\u202e")


@pytest.mark.parametrize("suffix", SEEDS)
def test_the_honest_file_is_read(suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"a{suffix}")
        path.write_bytes(SEEDS[suffix])
        (found,) = find([path], single=True)

        assert read(found).sources


@given(st.sampled_from(list(SEEDS)), st.binary(max_size=300))
def test_random_bytes(suffix: str, data: bytes) -> None:
    check(f"a{suffix}", data)


@given(st.sampled_from(list(SEEDS)), EDITS)
def test_an_honest_file_with_some_bytes_altered(suffix: str, edits: list[Edit]) -> None:
    check(f"a{suffix}", mutated(SEEDS[suffix], edits))


@given(st.sampled_from(list(COMPRESSED)), EDITS)
def test_an_honest_tar_with_some_bytes_altered_before_it_is_compressed(
    suffix: str, edits: list[Edit]
) -> None:
    """So that the checksums of the compression do not find it, nor those of the headers."""
    check(f"a{suffix}", COMPRESSED[suffix](repaired(mutated(TAR, edits))))


@pytest.mark.slow
@settings(max_examples=3_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(list(SEEDS)), EDITS, st.booleans())
def test_three_thousand_altered_files(suffix: str, edits: list[Edit], inside: bool) -> None:
    if inside and suffix in COMPRESSED:
        check(f"a{suffix}", COMPRESSED[suffix](repaired(mutated(TAR, edits))))
    else:
        check(f"a{suffix}", mutated(SEEDS[suffix], edits))

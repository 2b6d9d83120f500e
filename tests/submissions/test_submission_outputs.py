"""Outputs are taken out of a notebook's bytes, and nothing else is."""

from __future__ import annotations

import json
import time
from typing import Any
from unittest.mock import patch

import pytest
from clock import allowed
from hypothesis import given
from hypothesis import strategies as st

from grader.submissions.limits import UnusableError
from grader.submissions.outputs import SMALL, count_values, without_outputs

MIB = 1024 * 1024
HEAVY = ("outputs", "attachments", "widgets")


def stripped(data: bytes) -> bytes:
    """Take outputs out of a notebook as if it were large."""
    with patch("grader.submissions.outputs.SMALL", -1):
        return without_outputs("a.ipynb", data)


def emptied(value: Any) -> Any:
    """What a parsed notebook must be without outputs."""
    if isinstance(value, dict):
        return {key: None if key in HEAVY else emptied(inner) for key, inner in value.items()}
    return [emptied(inner) for inner in value] if isinstance(value, list) else value


# Texts that look like what ends a string, a list or an output.
TRICKY = st.lists(
    st.sampled_from(['"', "\\", "[", "]", "{", "}", ",", ":", "outputs", "é", "\n", " ", "x"])
).map("".join)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TRICKY,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(HEAVY) | TRICKY, inner, max_size=4)
    ),
    max_leaves=20,
)


@given(JSON, st.sampled_from([None, 0, 1]), st.booleans())
def test_what_remains_is_all_but_the_outputs(document: Any, indent: int | None, ascii_only: bool) -> None:
    data = json.dumps(document, indent=indent, ensure_ascii=ascii_only).encode()

    assert json.loads(stripped(data)) == emptied(document)


@given(JSON, st.sampled_from([0, 1]))
def test_lines_keep_their_numbers(document: Any, indent: int) -> None:
    data = json.dumps({"outputs": document, "cells": []}, indent=indent).encode()

    assert stripped(data).count(b"\n") == data.count(b"\n")


@given(
    st.binary(max_size=60)
    | st.lists(st.sampled_from([b'"', b"\\", b"[", b"}", b'"outputs":', b"x"])).map(b"".join)
)
def test_any_bytes_remain_or_are_a_problem(data: bytes) -> None:
    remaining, problem = b"", "`a.ipynb` is a broken notebook: it is cut off;"
    try:
        remaining = stripped(data)
    except UnusableError as error:
        problem = str(error)

    assert problem.startswith("`a.ipynb` is a broken notebook: it is cut off;")
    assert len(remaining) <= len(data) + len(b"null") * data.count(b'"outputs"')


def test_small_notebooks_are_left_as_they_are() -> None:
    data = b'{"outputs": [' + b" " * (SMALL - 15) + b"]}"

    assert without_outputs("a.ipynb", data) is data
    assert len(without_outputs("a.ipynb", data + b" ")) < 100


@pytest.mark.parametrize(
    "data", [b'{"outputs": [', b'{"outputs": ["', b'{"outputs": {"a": "b\\"', b'{"outputs": [{]']
)
def test_an_output_that_does_not_end_is_a_problem(data: bytes) -> None:
    with pytest.raises(UnusableError, match="it is cut off"):
        stripped(data)


def test_more_code_than_the_limit_is_a_problem_before_it_is_copied() -> None:
    with pytest.raises(UnusableError, match="more than 8 MiB besides its outputs"):
        without_outputs("a.ipynb", b'{"cells": ["' + b"x" * 8 * MIB + b'"]}')


def test_fifty_megabytes_of_pictures_cost_a_fifth_of_a_second() -> None:
    """About 0.06 s where it was measured."""
    picture = {"output_type": "display_data", "data": {"image/png": "iVBORw0KGgo" * 95_000}}
    cells = [{"cell_type": "code", "source": "plot()", "outputs": [picture]}] * 50
    data = json.dumps({"cells": cells}).encode()
    assert len(data) > 50_000_000
    start = time.process_time()

    remaining = without_outputs("a.ipynb", data)

    assert time.process_time() - start < allowed(0.2)
    assert [cell["source"] for cell in json.loads(remaining)["cells"]] == ["plot()"] * 50


def test_what_takes_long_to_go_through_counts_for_several_strings() -> None:
    assert count_values(b'{"a": ["b", 1], "c": {}}') == 3 + 8 * 3
    assert count_values(b'"' + b"\\n" * 80 + b'"') == 1 + 80 / 8

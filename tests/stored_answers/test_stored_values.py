"""What student code gave comes back as it was, to the last bit and type, and damaged bytes give nothing."""

from __future__ import annotations

import contextlib
import zlib
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.model import Call, CallResult, Ending, Frame, Job, Limits, Opaque, RunOutcome, StudentError
from grader.stored_answers.runs import MOST_BYTES, packed, unpacked

KEY = b"k" * 16
DTYPES = [
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
]

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
arrays = st.sampled_from(DTYPES).flatmap(
    lambda name: hnp.arrays(np.dtype(name), hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
)
opaque = st.builds(lambda name, why: Opaque(type_name=name, reason=why), texts, texts)
leaves = st.none() | st.booleans() | st.floats() | st.integers() | texts | arrays | opaque
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(texts, inner, max_size=4)
    ),
    max_leaves=12,
)


def job_of(count: int) -> Job:
    calls = tuple(Call(key=f"first//drawn-{i}/f", function="f", arguments=()) for i in range(count))
    return Job(sources=(), functions=("f",), calls=calls, limits=Limits())


def results_of(*values: Any) -> tuple[CallResult, ...]:
    return tuple(
        CallResult(key=call.key, function="f", ending=Ending.FINISHED, value=value)
        for call, value in zip(job_of(len(values)).calls, values, strict=True)
    )


def and_back(outcome: RunOutcome) -> RunOutcome:
    return unpacked(packed({KEY: outcome}))[KEY].outcome(job_of(len(outcome.calls)))


def alike(a: Any, b: Any) -> bool:
    """Whether two values have the same types and bits; NaN is NaN, and 0 is not -0."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return bool(a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes())
    if isinstance(a, dict):
        return list(a) == list(b) and all(alike(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(alike, a, b))
    same = np.float64(a).tobytes() == np.float64(b).tobytes() if isinstance(a, float) else a == b
    return bool(same)


@given(st.lists(values, max_size=3))
def test_every_value_comes_back_with_its_type_and_its_bits(given_values: list[Any]) -> None:
    back = and_back(RunOutcome(ending=Ending.FINISHED, calls=results_of(*given_values)))
    assert all(alike(a, b.value) for a, b in zip(given_values, back.calls, strict=True))


def test_numbers_of_numpy_under_names_come_back_as_arrays_without_an_axis() -> None:
    """What most students return; a plain float among them makes it another kind of dict."""
    for value in (
        {"z0": np.array(0.1), "h0": np.array(-0.0), "z1": np.array(np.nan)},
        {"z0": np.array(0.1), "h0": 0.5},
        {"z0": np.array(0.1, np.float32), "h0": np.array(0.2, np.float32)},
        {"z0": np.array([0.1]), "h0": np.array([0.2])},
    ):
        back = and_back(RunOutcome(ending=Ending.FINISHED, calls=results_of(value))).calls[0].value
        assert alike(value, back)


def test_an_array_that_comes_back_can_be_written_to() -> None:
    back = and_back(RunOutcome(ending=Ending.FINISHED, calls=results_of(np.zeros(3)))).calls[0].value
    assert isinstance(back, np.ndarray)
    back[0] = 1.0


def test_everything_else_of_a_run_comes_back_too() -> None:
    error = StudentError(
        type_name="ValueError",
        message="no ☃",
        frames=(Frame(source="a.py", cell=None, line=3, function="f", text="    x"),),
    )
    (key,) = [call.key for call in job_of(1).calls]
    result = CallResult(
        key=key, function="f", ending=Ending.RAISED, error=error, message="m", printed="p", changed_arguments=(0, 2)
    )  # fmt: skip
    outcome = RunOutcome(
        ending=Ending.UNREADABLE,
        message="why",
        calls=(result,),
        found=("f", "g"),
        notes=("n",),
        printed="hello",
        cpu_s=0.25,
        peak_memory_mib=1.5,
        isolation="jail",
    )
    assert and_back(outcome) == outcome


@pytest.mark.parametrize(
    "value",
    [np.random.default_rng(1).random(MOST_BYTES // 4), np.zeros(3 * MOST_BYTES), "a\udcff"],
    ids=["does not compress", "is large before it is compressed", "no Unicode"],
)
def test_what_is_too_large_or_no_text_is_not_stored(value: Any) -> None:
    assert packed({KEY: RunOutcome(ending=Ending.FINISHED, calls=results_of(value))}) == b""


GOOD = packed({KEY: RunOutcome(ending=Ending.FINISHED, calls=results_of({"z": np.zeros(2)}, [1, "a"]))})


@pytest.mark.parametrize(
    "data", [None, b"", b"x", GOOD[:-1], zlib.compress(b"\xc1"), zlib.compress(bytes(17 << 20))]
)
def test_bytes_that_are_no_stored_runs_are_as_good_as_none(data: bytes | None) -> None:
    assert unpacked(data) == {}


NODES = [
    [],
    ["x"],
    [["a"]],
    ["i", 1],
    ["i", "no digits"],
    ["l", 1],
    ["l"],
    ["d", [1]],
    ["d", {1: 2}],
    ["g", ["z"], b"1234567"],
    ["g", [1], b"12345678"],
    ["a", "object", [1], b"12345678"],
    ["a", "float64", [2], b"12345678"],
    ["a", "float64", [-1, -1], b"12345678"],
    ["a", "float64", [0, 1 << 40, 1 << 40], b""],
    ["o", 1, 2],
    b"bytes",
]


@pytest.mark.parametrize("node", NODES, ids=repr)
def test_a_value_that_is_damaged_is_refused(node: object) -> None:
    content = msgspec.msgpack.decode(zlib.decompress(GOOD))
    content[0][3][0][1] = node
    damaged = zlib.compress(msgspec.msgpack.encode(content))
    with pytest.raises((ValueError, TypeError, OverflowError)):
        unpacked(damaged)[KEY].outcome(job_of(2))


@given(st.data())
def test_any_damage_of_the_bytes_gives_a_run_or_nothing(data: st.DataObject) -> None:
    """No other error: then the code is run again."""
    raw = bytearray(zlib.decompress(GOOD))
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    for run in unpacked(zlib.compress(bytes(raw))).values():
        with contextlib.suppress(ValueError, TypeError, OverflowError):
            assert len(run.outcome(job_of(len(run.results))).calls) == len(run.results)

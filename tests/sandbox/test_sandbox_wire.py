"""Claims on values that cross the border: the round trip is exact, and a hostile one only ever raises `WireError`."""

from __future__ import annotations

import collections
import contextlib
import math
import struct
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType, SimpleNamespace
from typing import Any, NoReturn

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.sandbox import wire
from grader.sandbox.decode import decode_value
from grader.sandbox.encode import encode_value
from grader.sandbox.wire import FrameReader, WireError, encode_frame


def fail(type_name: str, reason: str) -> NoReturn:
    raise AssertionError((type_name, reason))


def opaque(type_name: str, reason: str) -> object:
    return ("opaque", type_name, reason)


def through(value: object, **options: Any) -> Any:
    """Send a value through a whole frame."""
    tree, blob = encode_value(value, **options)
    (frame,) = FrameReader().feed(encode_frame({"value": tree}, blob))
    return decode_value(frame.header["value"], frame.blob, opaque=opaque)


def reason(value: object, **options: Any) -> str:
    kind, _, why = through(value, **options)
    assert kind == "opaque"
    return str(why)


ARRAYS = hnp.arrays(
    st.sampled_from(["bool", "int8", "uint16", "int64", "float16", "float32", "float64"]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | ARRAYS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


def same(one: Any, other: Any) -> Any:
    """Equal in type and bits."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, float):
        return struct.pack("d", one) == struct.pack("d", other) or (math.isnan(one) and math.isnan(other))
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    return one == other


@given(PLAIN)
def test_a_plain_value_comes_back_with_its_types_and_bits(value: object) -> None:
    assert same(through(value), value)


@pytest.mark.parametrize("value", [math.nan, -0.0, math.inf, -math.inf, 5e-324, 0.1, 2**70, -1, True])
def test_special_numbers_come_back_exactly(value: object) -> None:
    assert same(through(value), value)


def test_numpy_scalars_keep_their_precision_as_arrays_without_dimensions() -> None:
    assert same(through(np.float32(0.1)), np.array(0.1, dtype=np.float32))
    assert same(through(np.float64(0.1)), np.array(0.1))
    assert same(through(np.bool_(True)), np.array(True))


def test_long_double_numbers_cross_as_double_ones() -> None:
    assert same(through(np.longdouble(0.1)), np.array(0.1))
    assert same(through(np.array([[1, 2]], dtype=np.longdouble)), np.array([[1.0, 2.0]]))
    assert same(through(np.array([np.longdouble("1e300")]) ** 2), np.array([np.inf]))


def test_fractions_and_decimal_numbers_cross_by_their_value() -> None:
    assert through({"z": Fraction(3, 8), "h": [Decimal("0.25")]}) == {"z": 0.375, "h": [0.25]}


def test_complex_numbers_without_an_imaginary_part_cross_as_real_ones() -> None:
    assert through(0.375 + 0j) == 0.375
    assert same(through(np.complex128(0.375)), np.array(0.375))
    assert same(through(np.array([1, 2], dtype=np.complex64)), np.array([1, 2], dtype=np.float32))
    assert "a complex array" in reason(np.array([1, 2 + 1e-30j]))


def test_mappings_that_are_no_dict_cross_as_one() -> None:
    inner = {"z": 1.0, "h": np.float64(2.0)}
    for value in (
        MappingProxyType(inner),
        collections.ChainMap({"z": 1.0}, inner),
        collections.UserDict(inner),
    ):
        assert through(value) == inner


def test_arrays_of_other_byte_order_or_memory_layout_come_back_equal() -> None:
    array = np.arange(6.0).reshape(2, 3)
    assert same(through(array.astype(">f8")), array)
    assert same(through(np.asfortranarray(array)), array)
    assert same(through(array[:, ::-1]), np.array([[2.0, 1.0, 0.0], [5.0, 4.0, 3.0]]))


def test_a_returned_array_can_be_written_to() -> None:
    through(np.zeros(2))[0] = 1.0


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (np.array(["1"]), "a string array"),
        (np.array([1j]), "a complex array"),
        (np.array([None]), "object array"),
        (np.zeros(1, dtype=[("a", "f8")]), "a structured array"),
        (np.datetime64("2020-01-01"), "a value of dates"),
        (1j, "a complex number"),
        (np.complex64(1 + 1e-30j), "a complex value"),
        (Fraction(10**400), "a Fraction that is no float"),
        (Decimal("sNaN"), "a Decimal that is no float"),
        ({1}, "a set"),
        ((item for item in [1]), "a generator; return its values"),
        (print, "a function or class"),
        (object(), "an object"),
        (1 << 5000, "an integer of more than"),
        ("x" * 70_000, "a text of 70,000 characters"),
        ([0] * 60_000, "too large (more than 50,000 parts)"),
        (np.broadcast_to(0.0, (10**6, 10**6)), "too large (8,000,000 MB)"),
        (np.zeros((10**6, 0)), "an empty array of shape (1000000, 0)"),
        ({"z": "\N{PILE OF POO}" * 60_000, "h": "\N{PILE OF POO}" * 60_000}, "too large (too much text)"),
        ([2**4000] * 2000, "too large (too much text)"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_plain_data_says_why(value: object, why: str) -> None:
    assert why in reason(value)


@pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) < "2.0.0", reason="arrays end at 32 dimensions")
def test_an_array_of_more_dimensions_than_cross_the_border_says_so() -> None:
    assert reason(np.zeros((1,) * 33)) == "an array of 33 dimensions"
    assert through(np.zeros((1,) * 32)).shape == (1,) * 32


@pytest.mark.parametrize("shape", [(0,), (3, 0), (0, 5, 2), (10_000, 0)])
def test_an_empty_array_keeps_its_shape(shape: tuple[int, ...]) -> None:
    assert through(np.zeros(shape)).shape == shape


def test_the_largest_honest_value_fits_into_a_frame_with_what_it_printed() -> None:
    """50,000 parts, each as long as it may be, beside 64 KiB of characters that JSON writes with twelve bytes."""
    value = {f"{number:05}": -1.2345678901234567e-300 for number in range(wire.MAX_NODES - 1)}
    tree, blob = encode_value(value)
    header = {"kind": "returned", "value": tree, "printed": "\N{PILE OF POO}" * (64 << 10)}
    (frame,) = FrameReader().feed(encode_frame(header, blob))
    assert decode_value(frame.header["value"], frame.blob, opaque=opaque) == value


def test_one_opaque_part_leaves_the_others_usable() -> None:
    assert through({"z": 1.0, "s": {1}}) == {"z": 1.0, "s": ("opaque", "set", "a set")}


def test_a_value_that_holds_itself_ends() -> None:
    loop: list[object] = []
    loop.append(loop)
    assert "nested too deeply" in str(through(loop))
    twice: list[object] = []
    twice += [twice, twice]
    assert "too large" in reason(twice)


def test_an_entry_under_a_key_that_is_no_text_is_opaque_under_the_text_of_the_key() -> None:
    got = through({1: 2.0, "a": 3.0})
    assert got["a"] == 3.0
    assert got["1"] == ("opaque", "float", "under a key that is no text but an int")


class Forward:
    """What a student might return."""

    def __init__(self) -> None:
        self.z = 1.0
        self.h = 2.0


Named = collections.namedtuple("Named", "z h")  # noqa: PYI024


@pytest.mark.parametrize("value", [Forward(), SimpleNamespace(z=1.0, h=2.0), Named(1.0, 2.0)])
def test_objects_with_the_wanted_attributes_become_dicts(value: object) -> None:
    assert through(value, attributes=("z", "h", "q")) == {"z": 1.0, "h": 2.0}


def test_a_named_tuple_without_the_wanted_attributes_stays_a_tuple() -> None:
    assert through(Named(1.0, 2.0), attributes=("q",)) == (1.0, 2.0)


def test_subclasses_are_read_by_the_methods_of_their_base() -> None:
    class Lying(dict[str, float]):
        def items(self) -> Any:
            return [("z", 99.0)]

    class Text(str):
        __slots__ = ()

        def __str__(self) -> str:
            return "lie"

    assert through(Lying(z=1.0)) == {"z": 1.0}
    assert through(Text("true")) == "true"
    assert through(collections.OrderedDict(z=1.0)) == {"z": 1.0}
    assert same(through(np.eye(2).view(np.matrix)), np.eye(2))


def test_refused_types_are_opaque_whatever_attributes_they_have() -> None:
    assert reason(Forward(), attributes=("z",), refused={Forward: "not an answer"}) == "not an answer"


def test_text_that_no_file_can_hold_is_written_out() -> None:
    assert through("a\udc80") == "a\\udc80"


@given(PLAIN, st.data())
def test_changed_bytes_give_a_value_or_a_wire_error(value: object, data: st.DataObject) -> None:
    tree, blob = encode_value(value)
    frame = bytearray(encode_frame({"value": tree}, blob))
    for _ in range(data.draw(st.integers(1, 4))):
        frame[data.draw(st.integers(0, len(frame) - 1))] = data.draw(st.integers(0, 255))
    try:
        for read in FrameReader().feed(bytes(frame)):
            decode_value(read.header.get("value"), read.blob, opaque=opaque)
    except WireError:
        pass


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["i", "f", "s", "l", "t", "d", "a", "o", "float64", "0x1", "nan"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=10,
)


@given(JSON, st.binary(max_size=32))
def test_any_tree_gives_a_value_or_a_wire_error(tree: object, blob: bytes) -> None:
    with contextlib.suppress(WireError):
        decode_value(tree, blob, opaque=opaque)


@pytest.mark.parametrize(
    "tree",
    [
        ["a", "float64", [2**40]],
        ["a", "float64", [2**31, 2**31, 2**31, 0]],
        ["a", "object", [1]],
        ["a", "float64", [-1]],
        ["a", "float64", [True]],
        ["a", "float64", [1] * 33],
        ["a", "float64", [2**31, 0]],
        ["a", "float64", [0, 101, 101]],
        ["a", "float64", [2**62, 4]],
        ["a", "float64", [1.0]],
        ["a", "float64", 1],
        ["a", "float64", [2]],
        ["a", "<f8", [1]],
        ["a", "f8", [1]],
        ["a", "O", [1]],
        ["a", ["float64"], [1]],
        ["a", [["x", "f8"]], [1]],
        ["a", "float64"],
        ["a", "float64", [1], 0],
        ["i", "9" * 5000],
        ["i", "0x" + "f" * 5000],
        ["i", 3],
        ["i", "3"],
        ["i", "0x"],
        ["i", " 0x1"],
        ["f", "1" * 100],
        ["f", 1.5],
        ["f", "0x1p99999999999"],
        ["f", "one"],
        ["s", 5],
        ["s", "x" * 65_537],
        ["o", "t" * 201, ""],
        ["o", "set", None],
        ["o", "set"],
        ["l", {}],
        ["l", "text"],
        ["d", {"a": None}],
        ["d", [["a"]]],
        ["d", [["a", None, None]]],
        ["d", [["k" * 201, None]]],
        ["d", [["a", None], ["a", None]]],
        ["d", [[1, None]]],
        *(["p", "f", names] for names in ([], ["a", "b"], "a", [1], ["k" * 201], None)),
        *(["p", kinds, ["a"]] for kinds in ("", "d", "F", ["f"], 1, None)),
        ["p", "ff", ["a", "b"]],
        ["p", "f"],
        ["p", "f", ["a"], 0],
        *(["q", kind, "f"] for kind in ("d", "", "lt", ["l"], None)),
        *(["q", "l", kinds] for kinds in ("ff", "d", ["f"], None)),
        ["q", "l"],
        ["q", "l", "f", 0],
        ["x"],
        [],
        3,
        "s",
        {"f": 1},
    ],
)
def test_a_node_that_is_not_as_it_should_be_is_refused(tree: object) -> None:
    with pytest.raises(WireError):
        decode_value(tree, b"\0" * 8, opaque=fail)


@pytest.mark.parametrize("name", wire.DTYPES)
def test_an_array_without_dimensions_takes_the_bytes_of_one_entry(name: str) -> None:
    size = np.dtype(name).itemsize
    assert decode_value(["a", name, []], bytes(size), opaque=fail) == 0
    with pytest.raises(WireError):
        decode_value(["a", name, []], bytes(size - 1), opaque=fail)


def test_no_type_of_array_holds_python_objects() -> None:
    assert {np.dtype(name).kind for name in wire.DTYPES} == set("biuf")


DOUBLES = st.floats() | st.floats().map(np.float64)


@given(
    st.lists(DOUBLES)
    | st.lists(DOUBLES).map(tuple)
    | st.dictionaries(st.text(max_size=100), DOUBLES)
    | DOUBLES
)
def test_numbers_that_cross_in_one_piece_keep_their_kind_and_bits(value: Any) -> None:
    def as_read(number: float) -> object:
        return np.array(number) if type(number) is np.float64 else number

    expected: object
    if isinstance(value, dict):
        expected = {key: as_read(number) for key, number in value.items()}
    elif isinstance(value, (list, tuple)):
        expected = type(value)(as_read(number) for number in value)
    else:
        expected = as_read(value)
    assert same(through(value), expected)


def test_only_so_many_numbers_of_a_value_cross_in_one_piece() -> None:
    """Or each nine bytes of a frame could become the memory of an array."""
    most = wire.MAX_PACKED
    tree, _ = encode_value([1.0] * most)
    assert tree == ["q", "l", "f" * most]
    for value in ([1.0] * (most + 1), [[1.0] * most, [2.0]]):
        assert same(through(value), value)
    with pytest.raises(WireError):
        decode_value(["q", "l", "g" * (most + 1)], bytes(8 * (most + 1)), opaque=fail)
    halves = [["q", "l", "g" * (most // 2 + 1)]] * 2
    with pytest.raises(WireError):
        decode_value(["l", halves], bytes(8 * (most + 2)), opaque=fail)


def test_a_name_twice_is_refused_where_numbers_cross_in_one_piece() -> None:
    with pytest.raises(WireError):
        decode_value(["p", "ff", ["a", "a"]], bytes(16), opaque=fail)


def test_numbers_in_one_piece_count_as_bytes_of_arrays() -> None:
    assert same(through([1.0, 2.0], max_bytes=8), [1.0, 2.0])
    assert encode_value([1.0, 2.0], max_bytes=8)[1] == b""


def test_arrays_cannot_share_bytes() -> None:
    with pytest.raises(WireError):
        decode_value(["l", [["a", "float64", [1]]] * 2], b"\0" * 8, opaque=fail)


def test_bytes_that_no_array_claims_are_refused() -> None:
    with pytest.raises(WireError):
        decode_value(None, b"\0", opaque=fail)


def test_too_many_nodes_and_too_deep_nesting_are_refused() -> None:
    with pytest.raises(WireError):
        decode_value(["l", [None] * (3 * wire.MAX_NODES)], b"", opaque=fail)
    tree: object = None
    for _ in range(wire.MAX_DEPTH + 5):
        tree = ["l", [tree]]
    with pytest.raises(WireError):
        decode_value(tree, b"", opaque=fail)


def test_a_byte_of_a_bool_array_becomes_true_or_false() -> None:
    got = decode_value(["a", "bool", [2]], b"\x07\x00", opaque=fail)
    assert same(got, np.array([True, False]))

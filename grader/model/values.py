"""Numbers: what is asked about, what students give, and how both are held against each other."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeAlias

from msgspec import Struct, field
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]

Value: TypeAlias = (
    "float | int | bool | str | Array | list[Value] | tuple[Value, ...] | dict[str, Value] | Opaque | None"
)
"""What a student's function takes and returns, as plain data."""


class Opaque(Struct, frozen=True, kw_only=True):
    """A returned value that has no place in plain data, and why."""

    type_name: str
    reason: str
    """Reads after "is", e.g. "a string array", "too large (80 MB)"."""


WORKED = "worked"
"""Name of the case whose numbers are printed in the task."""


class Case(Struct, frozen=True, kw_only=True):
    """One set of inputs of the network, and of its functions that take values from its middle."""

    name: str
    """`worked` or `drawn-K`."""
    leaves: Mapping[str, Array]
    """Inputs, targets and parameters by name, float64."""
    rate: float
    """Learning rate of `update` and `step`."""
    spare_leaves: Mapping[str, Array]
    """Leaves of an independent draw: what `loss` is called with comes from it, so that no answer that is asked
    for elsewhere enters the student's process. Equal to `leaves` on the worked case, whose numbers are printed."""
    given_gradients: Mapping[str, Array] = field(default_factory=dict)
    """Gradients by parameter that `update` is called with; random on drawn cases."""
    edge: bool = False
    """Whether failing here alone costs only a fifth of a quantity."""


class AnswerKind(StrEnum):
    """Whether there is a number to compare."""

    GIVEN = "given"
    MISSING = "missing"
    INVALID = "invalid"
    """Something was given that is not a number array: text, bool, float16, an object."""
    OPEN = "open"
    """Something was given that says nothing on this case: a number by hand, of one case alone."""


class Answer(Struct, frozen=True, kw_only=True):
    """What a student gives for one quantity on one case."""

    kind: AnswerKind
    value: Array | None = None
    """float32 or float64 array of any shape, possibly not finite; None unless given."""
    reason: str | None = None
    """Why there is no number; reads as a sentence."""
    rounding: float = 0.0
    """How far the value may be off because it was rounded when it was written down."""


class Comparison(Struct, frozen=True, kw_only=True):
    """An answer held against an expectation; returned, never raised."""

    agrees: bool
    reason: str | None = None
    """The first reason why it does not agree: type, shape, finite, values; reads as a sentence."""
    values_compared: bool = False
    """Whether type, shape and finiteness held, so that the numbers below mean something."""
    abs_error: float = 0.0
    """Worst absolute difference."""
    rel_error: float | None = None
    """The worst absolute difference relative to the expected entry there; None where that is 0."""
    index: tuple[int, ...] = ()
    """Index of the worst absolute difference."""
    differing: int = 0
    """How many entries differ by more than the tolerance allows."""
    size: int = 1
    rtol: float = 0.0
    atol: float = 0.0

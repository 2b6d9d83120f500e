"""Holds the calls of a job in the child, decoded before student code exists and given afresh to each call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from grader.sandbox import wire
from grader.sandbox.collecting import collectors
from grader.sandbox.decode import decode_value
from grader.sandbox.encode import encode_value

_UNCHANGING = frozenset({int, float, bool, str, type(None)})


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedCall:
    """One call that is to be made."""

    index: int
    function: str
    needed: tuple[str, ...]
    """The student's names that it cannot do without."""
    collect: Callable[..., object] | None
    """What is called in the place of the student's own function."""
    attributes: tuple[str, ...]
    arguments: tuple[object, ...]
    """The originals, which no student code ever sees if they can change."""
    before: Mapping[int, tuple[object, bytes]]
    """What the arguments that can change in place look like, by place, as `encode_value` writes them."""

    def fresh(self) -> tuple[object, ...]:
        """Give the arguments as if nobody had ever had them; plain numbers are the same ones each time."""
        if not self.before:
            return self.arguments
        return tuple(
            _copy(argument, self.before[place]) if place in self.before else argument
            for place, argument in enumerate(self.arguments)
        )

    def changed(self, arguments: tuple[object, ...]) -> list[int]:
        """Say which arguments look different now, by place."""
        return [
            place
            for place, old in self.before.items()
            if not _is_untouched(arguments[place], self.arguments[place])
            and encode_value(arguments[place]) != old
        ]


def _copy(argument: object, written: tuple[object, bytes]) -> object:
    if type(argument) is dict and all(type(item) in _UNCHANGING for item in argument.values()):
        return dict(argument)
    return _decoded(*written)


def _is_untouched(now: object, original: object) -> bool:
    """Say whether a dict still holds the very objects it was made of: the quick way to know that nothing changed."""
    return (
        type(now) is dict
        and type(original) is dict
        and len(now) == len(original)
        and all(
            key is old_key and item is old_item
            for (key, item), (old_key, old_item) in zip(now.items(), original.items(), strict=True)
        )
    )


def read_calls(frame: wire.Frame) -> tuple[PlannedCall, ...]:
    """Read the calls of a job.

    Parameters
    ----------
    frame : wire.Frame
        From `grader.sandbox.job_frames.calls_frame`.

    Returns
    -------
    tuple of PlannedCall
        In the order of their indices.
    """
    calls: Any = frame.header["calls"]
    text: Any = frame.header["collect"]
    made = collectors(text) if text else {}
    return tuple(_planned(call, frame.blob[call["start"] : call["end"]], made) for call in calls)


def _planned(call: Mapping[str, Any], blob: bytes, made: Mapping[str, Callable[..., object]]) -> PlannedCall:
    arguments = _decoded(call["arguments"], blob)
    assert isinstance(arguments, tuple)
    return PlannedCall(
        index=call["index"],
        function=call["function"],
        needed=tuple(call["needed"]),
        collect=made[call["collector"]] if call["collector"] else None,
        attributes=tuple(call["attributes"]),
        arguments=arguments,
        before={
            place: encode_value(argument)
            for place, argument in enumerate(arguments)
            if type(argument) not in _UNCHANGING
        },
    )


def _decoded(tree: object, blob: bytes) -> object:
    return decode_value(tree, blob, opaque=_no_opaque)


def _no_opaque(type_name: str, reason: str) -> NoReturn:
    raise TypeError(f"no argument is opaque: {type_name}, {reason}")

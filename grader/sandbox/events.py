"""Checks what the child says: frames become typed events, or a `WireError`.

Whatever stands in a frame may be the student's own invention. An event holds only the fields that are expected, with
the types and sizes that are expected; its truth is another matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, cast

from grader.model import Job, Opaque, StudentError, Value
from grader.sandbox import wire
from grader.sandbox.decode import decode_value
from grader.sandbox.fields import MAX_NAME, Fields, SourceLines, items, mapping, number
from grader.sandbox.wire import WireError

_STATES = frozenset({"ready", "absent", "not-callable", "conflict", "raised", "unreadable"})
_MAX_FOUND = 200
_MAX_NOTE = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class FunctionState:
    """What became of one function that was looked for."""

    state: str
    """`ready`, `absent`, `not-callable`, `conflict`, `raised` or `unreadable`."""
    type_name: str = ""
    files: tuple[str, ...] = ()
    error: StudentError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """Our own start-up is over; student code follows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Surveyed:
    """The files were read."""

    found: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """Something the reader should know."""

    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Loading:
    """A file is loaded now."""

    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Stopped:
    """A file or cell ended with an exception."""

    source: str
    cell: int | None
    error: StudentError
    unreadable: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """Loading is over."""

    functions: Mapping[str, FunctionState]
    memory: bool
    printed: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Calling:
    """A call begins."""

    index: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Returned:
    """A call gave a value."""

    index: int
    value: Value
    changed: tuple[int, ...]
    printed: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Raised:
    """A call raised."""

    index: int
    error: StudentError
    memory: bool
    printed: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Overflow:
    """Too much was printed; the process ends."""


@dataclass(frozen=True, kw_only=True, slots=True)
class End:
    """All is done; the process ends."""


Event: TypeAlias = (
    Ready | Surveyed | Note | Loading | Stopped | Loaded | Calling | Returned | Raised | Overflow | End
)


class EventParser:
    """Checks the frames of one process, one by one.

    Parameters
    ----------
    job : Job
        What was asked, to check indices against and to take source lines from.
    memo : Memo or None
        Remembers values that were decoded before.
    """

    def __init__(self, job: Job, memo: wire.Memo | None = None) -> None:
        self._job = job
        self._memo = memo or wire.Memo()
        self._lines = SourceLines(job.sources)

    def parse(self, frame: wire.Frame) -> Event:
        """Check one frame.

        Parameters
        ----------
        frame : wire.Frame
            As it came.

        Returns
        -------
        Event

        Raises
        ------
        WireError
            When anything in it is not as it should be.
        """
        kind = frame.header.get("kind")
        if type(kind) is not str or kind not in _PARSERS:
            raise WireError("unknown kind")
        if frame.blob and kind != "returned":
            raise WireError("bytes without a value")
        fields = Fields(frame=frame, job=self._job, lines=self._lines, memo=self._memo)
        return _PARSERS[kind](fields)


def _surveyed(fields: Fields) -> Event:
    return Surveyed(found=fields.texts("found", _MAX_FOUND))


def _loading(fields: Fields) -> Event:
    return Loading(source=fields.job.sources[fields.source()].name)


def _stopped(fields: Fields) -> Event:
    source = fields.source()
    return Stopped(
        source=fields.job.sources[source].name,
        cell=fields.cell(source),
        error=fields.error(fields.get("error")),
        unreadable=fields.truth("unreadable"),
    )


def _loaded(fields: Fields) -> Event:
    states = mapping(fields.get("functions"))
    if set(states) != set(fields.job.functions):
        raise WireError("other functions than asked for")
    return Loaded(
        functions={name: _state(fields, states[name]) for name in fields.job.functions},
        memory=fields.truth("memory"),
        printed=fields.printed(),
    )


def _state(fields: Fields, value: object) -> FunctionState:
    told = mapping(value)
    state = wire.text(told.get("state"), MAX_NAME)
    if state not in _STATES or (state in {"raised", "unreadable"}) != ("error" in told):
        raise WireError("unknown state")
    sources = fields.job.sources
    numbers = [number(item, len(sources)) for item in items(told.get("files", []), 2)]
    if (len(numbers) == 2) != (state == "conflict"):  # noqa: PLR2004  (a conflict is between two)
        raise WireError("not the files of a conflict")
    return FunctionState(
        state=state,
        type_name=wire.text(told.get("type", ""), MAX_NAME),
        files=tuple(sources[item].name for item in numbers),
        error=fields.error(told["error"]) if "error" in told else None,
    )


def _returned(fields: Fields) -> Event:
    index = fields.call()
    arguments = len(fields.job.calls[index].arguments)
    changed = tuple(number(item, arguments) for item in items(fields.get("changed"), arguments))
    tree = fields.get("value")
    value = fields.memo.value(fields.frame, lambda: decode_value(tree, fields.frame.blob, opaque=_opaque))
    return Returned(index=index, value=cast("Value", value), changed=changed, printed=fields.printed())


def _opaque(name: str, reason: str) -> Opaque:
    return Opaque(type_name=name, reason=reason)


def _raised(fields: Fields) -> Event:
    return Raised(
        index=fields.call(),
        error=fields.error(fields.get("error")),
        memory=fields.truth("memory"),
        printed=fields.printed(),
    )


_PARSERS: Mapping[str, Callable[[Fields], Event]] = {
    "ready": lambda _: Ready(),
    "surveyed": _surveyed,
    "note": lambda fields: Note(text=fields.text("text", _MAX_NOTE)),
    "loading": _loading,
    "stopped": _stopped,
    "loaded": _loaded,
    "calling": lambda fields: Calling(index=fields.call()),
    "returned": _returned,
    "raised": _raised,
    "overflow": lambda _: Overflow(),
    "end": lambda _: End(),
}

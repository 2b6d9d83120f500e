"""Checks what the child says: frames become typed events, or a `WireError`.

Whatever stands in a frame may be the student's own invention. An event holds only the fields that are expected, with
the types and sizes that are expected; its truth is another matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from grader.model import Frame, Job, Opaque, StudentError, Value
from grader.sandbox import wire
from grader.sandbox.decode import decode_value
from grader.sandbox.wire import WireError

_STATES = frozenset({"ready", "absent", "not-callable", "conflict", "raised", "unreadable"})
_MAX_FRAMES = 20
_MAX_MESSAGE = 500
_MAX_NAME = 200
_MAX_FOUND = 200
_MAX_LINE_TEXT = 200
_MAX_LINE = 10_000_000
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


def parse_event(frame: wire.Frame, job: Job) -> Event:
    """Check one frame.

    Parameters
    ----------
    frame : wire.Frame
        As it came.
    job : Job
        What was asked, to check indices against and to take source lines from.

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
    return _PARSERS[kind](_Fields(header=frame.header, blob=frame.blob, job=job))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Fields:
    """Reads the fields of one header, each with its type."""

    header: Mapping[str, Any]
    blob: bytes
    job: Job

    def get(self, name: str) -> object:
        if name not in self.header:
            raise WireError(f"no {name}")
        return self.header[name]

    def text(self, name: str, max_length: int) -> str:
        return wire.text(self.get(name), max_length)

    def truth(self, name: str) -> bool:
        value = self.get(name)
        if type(value) is not bool:
            raise WireError(f"{name} is no truth value")
        return value

    def texts(self, name: str, max_count: int) -> tuple[str, ...]:
        return tuple(wire.text(item, _MAX_NAME) for item in _list(self.get(name), max_count))

    def call(self) -> int:
        return _number(self.get("index"), len(self.job.calls))

    def source(self) -> str:
        return self.job.sources[_number(self.get("source"), len(self.job.sources))].name

    def printed(self) -> str:
        text = self.text("printed", self.job.limits.output_kib * 1024)
        cut = f"\n… (cut after {self.job.limits.output_kib} KiB)\n" if self.truth("cut") else ""
        return text + cut

    def error(self) -> StudentError:
        return _error(self.get("error"), self.job)


def _list(value: object, max_length: int) -> list[object]:
    if type(value) is not list or len(value) > max_length:
        raise WireError("not a list")
    return value


def _number(value: object, end: int, *, start: int = 0) -> int:
    if type(value) is not int or not start <= value < end:
        raise WireError("not a number in range")
    return value


def _mapping(value: object) -> Mapping[str, object]:
    if type(value) is not dict:
        raise WireError("not an object")
    return value


def _error(value: object, job: Job) -> StudentError:
    fields = _mapping(value)
    return StudentError(
        type_name=wire.text(fields.get("type"), _MAX_NAME),
        message=wire.text(fields.get("message"), _MAX_MESSAGE),
        frames=tuple(_frame(item, job) for item in _list(fields.get("frames"), _MAX_FRAMES)),
    )


def _frame(value: object, job: Job) -> Frame:
    fields = _list(value, 4)
    if len(fields) != 4:  # noqa: PLR2004  (the four that follow)
        raise WireError("not a frame of a traceback")
    source = job.sources[_number(fields[0], len(job.sources))]
    cell = None if fields[1] is None else _number(fields[1], len(source.cells) + 1, start=1)
    line = _number(fields[2], _MAX_LINE, start=1)
    # The line itself comes from what was handed in, not from the process.
    lines = source.cells[(cell or 1) - 1].splitlines() if source.cells else []
    text = lines[line - 1].strip()[:_MAX_LINE_TEXT] if line <= len(lines) else ""
    return Frame(
        source=source.name, cell=cell, line=line, function=wire.text(fields[3], _MAX_NAME), text=text
    )


def _surveyed(fields: _Fields) -> Event:
    return Surveyed(found=fields.texts("found", _MAX_FOUND))


def _stopped(fields: _Fields) -> Event:
    cell = fields.get("cell")
    return Stopped(
        source=fields.source(),
        cell=None if cell is None else _number(cell, _MAX_LINE, start=1),
        error=fields.error(),
        unreadable=fields.truth("unreadable"),
    )


def _loaded(fields: _Fields) -> Event:
    states = _mapping(fields.get("functions"))
    if set(states) != set(fields.job.functions):
        raise WireError("other functions than asked for")
    return Loaded(
        functions={name: _state(state, fields.job) for name, state in states.items()},
        memory=fields.truth("memory"),
        printed=fields.printed(),
    )


def _state(value: object, job: Job) -> FunctionState:
    fields = _mapping(value)
    state = wire.text(fields.get("state"), _MAX_NAME)
    if state not in _STATES or (state in {"raised", "unreadable"}) != ("error" in fields):
        raise WireError("unknown state")
    numbers = _list(fields.get("files", []), 2)
    return FunctionState(
        state=state,
        type_name=wire.text(fields.get("type", ""), _MAX_NAME),
        files=tuple(job.sources[_number(item, len(job.sources))].name for item in numbers),
        error=_error(fields["error"], job) if "error" in fields else None,
    )


def _returned(fields: _Fields) -> Event:
    index = fields.call()
    arguments = len(fields.job.calls[index].arguments)
    changed = tuple(_number(item, arguments) for item in _list(fields.get("changed"), arguments))
    value = decode_value(
        fields.get("value"), fields.blob, opaque=lambda name, reason: Opaque(type_name=name, reason=reason)
    )
    return Returned(index=index, value=cast("Value", value), changed=changed, printed=fields.printed())


def _raised(fields: _Fields) -> Event:
    return Raised(
        index=fields.call(), error=fields.error(), memory=fields.truth("memory"), printed=fields.printed()
    )


_PARSERS: Mapping[str, Callable[[_Fields], Event]] = {
    "ready": lambda _: Ready(),
    "surveyed": _surveyed,
    "note": lambda fields: Note(text=fields.text("text", _MAX_NOTE)),
    "loading": lambda fields: Loading(source=fields.source()),
    "stopped": _stopped,
    "loaded": _loaded,
    "calling": lambda fields: Calling(index=fields.call()),
    "returned": _returned,
    "raised": _raised,
    "overflow": lambda _: Overflow(),
    "end": lambda _: End(),
}

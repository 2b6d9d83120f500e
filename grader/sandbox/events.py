"""Checks what the child says: frames become typed events, or a `WireError`.

Whatever stands in a frame may be the student's own invention. An event holds only the fields that are expected, with
the types and sizes that are expected; its truth is another matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias, cast

from msgspec import Struct
from msgspec.structs import replace

from grader.memo import Memo
from grader.model import CallResult, Ending, Job, Opaque, StudentError, Value
from grader.sandbox import wire
from grader.sandbox.decode import decode_value
from grader.sandbox.fields import MAX_NAME, Fields, SourceLines, items, mapping, number
from grader.sandbox.wire import WireError

_STATES = frozenset({"ready", "absent", "not-callable", "conflict", "raised", "unreadable"})
_MAX_FOUND = 200
_MAX_NOTE = 500
_MOST_REMEMBERED = 4096
_MOST_BYTES_REMEMBERED = 2048
"""Of what a call gave. Larger values differ from student to student in their last bits, and would fill the memory."""


class FunctionState(Struct, frozen=True, kw_only=True):
    """What became of one function that was looked for."""

    state: str
    """`ready`, `absent`, `not-callable`, `conflict`, `raised` or `unreadable`."""
    type_name: str = ""
    files: tuple[str, ...] = ()
    error: StudentError | None = None


class Ready(Struct, frozen=True, kw_only=True):
    """Our own start-up is over; student code follows."""


class Surveyed(Struct, frozen=True, kw_only=True):
    """The files were read."""

    found: tuple[str, ...]


class Note(Struct, frozen=True, kw_only=True):
    """Something the reader should know."""

    text: str


class Loading(Struct, frozen=True, kw_only=True):
    """A file is loaded now."""

    source: str


class Stopped(Struct, frozen=True, kw_only=True):
    """A file or cell ended with an exception."""

    source: str
    cell: int | None
    error: StudentError
    unreadable: bool


class Loaded(Struct, frozen=True, kw_only=True):
    """Loading is over."""

    functions: Mapping[str, FunctionState]
    memory: bool
    printed: str


class Calling(Struct, frozen=True, kw_only=True):
    """A call begins."""

    index: int


class Returned(Struct, frozen=True, kw_only=True):
    """A call gave a value."""

    index: int
    result: CallResult


class Raised(Struct, frozen=True, kw_only=True):
    """A call raised."""

    index: int
    error: StudentError
    memory: bool
    printed: str


class Overflow(Struct, frozen=True, kw_only=True):
    """Too much was printed; the process ends."""


class End(Struct, frozen=True, kw_only=True):
    """All is done; the process ends."""


Event: TypeAlias = (
    Ready | Surveyed | Note | Loading | Stopped | Loaded | Calling | Returned | Raised | Overflow | End
)


def remembered() -> Memo[Returned]:
    """Make the memory of what the calls of one plan gave: much of a class gives the same numbers."""
    return Memo(most=_MOST_REMEMBERED)


class EventParser:
    """Checks the frames of one process, one by one.

    Parameters
    ----------
    job : Job
        What was asked, to check indices against and to take source lines from.
    memory : Memo of Returned, optional
        What was read in other jobs with the same calls; none, where there are no others.
    """

    def __init__(self, job: Job, memory: Memo[Returned] | None = None) -> None:
        self._job = job
        self._lines = SourceLines(job.sources)
        self._memory = remembered() if memory is None else memory

    def parse(self, frame: wire.Frame) -> Iterator[Event]:
        """Check one frame.

        Parameters
        ----------
        frame : wire.Frame
            As it came.

        Yields
        ------
        Event
            One, or as many as results were sent together.

        Raises
        ------
        WireError
            When anything in it is not as it should be.
        """
        kind = frame.header.get("kind")
        if kind == "results":
            yield from self._results(frame)
            return
        if type(kind) is not str or kind not in _PARSERS:
            raise WireError("unknown kind")
        if frame.blob:
            raise WireError("bytes without a value")
        yield _PARSERS[kind](self._fields(frame.header, b""))

    def _results(self, frame: wire.Frame) -> Iterator[Event]:
        """Check what calls gave, one after the other: in the blob each text stands before the bytes of its arrays."""
        sizes = items(frame.header.get("sizes"), 2 * len(self._job.calls))
        if len(sizes) % 2:
            raise WireError("a text without the length of its bytes")
        parts: list[bytes] = []
        start = 0
        for size in sizes:
            end = start + number(size, len(frame.blob) - start + 1)
            parts.append(frame.blob[start:end])
            start = end
        if start != len(frame.blob):
            raise WireError("bytes left over")
        for text, blob in zip(parts[::2], parts[1::2], strict=True):
            yield self._result(text, blob)

    def _result(self, text: bytes, blob: bytes) -> Event:
        """Check what one call gave, or remember it: nothing else goes into a returned value than is in the key."""
        key = (text, blob, self._job.limits.output_kib)
        known = self._memory.find(key)
        if known is not None:
            return known
        told = wire.read_header(text)
        kind = told.get("kind")
        if type(kind) is not str or kind not in _RESULT_PARSERS:
            raise WireError("unknown kind of result")
        event = _RESULT_PARSERS[kind](self._fields(told, blob))
        if isinstance(event, Returned) and len(text) + len(blob) <= _MOST_BYTES_REMEMBERED:
            event = replace(event, result=replace(event.result, is_shared=True))
            self._memory.keep(key, event)
        return event

    def _fields(self, header: Mapping[str, object], blob: bytes) -> Fields:
        return Fields(header=header, blob=blob, job=self._job, lines=self._lines)


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


def _opaque(type_name: str, reason: str) -> Opaque:
    return Opaque(type_name=type_name, reason=reason)


def _returned(fields: Fields) -> Event:
    index = fields.call()
    arguments = len(fields.job.calls[index].arguments)
    changed = tuple(number(item, arguments) for item in items(fields.get("changed"), arguments))
    value = decode_value(fields.get("value"), fields.blob, opaque=_opaque, writeable=False)
    call = fields.job.calls[index]
    result = CallResult(
        key=call.key,
        function=call.function,
        ending=Ending.FINISHED,
        value=cast("Value", value),
        printed=fields.printed(),
        changed_arguments=changed,
    )
    return Returned(index=index, result=result)


def _raised(fields: Fields) -> Event:
    if fields.blob:
        raise WireError("bytes without a value")
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
    "overflow": lambda _: Overflow(),
    "end": lambda _: End(),
}
_RESULT_PARSERS: Mapping[str, Callable[[Fields], Event]] = {"returned": _returned, "raised": _raised}

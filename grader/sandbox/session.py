"""The child's side of a run: loads the student's files, makes the calls, and reports each step as a frame.

Up to the frame `ready` this is our code alone. After it student code shares the process, and nothing the process says
is believed: the other side checks every field.
"""

from __future__ import annotations

import builtins
import os
import random
import site
import sys
import threading
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, NoReturn

import numpy as np

from grader.sandbox import limits, wire
from grader.sandbox.cells import clean_cell
from grader.sandbox.decode import decode_value
from grader.sandbox.encode import encode_value
from grader.sandbox.loader import Library, SubmissionFinder, Text
from grader.sandbox.printing import Printed
from grader.sandbox.standins import REASON, StandIn
from grader.sandbox.survey import Survey, mentions, survey
from grader.sandbox.tracebacks import describe

MAX_NOTES = 50
MAX_RESULT_BYTES = 64 << 20
"""Bytes of arrays that a process returns over all calls."""

# Taken before student code exists, so that a patched module does not silence us.
_write = os.write
_exit = os._exit
_seed_random = random.seed
_seed_numpy = np.random.seed


class _Channel:
    """Sends frames; a channel that the student closed ends the process."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._lock = threading.Lock()

    def send(self, kind: str, /, *, blob: bytes = b"", **fields: object) -> None:
        data = memoryview(wire.encode_frame({"kind": kind, **fields}, blob))
        with self._lock:
            while data:
                try:
                    data = data[_write(self._fd, data) :]
                except OSError:
                    _exit(1)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Stop:
    """An exception that ended a file or cell."""

    source: int
    text: str
    error: dict[str, object]
    unreadable: bool
    """The text is no Python, and is a module."""
    memory: bool


def serve(*, result_fd: int, parent: int, trusted_folders: Sequence[str]) -> NoReturn:
    """Serve the job on the standard input, and end the process.

    Parameters
    ----------
    result_fd : int
        Where the frames go.
    parent : int
        The grader's process id.
    trusted_folders : sequence of str
        Where the interpreter and its packages lie.
    """
    limits.die_with(parent)
    os.set_inheritable(result_fd, False)
    job, blob = _read_job()
    channel = _Channel(result_fd)
    limits.limit_process(memory_mib=job["memory_mib"])
    clock = limits.CpuClock(total_s=job["total_cpu_s"])
    channel.send("ready")
    session = _Session(job=job, blob=blob, channel=channel, clock=clock)
    session.furnish(trusted_folders)
    session.load()
    session.make_calls()
    channel.send("end")
    # Not `sys.exit`: threads, `atexit` and `__del__` of the student's code would hold us.
    _exit(0)


def _read_job() -> tuple[Mapping[str, Any], bytes]:
    """Read the one frame of the standard input, which then is empty for good."""
    reader = wire.FrameReader(max_header=1 << 30, max_blob=1 << 30)
    frames: list[wire.Frame] = []
    while data := os.read(0, 1 << 20):
        frames += reader.feed(data)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return frames[0].header, frames[0].blob


def _no_input(_prompt: object = "", /) -> NoReturn:
    """Stand for `input`."""
    raise EOFError("input is not available while grading; give the values in the code")


class _Session:
    """What is known while one job runs."""

    def __init__(
        self, *, job: Mapping[str, Any], blob: bytes, channel: _Channel, clock: limits.CpuClock
    ) -> None:
        self._job = job
        self._blob = blob
        self._channel = channel
        self._clock = clock
        self._texts = [
            Text(name=source["name"], cells=tuple(source["cells"]), is_notebook=source["is_notebook"])
            for source in job["sources"]
        ]
        self._wanted: list[str] = job["functions"]
        self._library = Library(texts=self._texts)
        self._modules: dict[int, ModuleType] = {}
        self._stops: list[_Stop] = []
        self._notes = 0
        self._functions: dict[str, Callable[..., object]] = {}
        self._bytes_left = MAX_RESULT_BYTES
        self._printed = Printed(
            keep=job["output_characters"],
            overflow=self._overflow,
        )
        self._main = sys.modules["__main__"]  # kept alive when a notebook takes its place

    # ----------------------------------------------------------------------------------------------------------
    # The room

    def furnish(self, trusted_folders: Sequence[str]) -> None:
        """Set the interpreter up as student code expects it, with our import rules first."""
        site.setquit()  # without `site` there would be no `exit()`
        site.sethelper()
        builtins.input = _no_input
        sys.argv = [self._texts[0].name if self._texts else ""]
        sys.stdout = sys.stderr = self._printed
        finder = SubmissionFinder(
            library=self._library,
            imports=self._job["imports"],
            trusted_folders=trusted_folders,
            note=self._note,
        )
        sys.meta_path.insert(0, finder)

    def _overflow(self) -> None:
        self._channel.send("overflow")
        _exit(0)

    def _note(self, text: str) -> None:
        self._notes += 1
        if self._notes <= MAX_NOTES:
            self._channel.send("note", text=text)

    def _output(self) -> dict[str, Any]:
        text, cut = self._printed.take()
        return {"printed": text, "cut": cut}

    # ----------------------------------------------------------------------------------------------------------
    # Loading

    def load(self) -> None:
        """Load the files that define what is wanted, and say what became of each function."""
        self._clock.allow(self._job["load_cpu_s"])
        found: dict[str, None] = {}
        chosen: list[int] = []
        for index, text in enumerate(self._texts):
            surveys = [_survey(cell) for cell in self._plain(text)]
            for name in (name for one in surveys if one for name in one.functions):
                found.setdefault(name[:100])
            may_define = any(
                _may_define(cell, one, name)
                for cell, one in zip(text.cells, surveys, strict=True)
                for name in self._wanted
            )
            if len(self._texts) == 1 or may_define:
                chosen.append(index)
        self._channel.send("surveyed", found=list(found)[:200])
        for index in chosen:
            self._load_source(index)
        states = {name: self._state(name) for name in self._wanted}
        memory = any(stop.memory for stop in self._stops)
        if memory:  # what else it defines cannot be trusted to be complete
            self._functions.clear()
        self._channel.send("loaded", functions=states, memory=memory, **self._output())

    def _plain(self, text: Text) -> list[str]:
        """Give the cells as Python, without notes."""
        return [self._clean(text, number, note=False) for number in range(1, len(text.cells) + 1)]

    def _clean(self, text: Text, number: int, *, note: bool) -> str:
        cell = text.cells[number - 1]
        if not text.is_notebook:
            return cell
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # said once, when the cell runs
            try:
                clean = clean_cell(cell, where=f"{text.name}, cell {number}")
            except (RecursionError, MemoryError):  # Python nested too deeply: as bad as no Python
                return cell
        for sentence in clean.notes if note else ():
            self._note(sentence)
        return clean.text

    def _load_source(self, index: int) -> None:
        self._channel.send("loading", source=index)
        text = self._texts[index]
        if text.is_notebook:
            self._load_notebook(index)
            return
        try:
            self._library.run(index)
        except BaseException as error:  # noqa: BLE001  (the edge to student code)
            self._stop(index, None, text.cells[0], error)
        # `module` with any name: it exists, unless a package above it could not be loaded.
        self._modules[index] = self._library.module(index, text.stem)

    def _load_notebook(self, index: int) -> None:
        text = self._texts[index]
        module = self._library.module(index, "__main__")
        del module.__file__
        module.__dict__.update(display=lambda *_values, **_options: None, get_ipython=StandIn)
        sys.modules["__main__"] = module
        self._library.home = text.folder
        self._modules[index] = module
        for number in range(1, len(text.cells) + 1):
            cell = self._clean(text, number, note=True)
            try:
                self._library.run_text(index, number, cell, module)
            except BaseException as error:  # noqa: BLE001  (the edge to student code)
                self._stop(index, number, cell, error)

    def _stop(self, index: int, cell: int | None, text: str, error: BaseException) -> None:
        described = describe(error, self._library.places)
        name = self._texts[index].name
        # A SyntaxError of an imported file, or one that the code raises itself, is an exception like any other.
        unreadable = cell is None and isinstance(error, SyntaxError) and error.filename == name
        stop = _Stop(
            source=index,
            text=text,
            error=described,
            unreadable=unreadable or (cell is None and _survey(text) is None),
            memory=isinstance(error, MemoryError),
        )
        self._stops.append(stop)
        self._channel.send("stopped", source=index, cell=cell, error=described, unreadable=stop.unreadable)

    def _state(self, name: str) -> dict[str, object]:
        """Say what became of a function that is looked for."""
        given = {index: vars(module)[name] for index, module in self._modules.items() if name in vars(module)}
        files = self._distinct(given)
        if len(files) > 1:
            files = self._preferred(files)
        if len(files) > 1:
            return {"state": "conflict", "files": files[:2]}
        if files:
            function = given[files[0]]
            if not callable(function) or isinstance(function, StandIn):
                return {"state": "not-callable", "type": str(type(function).__name__)[:80]}
            self._functions[name] = function
            return {"state": "ready"}
        for stop in self._stops:
            if _may_define(stop.text, _survey(stop.text), name):
                return {"state": "unreadable" if stop.unreadable else "raised", "error": stop.error}
        return {"state": "absent"}

    def _distinct(self, given: Mapping[int, object]) -> list[int]:
        """Give one source for each different definition: re-exports and whole copies of a file are the same."""
        distinct: dict[object, int] = {}
        texts: set[tuple[str, ...]] = set()
        for index, value in given.items():
            if id(value) not in distinct and self._texts[index].cells not in texts:
                distinct[id(value)] = index
            texts.add(self._texts[index].cells)
        return list(distinct.values())

    def _preferred(self, files: list[int]) -> list[int]:
        for stem in ("solution", "main"):
            named = [index for index in files if self._texts[index].stem == stem]
            if len(named) == 1:
                return named
        return files

    # ----------------------------------------------------------------------------------------------------------
    # Calling

    def make_calls(self) -> None:
        """Make the calls in order; a function that ran out of memory is not called again."""
        for call in self._job["calls"]:
            name = call["function"]
            if name in self._functions and not self._call(self._functions[name], call):
                del self._functions[name]

    def _call(self, function: Callable[..., object], call: Mapping[str, Any]) -> bool:
        index: int = call["index"]
        self._channel.send("calling", index=index)
        self._clock.allow(self._job["call_cpu_s"])
        blob = self._blob[call["start"] : call["end"]]
        arguments = decode_value(call["arguments"], blob, opaque=_no_opaque)
        assert isinstance(arguments, tuple)
        before = [encode_value(argument) for argument in arguments]
        _seed_random(index)
        _seed_numpy(index)
        try:
            value = function(*arguments)
            tree, data = encode_value(
                value,
                attributes=call["attributes"],
                refused={StandIn: REASON},
                max_bytes=min(wire.MAX_BLOB_BYTES, self._bytes_left),
            )
            after = [encode_value(argument) for argument in arguments]
        except BaseException as error:  # noqa: BLE001  (the edge to student code)
            memory = isinstance(error, MemoryError)
            described = describe(error, self._library.places)
            self._channel.send("raised", index=index, error=described, memory=memory, **self._output())
            return not memory
        self._bytes_left -= len(data)
        changed = [place for place, old in enumerate(before) if old != after[place]]
        self._channel.send("returned", blob=data, index=index, value=tree, changed=changed, **self._output())
        return True


def _no_opaque(type_name: str, reason: str) -> NoReturn:
    raise TypeError(f"no argument is opaque: {type_name}, {reason}")


def _survey(text: str) -> Survey | None:
    """Read what a text defines; None where it is no Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # said once, when the text runs
        try:
            return survey(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _may_define(text: str, read: Survey | None, name: str) -> bool:
    return name in read.names if read is not None else mentions(text, name)

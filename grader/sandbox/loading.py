"""Loads the files of a submission in the child, and finds the functions that are asked for."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Protocol

from grader.sandbox.cells import clean_cell
from grader.sandbox.loader import Library, Text
from grader.sandbox.standins import StandIn
from grader.sandbox.survey import Survey, mentions, survey
from grader.sandbox.tracebacks import describe


class Reporter(Protocol):
    """Where loading says what happens."""

    def send(self, kind: str, /, **fields: object) -> None:
        """Send one frame."""

    def note(self, text: str) -> None:
        """Send a sentence for the reader."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Stop:
    """An exception that ended a file or cell."""

    source: int
    text: str
    error: dict[str, object]
    unreadable: bool
    """The text is no Python, and is a module."""
    memory: bool


class Loading:
    """Loads what defines the functions that are looked for, once.

    Parameters
    ----------
    library : Library
        The files.
    wanted : sequence of str
        The functions to look for.
    report : Reporter
        Hears of each step.
    """

    def __init__(self, *, library: Library, wanted: Sequence[str], report: Reporter) -> None:
        self.functions: dict[str, Callable[..., object]] = {}
        """What can be called, by name."""
        self.memory = False
        """Whether the memory ran out."""
        self._library = library
        self._texts = library.texts
        self._wanted = wanted
        self._report = report
        self._modules: dict[int, ModuleType] = {}
        self._stops: list[_Stop] = []

    def run(self) -> dict[str, dict[str, object]]:
        """Load the files that define what is wanted.

        Returns
        -------
        dict
            What became of each function, as a header has it.
        """
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
        self._report.send("surveyed", found=list(found)[:200])
        for index in chosen:
            self._load_source(index)
        states = {name: self._state(name) for name in self._wanted}
        self.memory = any(stop.memory for stop in self._stops)
        if self.memory:  # what else it defines cannot be trusted to be complete
            self.functions.clear()
        return states

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
            self._report.note(sentence)
        return clean.text

    def _load_source(self, index: int) -> None:
        self._report.send("loading", source=index)
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
        self._report.send("stopped", source=index, cell=cell, error=described, unreadable=stop.unreadable)

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
            self.functions[name] = function
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

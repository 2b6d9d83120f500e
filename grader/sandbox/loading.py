"""Loads the files of a submission in the child, and finds the functions that are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any, Protocol

from grader import sandbox
from grader.sandbox.loader import Library
from grader.sandbox.standins import StandIn
from grader.sandbox.survey import Survey, mentions, read_text
from grader.sandbox.tracebacks import describe

MAX_FOUND = 200


class Reporter(Protocol):
    """Where loading says what happens."""

    def send(self, kind: str, /, **fields: object) -> None:
        """Send one frame."""

    def hold(self, kind: str, /, **fields: object) -> None:
        """Send one frame together with the next, which follows at once."""

    def note(self, text: str) -> None:
        """Send a sentence for the reader."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Stop:
    """An exception that ended a file or cell."""

    source: int
    cell: int
    """Number of the cell; 1 for a module, whose text counts as one."""
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
        self._read: dict[int, list[Survey | None]] = {}

    def run(self) -> dict[str, dict[str, object]]:
        """Load the files that define what is wanted.

        Returns
        -------
        dict
            What became of each function, as a header has it.
        """
        for index in range(len(self._texts)):
            if len(self._texts) == 1 or self._may_define_any(index):
                self._load_source(index)
        states = {name: self._state(name) for name in self._wanted}
        self._report.hold("surveyed", found=self._found()[:MAX_FOUND])
        self.memory = any(stop.memory for stop in self._stops)
        if self.memory:  # what else it defines cannot be trusted to be complete
            self.functions.clear()
        return states

    @property
    def modules(self) -> tuple[ModuleType, ...]:
        """The student's modules and notebooks, as far as they were loaded."""
        return tuple(dict.fromkeys((*self._modules.values(), *self._library.modules)))

    def _found(self) -> list[str]:
        """Name the functions that there are; those that nobody looked for matter only where something is missing."""
        if len(self.functions) == len(self._wanted):
            return list(self.functions)
        names = (name for index in range(len(self._texts)) for name in self._functions_of(index))
        return list(dict.fromkeys(name[:100] for name in names))

    def _functions_of(self, index: int) -> list[str]:
        """Name the functions of a source: those that it made, which is quicker than to read it once more."""
        if index in self._modules and all(stop.source != index for stop in self._stops):
            return [
                name
                for name, value in vars(self._modules[index]).items()
                if type(name) is str
                and type(value) is FunctionType
                and value.__code__.co_filename in self._library.places
            ]
        return [name for one in self._surveys(index) if one is not None for name in one.functions]

    def _surveys(self, index: int) -> list[Survey | None]:
        """Read what each cell of a source defines; None where it is no Python."""
        if index not in self._read:
            text = self._texts[index]
            transform = _notebooks().as_python if text.is_notebook else None
            self._read[index] = [read_text(cell, transform) for cell in text.cells]
        return self._read[index]

    def _may_define_any(self, index: int) -> bool:
        return any(
            self._may_define(index, number, name)
            for number in range(1, len(self._texts[index].cells) + 1)
            for name in self._wanted
        )

    def _may_define(self, index: int, number: int, name: str) -> bool:
        """Say whether a cell (or the one text of a module) defines a name, as far as it can be read."""
        read = self._surveys(index)[number - 1]
        if read is not None:
            return name in read.names
        return mentions(self._texts[index].cells[number - 1], name)

    def _load_source(self, index: int) -> None:
        self._report.send("loading", source=index)
        text = self._texts[index]
        if text.is_notebook:
            self._load_notebook(index)
            return
        try:
            self._library.run(index)
        except BaseException as error:  # noqa: BLE001  (the edge to student code)
            self._stop(index, None, error)
        # `module` with any name: it exists, unless a package above it could not be loaded.
        self._modules[index] = self._library.module(index, text.stem)

    def _load_notebook(self, index: int) -> None:
        self._library.home = self._texts[index].folder
        opened = _notebooks().Notebook(library=self._library, index=index, note=self._report.note)
        self._modules[index] = opened.module
        for number in range(1, len(self._texts[index].cells) + 1):
            try:
                ended = opened.run(number)
            except BaseException as error:  # noqa: BLE001  (the edge to student code)
                ended = error
            if ended is not None:
                self._stop(index, number, ended)

    def _stop(self, index: int, cell: int | None, error: BaseException) -> None:
        described = describe(error, self._library.places)
        # A SyntaxError of an imported file, or one that the code raises itself, is an exception like any other.
        own = isinstance(error, SyntaxError) and error.filename == self._texts[index].name
        stop = _Stop(
            source=index,
            cell=cell or 1,
            error=described,
            unreadable=cell is None and (own or self._surveys(index)[0] is None),
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
            if self._may_define(stop.source, stop.cell, name):
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


def _notebooks() -> Any:  # noqa: ANN401  (a module)
    """Give what runs notebooks: imported at the start of a process that has some, for now an `import` finds none of ours."""
    return vars(sandbox)["notebook"]

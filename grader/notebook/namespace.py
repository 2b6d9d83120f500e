"""What the running notebook holds: its names, the functions behind them, and where each line of them stands."""

from __future__ import annotations

import linecache
import os
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType, ModuleType

import grader
import reference
from grader.model import Source
from grader.sandbox.events import FunctionState
from grader.sandbox.standins import StandIn
from grader.sandbox.tracebacks import Place

THIS = "this notebook"
"""What it is called in messages."""
_PACKAGE_FOLDERS = frozenset({"site-packages", "dist-packages"})
_LIBRARIES = tuple(
    Path(folder)
    for folder in (
        sysconfig.get_path("stdlib"),
        sysconfig.get_path("platstdlib"),
        *grader.__path__,
        *reference.__path__,
    )
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Namespace:
    """The names of a running notebook, or of a console."""

    names: dict[str, object]
    """The very dictionary that its cells define things in."""
    cell_name: Callable[[str], str | None] = lambda _filename: None
    """Gives the name of a cell by the file name that its code was compiled with: `In[3]`; None for what is no cell."""

    @property
    def modules(self) -> tuple[ModuleType, ...]:
        """The student's own modules that it imported from, with those beside them in their packages."""
        tops = {name.partition(".")[0] for name in map(_module_of, self.names.values()) if name}
        return tuple(
            module
            for name, module in list(sys.modules.items())
            if name.partition(".")[0] in tops and self._is_own(module)
        )

    def _is_own(self, module: object) -> bool:
        file = vars(module).get("__file__") if isinstance(module, ModuleType) else None
        return isinstance(file, str) and is_students(file) and vars(module) is not self.names

    @property
    def dictionaries(self) -> tuple[dict[str, object], ...]:
        """Where the student's code looks its names up: the notebook's first, then those of the modules."""
        return (self.names, *(vars(module) for module in self.modules))

    def found(
        self, wanted: Iterable[str]
    ) -> tuple[dict[str, Callable[..., object]], dict[str, FunctionState]]:
        """Find functions and classes: in the notebook, else in the modules that it imported from.

        Parameters
        ----------
        wanted : iterable of str

        Returns
        -------
        functions : dict of str to callable
            Those that can be called.
        states : dict of str to FunctionState
            What became of each.
        """
        modules = self.modules
        functions: dict[str, Callable[..., object]] = {}
        states: dict[str, FunctionState] = {}
        for name in wanted:
            values = self._values(name, modules)
            if len(values) > 1:
                states[name] = FunctionState(state="conflict", files=tuple(values)[:2])
                continue
            for value in values.values():
                states[name] = _state(value)
                if callable(value) and not isinstance(value, StandIn):
                    functions[name] = value
            states.setdefault(name, FunctionState(state="absent"))
        return functions, states

    def _values(self, name: str, modules: Iterable[ModuleType]) -> dict[str, object]:
        """Return what a name stands for, by the file that says so: what stands in the notebook is meant, whatever files say."""
        if name in self.names:
            return {"the notebook": self.names[name]}
        values: dict[str, object] = {}
        for module in modules:
            value = vars(module).get(name)
            if name in vars(module) and all(value is not other for other in values.values()):
                values[shown_path(str(module.__file__))] = value
        return values

    @property
    def function_names(self) -> tuple[str, ...]:
        """The functions that were defined in the notebook, or imported into it from files of the student's."""
        return tuple(
            name
            for name, value in self.names.items()
            if type(value) is FunctionType
            and not name.startswith("_")
            and (
                self.cell_name(value.__code__.co_filename) is not None
                or is_students(value.__code__.co_filename)
            )
        )

    @property
    def text(self) -> str:
        """All names that it has and all text of the student's modules: what is looked through for a name."""
        modules = ("".join(linecache.getlines(str(module.__file__))) for module in self.modules)
        return "\n".join((*self.names, *modules))


def running() -> Namespace:
    """Return the namespace of the notebook that runs in this process; without IPython, that of the console or script.

    Returns
    -------
    Namespace
    """
    shell = None
    if "IPython" in sys.modules:  # a notebook has it; elsewhere it is not needed
        from IPython import get_ipython  # noqa: PLC0415

        shell = get_ipython()
    if shell is None:
        return Namespace(names=vars(sys.modules["__main__"]))

    def cell_name(filename: str) -> str | None:
        # The name that IPython's own tracebacks give it.
        named = shell.compile.format_code_name(filename)
        return None if named is None else str(named[1])

    return Namespace(names=shell.user_ns, cell_name=cell_name)


@dataclass(kw_only=True)
class Places(Mapping[str, Place]):
    """Where the student's code stands, by the file name it was compiled with; whatever is looked up joins the sources."""

    namespace: Namespace
    sources: list[Source] = field(default_factory=list)
    """Cells and files of the student's that were come by, each as one text."""
    _known: dict[str, Place] = field(default_factory=dict)

    def __getitem__(self, filename: str) -> Place:
        if filename not in self._known:
            name = self.namespace.cell_name(filename)
            if name is None and not is_students(filename):
                raise KeyError(filename)
            text = "".join(linecache.getlines(filename))
            self.sources.append(Source(name=name or shown_path(filename), cells=(text,)))
            self._known[filename] = (len(self.sources) - 1, None)
        return self._known[filename]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def is_students(filename: str) -> bool:
    """Say whether a file of code is the student's: one on the disk that is in no library.

    Parameters
    ----------
    filename : str
        As its code was compiled with; our own collectors and known-good parts have names that are no full paths.

    Returns
    -------
    bool
    """
    path = Path(filename)
    if not path.is_absolute() or not _PACKAGE_FOLDERS.isdisjoint(path.parts):
        return False
    return not any(path.is_relative_to(folder) for folder in _LIBRARIES)


def shown_path(filename: str) -> str:
    """Return a path as it is shown: from the working folder where it lies in it, with `/`."""
    try:
        return Path(filename).relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return os.path.basename(filename)  # noqa: PTH119  (the text of a path, of this system or none)


def _module_of(value: object) -> str:
    """Return the name of the module that a value is, or was defined in; empty where it does not say."""
    name = vars(value).get("__name__") if isinstance(value, ModuleType) else None
    if isinstance(value, FunctionType | type):
        name = value.__module__
    return name if isinstance(name, str) else ""


def _state(value: object) -> FunctionState:
    if callable(value) and not isinstance(value, StandIn):
        return FunctionState(state="ready")
    return FunctionState(state="not-callable", type_name=type(value).__name__[:80])

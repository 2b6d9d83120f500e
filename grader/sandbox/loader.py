"""Makes the files of a submission importable from memory, and everything else but the allowed packages not."""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import linecache
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.abc import Loader, MetaPathFinder
from pathlib import Path
from types import ModuleType

from grader.sandbox.standins import STAND_IN_PACKAGES, StandInModule
from grader.sandbox.tracebacks import Place

REFUSED_PACKAGES = frozenset({"grader", "reference", "assignments"})
"""What knows the answers: refused to everybody, also to libraries."""

UNNAMED_PACKAGE = "submission"
"""Stands for the folder of files that were handed in without it."""

_RELATIVE = re.compile(r"^[ \t]*from[ \t]+\.", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """One source of the submission as it is in the child."""

    name: str
    cells: tuple[str, ...]
    is_notebook: bool

    @property
    def folder(self) -> str:
        """Path of the folder inside the submission, ending in `/`, or empty."""
        return self.name[: self.name.rfind("/") + 1]

    @property
    def is_relative(self) -> bool:
        """Whether it imports from the folder it is in."""
        return not self.is_notebook and any(_RELATIVE.search(cell) for cell in self.cells)

    @property
    def stem(self) -> str:
        """Name of the file without folder and ending."""
        return self.name[len(self.folder) :].rpartition(".")[0] or self.name


@dataclass(kw_only=True, slots=True)
class Library:
    """The modules of a submission: each runs at most once, whichever way it is reached."""

    texts: Sequence[Text]
    places: dict[str, Place] = field(default_factory=dict)
    """Where each compiled file name stands."""
    home: str = ""
    """Folder of the file that is loaded now: the first place to look for its imports, as for a script."""
    _modules: dict[int, ModuleType] = field(default_factory=dict)
    _ran: set[int] = field(default_factory=set)

    def run(self, index: int) -> ModuleType:
        """Run a module of the submission under its own name, unless an import already did.

        Parameters
        ----------
        index : int
            Index of the source.

        Returns
        -------
        module
            With everything defined; see `module` for what is there after an exception.

        Raises
        ------
        BaseException
            What its code raises.
        """
        text = self.texts[index]
        package = self._package(text)
        self.home = _root(text.folder, package)
        if package:
            importlib.import_module(package)
        name = f"{package}.{text.stem}" if package else text.stem
        module = self.module(index, name)
        module.__package__ = package
        sys.modules.setdefault(name, module)  # never in the place of a real package
        if package:
            setattr(sys.modules[package], text.stem, module)
        self.execute(index)
        return module

    def module(self, index: int, name: str) -> ModuleType:
        """Give the module of a source, made at the first time under this name."""
        if index not in self._modules:
            module = ModuleType(name)
            module.__file__ = self.texts[index].name
            self._modules[index] = module
        return self._modules[index]

    def execute(self, index: int) -> None:
        """Run the text of a module whose turn has not come yet."""
        if index in self._ran:
            return
        self._ran.add(index)
        try:
            self._run_text(index, self.texts[index].cells[0], self._modules[index])
        except BaseException:
            self._ran.discard(index)
            raise

    def _run_text(self, index: int, text: str, module: ModuleType) -> None:
        filename = self.texts[index].name
        self.places[filename] = (index, None)
        # With its lines at hand, the student's own `traceback` and `inspect` work; None keeps them from being checked.
        linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
        code = compile(text, filename, "exec", dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102  (this is what the process is for)

    def beside(self, path: str) -> int | None:
        """Find a file of the submission by its path from the file that is loaded now.

        Parameters
        ----------
        path : str
            As `%run` has it; `.py` may be left out.

        Returns
        -------
        int or None
            Index of the source.
        """
        names = {text.name: index for index, text in enumerate(self.texts)}
        place = self.home + path.removeprefix("./")
        return names.get(place, names.get(f"{place}.py"))

    def locate(self, name: str) -> tuple[int | None, bool] | None:
        """Find a module of the submission by its full name.

        Returns
        -------
        index : int or None
            None for a folder without `__init__.py`.
        is_package : bool
        """
        names = {text.name: index for index, text in enumerate(self.texts) if not text.is_notebook}
        path = name.replace(".", "/")
        for root in dict.fromkeys((self.home, "", *sorted({text.folder for text in self.texts}))):
            if (index := names.get(f"{root}{path}.py")) is not None:
                return index, False
            if (index := names.get(f"{root}{path}/__init__.py")) is not None:
                return index, True
            if any(other.startswith(f"{root}{path}/") for other in names):
                return None, True
        return (None, True) if name == UNNAMED_PACKAGE else self._outside_its_package(name)

    def _outside_its_package(self, name: str) -> tuple[int, bool] | None:
        """Find a module of a package whose files were handed in without their folder: the one file of its name."""
        package, _, stem = name.rpartition(".")
        if not package or self.locate(package) is None:
            return None
        files = [i for i, text in enumerate(self.texts) if text.stem == stem and not text.is_notebook]
        return (files[0], False) if len(files) == 1 else None

    @property
    def modules(self) -> tuple[ModuleType, ...]:
        """Those that were made so far."""
        return tuple(self._modules.values())

    @property
    def tops(self) -> frozenset[str]:
        """Top-level names under which the files may have been imported."""
        return frozenset(module.__name__.partition(".")[0] for module in self._modules.values())

    def _package(self, text: Text) -> str:
        """Give the dotted name of the package a file is in.

        A folder is one if it has an `__init__.py`, or if a file in it imports another from beside it: without the first,
        which is easily forgotten, Python makes a package of it all the same. Files that import each other so and were
        handed in without their folder are in a package without a name of its own.
        """
        packages = {other.folder for other in self.texts if other.stem == "__init__" or other.is_relative}
        if not text.folder and any(other.is_relative and not other.folder for other in self.texts):
            return UNNAMED_PACKAGE
        parts: list[str] = []
        folder = text.folder
        while folder in packages and folder:
            above, _, last = folder.rstrip("/").rpartition("/")
            parts.insert(0, last)
            folder = above + "/" if above else ""
        return ".".join(parts)


def _root(folder: str, package: str) -> str:
    """Return where a file's imports are looked for first: beside it, or beside its package, since in `net/net.py` `net` is the folder."""
    parts = folder.split("/")[:-1]
    depth = package.count(".") + 1 if package else 0
    return "".join(f"{part}/" for part in parts[: max(len(parts) - depth, 0)])


class SubmissionFinder(MetaPathFinder):
    """Decides about every import that has no module yet.

    A boundary it is not: it tells honest students early what there is. What student code may do to the machine is
    limited outside of this process.

    Parameters
    ----------
    library : Library
        The submission's own modules.
    imports : sequence of str
        Packages allowed besides the standard library.
    trusted_folders : sequence of str
        Where libraries lie; what they import themselves is their own affair.
    note : callable
        Takes a sentence on what was replaced.
    """

    def __init__(
        self,
        *,
        library: Library,
        imports: Sequence[str],
        trusted_folders: Sequence[str],
        note: Callable[[str], None],
    ) -> None:
        self._library = library
        self._imports = tuple(imports)
        self._trusted = tuple(folder.rstrip("/") + "/" for folder in trusted_folders if folder)
        self._note = note
        self._noted: set[str] = set()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Find one module; see `importlib.abc.MetaPathFinder`."""
        del path, target
        top = fullname.partition(".")[0]
        if top in REFUSED_PACKAGES:
            raise self._refusal(top)
        if self._asked_by_library():
            return None
        if top in self._imports or top == "IPython":  # which is there where there are notebooks
            return None if self._is_installed(top) else self._stand_in(fullname, top)
        located = self._library.locate(fullname)
        if located is not None:
            return _spec(fullname, _OwnLoader(self._library, located[0]), is_package=located[1])
        if top in sys.stdlib_module_names or self._library.locate(top) is not None:
            return None
        if top in STAND_IN_PACKAGES:
            return self._stand_in(fullname, top)
        written = _written_file(fullname)
        if written is None:
            raise self._refusal(top)
        return importlib.util.spec_from_file_location(fullname, written)

    def _is_installed(self, top: str) -> bool:
        """Say whether an allowed package is there; one that cannot be replaced may fail by itself."""
        return top not in STAND_IN_PACKAGES or importlib.machinery.PathFinder.find_spec(top) is not None

    def _stand_in(self, fullname: str, top: str) -> importlib.machinery.ModuleSpec:
        if top not in self._noted:
            self._noted.add(top)
            self._note(
                f"`{top}` is not available while grading; what the code draws or shows with it was left out"
            )
        return _spec(fullname, _StandInLoader(), is_package=True)

    def _refusal(self, top: str) -> ModuleNotFoundError:
        packages = [*self._imports, "the standard library"]
        allowed = f"{', '.join(packages[:-1])} and {packages[-1]}" if len(packages) > 1 else packages[0]
        return ModuleNotFoundError(
            f"this assignment allows {allowed}; `{top}` is not available here", name=top
        )

    def _asked_by_library(self) -> bool:
        frame = sys._getframe(2)  # noqa: SLF001  (the documented way to the caller)
        while frame.f_back and _is_import_machinery(frame.f_code.co_filename):
            frame = frame.f_back
        filename = frame.f_code.co_filename
        if filename == __file__:  # `Library.run` imports the package of a file that it runs
            return False
        return filename.startswith(("<frozen ", *self._trusted))


def _written_file(name: str) -> Path | None:
    """Find a module that the submission wrote itself, as with `%%writefile`."""
    path = Path(*name.split(".")).with_suffix(".py")
    try:
        return path.absolute() if path.is_file() else None
    except OSError:  # where a job may not look at files, it wrote none
        return None


def _is_import_machinery(filename: str) -> bool:
    return filename.startswith("<frozen importlib") or filename == importlib.__file__


def _spec(name: str, loader: Loader, *, is_package: bool) -> importlib.machinery.ModuleSpec:
    return importlib.machinery.ModuleSpec(name, loader, origin="submission", is_package=is_package)


class _OwnLoader(Loader):
    """Loads a module of the submission; index None is a folder without `__init__.py`."""

    def __init__(self, library: Library, index: int | None) -> None:
        self._library = library
        self._index = index

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        if self._index is None:
            return None
        return self._library.module(self._index, spec.name)

    def exec_module(self, module: ModuleType) -> None:
        del module
        if self._index is not None:
            self._library.execute(self._index)


class _StandInLoader(Loader):
    """Makes modules of which every name is a stand-in."""

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return StandInModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        del module

"""The code that belongs to an assignment: networks, experiments, collectors, the solution. Trusted like the author."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from msgspec.structs import replace

from grader.assignment import file_stem
from grader.assignment_file.checker import Checker
from grader.errors import AssignmentError
from grader.markers import has_markers, without_solution
from grader.model import Document, Source
from reference.network import Graph, NetworkError, trace

TEXTS = (".md", ".tex", ".txt")
TASK = "task.md"
MOST_FILES = 100
ONLY_OPERATIONS = "a network has + - * / @ and the operations of docs/authors.md: no other function of NumPy or math, and no `if` on a value"


def load_network(text: str, loss: str, folder: Path, check: Checker) -> tuple[Graph, bytes]:
    """Trace the network that an entry names.

    Parameters
    ----------
    text : str
        `package.module:NAME`, or `file.py:NAME` in the folder.
    loss : str
    folder : Path
    check : Checker

    Returns
    -------
    (Graph, bytes)
        The graph, and the code it comes from.

    Raises
    ------
    AssignmentError
        Where there is none, or it cannot be traced.
    """
    function, module = load_function("network", text, folder, check)
    try:
        graph = trace(function, loss=loss)
    except NetworkError as error:
        where = _line_of(error, module)
        raise check.fail("network", f"{where}{error}", "correct the network function") from error
    except Exception as error:  # the author's function may raise anything, and is named either way
        where = _line_of(error, module)
        raise check.fail("network", f"{where}{type(error).__name__}: {error}", ONLY_OPERATIONS) from error
    return graph, _text_of(module)


def _line_of(error: Exception, module: ModuleType) -> str:
    """Say which line of a module raised an error; nothing where it was none of its own."""
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == module.__file__
    ]
    return f"{Path(module.__file__ or '').name}, line {lines[-1]}: " if lines else ""


def load_function(key: str, text: str, folder: Path, check: Checker) -> tuple[Callable[..., Any], ModuleType]:
    """Import the function that an entry names as `package.module:NAME` or `file.py:NAME`.

    Returns
    -------
    (callable, module)

    Raises
    ------
    AssignmentError
        Where there is none, or its file cannot be loaded.
    """
    module_name, _, function_name = text.partition(":")
    if not function_name:
        raise check.fail(key, f"`{text}` has no `:NAME`", 'write "package.module:NAME" or "file.py:NAME"')
    if module_name.endswith(".py") and not (folder / module_name).is_file():
        raise check.fail(key, f"there is no file `{module_name}` in {folder}", "correct the name of the file")
    try:
        module = _load_file(folder, module_name) if module_name.endswith(".py") else _load(module_name)
    except Exception as error:  # the author's file may raise anything, and is named either way
        raise check.fail(
            key,
            f"`{module_name}` cannot be loaded: {type(error).__name__}: {error}",
            "correct the name or the file",
        ) from error
    function = getattr(module, function_name, None)
    if not callable(function):
        raise check.fail(key, f"`{module_name}` has no function `{function_name}`", "correct the name")
    return function, module


def _load(name: str) -> ModuleType:
    return importlib.import_module(name)


def _load_file(folder: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"_{Path(name).stem}_of_{folder.name}", folder / name)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _text_of(module: ModuleType) -> bytes:
    return Path(module.__file__).read_bytes() if module.__file__ else b""


def read_collect(name: str, folder: Path, check: Checker) -> tuple[str, tuple[str, ...]]:
    """Read the collector file of an assignment; it is never run here.

    Returns
    -------
    (str, tuple of str)
        Its text, and the functions it defines.
    """
    if not name:
        return "", ()
    text = _read(folder / name, "collect", check)
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise check.fail(
            "collect", f"`{name}` is no Python (line {error.lineno})", "correct the file"
        ) from error
    return text, tuple(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def read_solution(name: str, folder: Path, check: Checker) -> tuple[Source, ...]:
    """Read the files of the right work: `solution.py`, or every Python file of a folder.

    Returns
    -------
    tuple of Source
        Named as a submission of them would be; empty where no solution is named.
    """
    if not name:
        return ()
    sources = _python_files(folder / name, "solution", check)
    if not sources:
        raise check.fail(
            "solution", f"`{name}` holds no Python file", "name the file or folder of the right work"
        )
    return sources


def solution_place(name: str, folder: Path) -> Path | None:
    """Find the right work of an assignment: what is named, or `solution.py` or the folder `solution`.

    Parameters
    ----------
    name : str
        As `assignment.toml` names it; may be empty.
    folder : Path
        Of the assignment.

    Returns
    -------
    Path or None
        A file or a folder; None where there is none.
    """
    names = [name] if name else ["solution", "solution.py"]
    return next((folder / one for one in names if (folder / one).exists()), None)


def read_handout(name: str, folder: Path, check: Checker) -> tuple[Document, ...]:
    """Read the texts that are handed out: the task, templates as they are, and solutions without what their markers enclose.

    Templates and solutions are the texts of the folders `template` and `solution`, and those called `template` and `solution` beside them, which are
    named after the assignment. A solution without markers is never handed out.

    Parameters
    ----------
    name : str
        The solution, as `assignment.toml` names it; may be empty.
    folder : Path
    check : Checker

    Returns
    -------
    tuple of Document
        One for each name; a template stands before what a solution gives.

    Raises
    ------
    AssignmentError
        Where markers do not fit together; see `grader.markers`.
    """
    own = file_stem(folder.resolve().name)
    found: dict[str, Document] = {}
    if (folder / TASK).is_file():
        found[TASK] = Document(name=TASK, text=_read(folder / TASK, "task", check))
    for path, called in _texts(folder, folder / "template", "template", own):
        found.setdefault(called, Document(name=called, text=_read(path, "template", check)))
    solution = solution_place(name, folder)
    place = solution if solution is not None and solution.is_dir() else folder / "solution"
    for path, called in _texts(folder, place, "solution", own):
        text = _read(path, "solution", check)
        if called not in found and has_markers(text):
            found[called] = Document(name=called, text=without_solution(text, path.suffix, str(path)))
    return tuple(list(found.values())[:MOST_FILES])


def _texts(folder: Path, place: Path, stem: str, own: str) -> list[tuple[Path, str]]:
    """List texts with the names they are handed out under: those beside `assignment.toml`, then those of a folder."""
    beside = [(path, f"{own}{ending}") for ending in TEXTS if (path := folder / f"{stem}{ending}").is_file()]
    inside = sorted(path for ending in TEXTS for path in place.rglob(f"*{ending}"))
    return [*beside, *((path, path.relative_to(place).as_posix()) for path in inside)]


def read_template(name: str, folder: Path, check: Checker) -> tuple[Source, ...]:
    """Read the code that is handed out: `template.py` or the folder `template`, else the solution without what its markers enclose.

    Parameters
    ----------
    name : str
        The solution, as `assignment.toml` names it; may be empty.
    folder : Path
    check : Checker

    Returns
    -------
    tuple of Source
        Empty where nothing is handed out: without a template, and with no marker in any file of the solution.

    Raises
    ------
    AssignmentError
        Where markers do not fit together; see `grader.markers`.
    """
    for place in (folder / "template", folder / "template.py"):
        if place.exists():
            return _named(_python_files(place, "template", check), place, folder)
    solution = solution_place(name, folder)
    if solution is None:
        return ()
    sources = _python_files(solution, "solution", check)
    if not any(has_markers(cell) for source in sources for cell in source.cells):
        return ()
    within = solution if solution.is_dir() else solution.parent
    handed_out = tuple(
        replace(
            source,
            cells=tuple(without_solution(cell, ".py", str(within / source.name)) for cell in source.cells),
        )
        for source in sources
    )
    return _named(handed_out, solution, folder)


def _named(sources: tuple[Source, ...], place: Path, folder: Path) -> tuple[Source, ...]:
    """Name a file that stands alone after its assignment."""
    if place.is_dir():
        return sources
    return tuple(replace(source, name=f"{file_stem(folder.resolve().name)}.py") for source in sources)


def made_data(folder: Path) -> tuple[tuple[str, bytes], ...]:
    """Make the data files of a hand-out, with `make_data.py` where an assignment has one.

    Parameters
    ----------
    folder : Path
        Of the assignment.

    Returns
    -------
    tuple of (str, bytes)
        Name and content of each file that its `main` writes into the folder it is called with.

    Raises
    ------
    AssignmentError
        Where it has no such function, or the function raises.
    """
    file = folder / "make_data.py"
    if not file.is_file():
        return ()
    with tempfile.TemporaryDirectory() as made:
        try:
            _load_file(folder, file.name).main(Path(made))
        except Exception as error:  # the author's file may raise anything, and is named either way
            raise AssignmentError(
                f"{file}: no data are made: {type(error).__name__}: {error}",
                remedy="give it a function `main(folder)` that writes the data files into that folder",
            ) from error
        paths = sorted(path for path in Path(made).rglob("*") if path.is_file())
        return tuple((path.relative_to(made).as_posix(), path.read_bytes()) for path in paths)


def _python_files(place: Path, key: str, check: Checker) -> tuple[Source, ...]:
    """Read a Python file, or all of a folder, named as a submission of them would be."""
    if place.is_file():
        return (Source(name=place.name, cells=(_read(place, key, check),)),)
    files = sorted(path for path in place.rglob("*.py") if "__pycache__" not in path.parts)
    return tuple(
        Source(name=path.relative_to(place).as_posix(), cells=(_read(path, key, check),))
        for path in files[:MOST_FILES]
    )


def _read(path: Path, key: str, check: Checker) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise check.fail(
            key, f"`{path.name}` cannot be read: {error}", "correct the name or the file"
        ) from error

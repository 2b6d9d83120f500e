"""The code that belongs to an assignment: networks, experiments, collectors, the solution. Trusted like the author."""

from __future__ import annotations

import ast
import importlib
import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from grader.assignment_file.checker import Checker
from grader.model import Document, Source
from reference.network import Graph, NetworkError, trace

TEXTS = (".md", ".tex", ".txt")
MOST_FILES = 100


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
        raise check.fail("network", str(error), "correct the network function") from error
    return graph, _text_of(module)


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


def read_handout(folder: Path, check: Checker) -> tuple[Document, ...]:
    """Read the texts of the hand-out: those of the folder `template`, and `template.md`, `.tex` or `.txt` beside it.

    Returns
    -------
    tuple of Document
    """
    place = folder / "template"
    inside = sorted(path for ending in TEXTS for path in place.rglob(f"*{ending}"))
    beside = [path for ending in TEXTS if (path := folder / f"template{ending}").is_file()]
    return tuple(
        Document(
            name=path.name if path in beside else path.relative_to(place).as_posix(),
            text=_read(path, "template", check),
        )
        for path in [*beside, *inside][:MOST_FILES]
    )


def read_template(folder: Path, check: Checker) -> tuple[Source, ...]:
    """Read the code of the hand-out: `template.py`, or every Python file of the folder `template`.

    Returns
    -------
    tuple of Source
        Empty where nothing is handed out.
    """
    named = [name for name in ("template", "template.py") if (folder / name).exists()]
    return _python_files(folder / named[0], "template", check) if named else ()


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

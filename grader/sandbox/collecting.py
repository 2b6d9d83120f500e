"""Stands between calls and the student's objects: collectors that drive them, and known-good parts in the place of the student's."""

from __future__ import annotations

import ast
import gc
import linecache
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import FunctionType, SimpleNamespace

from grader.sandbox.loader import Library, SubmissionFinder, Text

COLLECT = "collect.py"
"""What the collectors' file is called in tracebacks."""


def collectors(text: str) -> dict[str, Callable[..., object]]:
    """Make the functions of an assignment's `collect.py`.

    Parameters
    ----------
    text : str
        Our own code, not the student's: it runs before student code exists, once for all submissions of a class.

    Returns
    -------
    dict of str to callable
        Each takes the student's names as attributes of its first argument, see `view`.
    """
    namespace: dict[str, object] = {"__name__": "collect"}
    exec(compile(text, COLLECT, "exec", dont_inherit=True), namespace)  # noqa: S102  (the author's code)
    return {name: value for name, value in namespace.items() if isinstance(value, FunctionType)}


def view(functions: Mapping[str, object]) -> SimpleNamespace:
    """Give what collectors see of a submission: the names that were looked for and found."""
    return SimpleNamespace(**functions)


def known_good(
    sources: Sequence[Mapping[str, object]],
    names: Iterable[str],
    *,
    imports: Sequence[str],
    trusted_folders: Sequence[str],
) -> dict[str, Callable[..., object]]:
    """Load known-good parts, before the student's files, and leave nothing of the right work behind but these.

    From a part there is a way to the module it was written in, with the answers to everything else that is asked: what the
    parts are not built of is taken out, and the text is forgotten.

    Parameters
    ----------
    sources : sequence of mapping
        Files of the right work, as a job has them.
    names : iterable of str
        What is taken of them.
    imports : sequence of str
        Packages allowed besides the standard library.
    trusted_folders : sequence of str
        Where libraries lie.

    Returns
    -------
    dict of str to callable

    Raises
    ------
    KeyError
        Where a name is not there: the assignment's mistake.
    """
    library = Library(texts=[_text(source) for source in sources])
    before = set(sys.modules)
    finder = SubmissionFinder(
        library=library, imports=imports, trusted_folders=trusted_folders, note=lambda _sentence: None
    )
    sys.meta_path.insert(0, finder)
    found: dict[str, object] = {}
    for index in range(len(sources)):
        defined = vars(library.run(index)).items()
        found.update({name: value for name, value in defined if name not in found})
    sys.meta_path.remove(finder)
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__spec__", None) is None or name.partition(".")[0] in library.tops:
            del sys.modules[name]
    good = {name: _callable(name, found) for name in names}
    for name in _beside(library.texts, good):
        for module in library.modules:
            vars(module).pop(name, None)
    for text in library.texts:
        linecache.cache.pop(text.name, None)
    del found, defined
    gc.collect()  # a class is in a cycle with itself, and whoever asks the collector finds it
    return good


def _beside(texts: Iterable[Text], names: Iterable[str]) -> set[str]:
    """Return the top-level names that are mentioned neither by those named nor by what they mention."""
    mentions: dict[str, set[str]] = {}
    for text in texts:
        for statement in ast.parse(text.cells[0]).body:
            for name in _defined(statement):
                mentions.setdefault(name, set()).update(_mentioned(statement))
    reached: set[str] = set()
    waiting = set(names)
    while waiting:
        reached |= waiting
        waiting = set().union(*(mentions.get(name, set()) for name in waiting)) - reached
    return set(mentions) - reached


def _defined(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement of a module sets, those of imports left out."""
    definitions = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    if isinstance(statement, definitions):
        yield statement.name
        return
    for inner in ast.walk(statement):
        if isinstance(inner, definitions):
            yield inner.name
        elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            yield inner.id


def _mentioned(statement: ast.stmt) -> Iterator[str]:
    for inner in ast.walk(statement):
        if isinstance(inner, ast.Name):
            yield inner.id
        elif isinstance(inner, ast.Attribute):
            yield inner.attr


def _text(source: Mapping[str, object]) -> Text:
    name, cells = source["name"], source["cells"]
    assert isinstance(name, str)
    assert isinstance(cells, list | tuple)
    return Text(name=name, cells=tuple(cells), is_notebook=False)


def _callable(name: str, found: Mapping[str, object]) -> Callable[..., object]:
    value = found[name]
    if not callable(value):
        raise TypeError(f"`{name}` of the solution cannot be called")
    return value


def put_in(
    good: Mapping[str, Callable[..., object]],
    functions: dict[str, Callable[..., object]],
    namespaces: Iterable[dict[str, object]],
) -> None:
    """Put known-good parts in the place of the student's, wherever a module of theirs has a name for them.

    Parameters
    ----------
    good : mapping of str to callable
    functions : dict of str to callable
        What can be called; changed.
    namespaces : iterable of dict
        Those of the student's modules; changed.
    """
    old = {id(functions[name]): part for name, part in good.items() if name in functions}
    for names in namespaces:
        for name, value in list(names.items()):
            if id(value) in old:
                names[name] = old[id(value)]
            elif name in good and callable(value):
                names[name] = good[name]
    functions.update(good)

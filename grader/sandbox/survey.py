"""Reads from the text of a file what it would define, without running it."""

from __future__ import annotations

import ast
import contextlib
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Survey:
    """What the top level of some text defines."""

    names: frozenset[str]
    """Everything bound: functions, classes, assignments, imports."""
    functions: tuple[str, ...]
    """Functions (and lambdas under a name), in order."""


def read_text(text: str, transform: Callable[[str], str] | None = None) -> Survey | None:
    """Read what the text of a module or cell defines.

    Parameters
    ----------
    text : str
        Python, or not.
    transform : callable, optional
        Makes Python of a cell that is none yet.

    Returns
    -------
    Survey or None
        None where it is no Python.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # said once, when the text runs
        for change in (None, transform):
            with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
                return survey(ast.parse(text if change is None else change(text)))
    return None


def survey(tree: ast.Module) -> Survey:
    """Read what a module or cell defines at its top level, blocks of `if`, `try`, `for` and `with` included.

    Parameters
    ----------
    tree : ast.Module
        Its Python.

    Returns
    -------
    Survey
    """
    bound: list[tuple[str, bool]] = []
    for statement in _top_level(tree.body):
        bound += _bindings(statement)
    functions = dict.fromkeys(name for name, is_function in bound if is_function)
    return Survey(names=frozenset(name for name, _ in bound), functions=tuple(functions))


def mentions(text: str, name: str) -> bool:
    """Say whether a name stands in a text that cannot be parsed.

    Parameters
    ----------
    text : str
        Anything.
    name : str
        The name to look for, as a whole word.

    Returns
    -------
    bool
    """
    return re.search(rf"\b{re.escape(name)}\b", text) is not None


def _top_level(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        yield statement
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        for block in ("body", "orelse", "finalbody"):
            yield from _top_level(getattr(statement, block, []))
        for handler in getattr(statement, "handlers", []):
            yield from _top_level(handler.body)


def _bindings(statement: ast.stmt) -> list[tuple[str, bool]]:
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return [(name, True)]
        case ast.ClassDef(name=name):
            return [(name, False)]
        case ast.Assign(targets=targets, value=value):
            return [(name, isinstance(value, ast.Lambda)) for target in targets for name in _names(target)]
        case ast.AnnAssign(target=target, value=value) if value is not None:
            return [(name, isinstance(value, ast.Lambda)) for name in _names(target)]
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            return [((alias.asname or alias.name).partition(".")[0], False) for alias in aliases]
        case _:
            return []


def _names(target: ast.expr) -> list[str]:
    return [
        node.id for node in ast.walk(target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]

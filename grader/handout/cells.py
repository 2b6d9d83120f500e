"""Cuts modules into the cells of one notebook: imports first, then a cell for each function and class, in an order that runs.

The code is that of a hand-out and trusted like its author; it is read and never run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import PurePosixPath

from msgspec import Struct

from grader.markers import NOT_WRITTEN
from grader.model import Source

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class NoCellsError(ValueError):
    """Modules that cannot stand in one notebook; the message says where and why."""


class Piece(Struct, frozen=True, kw_only=True):
    """The code of one cell."""

    text: str
    name: str | None
    """The function or class that it defines; None where it is other code."""
    names: frozenset[str]
    """All that it defines."""
    needs: frozenset[str]
    """Names that it may read while it is run, not only when it is called."""

    @property
    def is_open(self) -> bool:
        """Whether there is something to write in it."""
        return NOT_WRITTEN in self.text


class Cut(Struct, frozen=True, kw_only=True):
    """Modules as the cells of one notebook."""

    introductions: tuple[str, ...]
    """What the modules say of themselves; those alone that define something."""
    imports: str
    pieces: tuple[Piece, ...]


class _Statement(Struct, frozen=True, kw_only=True):
    """A statement at the top level, with the comments before it."""

    node: ast.stmt
    text: str


class _Binding(Struct, frozen=True, kw_only=True):
    """What gave a name its meaning first."""

    text: str
    module: str


class _Module(Struct, frozen=True, kw_only=True):
    """A module of the hand-out."""

    source: Source
    name: str
    """As it is imported: `mlp.losses`; the package for `__init__.py`."""
    package: str
    """What its relative imports start from."""
    tree: ast.Module


def cut(sources: Sequence[Source]) -> Cut:
    """Cut modules into cells.

    Parameters
    ----------
    sources : sequence of Source
        Python modules, each with one text.

    Returns
    -------
    Cut
        A module stands behind those that it imports from; these imports are left out, and so is what runs only where a module is the
        program.

    Raises
    ------
    NoCellsError
        Where two modules give one name to different things, import each other, or are imported otherwise than by
        `from MODULE import NAME`.
    """
    modules = {module.name: module for module in map(_module, sources)}
    introductions: list[str] = []
    imports: dict[str, None] = {}
    statements: list[_Statement] = []
    bound: dict[str, _Binding] = {}
    for module in _in_order(modules):
        introduction = ast.get_docstring(module.tree)
        kept = [one for one in _statements(module) if _is_wanted(one.node, module, modules)]
        if kept and introduction:
            introductions.append(introduction)
        for one in kept:
            if isinstance(one.node, ast.Import | ast.ImportFrom):
                imports[ast.unparse(one.node)] = None
            elif _is_new(one, bound, module):
                statements.append(one)
    return Cut(
        introductions=tuple(introductions),
        imports="\n".join(sorted(imports, key=lambda line: "__future__" not in line)),
        pieces=tuple(_pieces(statements)),
    )


def _module(source: Source) -> _Module:
    path = PurePosixPath(source.name).with_suffix("")
    parts = path.parent.parts if path.stem == "__init__" else path.parts
    return _Module(
        source=source,
        name=".".join(parts),
        package=".".join(path.parent.parts),
        tree=ast.parse("\n".join(source.cells)),
    )


def _in_order(modules: Mapping[str, _Module]) -> Iterator[_Module]:
    """Yield each module behind those that it imports from."""
    needs = {
        name: {
            needed
            for node in ast.walk(module.tree)
            for needed in _imported(node, module)
            if needed in modules
        }
        for name, module in modules.items()
    }
    try:
        yield from (modules[name] for name in TopologicalSorter(needs).static_order())
    except CycleError as error:
        raise NoCellsError(f"modules import each other: {', '.join(map(str, error.args[1]))}") from error


def _imported(node: ast.AST, module: _Module) -> tuple[str, ...]:
    """Return the modules that a node imports, or imports from."""
    if isinstance(node, ast.Import):
        return tuple(alias.name for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        above = module.package.split(".")[: len(module.package.split(".")) - node.level + 1]
        parts = [*(above if node.level else ()), *([node.module] if node.module else ())]
        return (".".join(part for part in parts if part),)
    return ()


def _statements(module: _Module) -> Iterator[_Statement]:
    """Yield the statements at the top level, each with the comments before it and without the module's docstring."""
    lines = "\n".join(module.source.cells).splitlines()
    end = 0
    body = module.tree.body[1:] if ast.get_docstring(module.tree) is not None else module.tree.body
    if body is not module.tree.body:
        end = module.tree.body[0].end_lineno or 0
    for node in body:
        text = "\n".join(lines[end : node.end_lineno]).strip("\n")
        end = node.end_lineno or end
        if text:  # else it shares its line with the statement before
            yield _Statement(node=node, text=text)


def _is_wanted(node: ast.stmt, module: _Module, modules: Mapping[str, _Module]) -> bool:
    """Whether a statement has a place in the notebook."""
    for inner in ast.walk(node):
        own = [name for name in _imported(inner, module) if name in modules]
        if own and (inner is not node or not _is_plain(inner, own[0], modules)):
            line = getattr(inner, "lineno", 1)
            raise NoCellsError(
                f"{module.source.name}, line {line}: a module of the hand-out is imported otherwise than by "
                "`from MODULE import NAME`"
            )
        if own:
            return False
    is_program = isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)
    return not is_program and "__all__" not in _names(node)


def _is_plain(node: ast.AST, own: str, modules: Mapping[str, _Module]) -> bool:
    return isinstance(node, ast.ImportFrom) and all(
        alias.asname in (None, alias.name) and f"{own}.{alias.name}" not in modules for alias in node.names
    )


def _names(node: ast.stmt) -> list[str]:
    """Return the names that a statement binds, as far as it is plain."""
    if isinstance(node, Definition):
        return [node.name]
    if isinstance(node, ast.AnnAssign | ast.AugAssign):
        return [node.target.id] if isinstance(node.target, ast.Name) else []
    targets = node.targets if isinstance(node, ast.Assign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _is_new(one: _Statement, bound: dict[str, _Binding], module: _Module) -> bool:
    """Whether a statement was not there in a module before; in one notebook no name can mean two things."""
    binding = _Binding(text=ast.unparse(one.node), module=module.name)
    before = [bound.get(name) for name in _names(one.node)]
    for name, earlier in zip(_names(one.node), before, strict=True):
        if earlier is not None and earlier.module != module.name and earlier.text != binding.text:
            raise NoCellsError(
                f"{module.source.name}, line {one.node.lineno}: `{name}` means another thing in another module"
            )
        bound.setdefault(name, binding)
    return not before or not all(earlier is not None and earlier.module != module.name for earlier in before)


def _pieces(statements: Iterable[_Statement]) -> Iterator[Piece]:
    """Yield a piece for each function and class, and one for what stands between two of them."""
    between: list[_Statement] = []
    for one in statements:
        if isinstance(one.node, Definition):
            if between:
                yield _piece(between)
                between = []
            yield _piece([one])
        else:
            between.append(one)
    if between:
        yield _piece(between)


def _piece(statements: Sequence[_Statement]) -> Piece:
    nodes = [one.node for one in statements]
    return Piece(
        text="\n".join(one.text for one in statements),
        name=nodes[0].name if isinstance(nodes[0], Definition) else None,
        names=frozenset(name for node in nodes for name in _names(node)),
        needs=frozenset(name for node in nodes for name in _read_when_run(node)),
    )


def _read_when_run(node: ast.AST) -> Iterator[str]:
    """Yield the names read outside of the bodies of functions; annotations count, since Python may look at them."""
    inner = ast.iter_child_nodes(node)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        bodies = node.body if isinstance(node.body, list) else [node.body]
        inner = iter([child for child in inner if child not in bodies])
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield node.id
    for child in inner:
        yield from _read_when_run(child)

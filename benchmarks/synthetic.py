"""Writes a class of N submissions for the skip network: many programs, right, wrong and broken, no two texts alike."""

from __future__ import annotations

import ast
import io
import itertools
import json
import random
import textwrap
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.assignment_file import shipped_folder

ASSIGNMENT = "skip_network"
KINDS = {
    "right": ("correct",),
    "wrong": ("wrong", "follows"),
    "broken": ("failed", "missing", "unreadable"),
}
"""Folders of the shipped corpus by what their programs are; those that run into a limit would measure the limit."""
SHARES = {"right": 10, "wrong": 8, "broken": 2}
"""Of each 20 submissions."""
_BY_NAME_AT_RUN_TIME = ("locals(", "globals(", "vars(", "eval(", "exec(")


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """A program that somebody might hand in."""

    kind: str
    name: str
    text: str


def programs() -> dict[str, list[Program]]:
    """Return the programs of the shipped corpus that are modules in UTF-8, by kind.

    Returns
    -------
    dict of str to list of Program
    """
    corpus = shipped_folder() / ASSIGNMENT / "submissions"
    return {
        kind: [program for folder in folders for program in _in_folder(kind, corpus / folder)]
        for kind, folders in KINDS.items()
    }


def _in_folder(kind: str, folder: Path) -> Iterator[Program]:
    for path in sorted(folder.glob("*.py")):
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            continue
        yield Program(kind=kind, name=path.stem, text=text)


def write_class(folder: Path, count: int, *, notebooks: bool) -> int:
    """Write a class into an empty folder.

    Parameters
    ----------
    folder : Path
    count : int
        How many submissions; the same number gives the same class.
    notebooks : bool
        Whether they are notebooks, one cell for each function, and not modules.

    Returns
    -------
    int
        How many different programs they were made from.
    """
    used = set()
    for number, program in enumerate(itertools.islice(_drawn(), count)):
        used.add(program.name)
        text = unique(program.text, number)
        name = f"student{number:05}"
        if notebooks:
            (folder / f"{name}.ipynb").write_text(notebook(text), encoding="utf-8")
        else:
            (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return len(used)


def _drawn() -> Iterator[Program]:
    """Yield programs without end, in the shares of the kinds; each kind's in turn."""
    rng = random.Random(1)  # noqa: S311  the same class on every run
    found = programs()
    turns = {kind: itertools.cycle(rng.sample(found[kind], len(found[kind]))) for kind in SHARES}
    order = [kind for kind, share in SHARES.items() for _ in range(share)]
    while True:
        rng.shuffle(order)
        yield from (next(turns[kind]) for kind in order)


# --------------------------------------------------------------------------------------------------------------
# Texts that are alike to nobody who compares them


def unique(text: str, number: int) -> str:
    """Change a program in what does not matter: names of local variables, comments, constants, a function nobody calls.

    Parameters
    ----------
    text : str
        A module; need not be valid Python.
    number : int
        Another one gives another text.

    Returns
    -------
    str
    """
    rng = random.Random(number)  # noqa: S311
    tag = f"{rng.choice('abcdefghjkmn')}{number}"
    renamed = _renamed(text, tag)
    extra = f"""


    # My own check {tag}: the values on paper were {rng.uniform(-2, 2):.6f} and {rng.uniform(-2, 2):.6f}.
    MARGIN_{tag} = {rng.uniform(0, 1):.9f}


    def close_{tag}(one, other):
        return abs(one - other) <= MARGIN_{tag} * {rng.uniform(1, 2):.6f}
    """
    return f"# Group {tag}, sheet {rng.randrange(1, 90)}\n{renamed.rstrip()}\n{textwrap.dedent(extra)}"


def _renamed(text: str, tag: str) -> str:
    """Give the local variables other names; a text that is not valid Python, or looks names up, stays as it is."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return text
    if any(way in text for way in _BY_NAME_AT_RUN_TIME):
        return text
    names = _local_names(tree)
    lines = text.splitlines(keepends=True)
    tokens = [
        token for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.string in names
    ]
    for token in reversed(tokens):
        (row, start), (_, end) = token.start, token.end
        if token.type == tokenize.NAME:
            line = lines[row - 1]
            lines[row - 1] = f"{line[:start]}{token.string}_{tag}{line[end:]}"
    return "".join(lines)


def _local_names(tree: ast.Module) -> set[str]:
    """Return names that are assigned to in functions and mean nothing anywhere else."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    inner = [node for function in functions for node in ast.walk(function)]
    return _stored(inner) - set(_names_with_a_meaning(tree, inner))


def _stored(nodes: Sequence[ast.AST]) -> set[str]:
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _names_with_a_meaning(tree: ast.Module, inner: Sequence[ast.AST]) -> Iterator[str]:
    in_functions = set(map(id, inner))
    yield from _stored([node for node in ast.walk(tree) if id(node) not in in_functions])
    for node in ast.walk(tree):
        match node:
            case ast.arg(arg=str(name)) | ast.keyword(arg=str(name)) | ast.Attribute(attr=name):
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                yield from names
            case ast.alias(name=name, asname=asname):
                yield asname or name.partition(".")[0]
            case ast.JoinedStr():
                # Before Python 3.12 they are no tokens of their own.
                yield from (part.id for part in ast.walk(node) if isinstance(part, ast.Name))


# --------------------------------------------------------------------------------------------------------------
# Notebooks


def notebook(text: str) -> str:
    """Write a module as a notebook: a heading, imports, a cell for each function, and a call to look at.

    Parameters
    ----------
    text : str
        A module; one that is not valid Python becomes a single cell.

    Returns
    -------
    str
        Notebook format 4.5.
    """
    called = ["forward(1.0, 0.5, 0.5, 0.5, 0.5)"] if "def forward(" in text else []
    code = ["%matplotlib inline\nimport numpy as np", *_cells(text), *called]
    heading = {"cell_type": "markdown", "id": "title", "metadata": {}, "source": "# The skip network"}
    cells = [heading, *(_code_cell(number, source) for number, source in enumerate(code))]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return json.dumps(
        {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}, indent=1
    )


def _code_cell(number: int, source: str) -> dict[str, object]:
    return {
        "cell_type": "code",
        "id": f"cell{number}",
        "metadata": {},
        "execution_count": number + 1,
        "outputs": [],
        "source": source.splitlines(keepends=True),
    }


def _cells(text: str) -> list[str]:
    """Part a module before each function and class; what stands between goes with the next one's cell."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return [text]
    starts = [
        min(node.lineno, *(decorator.lineno for decorator in node.decorator_list), node.lineno)
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
    ]
    lines = text.splitlines(keepends=True)
    edges = [0, *(start - 1 for start in starts if start > 1), len(lines)]
    parts = ("".join(lines[start:end]).strip("\n") for start, end in itertools.pairwise(edges))
    return [part for part in parts if part]

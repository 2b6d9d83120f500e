r"""Keeps what names of the student's own mean that are explained by a line: functions, steps, and names explained after their use."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from grader.formulas.documents.results import Line, PlacedNote, Side
from grader.formulas.limits import Budget
from grader.formulas.parsing.cursor import Options
from grader.formulas.parsing.parse import parse_side
from grader.formulas.symbols import SymbolTable
from grader.formulas.tokens import Kind, NoteKind, Token
from grader.formulas.tree import Application, Product, Symbol, Tree, Unknown, walk
from grader.formulas.values.lookup import numbered
from grader.model import Document

_LONGEST = 12
"""Tokens of a function with its argument."""
_WHERE = re.compile(
    r"(?:^|[\s{~(,.])(?:where|with|wobei|mit|avec|o\u00f9|donde|con|dove|hier|here)"
    r"(?:\s+[a-z]{1,12}){0,4}[\s}:,;~$\\({&]*$",
    re.IGNORECASE,
)
"""What stands before a formula that explains names of the one before."""
_SENTENCE = re.compile(r"[.!?]\s")
_SHOWN = re.compile(
    r"(?<![A-Za-z])(?:where|with|wobei|mit|avec|o\u00f9|donde|con|dove|hier|here)\b", re.IGNORECASE
)
_DIFFERENTIAL = "Whether this is a gradient or a differential cannot be told."
_FAR = 12
"""Lines before it that a line may explain."""
_GRADIENTS = re.compile(
    r"(?:\\(?:mathrm|text|mathbf)\s{0,2}\{d\}|(?<![A-Za-z\\])d)\s{0,2}\{?\\?[A-Za-z]{1,6}(?:_\{?\w{1,3}\}?)?\}?\$?\s{0,3}"
    r"(?:is\s+short\s+for|is\s+shorthand\s+for|short\s+for|stands\s+for|means|denotes|for|:=|=|\\equiv|\\coloneqq"
    r"|steht\s+f\u00fcr|ist\s+kurz\s+f\u00fcr|bezeichnet|kurz\s+f\u00fcr)\s{0,3}\$?\s{0,3}"
    r"(?:\\[dt]?frac\s{0,2}\{\s{0,2})?(?:\\partial|\\mathrm\{d\}|\\delta|d|\u2202)\s{0,2}(?:\\mathcal\s{0,2})?\{?\s{0,2}[LJEC]\b"
)


def says_d_is_gradient(document: Document) -> bool:
    r"""Whether a document explains that `dv` is the loss derived by v.

    Parameters
    ----------
    document : Document
        Hostile.

    Returns
    -------
    bool
        `dz = \frac{\partial z}{\partial w} dw` explains no such thing.
    """
    return _GRADIENTS.search(document.text) is not None


def with_explained(options: Options, first: Sequence[Token], table: SymbolTable, budget: Budget) -> Options:
    r"""Take in what the first side of a line explains: `r(z) = ...`, `\Delta W = ...`.

    Parameters
    ----------
    options : Options
        What was explained before.
    first : sequence of Token
        The side.
    table : SymbolTable
    budget : Budget

    Returns
    -------
    Options
    """
    if len(first) > _LONGEST or len(first) < 2:  # noqa: PLR2004 (a mark and a name)
        return options
    if first[0].is_command("Delta") and "Delta" not in table.bases:
        named = parse_side(first[1:], table, budget).tree
        if isinstance(named, Symbol) and named.name in table.parameters and not named.updated:
            return replace(options, steps=options.steps | {named.name})
    name = first[0].text
    opener = 1 + next((at for at, one in enumerate(first[1:]) if not one.is_sign("'")), 0)
    is_applied = first[opener].is_sign("(") and first[-1].is_sign(")") and len(first) > opener + 2
    is_letter = first[0].kind in {Kind.LETTER, Kind.COMMAND} and name not in table.bases | table.indices
    if is_applied and is_letter:
        argument = parse_side(first[opener + 1 : -1], table, budget).tree
        if isinstance(argument, Symbol | Unknown):
            return replace(options, functions=options.functions | {name})
    return options


def without_differential(sides: Sequence[Side]) -> list[Side]:
    """Return the sides of a line, the first one unread where it may be a gradient or a differential, `dz`.

    Parameters
    ----------
    sides : sequence of Side

    Returns
    -------
    list of Side
    """
    first, *others = sides
    if not isinstance(first.tree, Product) or first.tree.factors[0] != Unknown(name="d"):
        return list(sides)
    problem = PlacedNote(kind=NoteKind.UNREAD, text=_DIFFERENTIAL, position=first.position)
    return [replace(first, tree=None, problem=problem), *others]


def in_order(lines: Sequence[Line], document: Document) -> list[Line]:
    r"""Put lines that explain names, `where $e = \\hat y - y$`, before the first one that has the name in it.

    Parameters
    ----------
    lines : sequence of Line
        Of one document, in the order of its text.
    document : Document

    Returns
    -------
    list of Line
        A name that was explained before is none that such a line explains.
    """
    ordered = list(lines)
    if not _SHOWN.search(document.text):
        return ordered
    texts = document.text.split("\n")
    explaining: set[int] = set()
    known: set[str] = set()
    for at, line in enumerate(lines):
        name = _own_name(line.sides[0].tree)
        if name is None:
            continue
        is_where = _is_where(line, texts, document.line) or (
            at > 0 and id(lines[at - 1]) in explaining and _goes_on(lines[at - 1], line, texts, document.line)
        )
        if is_where:
            explaining.add(id(line))
            if name not in known:
                _move(ordered, at, name)
        known.add(name)
    return ordered


def _own_name(tree: Tree | None) -> str | None:
    if isinstance(tree, Application):
        tree = tree.of
    return numbered(tree) if isinstance(tree, Unknown) else None


def _move(ordered: list[Line], at: int, name: str) -> None:
    """Move a line before the first one of its section, not far above it, that has the name in it."""
    line = ordered[at]
    above = range(max(0, at - _FAR), at)
    users = [one for one in above if ordered[one].path == line.path and _has(ordered[one], name)]
    if users:
        ordered.insert(users[0], ordered.pop(at))


def _has(line: Line, name: str) -> bool:
    trees = [side.tree for side in line.sides if side.tree is not None]
    return any(isinstance(node, Unknown) and numbered(node) == name for tree in trees for node in walk(tree))


def _before(line: Line, texts: Sequence[str], first: int) -> str:
    """Return what stands before a line of formulas on its line of the text, and the line above where that is nothing."""
    number = line.position.line - first
    text = texts[number][: line.position.column - 1]
    return text if text.strip("$ \\([&") or not number else f"{texts[number - 1]} {text}"


def _is_where(line: Line, texts: Sequence[str], first: int) -> bool:
    return _WHERE.search(_before(line, texts, first)[-100:]) is not None


def _goes_on(explained: Line, line: Line, texts: Sequence[str], first: int) -> bool:
    """Whether a line stands in the sentence of one that explains a name."""
    if line.position.line != explained.position.line:
        return False
    text = texts[line.position.line - first]
    return not _SENTENCE.search(text[explained.position.column - 1 : line.position.column - 1])

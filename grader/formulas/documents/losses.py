r"""Finds the student's own letter for the loss, `\partial E / \partial w`, and puts the task's name in its place."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from grader.formulas.documents.results import Line, PlacedNote, Side
from grader.formulas.edits.places import rebuilt
from grader.formulas.symbols import SymbolTable
from grader.formulas.tokens import NoteKind
from grader.formulas.tree import Application, Derivative, Node, Symbol, Tree, Unknown, walk

_LETTERS = frozenset(
    {"J", "E", "C", "R", "Loss", "loss", "Cost", "cost", "Error", "error", "err", "MSE", "MAE"}
)
"""What books call a loss; another letter may be anything."""
_UNCLEAR = "What is derived here is not a name of this task."


def with_loss(lines: Sequence[Line], table: SymbolTable) -> list[Line]:
    """Read the student's own name for the loss as the loss.

    Parameters
    ----------
    lines : sequence of Line
        Of all documents.
    table : SymbolTable

    Returns
    -------
    list of Line
        With the loss in the place of the only name of the student's own that books give to a loss and that is derived by values of
        the task; where the loss stands under its own name, too, that one is something else. What is derived and explained nowhere
        is unread.
    """
    derived = {name for line in lines if (name := _derived(line.sides[0], table))}
    if not derived:
        return list(lines)
    owned = {tree.name for line in lines if isinstance(tree := line.sides[0].tree, Unknown)}
    letters = derived & _LETTERS
    if len(letters) == 1 and not any(_names_loss(line, table.loss) for line in lines):
        name = next(iter(letters))
        lines = [_renamed(line, name, table.loss) for line in lines]
        derived -= letters
    return [_unread(line) if _derived(line.sides[0], table) in derived - owned else line for line in lines]


def _derived(side: Side, table: SymbolTable) -> str | None:
    """Return the name, if it may be that of a loss, that a line derives by a value which the network computes, or a weight."""
    tree = side.tree
    if not isinstance(tree, Derivative) or not isinstance(tree.by, Symbol):
        return None
    named = tree.of.of if isinstance(tree.of, Application) else tree.of
    by = tree.by.name
    if not isinstance(named, Unknown) or not (by in table.parameters or table.inputs.get(by)):
        return None
    is_loss = named.name in _LETTERS or named.name.split("_")[0] == table.loss
    return named.name if is_loss else None


def _names_loss(line: Line, loss: str) -> bool:
    """Whether the loss stands in a line under its own name; a letter for a gradient only means it."""
    return any(
        isinstance(node, Symbol) and node.name == loss and node.end > node.start
        for side in line.sides
        if side.tree is not None
        for node in walk(side.tree)
    )


def _renamed(line: Line, name: str, loss: str) -> Line:
    def change(node: Node) -> Node:
        if isinstance(node, Unknown) and node.name == name and not node.index:
            return Symbol(name=loss, start=node.start, end=node.end)
        return node

    changed = [_with_tree(side, rebuilt(side.tree, change)) if side.tree else side for side in line.sides]
    if changed == list(line.sides):
        return line
    text = f"`{name}` is read as the loss."
    note = PlacedNote(kind=NoteKind.READING, text=text, position=line.position)
    changed[0] = replace(changed[0], notes=(*changed[0].notes, note))
    return replace(line, sides=tuple(changed))


def _with_tree(side: Side, tree: Tree) -> Side:
    return side if tree == side.tree else replace(side, tree=tree)


def _unread(line: Line) -> Line:
    problem = PlacedNote(kind=NoteKind.UNREAD, text=_UNCLEAR, position=line.position)
    first = replace(line.sides[0], tree=None, problem=problem)
    return replace(line, sides=(first, *line.sides[1:]))

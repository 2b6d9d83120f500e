"""Tells what can stand on the left of an equation, and makes a gradient or a new value of a name where words say so."""

from __future__ import annotations

from collections.abc import Sequence

from grader.formulas.documents.columns import Column
from grader.formulas.limits import Budget, Caps
from grader.formulas.parsing.parse import parse_side
from grader.formulas.symbols import SymbolTable
from grader.formulas.tokens import Kind, Token
from grader.formulas.tree import Application, Derivative, Node, Symbol


def is_quantity(tree: Node | None) -> bool:
    """Whether a tree is one value of the task, or one derived by another."""
    if isinstance(tree, Derivative):
        return isinstance(tree.of, Symbol | Application) and isinstance(tree.by, Symbol)
    return isinstance(tree.of if isinstance(tree, Application) else tree, Symbol)


def labelled(name: Sequence[Token], column: Column, table: SymbolTable) -> tuple[Token, ...]:
    """Return a name as a column, or the words before it, mean it.

    Parameters
    ----------
    name : sequence of Token
        Of one value.
    column : Column
    table : SymbolTable
        The names of the assignment.

    Returns
    -------
    tuple of Token
        None where the name has no such value: only a parameter has a new one.
    """
    tree = parse_side(name, table, Budget(Caps())).tree
    first, last = name[0], name[-1]
    if column is Column.GRADIENT and isinstance(tree, Symbol):
        mark = Token(kind=Kind.COMMAND, text="partial", start=first.start, end=first.start)
        loss = Token(kind=Kind.NAME, text=table.loss, start=first.start, end=first.start)
        over = Token(kind=Kind.SIGN, text="/", start=first.start, end=first.start)
        return (mark, loss, over, mark, *name)
    if column is Column.UPDATED:
        if not isinstance(tree, Symbol) or tree.name not in table.parameters:
            return ()
        prime = Token(kind=Kind.SIGN, text="'", start=last.end, end=last.end)
        return tuple(name) if tree.updated else (*name, prime)
    return tuple(name)

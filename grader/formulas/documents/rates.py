r"""Takes a name that a student gives to the learning rate for it: the `\lambda` of `w - \lambda \partial L / \partial w`, `\lambda = 1`."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from msgspec.structs import replace

from grader.formulas.documents.results import Line, PlacedNote, Side
from grader.formulas.symbols import SymbolTable
from grader.formulas.tokens import NoteKind
from grader.formulas.tree import Derivative, Negative, Number, Product, Sum, Symbol, Tree, Unknown

RATE = "lr"
"""What the learning rate is called among the names of an assignment."""
_TEXT = "A name of your own stands where the learning rate does, and is read as it."


def with_rates(lines: Sequence[Line], table: SymbolTable) -> list[Line]:
    r"""Read names of the student's own as the learning rate where they stand in its place.

    Parameters
    ----------
    lines : sequence of Line
        Of all documents.
    table : SymbolTable
        The names of the assignment.

    Returns
    -------
    list of Line
        With the rate for a name to which a line gives a number, and which stands before the gradient in a step. Elsewhere it
        keeps the meaning that the student gives to it.
    """
    if RATE not in table.axes:
        return list(lines)
    numbers = {name for line in lines if (name := _numbered(line)) is not None}
    return [_stepped(line, numbers, table.loss) if numbers else line for line in lines]


def _numbered(line: Line) -> str | None:
    """Return the name that a line gives a number to, and says nothing else."""
    name, *others = (side.tree for side in line.sides)
    is_name = isinstance(name, Unknown) and not name.index
    is_number = all(isinstance(other, Number) for other in others)
    return name.name if isinstance(name, Unknown) and is_name and is_number else None


def _stepped(line: Line, names: AbstractSet[str], loss: str) -> Line:
    parameter = line.sides[0].tree
    if not isinstance(parameter, Symbol) or not parameter.updated:
        return line
    return replace(line, sides=tuple(_side(side, parameter.name, names, loss) for side in line.sides))


def _side(side: Side, parameter: str, names: AbstractSet[str], loss: str) -> Side:
    tree = side.tree
    if not isinstance(tree, Sum) or not isinstance(tree.terms[0], Symbol) or tree.terms[0].name != parameter:
        return side
    terms = tuple(_term(term, parameter, names, loss) for term in tree.terms)
    if terms == tree.terms:
        return side
    note = PlacedNote(kind=NoteKind.READING, text=_TEXT, position=side.position)
    return replace(side, tree=replace(tree, terms=terms), notes=(*side.notes, note))


def _term(term: Tree, parameter: str, names: AbstractSet[str], loss: str) -> Tree:
    """Return a term with the rate in it, where a name is multiplied with the gradient."""
    if isinstance(term, Negative):
        return replace(term, operand=_term(term.operand, parameter, names, loss))
    if not isinstance(term, Product) or not any(_is_gradient(one, parameter, loss) for one in term.factors):
        return term
    at = [index for index, one in enumerate(term.factors) if isinstance(one, Unknown) and one.name in names]
    if len(at) != 1 or any(isinstance(one, Symbol) and one.name == RATE for one in term.factors):
        return term
    own = term.factors[at[0]]
    rate = Symbol(name=RATE, start=own.start, end=own.end)
    return replace(term, factors=(*term.factors[: at[0]], rate, *term.factors[at[0] + 1 :]))


def _is_gradient(tree: Tree, parameter: str, loss: str) -> bool:
    return (
        isinstance(tree, Derivative)
        and isinstance(tree.by, Symbol)
        and tree.by.name == parameter
        and isinstance(tree.of, Symbol)
        and tree.of.name == loss
    )

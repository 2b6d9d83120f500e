r"""Tells what the arrows in a row stand for: a new statement, a parameter's new value, or an equals sign."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from msgspec.structs import replace

from grader.formulas.documents.labels import is_quantity
from grader.formulas.documents.results import PlacedNote, Side
from grader.formulas.documents.rows import cut_before, free, is_relation
from grader.formulas.tokens import Kind, NoteKind, Token
from grader.formulas.tree import Fraction, Negative, Number, Product, Sum, Symbol, Tree, walk
from grader.formulas.vocabulary import ARROWS, BECOMES, COMPARISONS, FOLLOWS

IMPLIES = "=>"
"""The relation of what stands behind an arrow, and says no equation of its own."""
_UNCLEAR = "An arrow stands before it, which may lead to something else; an equals sign says what is meant."


def is_arrow(token: Token) -> bool:
    """Whether a token is an arrow between statements."""
    return token.is_command_among(ARROWS)


def with_arrows(row: Sequence[Token]) -> list[Token]:
    r"""Make relations of the arrows of a row that stand between sides, and not between statements.

    Parameters
    ----------
    row : sequence of Token

    Returns
    -------
    list of Token
        `->` behind a name that may be a parameter, `=>` before what is no equation: in `z \Rightarrow w x`, and in
        `z = w x \Rightarrow 0.5`.
    """
    return _with_results(_with_step(row))


def without_arrows(sides: Sequence[Side], parameters: AbstractSet[str]) -> list[Side]:
    r"""Read `=>` as an equals sign where a line has nothing else, and not at all where it has one.

    Parameters
    ----------
    sides : sequence of Side
        Of a line.
    parameters : set of str
        The values of which there is also one after the step: an arrow behind one leads to that.

    Returns
    -------
    list of Side
        A parameter's new value behind its old one is that of the line. The first side alone where names stand behind an arrow: `z_0 \Rightarrow h_0` says what comes next.
    """
    if all(side.relation == IMPLIES for side in sides[1:]):
        first = sides[0].tree
        is_claim = is_quantity(first) and not any(is_quantity(side.tree) for side in sides[1:])
        is_step = isinstance(first, Symbol) and not first.updated and first.name in parameters
        relation = "->" if is_step and len(sides) == 2 else "="  # noqa: PLR2004 (the name and its new value)
        return [sides[0], *(replace(side, relation=relation) for side in sides[1:] if is_claim)]
    if _is_step(sides, parameters):
        return [sides[0], replace(sides[2], relation="->")]
    made: list[Side] = []
    for side in sides:
        if side.relation != IMPLIES:
            made.append(side)
        elif not is_quantity(side.tree):
            problem = PlacedNote(kind=NoteKind.UNREAD, text=_UNCLEAR, position=side.position)
            made.append(replace(side, tree=None, problem=problem))
    return made


def _is_step(sides: Sequence[Side], parameters: AbstractSet[str]) -> bool:
    r"""Whether an arrow leads from a parameter's number to its next one: `w_0 = 0.5 \\to -0.25`."""
    if [side.relation for side in sides[1:]] != ["=", IMPLIES]:
        return False
    name, *values = (side.tree for side in sides)
    is_name = isinstance(name, Symbol) and not name.updated and name.name in parameters
    return is_name and all(value is not None and _is_number(value) for value in values)


def _is_number(tree: Tree) -> bool:
    return all(isinstance(node, Number | Negative | Fraction | Product | Sum) for node in walk(tree))


def _with_step(row: Sequence[Token]) -> Sequence[Token]:
    r"""Make a relation of an arrow that may give a parameter its new value: the only one, before any relation."""
    arrows = free(row, is_arrow)
    at = arrows[0] if len(arrows) == 1 else 0
    if not at or not row[at].is_command_among(BECOMES) or free(row[:at], is_relation):
        return row
    begin = _old_value(row, at)
    kind, text = (Kind.SIGN, "->") if begin == at else (Kind.COMMAND, "leftarrow")
    return [*row[:begin], replace(row[at], kind=kind, text=text), *row[at + 1 :]]


def _old_value(row: Sequence[Token], arrow: int) -> int:
    r"""Return where the number before an arrow begins, with its colon: `w_0: 0.5 \to -0.25`; the arrow where there is none."""
    colons = free(row[:arrow], lambda one: one.is_sign(":"))
    if len(colons) != 1 or not colons[0]:
        return arrow
    between = row[colons[0] + 1 : arrow]
    old = [
        one for one in between if not one.is_sign("-", "+", "/", "{", "}", ",") and not one.is_command("frac")
    ]
    return colons[0] if old and all(one.kind is Kind.NUMBER for one in old) else arrow


def _with_results(row: Sequence[Token]) -> list[Token]:
    """Make relations of arrows before what is neither an equation nor words."""
    arrows = free(row, is_arrow)
    made = list(row)
    pieces = cut_before(row, arrows)
    is_equation = bool(free(row, is_relation))
    has_sides = bool(free(pieces[0], is_relation)) or not is_equation
    forward = FOLLOWS | BECOMES if is_equation else FOLLOWS
    for at, piece in zip(arrows, pieces[1:], strict=True):
        goes_on = has_sides and row[at].is_command_among(forward) and _is_expression(piece[1:])
        if goes_on:
            made[at] = replace(row[at], kind=Kind.SIGN, text=IMPLIES)
        has_sides = goes_on or bool(free(piece, is_relation))
    return made


def _is_expression(tokens: Sequence[Token]) -> bool:
    """Whether tokens may be one side: no equation, no condition, no list and no words."""
    return bool(tokens) and not any(
        is_relation(one)
        or one.kind is Kind.WORD
        or one.is_sign(",", ";", ":", r"\quad", *COMPARISONS)
        or one.is_command_among(COMPARISONS)
        for one in tokens
    )

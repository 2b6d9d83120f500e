"""Reads a derivative that is said in words: `the gradient of L with respect to w1 is dL/dz1 * h0`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from grader.formulas.documents.plain_lex import PlainTokens, lex_plain
from grader.formulas.limits import Budget, UnreadableError
from grader.formulas.parsing.parse import parse_side
from grader.formulas.symbols import SymbolTable
from grader.formulas.tokens import Kind, Token
from grader.formulas.tree import Symbol

_SAID = re.compile(
    r"""(?: (?:the\s+)? (?:partial\s+)? (?:derivative|gradient)\s+of\s+(?:the\s+)?
            (?P<loss_en>(?:loss|cost|error)(?:\s+function)?\s*)? (?P<of_en>[^\s=:,]{1,20})?\s*
            \b(?:wrt\.?|w\.\s?r\.\s?t\.?|with\s+respect\s+to)
          | (?:die\s+|der\s+)? (?:partielle\s+)? (?:Ableitung|Gradient)\s+(?:von|des|der)\s+
            (?P<loss_de>(?:Loss|Verlust|Fehler|Kosten)(?:e?s)?(?:funktion)?\s*)? (?P<of_de>[^\s=:,]{1,20})?\s*
            \b(?:nach|bzgl\.?|bez\u00fcglich)
          | (?:la\s+|le\s+)? (?:d\u00e9riv\u00e9e(?:\s+partielle)?|gradient)\s+de\s+(?:la\s+)?
            (?P<loss_fr>(?:perte|co\u00fbt|erreur)\s*)? (?P<of_fr>[^\s=:,]{1,20})?\s*
            \bpar\s+rapport\s+\u00e0
        )\s+ (?P<by>[^\s=:][^=:]{0,20}?)
        (?: \s*(?P<sign>:=|=>|\u21d2|==|=|:)\s* | \s+(?P<verb>is|equals|ist|est)\s+ )(?=\S)""",
    re.VERBOSE | re.IGNORECASE,
)
_MENTIONS = re.compile(
    r"\b(?:derivative|gradient|Ableitung|d\u00e9riv\u00e9e)\b.{1,80}\b(?:is|equals|ist|est)\b", re.IGNORECASE
)
_GLANCE = 60
"""Characters behind a line that tell whether its sentence goes on."""
_MAY_GO_ON = re.compile(r"[ \t]*[a-z\u00e4\u00f6\u00fc]{2,}(?:[ ,.]|$)")


class SaidDerivative(Struct, frozen=True, kw_only=True):
    """The left side of a line, which is said in words."""

    left: PlainTokens
    """The derivative."""
    equals: Token
    end: int
    """Where the right side begins."""


def may_be_said(line: str) -> bool:
    """Whether a line without a sign between two sides may say what a derivative is."""
    return _MENTIONS.search(line) is not None


def said_derivative(
    text: str, start: int, end: int, table: SymbolTable, budget: Budget
) -> SaidDerivative | None:
    """Read the words that a line begins with as a derivative.

    Parameters
    ----------
    text : str
        Of the document; hostile.
    start, end : int
        Where the line begins and ends in it.
    table : SymbolTable
        The names of the assignment.
    budget : Budget
        Is taken off for what is read.

    Returns
    -------
    SaidDerivative or None
        None where the line does not begin with such words, or its sentence goes on in the next one.
    """
    found = _SAID.match(text, start, end)
    if found is None or (found["verb"] and _goes_on(text, end)):
        return None
    of = next((group for group in ("of_en", "of_de", "of_fr") if found[group]), None)
    is_loss = any(found[group] for group in ("loss_en", "loss_de", "loss_fr"))
    by = _value(text, *found.span("by"), table, budget)
    above = _value(text, *found.span(of), table, budget) if of else _loss(table, start) if is_loss else ()
    if not by or not above:
        return None
    place = found.end("by")
    mark = Token(kind=Kind.COMMAND, text="partial", start=start, end=start)
    over = Token(kind=Kind.SIGN, text="/", start=start, end=start)
    equals = Token(kind=Kind.SIGN, text="=", start=place, end=found.end())
    return SaidDerivative(
        left=PlainTokens(tokens=(mark, *above, over, replace(mark, end=start), *by)),
        equals=equals,
        end=found.end(),
    )


def _goes_on(text: str, end: int) -> bool:
    """Whether a sentence that does not end where its line does goes on in the next one."""
    is_ended = text[end : end + 1] == "."
    below = text[end : end + _GLANCE].partition("\n")[2] if not is_ended else ""
    return _MAY_GO_ON.match(below) is not None


def _loss(table: SymbolTable, place: int) -> Sequence[Token]:
    return (Token(kind=Kind.NAME, text=table.loss, start=place, end=place),)


def _value(text: str, start: int, end: int, table: SymbolTable, budget: Budget) -> Sequence[Token]:
    """Return the tokens of a name of the task that has a value; none where it is anything else."""
    try:
        plain = lex_plain(text, start, end, table, budget)
    except UnreadableError:
        return ()
    tree = parse_side(plain.tokens, table, budget).tree
    return plain.tokens if isinstance(tree, Symbol) and not tree.updated and not plain.strange else ()

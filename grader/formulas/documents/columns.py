"""Tells what a column of a table says of the value that a row is about, by its head."""

from __future__ import annotations

import re
from enum import StrEnum

__all__ = ["Column", "column_of"]


class Column(StrEnum):
    """What a column says of the value; a closed set."""

    VALUE = "value"
    UPDATED = "updated"
    GRADIENT = "gradient"
    ASIDE = "aside"
    """Nothing that is marked: a comment, a number, a name in words."""
    OTHER = "other"


_HEADS = (
    (
        Column.UPDATED,
        re.compile(
            r"(?:(?:the )?(?:new|updated?|neu\w*)|after|after (?:the |one )?(?:step|update))"
            r"(?: (?:value|weight|parameter|wert|gewicht)s?)?"
        ),
    ),
    (
        Column.GRADIENT,
        re.compile(
            r"(?:gradients?|derivatives?|ableitung(?:en)?|d ?l ?/ ?d ?\w*|partial derivatives?"
            r"|\\(?:d|t)?frac\{\\partial l\}\{\\partial .{1,16}\}|\\partial l ?/ ?\\partial .{1,16})"
            r"(?: (?:value|formula|w\.?r\.?t\.?|of|for|with respect to|nach))?"
        ),
    ),
    (
        Column.VALUE,
        re.compile(
            r"|(?:final |old |initial |current |start(?:ing)? |numeric(?:al)? |forward )?values?|results?|numbers?|formulas?"
            r"|expressions?|derivations?|computations?|calculations?|equals|=|forward|before|chain rule|by the chain rule"
            r"|rule|explicit(?:ly)?|simplified|worked out|in numbers|with numbers|numerically|inserted|answers?|solutions?"
            r"|equations?|wert|ergebnis|formel|rechnung|kettenregel|zahlenwert|valeur|r\u00e9sultat|valor|resultado"
        ),
    ),
    (
        Column.ASIDE,
        re.compile(
            r"#|no\.?|nr\.?|steps?|layers?|names?|quantit(?:y|ies)|variables?|symbols?|parameters?|descriptions?|meaning|notes?"
            r"|comments?|remarks?|reasons?|why|explanations?|shapes?|dimensions?|units?|bemerkung(?:en)?|begr\u00fcndung"
            r"|schritt|gr\u00f6\u00dfe|name"
        ),
    ),
)
_DRESS = re.compile(r"\\text(?:bf|it|rm)?\{|[{}]$|^[ *_$`(]+|[ *_$`:)]+$|\\[()]|</?(?:b|strong|i|em)>")
_LONGEST = 80


def column_of(head: str) -> Column:
    """Return what the head of a column, or of a row, says.

    Parameters
    ----------
    head : str
        As written; hostile.

    Returns
    -------
    Column
    """
    plain = " ".join(_DRESS.sub("", _DRESS.sub("", head.strip()[:_LONGEST])).casefold().split())
    return next((column for column, pattern in _HEADS if pattern.fullmatch(plain)), Column.OTHER)

"""Tells in which brackets a comma separates: not where nothing closes them, and not where they hold a sum with decimal commas."""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec import Struct, field

_PARTS = re.compile(
    r"\\(?P<command>[A-Za-z]++|.)|(?P<decimal>\d++,\d++(?![\d,]|\.\d))|(?P<space>[\s&~]++)|(?P<sign>.)",
    re.DOTALL,
)
_DECIMAL = re.compile(r"(?<![\d.,{(\[])(?:0,\d{2,15}|\d{1,9}\{,\}\d{1,15})(?![\d,.]\d)")
_POINT = re.compile(r"(?<![\d.])\d{1,9}\.\d{1,15}(?!\d|\.\d)")
_COMMA = re.compile(r"\d,\d")
_OPERATORS = frozenset(
    {*"+-*/", "\N{MIDDLE DOT}", "\N{MINUS SIGN}", "\N{MULTIPLICATION SIGN}", "cdot", "times"}
)
_BEFORE_FACTORS = _OPERATORS | {"", *"=([{)0123456789", "approx", "\N{ALMOST EQUAL TO}"}
"""What may stand before brackets that are a factor or a term, and no arguments."""
_LOOKS = frozenset(
    {*",;!: ", "left", "right", "big", "Big", "bigl", "bigr", "Bigl", "Bigr", "bigg", "quad", "displaystyle"}
)


class _Bracket(Struct, kw_only=True):
    """What is known of a bracket that is open."""

    start: int
    is_factor: bool
    has_operator: bool = False
    is_scaled: bool = False
    """Whether a sign of a product or sum stands before it."""
    has_list: bool = False
    decimals: list[int] = field(default_factory=list)
    """Offsets of numbers that may be one, or two in a list."""

    @property
    def holds_decimals(self) -> bool:
        """Whether its commas can be nothing but decimal ones: those of `0.5 (0,5 + 1)`, not of `(0,5)` or `max(0,5 + 1)`."""
        return self.is_factor and self.has_operator and bool(self.decimals) and not self.has_list

    @property
    def is_unclear(self) -> bool:
        r"""Whether it may hold one number or a list: `2 \\cdot (1,5)`."""
        return self.is_scaled and not self.has_operator and len(self.decimals) == 1 and not self.has_list


class Commas(Struct, frozen=True, kw_only=True):
    """What the commas of a formula are."""

    seen_through: frozenset[int] = frozenset()
    """Offsets of brackets in which a comma between two figures separates nothing, the opening ones and the closing ones."""
    unclear: frozenset[int] = frozenset()
    """Offsets of numbers with a comma that can be read in two ways."""


@lru_cache(maxsize=4)
def writes_decimal_commas(text: str) -> bool:
    """Whether a document has numbers that only a decimal comma explains, and none with a decimal point.

    Parameters
    ----------
    text : str
        Of all of it; hostile.

    Returns
    -------
    bool
        Then `3,375` beside `0,25` is one number, too, and not three thousand.
    """
    return _DECIMAL.search(text) is not None and _POINT.search(text) is None


def commas_of(text: str, start: int, end: int) -> Commas:
    """Tell where a comma between two figures is a decimal one though it stands in brackets.

    Parameters
    ----------
    text : str
        Of a document; hostile.
    start, end : int
        Where the formula begins and ends in it.

    Returns
    -------
    Commas
        A bracket that nothing closes before the row ends is seen through, too. Empty where no comma stands between figures.
    """
    if not _COMMA.search(text, start, end):
        return Commas()
    found: list[int] = []
    unclear: list[int] = []
    openers: list[_Bracket] = []
    before = ""
    for match in _PARTS.finditer(text, start, end):
        part = match["command"] or match["sign"] or ""
        if match["space"] or (match["command"] and part in _LOOKS):
            continue
        if match["command"] == "\\":
            found += [one.start for one in openers]
            openers.clear()
        elif match["sign"] and part in "([":
            is_factor, is_scaled = before in _BEFORE_FACTORS, before in _OPERATORS
            openers.append(_Bracket(start=match.start(), is_factor=is_factor, is_scaled=is_scaled))
        elif openers and match["sign"] and part in ")]":
            closed = openers.pop()
            found += [closed.start, match.start()] if closed.holds_decimals else []
            unclear += closed.decimals if closed.is_unclear else []
        elif openers:
            openers[-1].has_operator |= part in _OPERATORS and before not in {"(", "["}
            openers[-1].decimals += [match.start()] if match["decimal"] else []
            openers[-1].has_list |= match["sign"] is not None and part in ",;"
        before = "0" if match["decimal"] else part
    return Commas(
        seen_through=frozenset((*found, *(one.start for one in openers))), unclear=frozenset(unclear)
    )

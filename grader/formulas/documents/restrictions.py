r"""Tells short formulas that hold for some cases alone, `z_1 > 0` and `k \neq c`, from what holds almost always."""

from __future__ import annotations

import re

_LOOKS = re.compile(r"\\(?:left|right|[,;!:>]|quad|text(?=\{)|mathrm(?=\{))|[\s${}()]")
_SIGNS = (
    (re.compile(r"\\neq?(?![A-Za-z])|\\not\s*=|!="), "\u2260"),
    (re.compile(r"\\le(?:q|qslant)?(?![A-Za-z])|<="), "\u2264"),
    (re.compile(r"\\ge(?:q|qslant)?(?![A-Za-z])|>="), "\u2265"),
    (re.compile(r"\\lt(?![A-Za-z])"), "<"),
    (re.compile(r"\\gt(?![A-Za-z])"), ">"),
)
_ORDER = re.compile("[<>\u2264\u2265]")
_LETTER = re.compile(r"[^\W\d_]")
_RANGE = re.compile("\\d?[<\u2264]?[a-z][<\u2264][A-Z\\d]")
_POSITIVE = re.compile(r"\\in(?:\\mathbb)?(?:R(?:\^\+|_\+|_>0)|0,\\infty)")
_INDEX = re.compile(r"[a-z]")
_ENTRY = re.compile(r"[a-z]_[a-z]")
_NEW = re.compile(r"(?:'|\\prime|\+|\+1|new|neu|updated)$")
_DECIMAL = re.compile(r"\d(?:[.,]|\{,\})\d")
_RESULT = re.compile(r"[-\s{]*(?:\\[dt]?frac[\s{]*\d[\s{}]*\d|\d+[\s/]*\d)[\d\s}]*")
_LONGEST_RESULT = 40
"""Characters: the pattern above takes time that grows with their square."""
_MASK = ("u_", "u0", "u1", "uz", "\\mathbb")


def is_restriction(formula: str) -> bool:
    r"""Whether a short formula holds for some cases alone: `z_1 > 0`, `k = c`, `k \neq c`, `w_s = 0`.

    Parameters
    ----------
    formula : str
        Its source; hostile.

    Returns
    -------
    bool
        Not where it holds almost everywhere (`z_1 \neq 0`), is a range of indices, gives a number (`x = 1`, `\eta = 1`,
        `w_s' = 0`), or claims more (`h_0 = 0.5 > 0`).
    """
    for command, sign in _SIGNS:
        formula = command.sub(sign, formula)
    plain = _LOOKS.sub("", formula.replace("\\{", "").replace("\\}", "")).rstrip(".,:;")
    if _POSITIVE.search(plain):
        return True
    if "," in plain:
        return False
    if "\u2260" in plain:
        return _is_other_index(*plain.split("\u2260", maxsplit=1))
    return _is_order(plain) if _ORDER.search(plain) else _is_chosen(*plain.partition("=")[::2])


def gives_number(formula: str) -> bool:
    r"""Whether a formula has a number in it that no mask has: `z_1 = 0.25`, `w_1 = \\frac14`, and not `u(z_1) = 1`.

    Parameters
    ----------
    formula : str
        Its source; hostile.

    Returns
    -------
    bool
        What stands beside it is the next number of a list, and no case.
    """
    _, equals, result = formula.rpartition("=")
    is_result = equals and len(result) <= _LONGEST_RESULT and _RESULT.fullmatch(result)
    return bool(is_result or _DECIMAL.search(formula))


def _is_other_index(left: str, right: str) -> bool:
    is_index = _INDEX.fullmatch(left) and _INDEX.fullmatch(right)
    return bool(is_index or (_ENTRY.fullmatch(left) and right == "1"))


def _is_order(plain: str) -> bool:
    is_claim = "=" in plain.replace("<=", "").replace(">=", "")
    return not is_claim and not _RANGE.fullmatch(plain) and _LETTER.search(_ORDER.sub("", plain)) is not None


def _is_chosen(left: str, right: str) -> bool:
    """Whether an equation chooses an index, or switches a value off."""
    if right == "0":
        return not _NEW.search(left)
    if right == "1":
        return bool(_ENTRY.fullmatch(left)) or left.startswith(_MASK)
    return bool(_INDEX.fullmatch(left) and _INDEX.fullmatch(right))

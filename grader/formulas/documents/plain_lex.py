"""Cuts a line of plain text into tokens: names are written as in code, signs as on a keyboard."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from grader.formulas.documents.decimals import commas_of, writes_decimal_commas
from grader.formulas.documents.lex import THOUSANDS, Cutter, decimal_comma
from grader.formulas.documents.plain_brackets import (
    MOST_INDICES,
    with_entries,
    with_layers,
    with_nabla,
    with_powers,
    without_brackets,
)
from grader.formulas.documents.plain_names import LONGEST_NAME, VALUES, in_ascii, meaning_of, with_number
from grader.formulas.limits import Budget, UnreadableError
from grader.formulas.symbols import Meaning, SymbolTable
from grader.formulas.tokens import Kind, Note, Token
from grader.formulas.vocabulary import FUNCTIONS, GREEK, SAME, WORD_FUNCTIONS

_LETTER = "A-Za-z\N{GREEK CAPITAL LETTER ALPHA}-\N{GREEK SMALL LETTER OMEGA}"
_PIECE = re.compile(
    r"(?P<space>\s++)|(?P<module>(?:np|numpy|math)\.(?=[a-z]))"
    r"|(?P<comma>[0-9]{1,9},[0-9]{1,15}(?![0-9,]|\.[0-9]))"
    r"|(?P<number>[0-9]++(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]{1,3}(?![0-9]))?+|\.[0-9]++)"
    r"|(?P<mark>\.T(?![A-Za-z0-9_])|<->|<-(?!>)|->|=>|==|:=|<=|>=|!=|~=|\*\*|~)"
    r"|(?P<sum>(?:sum|prod|grad|nabla)_(?=\{))"
    rf"|(?P<name>[{_LETTER}][{_LETTER}0-9_]*+(?:(?<=_)\{{[a-z](?:, ?)?[a-z]?\}}|\[[a-z](?:, ?[a-z])?\])?+)|(?P<other>.)",
    re.DOTALL,
)
_MARKS: Mapping[str, tuple[Kind, str]] = {
    "<-": (Kind.COMMAND, "leftarrow"),
    "->": (Kind.COMMAND, "rightarrow"),
    "=>": (Kind.COMMAND, "Rightarrow"),
    "==": (Kind.SIGN, "="),
    ":=": (Kind.SIGN, ":="),
    "<=": (Kind.COMMAND, "leq"),
    ">=": (Kind.COMMAND, "geq"),
    "!=": (Kind.COMMAND, "neq"),
    "~=": (Kind.COMMAND, "approx"),
    "~": (Kind.COMMAND, "approx"),
    "**": (Kind.SIGN, "^"),
}
_ENTRY = re.compile(r"(?P<base>\w+?)_?[\[{](?P<letters>[a-z](?:,? ?[a-z])?)[\]}]")
"""A name with its indices in brackets, as in code or in TeX."""
_SUMS: Mapping[str, str] = {
    "sum": "sum",
    "prod": "prod",
    "Sum": "sum",
    "\N{GREEK CAPITAL LETTER SIGMA}": "sum",
    "\N{GREEK CAPITAL LETTER PI}": "prod",
}
_BELOW: Mapping[str, str] = {"sum": "sum", "prod": "prod", "grad": "nabla", "nabla": "nabla"}
"""Words before an index in braces."""
_NEXT = re.compile(r"\s{0,2}(?:\(\s?)?(\w{1,40})")
_PARTIAL = frozenset({"partial", "del"})
_AND = frozenset({"and", "und", "et"})


class PlainTokens(Struct, frozen=True, kw_only=True):
    """What a line of plain text is made of."""

    tokens: tuple[Token, ...]
    notes: tuple[Note, ...] = ()
    strange: frozenset[int] = frozenset()
    """Offsets of words that neither the task nor a reader of formulas knows."""


def lex_plain(text: str, start: int, end: int, table: SymbolTable, budget: Budget) -> PlainTokens:
    """Cut a line of plain text into tokens.

    Parameters
    ----------
    text : str
        Of the document; hostile.
    start, end : int
        Where the line begins and ends in it.
    table : SymbolTable
        The names of the assignment.
    budget : Budget
        Is taken off for each token.

    Returns
    -------
    PlainTokens
        As those of TeX: `w_0` and `w0` are names, `^(2)` has braces.

    Raises
    ------
    UnreadableError
        It holds what no formula in plain text has.
    ExhaustedError
        The budget is used up.
    """
    cutter = _PlainCutter(text, table, budget)
    layered = with_layers(cutter.cut(start, end), table)
    tokens = with_nabla(with_entries(without_brackets(with_powers(layered)), table), table)
    return PlainTokens(tokens=tuple(tokens), notes=tuple(cutter.notes), strange=frozenset(cutter.strange))


class _PlainCutter(Cutter):
    """Goes through a line once."""

    def __init__(self, text: str, table: SymbolTable, budget: Budget) -> None:
        super().__init__(text, budget)
        self.table = table
        self.strange: set[int] = set()
        self.depth = 0
        self.braces = 0
        self.behind = 0
        """Where a name ends with the number in brackets that belongs to it."""

    def cut(self, start: int, end: int) -> list[Token]:
        """Return the tokens."""
        self.commas = commas_of(self.text, start, end)
        for match in _PIECE.finditer(self.text, start, end):
            kind, text, place = match.lastgroup or "other", match.group(), match.start()
            if place < self.behind:
                continue
            if kind == "number":
                self.add(Kind.NUMBER, text, place, match.end())
            elif kind == "comma":
                self._comma(text, place)
            elif kind == "sum":
                self.add(Kind.COMMAND, _BELOW[text[:-1]], place, match.end() - 1)
                self.add(Kind.SIGN, "_", match.end() - 1, match.end())
            elif kind == "name":
                name, self.behind = with_number(self.text, place, match.end(), end, self.table)
                self._name(name, place)
                self.tokens[-1] = replace(self.tokens[-1], end=max(self.tokens[-1].end, self.behind))
            elif kind == "mark":
                self._mark(text, place)
            elif kind == "other":
                self._other(text, place)
            self.glued = kind != "space"
        self.budget.spend(2 * len(self.tokens))
        return self.tokens

    def _comma(self, text: str, start: int) -> None:
        """Add `0,5` as one number outside of brackets; in them a comma separates."""
        whole, _, figures = text.partition(",")
        end = start + len(text)
        if start in self.commas.unclear:
            self.add(Kind.NUMBER, text, start, end)
            return
        if self.depth:
            self.add(Kind.NUMBER, whole, start, start + len(whole))
            self.add(Kind.SIGN, ",", start + len(whole), start + len(whole) + 1)
            self.add(Kind.NUMBER, figures, end - len(figures), end)
            return
        if len(figures) == THOUSANDS and whole.strip("0") and not writes_decimal_commas(self.text):
            self.add(Kind.NUMBER, text, start, end)
            return
        self.notes.append(decimal_comma(text, start))
        self.add(Kind.NUMBER, f"{whole}.{figures}", start, end)

    def _mark(self, text: str, start: int) -> None:
        end = start + len(text)
        if text == ".T":
            self.add(Kind.SIGN, "^", start, start + 1)
            self.add(Kind.LETTER, "T", start + 1, end)
        elif text in _MARKS:
            kind, name = _MARKS[text]
            self.add(kind, name, start, end)
        else:
            raise UnreadableError(f"`{text}` cannot be read.", start=start, end=end)

    def _other(self, character: str, start: int) -> None:
        is_script = bool(self.tokens) and self.tokens[-1].is_sign("^", "_")
        if (character == "{" and is_script) or (character == "}" and self.braces):
            self.braces += 1 if character == "{" else -1
            self.add(Kind.SIGN, character, start, start + 1)
            return
        if character in '\\$#&{}`"?%':
            raise UnreadableError(f"`{character}` cannot be read.", start=start, end=start + 1)
        if start not in self.commas.seen_through:
            self.depth += (character in "([") - (character in ")]")
        self.character(character, start)

    def _name(self, text: str, start: int) -> None:
        """Add a name: of the task, a derivative, a function, a letter; or a word that nobody knows."""
        end = start + len(text)
        entry = _ENTRY.fullmatch(text)
        if entry is not None:
            letters = re.sub("[ ,]", "", entry["letters"])
            if not self._counts(letters):
                raise UnreadableError(f"`{text[:20]}` cannot be read.", start=start, end=end)
            self._name(f"{entry['base']}_{letters}", start)
            return
        above = bool(self.tokens) and self.tokens[-1].is_sign("^")
        if len(text) == 1 or (above and text == "T"):
            self.character(text, start)
        elif text in _AND:
            self.add(Kind.SIGN, ",", start, end)
        elif self._meaning(text) is not None:
            self.add(Kind.NAME, in_ascii(text), start, end)
        elif text in FUNCTIONS or text in GREEK or SAME.get(text) in FUNCTIONS:
            self.add(Kind.COMMAND, SAME.get(text, text), start, end)
        elif text in WORD_FUNCTIONS:
            self.add(Kind.NAME, text, start, end)
        elif text in _PARTIAL and self._is_before_value(end):
            self.add(Kind.COMMAND, "partial", start, end)
        elif not (self._derivative(text, start) or self._gradient(text, start) or self._indexed(text, start)):
            self.strange.add(start)
            self.add(Kind.NAME, text, start, end)

    def _meaning(self, text: str) -> Meaning | None:
        found = meaning_of(text, self.table)
        return found[0] if found else None

    def _derivative(self, text: str, start: int) -> bool:
        """Add `dw0` and `ds_k` as `d` and a name, and `dL_dw0` or `dLdw0` as a derivative."""
        if not text.startswith("d") or len(text) > LONGEST_NAME:
            return False
        if self._is_value(text[1:]):
            self.character("d", start)
            self.glued = True
            self._name(text[1:], start + 1)
            return True
        cut = text.find("_d", 2)
        while cut > 0:
            if self._is_value(text[1:cut]) and self._is_value(text[cut + 2 :]):
                self._pair(text, cut, start)
                return True
            cut = text.find("_d", cut + 1)
        cuts = [cut for cut in range(2, len(text)) if text[cut] == "d" and text[cut - 1] != "_"]
        pairs = [cut for cut in cuts if self._is_value(text[1:cut]) and self._is_value(text[cut + 1 :])]
        if len(pairs) == 1:
            self._pair(text, pairs[0], start)
        return len(pairs) == 1

    def _gradient(self, text: str, start: int) -> bool:
        """Add `grad_w0` as the sign of a gradient with what it is by."""
        word, _, by = text.partition("_")
        if word not in ("grad", "nabla") or len(text) > LONGEST_NAME or not self._is_value(by):
            return False
        place = start + len(word)
        self.add(Kind.COMMAND, "nabla", start, place)
        self.add(Kind.SIGN, "_", place, place + 1)
        self.add(Kind.SIGN, "{", place + 1, place + 1)
        self._name(by, place + 1)
        self.add(Kind.SIGN, "}", start + len(text), start + len(text))
        return True

    def _is_before_value(self, end: int) -> bool:
        following = _NEXT.match(self.text, end)
        return following is not None and self._is_value(following[1])

    def _pair(self, text: str, cut: int, start: int) -> None:
        """Add a derivative; `cut` is where an underscore, or else the second `d`, stands."""
        end = start + len(text)
        below = cut + (text[cut] == "_")
        self.add(Kind.SIGN, "{", start, start)
        for first, last in ((0, cut), (below, len(text))):
            if first:
                self.add(Kind.SIGN, "/", start + cut, start + below)
            self.glued = True
            self.character("d", start + first)
            self._name(text[first + 1 : last], start + first + 1)
        self.add(Kind.SIGN, "}", end, end)

    def _is_value(self, text: str) -> bool:
        """Whether a text is a value of the task, or an entry of one."""
        base, _, below = text.rpartition("_")
        return bool({self._meaning(text), self._meaning(base) if self._counts(below) else None} & VALUES)

    def _counts(self, below: str) -> bool:
        """Whether what stands behind a name are letters that count."""
        return bool(below) and len(below) <= MOST_INDICES and set(below) <= self.table.indices

    def _indexed(self, text: str, start: int) -> bool:
        """Add `s_k` and `W1_ij` as a name with indices, `sum_k` as a sum."""
        base, _, below = text.rpartition("_")
        is_known = self._meaning(base) is not None
        if not self._counts(below) or not (base in _SUMS or is_known):
            return False
        place = start + len(base)
        if base in _SUMS and not is_known:
            self.add(Kind.COMMAND, _SUMS[base], start, place)
        else:
            self._name(base, start)
        self.add(Kind.SIGN, "_", place, place + 1)
        self.add(Kind.SIGN, "{", place, place + 1)
        for number, letter in enumerate(below, place + 1):
            self.add(Kind.LETTER, letter, number, number + 1)
        self.add(Kind.SIGN, "}", start + len(text), start + len(text))
        return True

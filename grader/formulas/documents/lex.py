"""Cuts a formula into tokens: every spelling of a sign, a letter or a space becomes the same token with its place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from grader.formulas.documents.decimals import Commas, commas_of, writes_decimal_commas
from grader.formulas.documents.macros import Body, Macro, expand
from grader.formulas.documents.tidy import tidy
from grader.formulas.limits import Budget, UnreadableError
from grader.formulas.tokens import Kind, Note, NoteKind, Token
from grader.formulas.vocabulary import AS_SIGNS, COMBINING, SAME, SIDED, UNICODE_COMMANDS, UNICODE_SIGNS

_PIECE = re.compile(
    r"(?P<space>[\s~\u200b\ufeff]++)|(?P<comment>%[^\n]*+)|\\(?P<command>[A-Za-z]++|.)"
    r"|(?P<comma>\d{1,9},\d{1,15}(?![\d,]|\.\d))"
    r"|(?P<number>\d++(?:[.\uff0e]\d++)?+(?:[eE][+-]?\d{1,3}(?!\d))?+|\.\d++)"
    r"|(?P<letter>[A-Za-z])|(?P<other>.)",
    re.DOTALL,
)
_BLANK = frozenset({"space", "comment"})
_SCRIPTS = {"<sub>": "_", "<super>": "^"}
_ASCII = 128
THOUSANDS = 3
"""Figures behind a comma that may also group thousands."""
_CLOSING = {")": "(", "]": "[", "}": "{_", r"\}": (r"\{",), "rangle": ("langle",)}


class Lexed(Struct, frozen=True, kw_only=True):
    """The tokens of a formula."""

    tokens: tuple[Token, ...]
    notes: tuple[Note, ...] = ()


def bodies_of(macros: tuple[Macro, ...], budget: Budget) -> dict[str, Body]:
    """Cut the macros of a document into tokens, once for all its formulas.

    Parameters
    ----------
    macros : tuple of Macro
        The last one of a name holds.
    budget : Budget
        Is taken off for each token.

    Returns
    -------
    dict of str to Body
        By name.
    """
    return {
        macro.name: Body(
            parameters=macro.parameters,
            tokens=tuple(Cutter(macro.body, budget).cut(0, len(macro.body))),
        )
        for macro in macros
    }


def lex(
    text: str, start: int, end: int, budget: Budget, *, bodies: Mapping[str, Body] | None = None
) -> Lexed:
    """Cut a formula into tokens.

    Parameters
    ----------
    text : str
        Of the document; hostile.
    start, end : int
        Where the formula begins and ends in it.
    budget : Budget
        Is taken off for each token.
    bodies : mapping of str to Body, optional
        The macros of the document, as `bodies_of` returns them.

    Returns
    -------
    Lexed
        Without spacing, fonts, labels and comments.

    Raises
    ------
    UnreadableError
        The formula is longer than the caps allow, or not well-formed.
    ExhaustedError
        The budget is used up.
    """
    if end - start > budget.caps.formula_characters:
        raise UnreadableError(f"The formula has {end - start:,} characters.", start=start, end=end)
    cutter = Cutter(text, budget)
    tokens = cutter.cut(start, end)
    if bodies:
        tokens = expand(tokens, bodies, budget)
    if len(tokens) > budget.caps.tokens:
        raise UnreadableError(f"The formula has {len(tokens):,} parts.", start=start, end=end)
    budget.spend(len(tokens))
    return Lexed(tokens=tuple(tidy(tokens)), notes=tuple(cutter.notes))


class Cutter:
    """Goes through a text once.

    Parameters
    ----------
    text : str
        Of the document; hostile.
    budget : Budget
        Is taken off for each token.
    """

    def __init__(self, text: str, budget: Budget) -> None:
        self.text = text
        self.budget = budget
        self.notes: list[Note] = []
        self.tokens: list[Token] = []
        self.glued = False
        self.begins_line = False
        self.openers: list[str] = []
        """The brackets that we are in."""
        self.commas = Commas()
        self.script_end = -1
        self.script = ""

    def cut(self, start: int, end: int) -> list[Token]:
        """Return the tokens, with spacing and fonts still among them."""
        self.commas = commas_of(self.text, start, end)
        for match in _PIECE.finditer(self.text, start, end):
            kind, begin, end = match.lastgroup, *match.span()
            if kind == "letter":
                self.add(Kind.LETTER, match.group(), begin, end)
            elif kind == "other":
                self.character(match.group(), begin)
            elif kind == "command":
                self._command(match["command"], begin, end)
            elif kind == "number":
                self._number(_figures(match.group()), begin)
            elif kind == "comma":
                self._comma(_figures(match.group()), begin)
            else:
                self.begins_line = self.begins_line or "\n" in match.group()
            self.glued = kind not in _BLANK
        self.budget.spend(len(self.tokens))
        return self.tokens

    def add(self, kind: Kind, text: str, start: int, end: int) -> None:
        """Add a token."""
        self.tokens.append(
            Token(kind=kind, text=text, start=start, end=end, glued=self.glued, begins_line=self.begins_line)
        )
        self.begins_line = False

    def _command(self, name: str, start: int, end: int) -> None:
        name = SAME.get(name, name)
        if name in {"{", "}", "langle", "rangle"}:
            self._bracket({"{": r"\{", "}": r"\}"}.get(name, name))
        if name in AS_SIGNS:
            self.add(Kind.SIGN, AS_SIGNS[name], start, end)
            if name in SIDED:
                self.tokens[-1] = replace(self.tokens[-1], opens=SIDED[name])
        else:
            self.add(Kind.COMMAND, name, start, end)

    def _number(self, text: str, start: int) -> None:
        r"""Add a number; of an argument without braces TeX takes one digit: `x^12` is `x^{1}2`, `\\frac34` three quarters."""
        last = self.tokens[-1] if self.tokens else None
        single = 0
        if last is not None and len(text) > 1 and text.isdigit():
            single = 1 if last.is_sign("_", "^") else 2 if last.is_command("frac") else 0
        if single == 1 and last is not None:
            shown = f"`{last.text}{text[:20]}` is read as `{last.text}{text[0]}` and then `{text[1:20]}`."
            self.notes.append(Note(kind=NoteKind.READING, text=shown, start=start, end=start + len(text)))
        for place in range(single):
            self.add(Kind.NUMBER, text[place], start + place, start + place + 1)
        if text[single:]:
            self.add(Kind.NUMBER, text[single:], start + single, start + len(text))

    def _comma(self, text: str, start: int) -> None:
        """Add `0,5` as one number where the comma separates nothing: not in brackets, and not in a script."""
        whole, _, figures = text.partition(",")
        last = self.tokens[-1] if self.tokens else None
        is_argument = last is not None and (last.is_sign("_", "^") or last.is_command("frac"))
        if start in self.commas.unclear:
            self.add(Kind.NUMBER, text, start, start + len(text))
            return
        if is_argument or any(opener != "{" for opener in self.openers):
            self._number(whole, start)
            self.add(Kind.SIGN, ",", start + len(whole), start + len(whole) + 1)
            self._number(figures, start + len(whole) + 1)
            return
        end = start + len(text)
        if len(figures) == THOUSANDS and whole.strip("0") and not writes_decimal_commas(self.text):
            self.add(Kind.NUMBER, text, start, end)
            return
        self.notes.append(decimal_comma(text, start))
        self.add(Kind.NUMBER, f"{whole}.{figures}", start, end)

    def _bracket(self, opens: str) -> None:
        """Keep what brackets we are in; the braces of a script are marked as such."""
        if opens == "{" and self.tokens and self.tokens[-1].is_sign("_", "^"):
            opens = "_"
        if opens in _CLOSING:
            if self.openers and self.openers[-1] in _CLOSING[opens]:
                self.openers.pop()
        elif len(self.openers) < self.budget.caps.depth:
            self.openers.append(opens)

    def character(self, character: str, start: int) -> None:
        """Add a character by what it means."""
        end = start + 1
        if character in "()[]{}" and start not in self.commas.seen_through:
            self._bracket(character)
        if ord(character) < _ASCII:
            self.add(Kind.LETTER if character.isalpha() else Kind.SIGN, character, start, end)
        elif character in COMBINING and self.tokens:
            accented = self.tokens.pop()
            self.tokens += [
                replace(accented, kind=Kind.COMMAND, text=COMBINING[character], end=end),
                replace(accented, glued=True, end=end),
            ]
        elif character in UNICODE_COMMANDS:
            self.add(Kind.COMMAND, UNICODE_COMMANDS[character], start, end)
        elif character in UNICODE_SIGNS:
            self.add(Kind.SIGN, UNICODE_SIGNS[character], start, end)
        else:
            self._composed(character, start)

    def _composed(self, character: str, start: int) -> None:
        """Add a character that Unicode makes of others: a small figure, an accented letter, one in another font."""
        kind, *_ = unicodedata.decomposition(character).split() or [""]
        plain = unicodedata.normalize("NFKC", character)
        parts = unicodedata.normalize("NFD", character)
        if kind in _SCRIPTS and len(plain) == 1:
            self._small(_SCRIPTS[kind], plain, start)
        elif len(plain) == 1 and plain != character:
            self.character(plain, start)
        elif len(parts) == 2 and parts[1] in COMBINING:  # noqa: PLR2004 (a letter and its accent)
            self.character(parts[0], start)
            self.character(parts[1], start)
        else:
            self.add(Kind.LETTER if character.isalpha() else Kind.SIGN, character, start, start + 1)

    def _small(self, script: str, plain: str, start: int) -> None:
        """Add a raised or lowered character; those that follow each other are one script."""
        continues = self.script_end == start and self.script == script
        if continues:
            self.tokens.pop()
        else:
            self.add(Kind.SIGN, script, start, start + 1)
            self.add(Kind.SIGN, "{", start, start + 1)
        if plain.isdigit():
            self.add(Kind.NUMBER, plain, start, start + 1)
        else:
            self.character(plain, start)
        self.add(Kind.SIGN, "}", start, start + 1)
        self.script_end, self.script = start + 1, script


def decimal_comma(text: str, start: int) -> Note:
    """Return the note on a number with a comma."""
    shown = f"`{text[:20]}` is read as one number, with a decimal comma."
    return Note(kind=NoteKind.READING, text=shown, start=start, end=start + len(text))


def _figures(text: str) -> str:
    """Return a number in the figures of ASCII, of whatever width and script it is written in."""
    return (
        text
        if text.isascii()
        else "".join(unicodedata.normalize("NFKC", one) if one == "\uff0e" else _figure(one) for one in text)
    )


def _figure(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)

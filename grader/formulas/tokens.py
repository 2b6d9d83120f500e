"""The smallest parts of a formula with their places in the text, and notes on how something was read."""

from __future__ import annotations

from collections.abc import Container, Sequence
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from grader.formulas.limits import UnreadableError


class Kind(StrEnum):
    """What a token is; a closed set."""

    COMMAND = "command"
    """A command of TeX; its text is the name, without the backslash."""
    NUMBER = "number"
    LETTER = "letter"
    SIGN = "sign"
    r"""Everything else: `+`, `{` of a group, `\{` in the text, `|`, `\|`, `&`, `\\`."""
    WORD = "word"
    r"""Upright text: that of `\text`, or several letters of `\mathrm`."""
    NAME = "name"
    """A name as code has it: `y_hat`, `w0`."""
    BEGIN = "begin"
    """Of an environment; its text is the name without a star."""
    END = "end"


class Token(Struct, frozen=True, kw_only=True):
    """A part of a formula."""

    kind: Kind
    text: str
    start: int
    """Offset of its first character in the document; of the macro's use where it comes from a macro."""
    end: int
    glued: bool = False
    """Whether no space stands before it."""
    struck: bool = False
    r"""Whether it is struck out by `\cancel` or `\sout`."""

    opens: bool | None = None
    """Of a bar: whether it opens or closes; None where it does not say."""
    begins_line: bool = False
    """Whether it is the first one of its line in the document."""

    def is_sign(self, *texts: str) -> bool:
        """Whether it is one of these signs."""
        return self.kind is Kind.SIGN and self.text in texts

    def is_command(self, *names: str) -> bool:
        """Whether it is one of these commands."""
        return self.kind is Kind.COMMAND and self.text in names

    def is_sign_among(self, texts: Container[str]) -> bool:
        """Whether it is one of many signs."""
        return self.kind is Kind.SIGN and self.text in texts

    def is_command_among(self, names: Container[str]) -> bool:
        """Whether it is one of many commands."""
        return self.kind is Kind.COMMAND and self.text in names

    def moved(self, start: int, end: int) -> Token:
        """Return it at another place."""
        return replace(self, start=start, end=end)


class NoteKind(StrEnum):
    """Why there is a note."""

    REPAIR = "repair"
    """Something was left out or put in, so that the rest can be read."""
    READING = "reading"
    """It was read in one of several ways."""
    UNREAD = "unread"
    """Something was not read, and the rest was."""


class Note(Struct, frozen=True, kw_only=True):
    """What a reader of the report should know about how something was read."""

    kind: NoteKind
    text: str
    start: int
    """Offset in the document."""
    end: int


def group_end(tokens: Sequence[Token], start: int) -> int:
    """Return the index behind the argument that begins at an index: a group in braces, or one token.

    Raises
    ------
    UnreadableError
        There is no token, or the brace is never closed.
    """
    if start >= len(tokens):
        place = tokens[-1].end if tokens else 0
        raise UnreadableError("The formula ends where something must follow.", start=place, end=place)
    if not tokens[start].is_sign("{"):
        return start + 1
    depth = 0
    for index in range(start, len(tokens)):
        if tokens[index].is_sign("{"):
            depth += 1
        elif tokens[index].is_sign("}"):
            depth -= 1
            if depth == 0:
                return index + 1
    raise UnreadableError("A brace is never closed.", start=tokens[start].start, end=tokens[start].end)


def argument(tokens: Sequence[Token], start: int) -> tuple[Sequence[Token], int]:
    """Return the argument that begins at an index, without its braces, and the index behind it.

    Raises
    ------
    UnreadableError
        As `group_end`.
    """
    end = group_end(tokens, start)
    inner = tokens[start + 1 : end - 1] if tokens[start].is_sign("{") else tokens[start:end]
    return inner, end


def closing_braces(tokens: Sequence[Token]) -> dict[int, int]:
    """Return for every opening brace the index of the closing one, in one pass; those without one are left out."""
    found: dict[int, int] = {}
    openers: list[int] = []
    for index, token in enumerate(tokens):
        if token.kind is not Kind.SIGN:
            continue
        if token.text == "{":
            openers.append(index)
        elif token.text == "}" and openers:
            found[openers.pop()] = index
    return found

"""Finds what a document defines with newcommand and its kin, and puts it in the place of its uses, boundedly."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct

from grader.formulas.limits import Budget, UnreadableError
from grader.formulas.tokens import Kind, Token, argument

_DEFINITION = re.compile(r"\\(?:(?:re)?newcommand|providecommand|def|DeclareMathOperator)(?![A-Za-z])\*?")
_NAME = re.compile(r"\s{0,5}\{?\s{0,5}\\([A-Za-z]{1,40})\s{0,5}\}?")
_COUNT = re.compile(r"\s{0,5}\[\s{0,5}([0-9])\s{0,5}\]")
_PARAMETERS = re.compile(r"(?:#[0-9]){0,9}")
_OPTIONAL = re.compile(r"\s{0,5}\[[^\]\n]{0,40}\]")
_BRACE = re.compile(r"\s{0,5}\{")
_BRACES = re.compile(r"\\.|[{}]", re.DOTALL)
_STEPS = 100
"""Of looking for the end of a definition."""
MOST_BODY = 1_000
"""Characters of a definition."""


class Macro(Struct, frozen=True, kw_only=True):
    """What a name of the document stands for."""

    name: str
    parameters: int
    body: str


class Found(Struct, frozen=True, kw_only=True):
    """The definitions of a text."""

    macros: tuple[Macro, ...]
    """In their order; the last one of a name holds."""
    text: str
    """The text with spaces in their place, so that every other character stays where it was."""


def find_macros(text: str, budget: Budget) -> Found:
    """Find the definitions of a text.

    Parameters
    ----------
    text : str
        Of a document; hostile.
    budget : Budget
        Is taken off for each definition.

    Returns
    -------
    Found
        A definition with an optional argument, a longer one than `MOST_BODY` or one too many is left in the text.
    """
    macros: list[Macro] = []
    pieces: list[str] = []
    done = 0
    for match in _DEFINITION.finditer(text):
        if match.start() < done or len(macros) >= budget.caps.macros:
            continue
        budget.spend(_STEPS)
        found = _definition(text, match.end(), match.group())
        if found is None:
            continue
        macro, end = found
        macros.append(macro)
        lines = text.count("\n", match.start(), end)
        pieces += [text[done : match.start()], " " * (end - match.start() - lines), "\n" * lines]
        done = end
    return Found(macros=tuple(macros), text="".join([*pieces, text[done:]]))


def _definition(text: str, start: int, command: str) -> tuple[Macro, int] | None:
    """Read a definition behind its command; None where it is none that is understood."""
    name = _NAME.match(text, start)
    if name is None:
        return None
    place, parameters = name.end(), 0
    if "def" in command:
        marks = _PARAMETERS.match(text, place)
        place, parameters = (marks.end(), len(marks.group()) // 2) if marks else (place, 0)
    elif count := _COUNT.match(text, place):
        place, parameters = count.end(), int(count[1])
        if _OPTIONAL.match(text, place):
            return None
    brace = _BRACE.match(text, place)
    end = brace and _closing(text, brace.end())
    if not brace or not end:
        return None
    body = text[brace.end() : end - 1]
    if "Operator" in command:
        body = rf"\operatorname{{{body}}}"
    return Macro(name=name[1], parameters=parameters, body=body), end


def _closing(text: str, start: int) -> int | None:
    depth = 1
    for match in _BRACES.finditer(text, start, start + MOST_BODY):
        depth += {"{": 1, "}": -1}.get(match.group(), 0)
        if depth == 0:
            return match.end()
    return None


class Body(Struct, frozen=True, kw_only=True):
    """A macro in tokens."""

    parameters: int
    tokens: tuple[Token, ...]


def expand(tokens: Sequence[Token], bodies: Mapping[str, Body], budget: Budget) -> list[Token]:
    """Put what macros stand for in their place, until none is left.

    Parameters
    ----------
    tokens : sequence of Token
        Of one formula.
    bodies : mapping of str to Body
        By the macros' names.
    budget : Budget
        Is taken off for every token that is put in.

    Returns
    -------
    list of Token
        What comes from a macro stands at the place of its use.

    Raises
    ------
    UnreadableError
        More uses or tokens than the caps allow, or an argument is missing.
    ExhaustedError
        The budget is used up.
    """
    waiting = list(reversed(tokens))
    done: list[Token] = []
    uses = 0
    while waiting:
        token = waiting.pop()
        body = bodies.get(token.text) if token.kind is Kind.COMMAND else None
        if body is None:
            done.append(token)
            continue
        uses += 1
        arguments, end = _arguments(waiting, body.parameters, token)
        length = sum(len(arguments[part]) if isinstance(part, int) else 1 for part in _parts(body))
        if uses > budget.caps.expansions or len(done) + len(waiting) + length > budget.caps.tokens:
            raise UnreadableError("Its macros come to too much.", start=token.start, end=token.end)
        budget.spend(length + 1)
        put: list[Token] = []
        for part in _parts(body):
            put += arguments[part] if isinstance(part, int) else [part.moved(token.start, end)]
        waiting += reversed(put)
    return done


def _arguments(waiting: list[Token], count: int, macro: Token) -> tuple[list[list[Token]], int]:
    """Take the arguments of a macro off the waiting tokens, which stand in reverse."""
    taken: list[list[Token]] = []
    end = macro.end
    for _ in range(count):
        if not waiting:
            raise UnreadableError("An argument of a macro is missing.", start=macro.start, end=macro.end)
        depth, length = 0, 0
        for token in reversed(waiting):
            length += 1
            depth += token.is_sign("{") - token.is_sign("}")
            if depth <= 0:
                break
        group = waiting[: -length - 1 : -1]
        del waiting[-length:]
        inner, _ = argument(group, 0)
        taken.append(list(inner))
        end = max(end, group[-1].end)
    return taken, end


def _parts(body: Body) -> list[Token | int]:
    """Return the tokens of a body, with the number of an argument (from 0) where one stands."""
    parts: list[Token | int] = []
    for token in body.tokens:
        number = int(token.text) if token.kind is Kind.NUMBER and token.text.isdigit() else 0
        mark = parts[-1] if parts else None
        if isinstance(mark, Token) and mark.is_sign("#") and 1 <= number <= body.parameters:
            parts[-1] = number - 1
        else:
            parts.append(token)
    return parts

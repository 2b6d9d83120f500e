"""The names that an assignment gives to values and functions, by every way of writing them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from msgspec import Struct, field

from grader.formulas.documents.lex import lex
from grader.formulas.limits import Budget, Caps, UnreadableError
from grader.formulas.tokens import Kind, Token, argument
from grader.formulas.vocabulary import ACCENTS

_BRACKETS = str.maketrans("([)]", "<<>>")
"""`W^{(1)}` and `W^{[1]}` are one name."""
_NEW_WORDS = ("new", "neu", "updated", "next")
_NEW_LABELS = (*_NEW_WORDS, "upd", "after", "nouveau", "nouvelle", "nuevo", "nueva", "nuovo", "novo", "nach")
_OLD_LABELS = ("old", "alt", "before", "ancien", "viejo", "anterior", "vor")
_NEW = (
    "_+",
    "^+",
    "'",
    "_t+1",
    "^t+1",
    *(f"{mark}{one}" for one in ("<t+1>", "<new>", *_NEW_LABELS) for mark in "_^"),
)
_OLD = ("_t", "^t", *(f"{mark}{one}" for one in ("<t>", "<old>", *_OLD_LABELS) for mark in "_^"))
_ACCENTED = re.compile(r"^([a-z]+)\((.*?)\)")
_NO_WORD = str.maketrans("", "", "_^<>")

APART = "\N{INVISIBLE SEPARATOR}"
"""Stands behind a name of the student's own that has several meanings, before what tells them apart; never shown."""


class Meaning(StrEnum):
    """What a name stands for."""

    VALUE = "value"
    UPDATED = "updated"
    """A parameter after the step."""
    GRADIENT = "gradient"
    """The loss derived by the value of that name."""
    FUNCTION = "function"


_SAID_BY_NAME = frozenset({Meaning.VALUE, Meaning.FUNCTION})
"""Their own name is one that code has for them; of a gradient it is the value's."""


class Name(Struct, frozen=True, kw_only=True):
    """A name of the assignment."""

    name: str
    """`w0`; of a gradient the value's: `z2` for what is written `\\delta^{(2)}`."""
    spellings: tuple[str, ...]
    r"""In TeX: `\omega_0`, `w_0`."""
    meaning: Meaning = Meaning.VALUE
    is_parameter: bool = False
    """Whether there is also a value after the step."""
    axes: int = 0
    """0 for a scalar, 1 for a vector, 2 for a matrix."""
    inputs: frozenset[str] = frozenset()
    """Of a value: all values that it is computed from, directly or not."""


class SymbolTable(Struct, frozen=True, kw_only=True):
    """The names of an assignment, ready to look up."""

    loss: str
    by_key: Mapping[str, tuple[Meaning, str]]
    """By what `key_of` makes of a spelling."""
    bases: frozenset[str]
    """What names begin with, before scripts and primes."""
    inputs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    axes: Mapping[str, int] = field(default_factory=dict)
    indices: frozenset[str] = frozenset("ijklmncab")
    """Letters that count."""
    d_is_gradient: bool = False
    """Whether `dW` means the gradient by W."""
    words: Mapping[str, tuple[Meaning, str]] = field(default_factory=dict)
    """By what `word_of` makes of a name as code has it: `w0`, `yhat`, `w0new`, `omega0`."""
    parameters: frozenset[str] = frozenset()
    """Values of which there is also one after the step."""
    has_layers: bool = False
    """Whether a number in brackets above a name belongs to it: `W^{(1)}`."""
    outside: frozenset[str] = frozenset()
    """Values that are no part of the network: a shift, a size, the learning rate."""


def symbol_table(
    names: Iterable[Name],
    *,
    loss: str = "L",
    indices: Iterable[str] = "ijklmncab",
    d_is_gradient: bool = False,
) -> SymbolTable:
    """Make a table of an assignment's names.

    Parameters
    ----------
    names : iterable of Name
        In any order.
    loss : str
        The name of what gradients are of.
    indices : iterable of str
        Letters that count entries.
    d_is_gradient : bool
        Whether `dW` means the gradient by W.

    Returns
    -------
    SymbolTable

    Raises
    ------
    ValueError
        A spelling is no name, or two names have one spelling.
    """
    by_key: dict[str, tuple[Meaning, str]] = {}
    welcome: dict[str, tuple[Meaning, str]] = {}
    bases: set[str] = set()
    inputs: dict[str, frozenset[str]] = {}
    axes: dict[str, int] = {}
    names = tuple(names)
    for one in names:
        if one.meaning is Meaning.VALUE:
            inputs[one.name], axes[one.name] = one.inputs, one.axes
        for spelling in one.spellings:
            base, key = _read_spelling(spelling)
            bases.add(base)
            if by_key.setdefault(key, (one.meaning, one.name)) != (one.meaning, one.name):
                raise ValueError(f"{spelling!r} is written for {by_key[key][1]!r} and for {one.name!r}")
            if one.is_parameter:
                welcome |= dict.fromkeys(_labelled(key, _NEW), (Meaning.UPDATED, one.name))
                welcome |= dict.fromkeys(_labelled(key, _OLD), (Meaning.VALUE, one.name))
    return SymbolTable(
        loss=loss,
        by_key=welcome | by_key,
        bases=frozenset(bases),
        inputs=inputs,
        axes=axes,
        indices=frozenset(indices),
        d_is_gradient=d_is_gradient,
        words=_words(names, by_key),
        parameters=frozenset(one.name for one in names if one.is_parameter),
        has_layers=any(re.search(r"\^<[0-9]>", key) for key in by_key),
        outside=frozenset(name for name, own in inputs.items() if not own).difference(
            {loss}, *inputs.values()
        ),
    )


def _words(
    names: Sequence[Name], by_key: Mapping[str, tuple[Meaning, str]]
) -> dict[str, tuple[Meaning, str]]:
    """Return the names as code has them; one that could mean two things means neither."""
    made: dict[str, set[tuple[Meaning, str]]] = {}
    parameters = {one.name for one in names if one.is_parameter}
    pairs = [(key, meant) for key, meant in by_key.items() if "'" not in key]
    pairs += [(one.name, (one.meaning, one.name)) for one in names if one.meaning in _SAID_BY_NAME]
    for text, meant in pairs:
        word = word_of(_ACCENTED.sub(r"\2\1", text))
        made.setdefault(word, set()).add(meant)
        if meant[0] is Meaning.VALUE and meant[1] in parameters:
            for label in _NEW_WORDS:
                made.setdefault(word + label, set()).add((Meaning.UPDATED, meant[1]))
            made.setdefault(f"{word}old", set()).add(meant)
    return {word: next(iter(meant)) for word, meant in made.items() if len(meant) == 1}


def word_of(text: str) -> str:
    """Return what a name in code is looked up by: `y_hat` and `yhat` are one.

    Parameters
    ----------
    text : str
        As written, or a key of `key_of`.

    Returns
    -------
    str
        Without lines, brackets and the mark of a script.
    """
    return text.translate(_NO_WORD)


def _labelled(key: str, labels: Sequence[str]) -> list[str]:
    """Return the keys of a parameter with a label for new or old: beside its own script, and in it."""
    made: list[str] = []
    for label in labels:
        mark, text = label[0], label[1:]
        if mark == "'":
            made.append(f"{key}'")
        elif mark not in key:
            base, caret, above = key.partition("^")
            made.append(f"{base}{label}{caret}{above}" if mark == "_" else f"{key}{label}")
        elif mark == "_":
            base, caret, above = key.partition("^")
            made.append(f"{base}{text}{caret}{above}")
            if text.isalpha() and len(text) > 1:
                made.append(f"{base.replace('_', f'_{text}', 1)}{caret}{above}")
    return made


def _read_spelling(spelling: str) -> tuple[str, str]:
    """Return what a spelling begins with, and its key."""
    problem = f"{spelling!r} is not the spelling of a name"
    try:
        tokens = lex(spelling, 0, len(spelling), Budget(Caps())).tokens
        base, index = base_of(tokens)
        below, above, primes = "", "", 0
        if index > 1 and (inner := _script_inside(tokens[1:index])):
            base, below = f"{tokens[0].text}({inner[0]})", inner[1]
        while index < len(tokens):
            if tokens[index].is_sign("'"):
                primes, index = primes + 1, index + 1
            elif tokens[index].is_sign("_", "^"):
                script, behind = argument(tokens, index + 1)
                below, above = (flat(script), above) if tokens[index].is_sign("_") else (below, flat(script))
                index = behind
            else:
                raise ValueError(problem)
    except UnreadableError as error:
        raise ValueError(problem) from error
    return base, key_of(base, below, above, primes)


def _script_inside(tokens: Sequence[Token]) -> tuple[str, str] | None:
    r"""Return the letter and the script below an accent: those of `\bar{z_2}`, which is `\bar{z}_2`."""
    inner, _ = argument(tokens, 0)
    if len(inner) < 3 or not inner[1].is_sign("_"):  # noqa: PLR2004 (letter, sign, script)
        return None
    script, behind = argument(inner, 2)
    return (flat(inner[:1]), flat(script)) if behind == len(inner) else None


def base_of(tokens: Sequence[Token]) -> tuple[str, int]:
    """Return what a name begins with, and the index behind it.

    Raises
    ------
    UnreadableError
        There is no name.
    """
    if not tokens:
        raise UnreadableError("A name is expected.", start=0, end=0)
    first = tokens[0]
    if first.is_command_among(ACCENTS):
        inner, behind = argument(tokens, 1)
        return f"{first.text}({flat(inner)})", behind
    length = 1
    while first.kind is Kind.LETTER and length < len(tokens) and tokens[length].kind is Kind.LETTER:
        length += 1
    return "".join(one.text.replace(" ", "") for one in tokens[:length]), length


def flat(tokens: Sequence[Token]) -> str:
    """Return the text of a script without braces, commas and blanks."""
    return "".join(
        one.text.replace(" ", "").translate(_BRACKETS)
        for one in tokens
        if not one.is_sign("{", "}", "_", "^", ",")
    )


def key_of(base: str, below: str = "", above: str = "", primes: int = 0) -> str:
    """Return what a name is looked up by.

    Parameters
    ----------
    base : str
        What it begins with: `w`, `omega`, `hat(y)`.
    below, above : str
        Its scripts, as `flat` returns them.
    primes : int
        How many follow.

    Returns
    -------
    str
        `omega_0new`, `W^<1>`, `g_0'`.
    """
    return base + (f"_{below}" if below else "") + (f"^{above}" if above else "") + "'" * primes

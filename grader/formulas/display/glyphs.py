"""How names look in MathML: letters, accents, scripts and primes; every text that comes in is escaped here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from html import escape

from msgspec import Struct

from grader.formulas.symbols import APART, Name, symbol_table
from grader.formulas.vocabulary import ACCENTS, GREEK, UNICODE_COMMANDS

_MOST_CHARACTERS = 40
"""Of a name or a script: longer ones are cut."""
_NAMES = 512
"""Names and spellings that are remembered: an assignment has a few dozen, and they stand in every line."""

_GREEK = {name: sign for sign, name in reversed(list(UNICODE_COMMANDS.items())) if name in GREEK}
_ACCENT_SIGNS = {
    "hat": "^",
    "tilde": "~",
    "bar": "\N{OVERLINE}",
    "dot": "\N{DOT ABOVE}",
    "check": "\N{CARON}",
}
_ACCENT_SIGNS |= {"ddot": "\N{DIAERESIS}", "breve": "\N{BREVE}"}
_PRIME = "\N{PRIME}"

_KEY = re.compile(
    r"(?P<base>[^_^']+)(?:_(?P<below>[^_^']*))?(?:\^(?P<above>[^_^']*))?(?P<primes>'*)", re.DOTALL
)
_ACCENTED = re.compile(r"(?P<accent>[a-z]+)\((?P<letter>[^()]+)\)")
_NUMBERED = re.compile(r"(?P<letters>[A-Za-z]+)(?P<number>\d+)", re.ASCII)
_RUN = re.compile(r"\d+|[A-Za-z]+|.", re.ASCII | re.DOTALL)
_ROUND = str.maketrans("<>", "()")
"""The brackets of a script are kept as `<` and `>`, whichever were written."""


class Glyph(Struct, frozen=True, kw_only=True):
    """What a name consists of, each part as MathML."""

    base: str
    below: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    primes: int = 0

    @property
    def is_raised(self) -> bool:
        """Whether something stands above it, so that an exponent needs brackets."""
        return bool(self.above or self.primes)


def element(name: str, *parts: str) -> str:
    """Return an element around parts that are MathML already."""
    return f"<{name}>{''.join(parts)}</{name}>"


def leaf(name: str, text: str) -> str:
    """Return an element around a text, which may be anything: it is cut, made printable and escaped."""
    cut = text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}\N{HORIZONTAL ELLIPSIS}"
    if not cut.isprintable():
        cut = "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in cut)
    return f"<{name}>{escape(cut)}</{name}>"


def row(*parts: str) -> str:
    """Return parts in a row as one element; one part is one already."""
    return parts[0] if len(parts) == 1 else element("mrow", *parts)


def between(opener: str, inner: str, closer: str) -> str:
    """Return what is MathML already between two signs of ours."""
    return f'<mrow><mo form="prefix">{opener}</mo>{inner}<mo form="postfix">{closer}</mo></mrow>'


def bracketed(inner: str) -> str:
    """Return what is MathML already in round brackets."""
    return between("(", inner, ")")


def listed(parts: Iterable[str]) -> str:
    """Return parts with commas between them as one element."""
    joined: list[str] = []
    for part in parts:
        joined += ["<mo>,</mo>", part] if joined else [part]
    return row(*joined) if joined else element("mrow")


def glyph(name: str) -> Glyph:
    r"""Take a name apart.

    Parameters
    ----------
    name : str
        A key as `grader.formulas.symbols.key_of` makes it, `hat(y)_1`, `W^<1>`, or a name of the task: `w0`, `y_hat`.
        May be anything.

    Returns
    -------
    Glyph
        What is no such name stands in one piece.
    """
    return _taken_apart(name.partition(APART)[0][: 2 * _MOST_CHARACTERS])


@lru_cache(_NAMES)
def _taken_apart(name: str) -> Glyph:
    found = _KEY.fullmatch(name)
    if found is None:
        return Glyph(base=leaf("mtext", name or "\N{REPLACEMENT CHARACTER}"))
    base, below, above = found["base"], found["below"] or "", found["above"] or ""
    numbered = _NUMBERED.fullmatch(base)
    if below in ACCENTS and not above:
        base, below = f"{below}({base})", ""
    elif numbered and not below:
        base, below = numbered["letters"], numbered["number"]
    return Glyph(
        base=_base(base),
        below=(script(below),) if below else (),
        above=(script(above),) if above else (),
        primes=len(found["primes"]),
    )


@lru_cache(_NAMES)
def spelled(spelling: str) -> Glyph:
    r"""Take the spelling of a name in TeX apart.

    Parameters
    ----------
    spelling : str
        `\omega_0`, `\hat{y}`, `W^{(1)}`.

    Returns
    -------
    Glyph

    Raises
    ------
    ValueError
        It is no spelling of a name.
    """
    return glyph(next(iter(symbol_table([Name(name="", spellings=(spelling,))]).by_key)))


def script(text: str) -> str:
    """Return a flat script as MathML: `0new`, `<1>`, `t+1`."""
    runs = _RUN.findall(text[:_MOST_CHARACTERS].translate(_ROUND))
    return row(*(_letters(run) for run in runs)) if runs else element("mrow")


def scripted(parts: Glyph) -> str:
    """Put a name together again, with its scripts and primes."""
    primes = [leaf("mo", _PRIME * min(parts.primes, _MOST_CHARACTERS))] if parts.primes else []
    above = [*primes, listed(parts.above)] if parts.above else primes
    if above and parts.below:
        return element("msubsup", parts.base, listed(parts.below), row(*above))
    if above:
        return element("msup", parts.base, row(*above))
    return element("msub", parts.base, listed(parts.below)) if parts.below else parts.base


def _base(text: str) -> str:
    accented = _ACCENTED.fullmatch(text)
    if accented and accented["accent"] in _ACCENT_SIGNS:
        sign = f'<mo stretchy="false">{_ACCENT_SIGNS[accented["accent"]]}</mo>'
        return f'<mover accent="true">{_letters(accented["letter"])}{sign}</mover>'
    return _letters(text)


def _letters(text: str) -> str:
    """Return a number, a letter, a word or a sign."""
    if text.isdecimal():
        return leaf("mn", text)
    name = _GREEK.get(text, text)
    return leaf("mi" if name[:1].isalpha() else "mo", name)

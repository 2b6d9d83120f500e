"""The hand-in that is rewritten and corrupted, and how it is cut into chains of sides."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

DOCUMENT = (
    Path(__file__).parents[2]
    / "assignments"
    / "skip_network_by_hand"
    / "submissions"
    / "mixed"
    / "two_small_slips.md"
).read_text(encoding="utf-8")
"""Two labels that are slips of the pen, twice each, and one missing factor; everything else is right."""

Rewriting = Callable[[str], str]
"""From the text of a hand-in to that of another one that says the same."""
Chain = tuple[str, ...]
"""The sides of a line, without what stands between them."""
Span = tuple[int, int]
"""Offsets of the first character of a piece, and behind its last one."""

_DISPLAY = re.compile(r"\$\$(.*?)\$\$", re.DOTALL)
_RUN = re.compile(r"\$\$.*?\$\$(?:\s*\$\$.*?\$\$)*", re.DOTALL)
_MARK = re.compile(r"\\begin\{cases\}|\\end\{cases\}|\\\\|=")
_HEAD = re.compile(r"(?:\\begin\{split\}|[\s&])+")
_TAIL = re.compile(r"(?:\\end\{split\}|[\s&])+\Z")


def in_formulas(text: str, change: Rewriting) -> str:
    """Change what stands in displays, and nothing else."""
    return _DISPLAY.sub(lambda match: f"$${change(match[1])}$$", text)


def replacing(*pairs: tuple[str, str]) -> Rewriting:
    """Return the rewriting that replaces patterns within formulas, one after the other."""
    compiled = [(re.compile(pattern), new) for pattern, new in pairs]

    def change(formula: str) -> str:
        for pattern, new in compiled:
            formula = pattern.sub(new, formula)
        return formula

    return lambda text: in_formulas(text, change)


def in_order(*steps: Rewriting) -> Rewriting:
    """Return the rewriting that makes several, one after the other."""

    def change(text: str) -> str:
        for step in steps:
            text = step(text)
        return text

    return change


def laid_out(text: str, layout: Callable[[tuple[Chain, ...]], str]) -> str:
    """Set each run of displays anew, from its chains."""
    return _RUN.sub(lambda match: layout(chains_of(match[0])), text)


def chains_of(run: str) -> tuple[Chain, ...]:
    """Cut displays that follow one another into chains; one that begins with a relation goes on."""
    return tuple(tuple(run[start:end] for start, end in chain) for chain in spans_of(run))


def spans_of(text: str) -> tuple[tuple[Span, ...], ...]:
    """Return where the sides of each chain of a text stand."""
    chains: list[list[Span]] = []
    for display in _DISPLAY.finditer(text):
        for row in _cut(text, display.span(1), r"\\"):
            first, *others = (_stripped(text, side) for side in _cut(text, row, "="))
            if first[0] == first[1] and chains:
                chains[-1] += others
            else:
                chains.append([first, *others])
    return tuple(tuple(chain) for chain in chains)


def _cut(text: str, span: Span, separator: str) -> list[Span]:
    """Cut a piece of a text at a separator that stands in no cases."""
    pieces, begin, depth = [], span[0], 0
    for match in _MARK.finditer(text, *span):
        depth += match[0].startswith(r"\begin") - match[0].startswith(r"\end")
        if match[0] == separator and depth == 0:
            pieces.append((begin, match.start()))
            begin = match.end()
    return [*pieces, (begin, span[1])]


def _stripped(text: str, span: Span) -> Span:
    """Take spaces, alignment marks and the outer environment off the ends of a side."""
    start, end = span
    head = _HEAD.match(text, start, end)
    start = head.end() if head else start
    tail = _TAIL.search(text, start, end)
    return start, tail.start() if tail else end


def joined(chain: Chain) -> str:
    """Return a chain on one row."""
    return " = ".join(chain)


def stacked(chain: Chain) -> str:
    """Return a chain with a row for each of its steps."""
    first, second, *others = chain
    return " \\\\\n".join([f"{first} &= {second}", *(f"&= {side}" for side in others)])

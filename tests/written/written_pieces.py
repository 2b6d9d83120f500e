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

_DISPLAY = re.compile(r"\$\$(.*?)\$\$", re.DOTALL)
_RUN = re.compile(r"\$\$.*?\$\$(?:\s*\$\$.*?\$\$)*", re.DOTALL)
_MARK = re.compile(r"\\begin\{cases\}|\\end\{cases\}|\\\\|=|&")


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
    body = r" \\ ".join(re.sub(r"\\(?:begin|end)\{split\}", "", match[1]) for match in _DISPLAY.finditer(run))
    chains: list[list[str]] = []
    for row in _cut(body, r"\\"):
        first, *others = (_without_marks(side) for side in _cut(row, "="))
        if not first and chains:
            chains[-1] += others
        else:
            chains.append([first, *others])
    return tuple(tuple(chain) for chain in chains)


def _cut(text: str, separator: str) -> list[str]:
    """Cut a text at a separator that stands in no cases."""
    pieces, begin, depth = [], 0, 0
    for match in _MARK.finditer(text):
        depth += match[0].startswith(r"\begin") - match[0].startswith(r"\end")
        if match[0] == separator and depth == 0:
            pieces.append(text[begin : match.start()])
            begin = match.end()
    return [*pieces, text[begin:]]


def _without_marks(side: str) -> str:
    """Take alignment marks off a side; those in cases stay."""
    return side.strip() if r"\begin{cases}" in side else side.replace("&", "").strip()


def joined(chain: Chain) -> str:
    """Return a chain on one row."""
    return " = ".join(chain)


def stacked(chain: Chain) -> str:
    """Return a chain with a row for each of its steps."""
    first, second, *others = chain
    return " \\\\\n".join([f"{first} &= {second}", *(f"&= {side}" for side in others)])

"""Makes the mutants of some source files: each change of `grader.mutants.changes` alone, in a copy of the files."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from grader.model import Source
from grader.mutants.changes import Change, changes_in

MOST_SHOWN = 80
"""Characters of a line that are shown of a mutant."""


class Mutant(Struct, frozen=True, kw_only=True):
    """One change of one place, and the files with it."""

    file: str
    line: int
    """Of the change, from 1."""
    function: str
    """Where it is: `backward`, `LinearLayer.grad`."""
    kind: str
    """`operator`, `constant`, `variable`, `operand` (dropped) or `line` (dropped)."""
    before: str
    """The code that was changed."""
    after: str
    sources: tuple[Source, ...]
    """All files, the changed one among them."""

    @property
    def text(self) -> str:
        """The change in one line, such as `solution.py, line 52, backward: d_z2 * ws -> d_z2`."""
        before, after = (_cut(" ".join(code.split())) for code in (self.before, self.after))
        return f"{self.file}, line {self.line}, {self.function}: {before} -> {after}"


def _cut(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}\N{HORIZONTAL ELLIPSIS}"


def mutants_of(sources: Sequence[Source]) -> Iterator[Mutant]:
    """Yield every mutant of some files.

    Parameters
    ----------
    sources : sequence of Source
        Modules; notebooks are left as they are.

    Yields
    ------
    Mutant
        In the order of the files and their lines. Each compiles; whether it runs is not known. Two of one place that
        read the same are one.

    Raises
    ------
    SyntaxError
        Where a file is no Python.
    """
    for place, source in enumerate(sources):
        if source.is_notebook:
            continue
        text = "\n".join(source.cells)
        seen: set[str] = {ast.dump(ast.parse(text))}
        for change in changes_in(text):
            changed = _applied(text, change)
            shape = _shape(changed)
            if shape is None or shape in seen:
                continue
            seen.add(shape)
            mutated = replace(source, cells=(changed,))
            yield Mutant(
                file=source.name,
                line=change.line,
                function=change.function,
                kind=change.kind,
                before=change.before,
                after=change.after,
                sources=(*sources[:place], mutated, *sources[place + 1 :]),
            )


def sampled(mutants: Sequence[Mutant], most: int) -> tuple[Mutant, ...]:
    """Return at most some mutants, spread evenly over the places of the code.

    Parameters
    ----------
    mutants : sequence of Mutant
        In the order of the code.
    most : int
        At least 1.

    Returns
    -------
    tuple of Mutant
        All of them where they are no more than that; the same ones each time.
    """
    if len(mutants) <= most:
        return tuple(mutants)
    return tuple(mutants[place * len(mutants) // most] for place in range(most))


def _applied(text: str, change: Change) -> str:
    """Put the changed code in the place of the old one; positions are in bytes, as `ast` counts them."""
    data = text.encode()
    after = change.after if change.kind == "line" else f"({change.after})"
    return (data[: change.start] + after.encode() + data[change.end :]).decode()


def _shape(text: str) -> str | None:
    """Return what tells two texts apart but for layout; None where it is no Python."""
    try:
        return ast.dump(ast.parse(text))
    except (SyntaxError, ValueError):
        return None

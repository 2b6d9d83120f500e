"""Takes the solution out of a file, between `BEGIN SOLUTION` and `END SOLUTION`; a slip of the author is an error, never a leak.

The markers are comments on lines of their own: `# BEGIN SOLUTION` in Python and plain text, `<!-- BEGIN SOLUTION -->` in
Markdown, `% BEGIN SOLUTION` in TeX. What stands between them becomes what stands behind `else:` on the first of them. Without
that it becomes `raise NotImplementedError("not yet written")` inside of a Python function, and nothing anywhere else.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from grader.errors import AssignmentError

NOT_WRITTEN = 'raise NotImplementedError("not yet written")'

_ELSE = r"(?:[ \t]+(?P<else>else:)[ \t]*(?P<other>\S.*?)?)?"
_HASH = re.compile(rf"[ \t]*#+[ \t]*(?P<word>BEGIN|END) SOLUTION{_ELSE}[ \t]*")
_ARROW = re.compile(rf"[ \t]*<!--+[ \t]*(?P<word>BEGIN|END) SOLUTION{_ELSE}[ \t]*--+>[ \t]*")
_PERCENT = re.compile(rf"[ \t]*%+[ \t]*(?P<word>BEGIN|END) SOLUTION{_ELSE}[ \t]*")
_MARKERS = {".py": _HASH, ".txt": _HASH, ".md": _ARROW, ".tex": _PERCENT}
_EXAMPLES = {
    ".py": "# {} SOLUTION",
    ".txt": "# {} SOLUTION",
    ".md": "<!-- {} SOLUTION -->",
    ".tex": "% {} SOLUTION",
}
_MEANT = re.compile(
    r"\b(?P<loud>BEGIN|END)[ \t_-]*SOLUTION\b|^[ \t]*(?:#|%|<!--)[#%! \t-]*(?i:(?P<quiet>begin|end)[ \t_-]*solution\b)"
)
"""What was meant as a marker. Where it is none, a solution would be handed out."""


class _Block(Struct, frozen=True, kw_only=True):
    """The lines of a solution, markers included; counted from 0."""

    begin: int
    end: int
    other: str | None
    """What is handed out in its place; None where nothing is declared."""


def has_markers(text: str) -> bool:
    """Whether anything in a text is a marker, or was meant as one.

    Parameters
    ----------
    text : str

    Returns
    -------
    bool
    """
    return any(_MEANT.search(line) for line in text.splitlines())


def without_solution(text: str, ending: str, where: str) -> str:
    """Return a file as it is handed out.

    Parameters
    ----------
    text : str
        The file with the solution.
    ending : str
        `.py`, `.md`, `.tex` or `.txt`: says what a marker looks like.
    where : str
        The file, for messages.

    Returns
    -------
    str
        Equal to the text where it has no markers. Python that is handed out can be parsed.

    Raises
    ------
    AssignmentError
        With file and line, where a marker is nested, not closed, closed twice, or shares its line with anything else, and where
        what is left is no Python.
    """
    if not has_markers(text):
        return text
    lines = text.splitlines()
    blocks = tuple(_blocks(lines, ending, where))
    handed_out = _joined(lines, blocks, _code_of(text, lines, blocks, where) if ending == ".py" else {})
    if ending == ".py":
        _check_python(handed_out, where)
    return handed_out


def _blocks(lines: Sequence[str], ending: str, where: str) -> Iterator[_Block]:
    marker = _MARKERS[ending]
    begun: tuple[int, str | None] | None = None
    for number, line in enumerate(lines):
        meant = _MEANT.search(line)
        if meant is None:
            continue
        found = marker.fullmatch(line)
        if found is None:
            word = (meant["loud"] or meant["quiet"]).upper()
            raise _error(
                where,
                number,
                "this marker is not read",
                f"write `{_EXAMPLES[ending].format(word)}` on a line of its own",
            )
        if found["word"] == "BEGIN":
            if begun is not None:
                raise _error(
                    where,
                    number,
                    f"a solution begins inside the one that begins in line {begun[0] + 1}",
                    "end that one first: solutions do not nest",
                )
            begun = number, (found["other"] or "") if found["else"] else None
        elif begun is None:
            raise _error(where, number, "a solution ends that never began", "add its BEGIN SOLUTION")
        else:
            yield _Block(begin=begun[0], end=number, other=begun[1])
            begun = None
    if begun is not None:
        raise _error(
            where, begun[0], "the solution that begins here never ends", "add END SOLUTION behind it"
        )


def _code_of(text: str, lines: Sequence[str], blocks: Sequence[_Block], where: str) -> dict[int, str]:
    """Return what stands in the place of each Python block, by the line where it begins; nothing where nothing does."""
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise _error(
            where, (error.lineno or 1) - 1, f"it is no Python: {error.msg}", "correct the file"
        ) from error
    statements = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    functions = [node for node in statements if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    replaced = {}
    for block in blocks:
        inside = [node for node in statements if block.begin < node.lineno - 1 < block.end]
        first = min(inside, key=lambda node: (node.lineno, node.col_offset), default=None)
        line = lines[block.begin if first is None else first.lineno - 1]
        indent = line[: len(line) - len(line.lstrip())]
        # A comment behind the last statement of a function is no part of it to Python.
        in_function = any(node.lineno - 1 < block.begin < (node.end_lineno or 0) for node in functions)
        other = block.other if block.other is not None else NOT_WRITTEN if in_function else ""
        replaced[block.begin] = f"{indent}{other}" if other else ""
    return replaced


def _joined(lines: Sequence[str], blocks: Sequence[_Block], code: dict[int, str]) -> str:
    """Return the lines without the blocks; where nothing takes the place of one, the gap closes."""
    kept: list[str] = []
    after = 0
    for block in blocks:
        kept += lines[after : block.begin]
        after = block.end + 1
        other = code.get(block.begin, block.other or "")
        if other:
            kept.append(other)
            continue
        if not kept or not kept[-1].strip():
            while after < len(lines) and not lines[after].strip():
                after += 1
    kept += lines[after:]
    while kept and not kept[-1].strip():
        kept.pop()
    return "\n".join(kept) + "\n" if kept else ""


def _check_python(text: str, where: str) -> None:
    try:
        ast.parse(text)
    except SyntaxError as error:
        line = (text.splitlines() or [""])[min((error.lineno or 1), len(text.splitlines()) or 1) - 1].strip()
        raise AssignmentError(
            f"{where}: without its solution it is no Python, at `{line[:80]}`: {error.msg}",
            remedy="move the markers, or say what stands in their place: # BEGIN SOLUTION else: pass",
        ) from error


def _error(where: str, number: int, message: str, remedy: str) -> AssignmentError:
    return AssignmentError(f"{where}: line {number + 1}: {message}", remedy=remedy)

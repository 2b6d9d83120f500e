"""Makes Python of a code cell; nothing of it runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from IPython.core.inputtransformer2 import TransformerManager

from grader.sandbox.magics import DEFINING_BODIES

_MAGIC = re.compile(
    r"""%([A-Za-z_]\w*(?:\ +(?:-{0,2}[A-Za-z_][\w.]*|\d+|=|'[\w./-]*'|"[\w./-]*"))*)\ *\n""",
    re.VERBOSE | re.ASCII,
)
"""A line that is a magic, with words, numbers and quoted words after it: nothing that could go on in the next line, or mean
anything else."""
_NO_CODE = re.compile(r"[ \t]*(?:#.*)?\n")
_OTHER_BREAKS = re.compile("[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
"""Characters at which a line ends for IPython and not for Python, or that Python changes."""
_CELL_MAGIC = re.compile(r"\s*%%(\w+)[^\n]*\n?")


def with_calls(text: str, cleanup: Sequence[Callable[[list[str]], list[str]]]) -> str | None:
    """Write the magics above all other code as the calls that they are.

    Where the result is Python, it is what IPython makes of the cell: a sign of IPython that Python can read stands inside
    of a text or a comment, and means nothing there. Where it is not, a sign is left, or a mistake.

    Parameters
    ----------
    text : str
        A cell.
    cleanup : sequence of callable
        IPython's `cleanup_transforms`, which take prompts and empty lines away.

    Returns
    -------
    str or None
        None where IPython may see other lines than Python does.
    """
    if _OTHER_BREAKS.search(text):
        return None
    lines = (text if text.endswith("\n") else text + "\n").splitlines(keepends=True)
    for clean in cleanup:
        lines = clean(lines)
    for index, line in enumerate(lines):
        if (magic := _MAGIC.fullmatch(line)) is not None:
            name, _, arguments = magic[1].partition(" ")
            lines[index] = f"get_ipython().run_line_magic({name!r}, {arguments!r})\n"
        elif not _NO_CODE.fullmatch(line):
            break
    return "".join(lines)


def as_python(text: str) -> str:
    """Take magics for the calls that they are.

    Parameters
    ----------
    text : str
        A cell.

    Returns
    -------
    str
        Python, where the student's own code is. Of a cell magic, the body, where it is Python of the notebook.

    Raises
    ------
    SyntaxError
        When IPython sees that it cannot be Python.
    """
    while (magic := _CELL_MAGIC.match(text)) is not None:
        text = text[magic.end() :] if magic[1] in DEFINING_BODIES else ""
    return str(TransformerManager().transform_cell(text))

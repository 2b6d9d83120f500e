"""Makes Python of a code cell, to read what it would define; nothing of it runs."""

from __future__ import annotations

import re

from IPython.core.inputtransformer2 import TransformerManager

from grader.sandbox.magics import DEFINING_BODIES

_CELL_MAGIC = re.compile(r"\s*%%(\w+)[^\n]*\n?")


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

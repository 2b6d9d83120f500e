"""Leaves out what checks a notebook while a student works in it: the grader is not there when the work is marked.

Hand-outs have cells with these lines, and students move them. Only whole lines of the plain forms are left out, so that
nothing else of a student's code can change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from grader.model import Source

_MODULE = "grader.notebook"
_MADE = r"(?P<name>\w{1,40})[ \t]*=[ \t]*Check\([^()\n]{0,200}\)"
_REST = r"[ \t]*;?[ \t]*(?:#[^\n]*)?$"
_BEGIN = re.compile(
    rf"^(?:from[ \t]+grader\.notebook[ \t]+import[ \t]+Check(?:[ \t]*;[ \t]*{_MADE})?){_REST}", re.MULTILINE
)
_MAKE = re.compile(rf"^{_MADE}{_REST}", re.MULTILINE)


def without_live_check(source: Source) -> Source:
    """Return a source without the lines that check a running notebook.

    Parameters
    ----------
    source : Source

    Returns
    -------
    Source
        With empty lines in their places, so that all others keep their numbers.
    """
    if not any(_MODULE in cell for cell in source.cells):
        return source
    names = {
        match["name"]
        for cell in source.cells
        for pattern in (_BEGIN, _MAKE)
        for match in pattern.finditer(cell)
    }
    patterns = (_BEGIN, _MAKE, *_uses(name for name in names if name))
    cells = list(source.cells)
    for pattern in patterns:
        cells = [pattern.sub("", cell) for cell in cells]
    return Source(name=source.name, cells=tuple(cells), is_notebook=source.is_notebook, places=source.places)


def _uses(names: Iterable[str]) -> Iterable[re.Pattern[str]]:
    # More than a few names are no work of ours.
    for name in sorted(names)[:5]:
        yield re.compile(rf"^{re.escape(name)}\([^()\n]{{0,200}}\){_REST}", re.MULTILINE)

"""Makes the shell for notebooks ahead of the first one, in a process that will be forked or has just been started.

Until a notebook takes the shell, the interpreter shows no sign of it. No thread starts, no configuration is read, no file written.
"""

from __future__ import annotations

import contextlib
import importlib
import io
from collections.abc import Iterable

from grader.sandbox.shell import NotebookShell, next_shell

_USUAL = (
    "%pwd\nimport math\n# how it goes\nx = [1.5, {'a': (2, None)}]\nx",
    "%%time\ny = 1",
    "%timeit -n1 -r1 1",
    "%%capture\n%precision 3",
    "%who",
    "%load_ext autoreload",
    "1 / 0",
    "def broken(:",
)
"""Cells of all sorts, none with an effect outside of its shell."""
_RARE = ("def f(a): return a", "f?", "f??", "math?", "print?", "%%prun\ny", "%config")
"""The same, of sorts that few notebooks have and that load much."""
_RARE_MODULES = ("asyncio",)
"""For `await`."""
_LATE_MODULES = ("IPython.core.magics.code", "IPython.core.magics.history", "IPython.core.magics.auto")
_SHOWN = [1.5, {"a": (2, None)}]


def preload(*, rare: bool) -> None:
    """Make the shell that the first notebook takes, with what IPython imports and compiles at its first use.

    After a fork that would cost every job its time.

    Parameters
    ----------
    rare : bool
        Whether to load also what few notebooks use. Where a job can open no file, it would not come at all; where it can,
        each page of it makes every fork a little slower.
    """
    _rehearse([*_USUAL, *(_RARE if rare else ())])
    for name in (*_LATE_MODULES, *(_RARE_MODULES if rare else ())):
        importlib.import_module(name)
    next_shell().display_formatter.format(_SHOWN)  # a shell makes its formatters for the first value


def _rehearse(cells: Iterable[str]) -> None:
    shell = NotebookShell()  # thrown away
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        for cell in cells:
            shell.run_cell(cell, store_history=True)

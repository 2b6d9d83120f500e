"""Cells that are run one after the other in a real IPython shell, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from installed import environment

_RUN = """
import contextlib, io, json, sys
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
config = Config()
config.HistoryManager.enabled = False
shell = InteractiveShell.instance(config=config)
shell.colors = "nocolor"
done = []
for text in json.load(sys.stdin):
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(shown):
        result = shell.run_cell(text, store_history=True)
    data = {} if result.result is None else shell.display_formatter.format(result.result)[0]
    error = result.error_before_exec or result.error_in_exec
    done.append({"shown": shown.getvalue(), "data": data, "error": error and type(error).__name__})
sys.__stdout__.write(json.dumps(done))
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """What came of one cell."""

    shown: str
    """All that it printed, the text form of its value and an error as it is told among it."""
    data: dict[str, str]
    """Its value by MIME type."""
    error: str | None
    """Type of the exception that ended it."""

    @property
    def text(self) -> str:
        return self.data["text/plain"]

    @property
    def html(self) -> str:
        return self.data["text/html"]


def run_cells(folder: Path, *cells: str) -> list[Cell]:
    """Run cells in a shell whose working folder is given."""
    done = subprocess.run(
        [sys.executable, "-c", _RUN],
        input=json.dumps(cells),
        cwd=folder,
        env=environment(IPYTHONDIR=str(folder / ".ipython")),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return [Cell(**one) for one in json.loads(done.stdout)]

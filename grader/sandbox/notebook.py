"""Runs the code cells of one notebook in a shell of its own."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from grader.sandbox.cells import as_python
from grader.sandbox.loader import Library
from grader.sandbox.shell import next_shell

__all__ = ["Notebook", "as_python"]


class Notebook:
    """The cells of a notebook and the shell that they run in.

    Parameters
    ----------
    library : Library
        The files of the submission.
    index : int
        Index of the notebook.
    note : callable
        Takes a sentence on what was left out.
    """

    def __init__(self, *, library: Library, index: int, note: Callable[[str], None]) -> None:
        self._library = library
        self._index = index
        self._shell = next_shell()
        self._shell.enter(name=library.texts[index].name, note=note)
        self._shell.exported = self._export

    @property
    def module(self) -> ModuleType:
        """Where the cells define things."""
        module: ModuleType = self._shell.user_module
        return module

    def run(self, number: int) -> BaseException | None:
        """Run one cell.

        Parameters
        ----------
        number : int
            Number of the code cell, from 1.

        Returns
        -------
        BaseException or None
            What ended the cell early, `SyntaxError` included.

        Raises
        ------
        BaseException
            What the student's changes to IPython raise.
        """
        return self._run(self._index, number, store_history=True)

    def _run(self, index: int, number: int, *, store_history: bool) -> BaseException | None:
        text = self._library.texts[index]
        filename = f"{text.name}, cell {number}"
        self._library.places[filename] = (index, number)
        return self._shell.run_named(filename, text.cells[number - 1], store_history=store_history)

    def _export(self, line: str) -> bool:
        """Make `%run file` find a file of the submission: run another notebook, put a module on the disk."""
        try:
            words = [word for word in shlex.split(line) if not word.startswith("-")]
        except ValueError:
            return False
        index = self._library.beside(words[0]) if words else None
        if index is None:
            return False
        text = self._library.texts[index]
        if text.is_notebook:
            for number in range(1, len(text.cells) + 1):
                error = self._run(index, number, store_history=False)
                if error is not None:
                    raise error
            return True
        path = Path(words[0]).with_suffix(".py")
        if not path.exists() and not path.is_absolute():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.cells[0], encoding="utf-8")
        self._library.places[str(path.absolute())] = (index, None)
        return False

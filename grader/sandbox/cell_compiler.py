"""Compiles the cells of a notebook under names that lead back to the cell and its lines, whatever magic wraps them."""

from __future__ import annotations

import ast
import linecache
import re
from typing import Any, cast

from IPython.core.compilerop import CachingCompiler

_TOP = re.compile(r"\s*(?:%%[^\n]*\n\s*)?")
"""Empty lines, and the line of a cell magic, at the top of a cell."""
_NO_PYTHON = (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError)
_UNNAMED = "<unknown>"
_TIMED = frozenset({"<timed exec>", "<timed eval>"})
"""What IPython calls the body of `%%time`."""


class CellCompiler(CachingCompiler):  # type: ignore[misc]  # to mypy, IPython is untyped
    """IPython's compiler, with file names like `alice.ipynb, cell 3` and lines counted from the top of the cell.

    IPython drops empty lines at the top and compiles the bodies of cell magics apart; code is found again by its text.
    """

    def __init__(self) -> None:
        super().__init__()
        self._filename: str | None = None
        self._text = ""
        self._shift = 0
        self._ahead: tuple[str, int, ast.AST] | None = None
        """A cell, the flags it was parsed with, and its tree, which is handed out once."""

    def enter(self, filename: str | None, text: str) -> tuple[str | None, str]:
        """Begin a cell.

        Parameters
        ----------
        filename : str or None
            What its code is called; None for code that stands in no cell.
        text : str
            The cell as it was written.

        Returns
        -------
        filename, text
            Of the cell that was under way before.
        """
        before = self._filename, self._text
        self._filename, self._text = filename, text
        return before

    def cache(self, transformed_code: str, number: int = 0, raw_code: str | None = None) -> str:
        """Name a piece of code; see `CachingCompiler.cache`."""
        shift = self._lines_above(transformed_code if raw_code is None else raw_code)
        if self._filename is None or shift is None:
            return str(super().cache(transformed_code, number, raw_code))
        self._shift = shift
        # With its lines at hand, the student's own `traceback` and `inspect` work; None keeps them from being checked.
        lines = self._text.splitlines(keepends=True)
        linecache.cache[self._filename] = (len(self._text), None, lines, self._filename)
        return self._filename

    def parse_ahead(self, code: str, raw_code: str) -> bool:
        """Say whether a cell is Python; its tree is kept for `ast_parse`.

        Parameters
        ----------
        code : str
            The cell, with calls for its magics.
        raw_code : str
            The cell as it was written.

        Returns
        -------
        bool
            False also where the code is not found in a cell, and would get another name.
        """
        self._ahead = None
        if self._filename is None or self._lines_above(raw_code) is None:
            return False
        try:
            tree: ast.AST = super().ast_parse(code, self._filename)
        except _NO_PYTHON:
            return False
        self._ahead = (code, self.flags, tree)
        return True

    def ast_parse(self, source: str, filename: str = _UNNAMED, symbol: str = "exec") -> ast.AST:
        """Parse a piece of code, with lines counted in its cell; see `CachingCompiler.ast_parse`."""
        if self._filename is None or filename not in (self._filename, _UNNAMED):
            return cast("ast.AST", super().ast_parse(source, filename, symbol))
        shift = self._shift if filename == self._filename else self._lines_above_body(source)
        ahead, self._ahead = self._ahead, None
        if ahead is not None and ahead[:2] == (source, self.flags) and symbol == "exec":
            return ast.increment_lineno(ahead[2], shift) if shift else ahead[2]
        try:
            tree: ast.AST = super().ast_parse(source, self._filename, symbol)
        except SyntaxError as error:
            if error.lineno is not None:
                error.lineno += shift
            raise
        return ast.increment_lineno(tree, shift) if shift else tree

    def __call__(self, source: Any, filename: str, symbol: str, **options: Any) -> Any:  # noqa: ANN401  (as the base)
        """Compile; the body of `%%time` under the name of its cell."""
        if filename in _TIMED and self._filename is not None:
            filename = self._filename
        return super().__call__(source, filename, symbol, **options)

    def _lines_above(self, code: str) -> int | None:
        """Count the lines above some code in the cell; None where it does not stand there."""
        start = self._text.find(code.strip())
        return None if start < 0 else self._text.count("\n", 0, start)

    def _lines_above_body(self, code: str) -> int:
        """Count the lines above what a magic compiles: its text is changed where magics stand in it."""
        above = self._lines_above(code)
        if above is not None:
            return above
        match = _TOP.match(self._text)
        return 0 if match is None else match[0].count("\n")

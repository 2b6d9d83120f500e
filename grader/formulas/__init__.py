"""Reads written derivations: formulas in a document, line by line, into trees; nothing is judged and no file is read."""

from __future__ import annotations

from grader.formulas.documents.reading import Line, PlacedNote, Reading, Side, read_documents
from grader.formulas.limits import Caps
from grader.formulas.symbols import Meaning, Name, SymbolTable, symbol_table

__all__ = [
    "Caps",
    "Line",
    "Meaning",
    "Name",
    "PlacedNote",
    "Reading",
    "Side",
    "SymbolTable",
    "read_documents",
    "symbol_table",
]

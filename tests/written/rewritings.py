"""Rewritings of one hand-in that keep its meaning: every verdict on a formula must stay as it is."""

from __future__ import annotations

from collections.abc import Mapping

from rewritings_of_headings import ANSWERS_LOST, HEADINGS
from rewritings_of_layout import FILES, LAYOUTS, MACROS, SUFFIXES
from rewritings_of_notation import NOTATIONS
from written_pieces import DOCUMENT, Rewriting

__all__ = ["ANSWERS_LOST", "DOCUMENT", "REWRITINGS", "suffix_of"]

REWRITINGS: Mapping[str, Rewriting] = {**NOTATIONS, **LAYOUTS, **MACROS, **FILES, **HEADINGS}
"""By what they do; each takes the text of `DOCUMENT`."""


def suffix_of(rewriting: str) -> str:
    """Return how the name of a file ends whose text a rewriting makes."""
    return SUFFIXES.get(rewriting, ".md")

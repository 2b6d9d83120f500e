"""Finds the one change of a wrong formula that makes it right."""

from __future__ import annotations

from grader.formulas.edits.search import edits, explain
from grader.formulas.edits.values import Edit, Surroundings

__all__ = ["Edit", "Surroundings", "edits", "explain"]

"""Finds what a student wrote under a heading, for a person to read; values alone, no file, and nothing is judged."""

from __future__ import annotations

from grader.texts.answers import TextAnswer, find_answer
from grader.texts.result import text_result
from grader.texts.strings import documents_of

__all__ = ["TextAnswer", "documents_of", "find_answer", "text_result"]

"""A file of a hand-out, and the text of the one program in it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from msgspec import Struct


class HandOutFile(Struct, frozen=True, kw_only=True):
    """A file of a hand-out."""

    name: str
    """Path in its folder, with `/`."""
    content: bytes


@lru_cache(maxsize=1)
def tool_code() -> str:
    """Return the program with which students check themselves without the grader."""
    return (Path(__file__).parent / "student_check.py").read_text(encoding="utf-8")

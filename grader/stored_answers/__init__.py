"""Answers of students that are stored, so that marking can be done again without running their code.

Begin with `memory`, which runs a job or answers from what is stored; `keys` says when stored answers stand for a run, `runs`
and `values` how they are written. Where: in the gradebook (`grader.gradebook.answers`).
"""

from __future__ import annotations

from grader.stored_answers.keys import JobKeys
from grader.stored_answers.memory import Remembering

__all__ = ["JobKeys", "Remembering"]

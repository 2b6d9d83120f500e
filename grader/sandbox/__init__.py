"""Runs the code of submissions in processes of their own; nothing here judges what they return."""

from __future__ import annotations

from grader.sandbox.runner import Runner, level, run

__all__ = ["Runner", "level", "run"]

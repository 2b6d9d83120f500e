"""Runs the code of submissions in processes of their own; nothing here judges what they return."""

from __future__ import annotations

from grader.levels import Level
from grader.sandbox.choice import choose_isolation
from grader.sandbox.isolation import Isolation
from grader.sandbox.runner import Runner

__all__ = ["Isolation", "Level", "Runner", "choose_isolation"]

"""A student's check inside a notebook: `from grader.notebook import Check; check = Check("skip_network")`, then `check()`."""

from grader.notebook.check import Check

__all__ = ["Check"]

# mypy: ignore-errors
# result: timeout
"""Matches a pattern that takes exponential time."""
import re

re.match(r"(a|a)*b", "a" * 60)

"""What lateness costs: the rule and the extensions of a class (rule.py), their files (files.py), and where they are kept (kept.py)."""

from grader.late.files import read_extensions, read_rule
from grader.late.kept import keep_policy, kept_policy, note_late
from grader.late.rule import Extension, Policy, Rule, with_late

__all__ = [
    "Extension",
    "Policy",
    "Rule",
    "keep_policy",
    "kept_policy",
    "note_late",
    "read_extensions",
    "read_rule",
    "with_late",
]

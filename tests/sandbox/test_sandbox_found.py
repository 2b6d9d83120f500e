"""Claims on the functions that are named where one is missing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sandbox_jobs import call, job, module, notebook, run

from grader.model import Source


def told(*sources: Source) -> str:
    """Give what is said of a function that is not there."""
    return str(run(job(*sources, calls=(call("missing"),))).calls[0].message)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("def b(): pass\ndef a(): pass", "a, b"),
        ("if True:\n    def a(): pass\nelse:\n    def b(): pass", "a"),
        ("a = lambda: 0\nb = 1\nclass C:\n    def d(self): pass", "a"),
        ("from math import sqrt\nfrom textwrap import dedent\ndef a(): pass", "a"),
        ("def wrap(f): return lambda: f()\n@wrap\ndef a(): pass", "a, wrap"),
        ("def a(): pass\n1 / 0\ndef b(): pass", "a, b"),
        ("globals()[5] = globals()[b'a'] = lambda: 0\ndef a(): pass", "a"),
    ],
)
@pytest.mark.parametrize("kind", [module, notebook])
def test_functions_of_the_submission_are_named_and_those_it_imports_are_not(
    kind: Callable[[str], Source], text: str, named: str
) -> None:
    assert told(kind(text)).endswith(f"; found: {named}")


def test_a_file_that_needs_not_run_is_read() -> None:
    assert told(module("def a(): pass", "a.py"), module("def b(): pass", "b.py")).endswith("; found: a, b")


def test_a_name_is_cut() -> None:
    assert told(module("globals()['x' * 10**6] = lambda: 0")).endswith("; found: " + "x" * 100)

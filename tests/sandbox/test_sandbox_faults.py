"""Claims on finding the student's line in the interpreter's last words; the texts are as `faulthandler` writes them."""

from __future__ import annotations

import time

import pytest
from clock import allowed

from grader.model import Source
from grader.sandbox.faults import place_of_end, split_dump

FILES = (Source(name="alice.py", cells=("",)), Source(name="bob.ipynb", cells=("",), is_notebook=True))
FATAL = (
    "said\nFatal Python error: Segmentation fault\n\nCurrent thread 0x00007f (most recent call first):\n"
    '  File "/usr/lib/ctypes.py", line 519 in string_at\n  File "alice.py", line 3 in f\n'
)
TIMER = 'Stack (most recent call first):\n  File "bob.ipynb, cell 2", line 7 in <module>\n'


@pytest.mark.parametrize(
    ("raw", "written", "place"),
    [
        (FATAL, "said\n", " at alice.py, line 3"),
        (TIMER, "", " at bob.ipynb, cell 2, line 7"),
        ("plain\n", "plain\n", ""),
        ('Stack (most recent call first):\n  File "other.py", line 3 in f\n', "", ""),
    ],
)
def test_the_line_is_the_innermost_of_the_students(raw: str, written: str, place: str) -> None:
    assert split_dump(raw)[0] == written
    assert place_of_end(split_dump(raw)[1], FILES) == place


@pytest.mark.parametrize(
    "text", ["x" * 10**6, "Fatal Python error: " * 10**5, '  File "' * 10**5, "\n" * 10**6]
)
def test_hostile_text_takes_no_time(text: str) -> None:
    start = time.perf_counter()
    place_of_end(split_dump(text + TIMER)[1], FILES)
    place_of_end(text, FILES)
    assert time.perf_counter() - start < allowed(0.5)

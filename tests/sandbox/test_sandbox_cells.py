"""Claims on reading code cells before anything runs; what they define is read by hand."""

from __future__ import annotations

import ast

import pytest

from grader.sandbox.cells import as_python
from grader.sandbox.magics import is_silent, once, reason_to_leave_out
from grader.sandbox.survey import read_text, survey


def names(cell: str) -> set[str]:
    read = read_text(cell, as_python)
    assert read is not None
    return set(read.names)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("x = 1", {"x"}),
        ("%matplotlib inline\nx = 1", {"x"}),
        ("!pip install numpy\nx = 1", {"x"}),
        ("?print\nx = 1", {"x"}),
        ("np.dot?\nx = 1", {"x"}),
        ("files = !ls", {"files"}),
        ("here = %pwd", {"here"}),
        ("if True:\n    !ls\n    x = 1", {"x"}),
        ("%%time\ndef f(): pass", {"f"}),
        ("\n%%capture out\n%matplotlib inline\nx = 1", {"x"}),
        ("%%time\n%%capture\nx = 1", {"x"}),
        ("%%memit\nx = 1", {"x"}),
        ("%%bash\nx=1", set()),
        ("%%writefile a.py\nx = 1", set()),
        ("await f()\nx = 1", {"x"}),
        (">>> x = 1\n>>> y = 2", {"x", "y"}),
        ("s = '''\n%%in string\n'''\nt = 7 \\\n% 2", {"s", "t"}),
    ],
)
def test_what_a_cell_defines_is_read_past_its_magics(cell: str, expected: set[str]) -> None:
    assert names(cell) == expected


@pytest.mark.parametrize("cell", ["def f(:\n  pass", "%matplotlib inline\nx = = 1", "\x00", "(" * 1000])
def test_a_cell_that_is_no_python_is_none(cell: str) -> None:
    assert read_text(cell, as_python) is None


def test_a_module_is_not_taken_for_a_cell() -> None:
    assert read_text("%matplotlib inline\nx = 1") is None


def test_a_survey_names_all_that_the_top_level_binds() -> None:
    text = (
        "import numpy as np\nfrom a import b as c\nx, (y, z) = 1, (2, 3)\nw: int = 3\nv: int\n"
        "def f(): inner = 1\nclass K: attribute = 1\ng = lambda: 0\n"
        "try:\n    import d.e\nexcept ImportError:\n    h = None\n"
        "if x:\n    async def k(): pass\n"
    )
    read = survey(ast.parse(text))
    assert read.names == {"np", "c", "x", "y", "z", "w", "f", "K", "g", "d", "h", "k"}
    assert read.functions == ("f", "g", "k")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("f()", "-n1 -r1 f()"),
        ("-n 1000 -r7 f(-n)", "-n1 -r1 f(-n)"),
        ("-q -n 10 -o -p 3 f()", "-n1 -r1 -q -o -p 3 f()"),
        ("-x", "-n1 -r1 -x"),
        ("", "-n1 -r1 "),
    ],
)
def test_timing_takes_one_run_whatever_the_line_asks_for(line: str, expected: str) -> None:
    assert once(line) == expected


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("pip", "install numpy"),
        ("bash", ""),
        ("sx", "ls"),
        ("load", "https://example.org/a.py"),
        ("run", "http://example.org/a.py"),
        ("debug", ""),
    ],
)
def test_magics_that_need_programs_the_network_or_a_person_are_left_out(name: str, line: str) -> None:
    assert reason_to_leave_out(name, line) is not None
    assert not is_silent(name, line)


@pytest.mark.parametrize(
    ("name", "line", "silent"),
    [
        ("matplotlib", "inline", True),
        ("load_ext", "autoreload", True),
        ("load_ext", "sql", False),
        ("autoreload", "2", True),
        ("config", "InlineBackend.figure_format = 'retina'", True),
        ("config", "Application", False),
        ("time", "f()", False),
    ],
)
def test_magics_without_effect_on_answers_are_left_out_without_a_word(
    name: str, line: str, *, silent: bool
) -> None:
    assert is_silent(name, line) is silent
    assert reason_to_leave_out(name, line) is None

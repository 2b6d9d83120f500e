"""Claims that the short way from a cell to Python ends where IPython's own way ends, to the letter."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.async_helpers import _should_be_async
from IPython.core.interactiveshell import InteractiveShell

from grader.sandbox.shell import NotebookShell

ODD_CELLS = (
    "x = 1",
    "x = 1\n",
    "",
    "   \n\t\n",
    "\n\n# a comment\n\nx = 1\n\n",
    "  x = 1\n  y = 2",
    "  x = 1\ny = 2",
    "def f():\n    x = 1\n    \n    return x\n  \n",
    "text = '''\n   \n%pwd\n!ls\n  '''",
    "text = '''\n>>> x\n... y\n'''",
    ">>> x = 1\n>>> x",
    "In [1]: x = 1\n   ...: y = 2",
    "a[b,\n   ...:2]",
    "a[\n...: 2]",
    "a != b",
    "a != b # why?",
    "'%d' % 5\n'really?'\n\"!\"",
    "a = 7 \\\n% 2",
    "a = 7 \\\n   \n",
    "a = (7\n% 2\n/ 3\n, 4)",
    "f'{a!r:>{b}} {c % 2}?'",
    "pwd",
    "ls",
    "time",
    "pwd # where",
    "pwd = 1",
    "pwd()",
    "who x",
    "exit",
    "quit()",
    "f(1)",
    "f(1);",
    "f",
    "f x",
    "/f x",
    ",f x y",
    ";f x y",
    "f?",
    "?f",
    "f??\nx = 1",
    "!ls",
    "files = !ls",
    "where = %pwd",
    "%matplotlib inline",
    "%matplotlib inline\nimport math",
    "\n\n%matplotlib inline\n\n# so\n%load_ext autoreload\n%autoreload 2\nimport math\nx != 1",
    "%config InlineBackend.figure_format = 'retina'\nx = 1",
    '%config InlineBackend.figure_format = "retina"  \nx = 1',
    "%config A.b = 'it''s'\nx = 1",
    "%timeit -n1 --no f\nx",
    "%timeit f(1)\nx",
    "%env A=1\nx",
    "%matplotlib  inline\t\nx",
    "%matplotlib inline # plots\nx",
    "%matplotlib?\nx",
    "%matplotlib inline?\nx",
    "%alias_magic t time\n%t x = '%pwd'\nx",
    "%run a.py\nx = (\n%pwd\n)",
    "%pwd \\\nx",
    "%pwd (\nx)",
    "%3d\nx",
    "%\nx",
    "% pwd\nx",
    "  %pwd\n  x = 1",
    "%pwd\n  x = 1",
    "%%time\nx = 1",
    "%%time",
    "%%nothing\nx",
    "x = 1\n%pwd",
    "x = '''\n''' ; %pwd",
    "if x:\n    %pwd\n    y",
    "x = 1\r\ny = 2\r\n",
    "x = 1\ry = 2",
    "x = 1\x0cy = 2",
    "x = 'a\u2028%b'\ny",
    "x = '\x85!'",
    "x = 1 # \x0b?\n%pwd",
    "\x00",
    "x = '\ud800'",
    "def f(:",
    "return 1",
    "x = = 1",
    "(" * 300,
    "(" * 300 + ")" * 300,
    "\u2118 = 5\nÅ = 6",
    "await f()",
    "x = [i async for i in f()]",
    "async def f(): return await g()",
    "# await",
    "'await'",
    "async with f(): pass",
    "x = lambda: (yield)",
    "print 1",
    "x: int = 1\n'a text'\ny",
    "...",
    "...\n: x",
    "@property\ndef f(self): pass",
)
LINES = st.sampled_from(
    [
        *(
            "x = 1",
            "f(x)",
            "x",
            "x != 1",
            "pwd",
            "# why?",
            "'''",
            '"""',
            "(",
            ")",
            "    x = 1",
            "    ",
            "",
            "\t",
        ),
        *(
            "if x:",
            "def f():",
            "%pwd",
            "%matplotlib inline",
            "%time x",
            "%%time",
            "!ls",
            "x?",
            "?x",
            "/f x",
            "%a = 'b'",
        ),
        *(
            ">>> x",
            "... x",
            "...: x",
            "In [1]: x",
            "x = %pwd",
            "x = !ls",
            "x % 2 \\",
            "% 2",
            "\\",
            "await x",
            "x;",
            "\x0c",
        ),
        *(
            "    %pwd",
            "%pwd  ",
            "%pwd # a",
            "%pwd '",
            "%pwd \\",
            "%pwd (",
            "'%s' % x",
            "f'{x!r}'",
            "a[b,",
            "]",
        ),
    ]
)


@cache
def shell() -> NotebookShell:
    return NotebookShell()


def ways(cell: str) -> tuple[object, object]:
    """Make Python of a cell in our way and in IPython's."""
    one = shell()
    one.compile.enter("alice.ipynb, cell 1", cell)
    return made(one.transform_cell, cell), made(lambda text: InteractiveShell.transform_cell(one, text), cell)


def made(transform: Any, cell: str) -> object:
    try:
        return transform(cell)
    except Exception as error:  # noqa: BLE001  (some cells are refused; both ways must)
        return type(error), str(error)


@pytest.mark.filterwarnings("ignore::SyntaxWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize("cell", ODD_CELLS)
def test_a_cell_becomes_what_ipython_makes_of_it(cell: str) -> None:
    ours, theirs = ways(cell)
    assert ours == theirs


@pytest.mark.filterwarnings("ignore::SyntaxWarning", "ignore::DeprecationWarning")
@settings(max_examples=300, deadline=None)
@given(st.lists(LINES, max_size=6).map("\n".join))
def test_any_mix_of_lines_becomes_what_ipython_makes_of_it(cell: str) -> None:
    ours, theirs = ways(cell)
    assert ours == theirs


def test_most_cells_of_students_take_the_short_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(InteractiveShell, "transform_cell", lambda *_: "the long way")
    long = [cell for cell in ODD_CELLS if ways(cell)[0] == "the long way"]
    assert "%matplotlib inline\nimport math" not in long
    assert "'%d' % 5\n'really?'\n\"!\"" not in long
    assert "%%time\nx = 1" in long


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@pytest.mark.parametrize("cell", ODD_CELLS)
def test_a_cell_awaits_where_ipython_says_so(cell: str) -> None:
    ours = shell().should_run_async(cell, transformed_cell=cell, preprocessing_exc_tuple=None)
    assert ours is _should_be_async(cell)

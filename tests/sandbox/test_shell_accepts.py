"""Claims that what works in Jupyter works while grading: each cell is followed by the function that is graded."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sandbox_jobs import call, job, module, notebook

from grader.model import Ending, Frame, Limits, RunOutcome
from grader.sandbox import Level, Runner, choose_isolation

LIMITS = Limits(call_cpu_s=2.0, submission_cpu_s=10.0, memory_mib=256)


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as one:
        yield one


def graded(runner: Runner, *cells: str) -> RunOutcome:
    """Run the cells, and call `f` of the last of them."""
    return runner.run(job(notebook(*cells), calls=(call("f"),), limits=LIMITS))


@pytest.mark.parametrize(
    "cell",
    [
        "%matplotlib inline",
        "%matplotlib",
        "%matplotlib notebook\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
        "%time sum(range(9))",
        "%timeit sum(range(9))",
        "%timeit -n 100000000 -r 100 sum(range(9))",
        "%%timeit\nsum(range(9))",
        "%%timeit -n 100000000 x = 1\nx + 1",
        "%%capture output\nprint(1)",
        "%%prun\nsum(range(9))",
        "import asyncio\nawait asyncio.sleep(0)",
        "import asyncio\nasync def one(): return 1\nassert await one() == 1",
        "print?",
        "?print",
        "print??",
        "import math\nmath.s*?",
        "%pwd",
        "pwd",
        "%cd .",
        "%env X=1\nimport os\nassert os.environ['X'] == '1'",
        "%precision 3\n1.23456",
        "%who",
        "%whos",
        "%reset -f",
        "%history",
        "%lsmagic",
        "%config InlineBackend.figure_format = 'retina'",
        "%config IPCompleter.use_jedi = False",
        "%load_ext autoreload\n%autoreload 2",
        "%autosave 60",
        "%xmode Plain",
        "%pdb off",
        "%pprint",
        "%%html\n<script>alert(1)</script>",
        "%%javascript\nalert(1)",
        "%%markdown\n# title",
        "%%latex\n$x$",
        "from IPython.display import *\ndisplay(HTML('<b>'), Markdown('#'), Math('x'))\nclear_output(wait=True)",
        "from IPython import get_ipython\nget_ipython().run_line_magic('matplotlib', 'inline')",
        "get_ipython().run_cell('y = 1')\nassert y == 1",
        "assert __name__ == '__main__'\nimport __main__\n__main__.here = 1\nassert here == 1",
        "if __name__ == '__main__':\n    pass\nelse:\n    raise ValueError",
        "from google.colab import drive\ndrive.mount('/content/drive')",
        "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\naxes.plot([1])\nfigure",
        "from matplotlib_inline.backend_inline import set_matplotlib_formats\nset_matplotlib_formats('svg')",
        "del get_ipython\n%pwd",
        "print = None\n%pwd",
        "display = None\nopen = None\n1",
        "\n\n# a comment only\n",
        "",
        "   x = 1\n   y = 2",
        ">>> x = 1\n>>> x + 1",
        "class Table:\n    def _repr_html_(self): return '<table>'\nTable()",
        "%%writefile notes.txt\nhello\n%not a magic",
        "%%file notes.txt\nhello",
        "x = %pwd\nassert x",
        "def g():\n    %time y = 1\n    return get_ipython().run_line_magic('pwd', '')\nassert g()",
        "import sys\nassert sys.argv and not hasattr(sys.modules['__main__'], 'grader')",
        "a = 1;\na;",
    ],
)
def test_it_runs_without_an_error_and_what_follows_is_graded(runner: Runner, cell: str) -> None:
    got = graded(runner, cell, "def f(): return 1.0")
    assert got.ending is Ending.FINISHED
    assert not [note for note in got.notes if "stopped" in note or "left out; it" in note]
    assert got.calls[0].value == 1.0


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("!pip install numpy", "!pip install numpy"),
        ("%pip install numpy", "%pip install numpy"),
        ("pip install numpy", "%pip install numpy"),
        ("%conda install numpy", "%conda install numpy"),
        ("files = !ls\nassert files == []", "!ls"),
        ("%sx ls", "%sx ls"),
        ("%system ls", "%system ls"),
        ("!!ls", "!ls"),
        ("%%bash\nls", "%%bash"),
        ("%%sh\nls", "%%sh"),
        ("%%script python\nls", "%%script python"),
        ("%%python3\nraise ValueError", "%%python3"),
        ("ls", "!ls -F"),
        ("%load https://example.org/a.py", "%load https://example.org/a.py"),
        ("%run https://example.org/a.py", "%run https://example.org/a.py"),
        ("%debug", "%debug"),
        ("%edit", "%edit"),
        ("get_ipython().system('ls')", "!ls"),
        ("get_ipython().getoutput('ls')", "!ls"),
        ("!echo " + "x" * 100, "!echo " + "x" * 53 + "…"),
        ("exit()", "exit()"),
        ("quit()", "exit()"),
        ("get_ipython().ask_exit()", "exit()"),
        ("%tensorflow_version 2.x", "%tensorflow_version 2.x"),
        ("%load_ext tensorboard", "%load_ext tensorboard"),
        ("%%sql\nselect 1", "%%sql"),
    ],
)
def test_what_cannot_run_is_left_out_with_one_note_and_the_cell_goes_on(
    runner: Runner, cell: str, shown: str
) -> None:
    cells = (cell,) if cell.startswith("%%") else (f"{cell}\nreached = 1",)
    cells = (cell,) if cell in {"ls", "pip install numpy"} else cells  # magics without `%` stand alone
    check = "" if len(cells[0]) == len(cell) else "assert reached\n"
    got = graded(runner, *cells, check + "def f(): return 1.0")
    assert got.calls[0].value == 1.0
    (note,) = got.notes
    assert note.startswith(f"alice.ipynb, cell 1: `{shown}` was left out; ")


@pytest.mark.parametrize("level", [Level.LIMITS, Level.SEAL, Level.FENCE])
def test_a_weaker_level_lacks_nothing_that_ipython_loads_late(level: Level) -> None:
    cells = (
        *(
            "%timeit 1",
            "%%time\nx = 1",
            "%%prun\nx",
            "%%capture\nx",
            "print?",
            "def g(): pass",
            "g??",
            "%who",
            "%env",
        ),
        *(
            "%precision 2",
            "%history",
            "%lsmagic",
            "import asyncio\nawait asyncio.sleep(0)",
            "%config Application",
        ),
        *("import matplotlib.pyplot as plt\nplt.plot([1])", "%matplotlib inline", "def h(:", "1 / 0"),
    )
    with Runner(choose_isolation(at_most=level)) as weaker:
        got = graded(weaker, *cells, "def f(): return 1.0")
    assert got.isolation == level.value
    assert got.calls[0].value == 1.0
    left = [note for note in got.notes if "stopped" in note]
    assert [note.partition(" stopped with ")[2].partition(":")[0] for note in left] == [
        "SyntaxError",
        "ZeroDivisionError",
    ]


def test_a_magic_of_a_missing_profiler_leaves_its_body(runner: Runner) -> None:
    got = graded(runner, "%%memit\ndef f(): return 1.0")
    assert got.calls[0].value == 1.0
    assert got.notes == ("alice.ipynb, cell 1: `%%memit` was left out; it is not available while grading",)


def test_what_a_called_function_leaves_out_is_noted_too(runner: Runner) -> None:
    got = graded(runner, "def f():\n    !ls\n    return 1.0")
    assert got.calls[0].value == 1.0
    assert [note.partition(" was")[0] for note in got.notes] == ["alice.ipynb: `!ls`"]


@pytest.mark.parametrize(
    "magic", ["%%time", "%%capture", "%%capture out\n", "\n\n%%time", "%%prun", "%%time\n%%capture"]
)
def test_definitions_under_a_cell_magic_stay(runner: Runner, magic: str) -> None:
    assert graded(runner, f"{magic}\ndef f(): return 1.0").calls[0].value == 1.0


def test_the_last_expression_is_printed_and_kept(runner: Runner) -> None:
    got = graded(
        runner, "40 + 2", "assert _ == 42", "'silent';", "[_, __, Out[1], In[1]]", "def f(): return _1 + 1"
    )
    assert got.printed == "42\n[42, '', 42, '40 + 2']\n"
    assert got.calls[0].value == 43


def test_what_is_displayed_is_printed_as_text(runner: Runner) -> None:
    cell = "class P:\n    def __repr__(self): return 'text'\n    def _repr_html_(self): return '<b>'\ndisplay(P())\nP()"
    assert graded(runner, cell, "def f(): return 1").printed == "text\ntext\n"


def test_plots_print_nothing_and_are_no_answer(runner: Runner) -> None:
    got = graded(
        runner, "import matplotlib.pyplot as plt\nplt.plot([1])", "plt.show()", "def f(): return plt.gcf()"
    )
    assert got.printed == ""
    assert "plotting" in str(got.calls[0].value)
    (note,) = got.notes
    assert note.startswith("`matplotlib` is not available while grading")


def test_an_error_in_a_cell_is_told_with_its_line_and_later_cells_run(runner: Runner) -> None:
    cells = ("def f(): return g()", "x = 1\n1 / 0\ny = 2", "def g(): return x", "y")
    got = graded(runner, *cells)
    assert got.calls[0].value == 1
    divided = "ZeroDivisionError: division by zero (alice.ipynb, cell 2, line 2)"
    unknown = "NameError: name 'y' is not defined (alice.ipynb, cell 4, line 1)"
    assert got.notes == (
        f"alice.ipynb, cell 2 stopped with {divided}; the rest of the cell was not run",
        f"alice.ipynb, cell 4 stopped with {unknown}; the rest of the cell was not run",
    )
    assert got.printed == ""


@pytest.mark.parametrize(
    ("cell", "where"),
    [
        ("x = 1\ndef h(:", 2),
        ("\n\ndef h(:", 3),
        ("\n\nx = 1\n1 / 0", 4),
        ("%matplotlib inline\n1 / 0", 2),
        ("%%time\nx = 1\n1 / 0", 3),
        ("%%time\n\n%pwd\n1 / 0", 4),
        ("\n%%time\n1 / 0", 3),
        ("%%time\nx = 1\ndef h(:", 3),
        ("%%capture\nx = 1\n1 / 0", 3),
        ("%%time\n%%capture\n1 / 0", 3),
        ("x = 1\n%time 1 / 0", 2),
        ("return 1", 1),
        ("import asyncio\nawait asyncio.sleep(0)\n1 / 0", 3),
        ("x = 1\nraise SystemExit", 2),
        ("raise KeyboardInterrupt", 1),
        ("x = 1\ninput('?')", 2),
        ("import ipywidgets", 1),
    ],
)
def test_lines_are_counted_from_the_top_of_the_cell(runner: Runner, cell: str, where: int) -> None:
    got = graded(runner, "", cell, "def f(): return 1.0")
    (note,) = got.notes
    assert f"(alice.ipynb, cell 2, line {where})" in note
    assert got.calls[0].value == 1.0


def test_frames_of_a_called_function_lead_to_the_line_of_its_cell(runner: Runner) -> None:
    got = graded(runner, "def g():\n    raise ValueError", "%%time\n\ndef f():\n    return g()")
    assert got.calls[0].error is not None
    assert got.calls[0].error.frames == (
        Frame(source="alice.ipynb", cell=2, line=4, function="f", text="return g()"),
        Frame(source="alice.ipynb", cell=1, line=2, function="g", text="raise ValueError"),
    )


def test_the_students_own_inspect_finds_the_source_of_a_cell(runner: Runner) -> None:
    got = graded(runner, "\nx = 1\ndef f():\n    import inspect\n    return inspect.getsource(f)\n")
    assert got.calls[0].value == "def f():\n    import inspect\n    return inspect.getsource(f)\n"


def test_a_file_that_the_notebook_wrote_can_be_imported_and_run(runner: Runner) -> None:
    write = "%%writefile layers.py\ndef g(): return 2.0\nprint('ran')"
    got = graded(runner, write, "from layers import g", "%run layers.py\n%run layers", "def f(): return g()")
    assert got.calls[0].value == 2.0
    assert got.printed == "Writing layers.py\nran\nran\nran\n"


def test_run_finds_the_files_of_the_submission(runner: Runner) -> None:
    files = (
        notebook(
            "%run helper.py",
            "%run ./other.ipynb",
            "%run -i lib/more",
            "def f(): return [a, b, c]",
            name="hw/a.ipynb",
        ),
        module("a = 1.0", "hw/helper.py"),
        notebook("b = 2.0", "1 / 0", name="hw/other.ipynb"),
        module("c = a + 2.0", "hw/lib/more.py"),
    )
    got = runner.run(job(*files, calls=(call("f"),), limits=LIMITS))
    assert got.calls[0].value == [1.0, 2.0, 3.0]
    assert "(hw/other.ipynb, cell 2, line 1)" in got.notes[0]


def test_two_notebooks_that_plot_do_not_disturb_each_other(runner: Runner) -> None:
    plot = "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1])"
    one = notebook(plot, "def f(): return 1.0", name="a.ipynb")
    two = notebook(plot, "def g(): return 2.0", name="b.ipynb")
    got = runner.run(job(one, two, calls=(call("f"), call("g")), limits=LIMITS))
    assert [made.value for made in got.calls] == [1.0, 2.0]
    assert len(got.notes) == 1


def test_figures_of_the_real_matplotlib_end_with_their_cell(runner: Runner) -> None:
    pytest.importorskip("matplotlib")
    limits = Limits(call_cpu_s=5.0, submission_cpu_s=20.0, imports=("numpy", "matplotlib"))
    cells = (
        "import matplotlib.pyplot as plt\nplt.plot([1]);",
        "%config InlineBackend.figure_format = 'retina'\nplt.plot([1])\nplt.show()",
        "def f(): return plt.get_fignums()",
    )
    got = runner.run(job(notebook(*cells), calls=(call("f"),), limits=limits))
    assert got.calls[0].value == []
    assert got.printed == "<Figure size 640x480 with 1 Axes>\n" * 2


def test_each_notebook_of_a_submission_has_a_shell_of_its_own(runner: Runner) -> None:
    one = notebook("secret = 1", "x = 1", "def f(): return x, len(In)", name="a.ipynb")
    two = notebook("x = 2", "assert 'secret' not in dir()", "def g(): return x, len(In)", name="b.ipynb")
    got = runner.run(job(one, two, calls=(call("f"), call("g")), limits=LIMITS))
    assert got.notes == ()
    assert [made.value for made in got.calls] == [(1, 4), (2, 4)]


def test_one_job_leaves_nothing_to_the_next(runner: Runner) -> None:
    graded(runner, "x = 1\nget_ipython().x = 1\n%alias_magic t time\n%env LEFT=1", "def f(): return 1")
    left = graded(
        runner,
        "import os\ndef f(): return 'x' in globals(), hasattr(get_ipython(), 'x'), 'LEFT' in os.environ, len(In)",
    )
    assert left.calls[0].value == (False, False, False, 2)


def test_a_module_knows_nothing_of_the_shell(runner: Runner) -> None:
    text = """
    import builtins, sys
    def f():
        names = ("display", "get_ipython", "__IPYTHON__")
        return [name for name in names if hasattr(builtins, name)], hasattr(sys, "ps1"), "IPython" in sys.modules
    """
    got = runner.run(job(module(text), calls=(call("f"),), limits=LIMITS))
    assert got.calls[0].value == ([], False, False)


def test_a_module_that_displays_does_no_harm(runner: Runner) -> None:
    text = "from IPython.display import display\nfrom IPython import get_ipython\ndisplay(1)\ndef f(): return 1.0"
    assert runner.run(job(module(text), calls=(call("f"),), limits=LIMITS)).calls[0].value == 1.0


def test_nothing_is_written_and_no_thread_runs_when_the_shell_starts(runner: Runner) -> None:
    cell = "import os, threading\ndef f(): return os.listdir('.'), threading.active_count()"
    assert graded(runner, cell).calls[0].value == ([], 1)

"""Claims on cells that turn IPython against the grader: they hurt themselves alone, and the next job is graded right."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sandbox_jobs import call, job, notebook

from grader.model import Ending, Limits, RunOutcome
from grader.sandbox import Runner

LIMITS = Limits(call_cpu_s=0.3, submission_cpu_s=0.6, memory_mib=256, output_kib=4)


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as one:
        yield one


def graded(runner: Runner, *cells: str) -> RunOutcome:
    """Run the cells, and then an honest notebook in the same worker."""
    got = runner.run(job(notebook(*cells), calls=(call("f"),), limits=LIMITS))
    honest = runner.run(
        job(notebook("%matplotlib inline", "def f(): return 1.0"), calls=(call("f"),), limits=LIMITS)
    )
    assert (honest.ending, honest.notes, honest.calls[0].value) == (Ending.FINISHED, (), 1.0)
    return got


IP = "ip = get_ipython()\n"


@pytest.mark.parametrize(
    "cell",
    [
        IP + "ip.events.register('pre_run_cell', lambda *_: 1 / 0)",
        IP + "ip.events.register('post_run_cell', lambda *_: 1 / 0)",
        IP + "ip.ast_transformers.append(object())",
        IP + "ip.ast_transformers.append(type('T', (), {'visit': lambda self, node: None})())",
        IP + "ip.input_transformers_post.append(lambda lines: 1 / 0)",
        IP + "ip.input_transformers_post.append(lambda lines: None)",
        IP + "ip.input_transformer_manager.line_transforms[:] = [lambda lines: 1 / 0]",
        IP + "ip.input_transformer_manager = None",
        IP + "ip.run_cell = lambda *_, **__: None",
        IP + "ip.run_cell = lambda *_, **__: type('R', (), {'__getattr__': lambda self, name: 1 / 0})()",
        IP + "type(ip).run_cell = lambda *_, **__: 1 / 0",
        IP + "type(ip).run_named = lambda *_, **__: 3",
        IP + "ip.compile.cache = lambda *_, **__: 7",
        IP + "ip.compile = None",
        IP + "ip.set_custom_exc((BaseException,), lambda *_, **__: 1 / 0)\nraise ValueError",
        IP + "ip.showtraceback = lambda *_, **__: 1 / 0\nraise ValueError",
        IP + "ip.user_ns.clear()",
        IP + "ip.history_manager = None",
        IP + "ip.display_formatter = None\n1",
        IP + "ip.builtin_trap.auto_builtins = {'print': None, 'compile': None}",
        IP + "ip.clear_instance()",
        IP + "ip.exiter = None\nip.reset(aggressive=True)",
        IP + "ip.atexit_operations()",
        "import IPython.core.interactiveshell as m\nm.InteractiveShell.run_cell = None\nm.sys = None",
        "import sys\nsys.displayhook = None\nsys.modules.pop('__main__')\n1",
        "import sys\nsys.modules.pop('IPython')\nsys.stdout = None",
        "import builtins\nbuiltins.compile = None\nbuiltins.exec = None",
        "import ast\nast.parse = ast.increment_lineno = None",
    ],
)
def test_what_a_cell_does_to_the_shell_stays_in_its_own_process(runner: Runner, cell: str) -> None:
    got = graded(runner, cell, "1", "def f(): return 2.0")
    assert got.ending in {Ending.FINISHED, Ending.RAISED, Ending.ABSENT, Ending.KILLED}
    assert got.calls[0].value in {None, 2.0}


@pytest.mark.parametrize(
    "cell",
    [
        IP + "def spin(*_):\n    while True: pass\nip.events.register('post_run_cell', spin)",
        IP + "def spin(*_):\n    while True: pass\nip.input_transformers_post.append(spin)\nip.run_cell('1')",
        "class P:\n    def __repr__(self):\n        while True: pass\nP()",
        "class P:\n    def _ipython_display_(self):\n        while True: pass\ndisplay(P())",
        "class P:\n    def __getattr__(self, name):\n        while True: pass\nP()",
        "%%time\nwhile True: pass",
        "%timeit [0 for _ in iter(int, 1)]",
        "import asyncio\nasync def spin():\n    while True: pass\nawait spin()",
    ],
)
def test_a_hook_or_a_display_without_end_is_a_timeout(runner: Runner, cell: str) -> None:
    got = graded(runner, cell, "def f(): return 1.0")
    assert (got.ending, got.calls[0].ending) == (Ending.TIMEOUT, Ending.TIMEOUT)


@pytest.mark.parametrize(
    "body",
    [
        "1 / 0",
        "raise SystemExit",
        "raise KeyboardInterrupt",
        "return 7",
        "return 'x' * 10**6",
        "raise MemoryError",
    ],
)
@pytest.mark.parametrize("method", ["__repr__", "_repr_html_", "_ipython_display_", "_repr_mimebundle_"])
def test_a_value_that_shows_itself_badly_costs_no_later_cell(runner: Runner, method: str, body: str) -> None:
    show = f"class P:\n    def {method}(self, *_, **__): {body}\ndisplay(P())\nP()"
    got = graded(runner, show, "def f(): return 1.0")
    if body != "raise MemoryError":
        assert got.calls[0].value == 1.0
    assert len(got.printed) < 5000


def test_a_flood_of_displays_is_ended(runner: Runner) -> None:
    got = graded(runner, "class P:\n    def __repr__(self): return 'x' * 10**7\nP()", "def f(): return 1.0")
    assert got.ending is Ending.OUTPUT


def test_many_refused_commands_make_few_notes(runner: Runner) -> None:
    got = graded(runner, "for i in range(1000):\n    get_ipython().system(f'ls {i}')", "def f(): return 1.0")
    assert got.calls[0].value == 1.0
    assert 0 < len(got.notes) <= 50


def test_refused_commands_are_cut_and_of_one_line(runner: Runner) -> None:
    got = graded(runner, "get_ipython().system('a\\n\\x1b[31m' + 'b' * 10**6)", "def f(): return 1.0")
    (note,) = got.notes
    assert "\n" not in note
    assert len(note) < 200


def test_a_forged_result_of_the_shell_is_no_answer(runner: Runner) -> None:
    forge = "type(get_ipython()).user_module = property(lambda self: __import__('types').SimpleNamespace(f=lambda: 1.0))"
    assert graded(runner, forge, "def f(): return 2.0").calls[0].value == 2.0

"""Claims on what comes back from honest student code, right or wrong."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from sandbox_jobs import QUICK, call, job, module, notebook, outcome, result, run, shared_runner

from grader.model import Ending, Frame, Limits, Opaque, Source
from grader.sandbox import Runner
from grader.sandbox.choice import candidates, probe


def test_values_come_back_and_the_account_is_kept() -> None:
    got = outcome(
        "import numpy as np\nprint('loading')\ndef f(x, w):\n    print('f')\n    return {'z': w @ x}\n",
        call("f", np.array([1.0, 2.0]), np.array([[3.0, 4.0]])),
    )
    assert (got.ending, got.message, got.found, got.printed) == (Ending.FINISHED, None, ("f",), "loading\n")
    assert got.isolation == shared_runner().isolation.level
    (made,) = got.calls
    assert (made.key, made.function, made.ending) == ("case/f", "f", Ending.FINISHED)
    assert (made.message, made.error, made.printed, made.changed_arguments) == (None, None, "f\n", ())
    assert isinstance(made.value, dict)
    np.testing.assert_array_equal(made.value["z"], [11.0])


def test_time_and_memory_are_those_of_the_students_own_work() -> None:
    """Without what the interpreter, NumPy and our own start take."""
    if not shared_runner().isolation.warm:
        pytest.skip("below level `seal` the whole process is measured")
    idle = outcome("def f(): pass\n", call("f"))
    assert idle.cpu_s < 0.05
    assert idle.peak_memory_mib < 10
    text = (
        "import time, numpy as np\n"
        "def f():\n"
        "    a = np.ones(100 << 17)\n"
        "    end = time.process_time() + 0.25\n"
        "    while time.process_time() < end: pass\n"
    )
    busy = outcome(text, call("f"), limits=Limits())
    assert 0.25 <= busy.cpu_s < 0.6
    assert 95 < busy.peak_memory_mib < 130


def test_a_job_without_calls_is_loaded() -> None:
    got = run(job(module("def f(): return 1"), functions=("f",)))
    assert (got.ending, got.calls, got.found) == (Ending.FINISHED, (), ("f",))


def test_an_exception_comes_with_the_students_frames_alone() -> None:
    got = result(
        "import numpy as np\n\ndef g(x):\n    return np.dot(x, [1, 2])\n\ndef f(x):\n    return g(x)\n", [1.0]
    )
    assert got.ending is Ending.RAISED
    assert got.error is not None
    assert got.error.type_name == "ValueError"
    assert got.error.frames == (
        Frame(source="alice.py", cell=None, line=7, function="f", text="return g(x)"),
        Frame(source="alice.py", cell=None, line=4, function="g", text="return np.dot(x, [1, 2])"),
    )
    assert str(got.message).startswith("`f` raised ValueError: shapes")
    assert str(got.message).endswith("(alice.py, line 4)")


@pytest.mark.parametrize(
    ("body", "type_name", "message"),
    [
        ("import sys; sys.exit(3)", "SystemExit", "3"),
        ("exit()", "SystemExit", "None"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt", ""),
        ("raise type('Own', (BaseException,), {})('hi')", "Own", "hi"),
        ("raise ValueError('x' * 9999)", "ValueError", "x" * 499 + "…"),
        (
            "raise type('Mute', (Exception,), {'__str__': lambda self: 1 / 0})()",
            "Mute",
            "(the exception cannot be shown as text)",
        ),
        ("input('n?')", "EOFError", "input is not available while grading; give the values in the code"),
    ],
)
def test_whatever_a_call_raises_is_told(body: str, type_name: str, message: str) -> None:
    got = result(f"def f():\n    {body}\n")
    assert got.ending is Ending.RAISED
    assert got.error is not None
    assert (got.error.type_name, got.error.message) == (type_name, message)


def test_a_recursion_without_end_is_told_in_few_frames() -> None:
    got = result("def f():\n    return f()\n")
    assert got.error is not None
    assert got.error.type_name == "RecursionError"
    assert len(got.error.frames) == 10


def test_a_function_that_is_not_there_is_absent_with_what_was_found() -> None:
    (got,) = outcome("def forward(x): pass\ndef backwards(x): pass\n", call("backward", 1.0)).calls
    assert got.ending is Ending.ABSENT
    assert got.message == (
        "no function `backward` in alice.py; found: backwards, forward (did you mean `backwards`?)"
    )


def test_a_name_that_is_no_function_is_absent() -> None:
    got = result("f = 3.0")
    assert got.ending is Ending.ABSENT
    assert got.message == "`f` in alice.py is not a function but of type float"


def test_a_function_after_the_line_that_raised_has_that_exception() -> None:
    got = outcome("def f(): return 1\nx = 1 / 0\ndef g(): return 2\n", call("f"), call("g"), call("h"))
    assert [one.ending for one in got.calls] == [Ending.FINISHED, Ending.RAISED, Ending.ABSENT]
    assert got.ending is Ending.FINISHED
    assert got.calls[1].message == (
        "`g` is not defined, because the code before it raised ZeroDivisionError: division by zero "
        "(alice.py, line 2)"
    )
    (note,) = got.notes
    assert note == (
        "alice.py stopped with ZeroDivisionError: division by zero (alice.py, line 2); "
        "the rest of the file was not run"
    )


def test_a_module_that_is_not_python_is_unreadable() -> None:
    got = outcome("def f():\n    return (1\n", call("f"))
    assert got.ending is Ending.UNREADABLE
    assert got.calls[0].ending is Ending.UNREADABLE
    assert "alice.py is not valid Python: SyntaxError" in str(got.message)
    assert "line 2" in str(got.message)


def test_arguments_are_fresh_for_each_call_and_changes_in_place_are_told() -> None:
    array = np.zeros(2)
    got = outcome(
        "def f(a, b, c):\n    b += 1\n    c['w'] = 3\n    return b\n",
        *[call("f", 1.0, array, {"w": 1.0})] * 2,
    )
    for one in got.calls:
        np.testing.assert_array_equal(one.value, [1.0, 1.0])
        assert one.changed_arguments == (1, 2)
    np.testing.assert_array_equal(array, [0.0, 0.0])


def test_random_numbers_are_the_same_on_every_run() -> None:
    text = "import random, numpy as np\ndef f(): return [random.random(), np.random.rand()]\n"
    assert outcome(text, call("f"), call("f")).calls == outcome(text, call("f"), call("f")).calls


def test_the_main_block_of_a_module_does_not_run() -> None:
    got = outcome("def f(): return __name__\nif __name__ == '__main__':\n    raise ValueError\n", call("f"))
    assert got.notes == ()
    assert got.calls[0].value == "alice"


def test_warnings_are_printed_and_stop_nothing() -> None:
    got = result("import numpy as np\ndef f(): return float(np.log(np.zeros(1))[0])\n")
    assert got.value == -np.inf
    assert "RuntimeWarning: divide by zero" in got.printed


def test_printed_text_is_cut_once_and_the_cut_is_shown() -> None:
    limits = Limits(output_kib=1)
    got = outcome("print('a' * 1000)\ndef f(): print('b' * 1000)\n", call("f"), call("f"), limits=limits)
    assert got.printed == "a" * 1000 + "\n"
    assert got.calls[0].printed == "b" * 23 + "\n… (cut after 1 KiB)\n"
    assert got.calls[1].printed == ""


def test_bytes_written_past_python_are_kept() -> None:
    got = outcome(
        "import os, sys\nos.write(1, b'raw')\nsys.stdout.buffer.write(b'bytes')\ndef f(): pass\n", call("f")
    )
    assert got.printed == "bytesraw"


def test_generators_and_coroutines_are_opaque() -> None:
    assert result("def f(): yield 1").value == Opaque(
        type_name="generator", reason="a generator; return its values"
    )
    made = result("async def f(): return 1").value
    assert isinstance(made, Opaque)
    assert made.reason.startswith("a coroutine")


def test_objects_are_read_by_the_attributes_of_the_call() -> None:
    text = "import dataclasses\n@dataclasses.dataclass\nclass R:\n    z: float\ndef f(): return R(2.0)\n"
    assert result(text, attributes=("z", "h")).value == {"z": 2.0}
    assert isinstance(result(text).value, Opaque)


def test_a_huge_value_is_opaque_and_takes_no_memory() -> None:
    got = result("import numpy as np\ndef f(): return np.broadcast_to(0., (10**6, 10**6))\n")
    assert got.ending is Ending.FINISHED
    assert isinstance(got.value, Opaque)
    assert got.value.reason == "too large (8,000,000 MB)"


# --------------------------------------------------------------------------------------------------------------
# Imports


def test_a_package_that_is_not_allowed_is_refused_with_what_is() -> None:
    got = result("def f():\n    import torch\n")
    assert got.error is not None
    assert got.error.type_name == "ModuleNotFoundError"
    assert got.error.message == (
        "this assignment allows numpy and the standard library; `torch` is not available here"
    )


@pytest.mark.parametrize(
    "name", ["grader", "grader.model", "grader.sandbox.wire", "reference", "assignments"]
)
def test_the_grader_is_not_importable(name: str) -> None:
    text = f"import sys\nassert not any(n.split('.')[0] == 'grader' for n in sys.modules)\ndef f(): import {name}\n"
    got = result(text)
    assert got.error is not None
    assert got.error.type_name == "ModuleNotFoundError"
    assert "is not available here" in got.error.message


def test_an_allowed_package_may_import_what_it_needs() -> None:
    limits = Limits(imports=("numpy", "jinja2"))
    text = "import jinja2\ndef f(): return jinja2.Template('{{ 1 + 1 }}').render()\ndef g(): import markupsafe._none\n"
    assert result(text, limits=limits).value == "2"
    (refused,) = outcome("def g(): import rich\n", call("g"), limits=limits).calls
    assert refused.message == (
        "`g` raised ModuleNotFoundError: this assignment allows numpy, jinja2 and the standard library; "
        "`rich` is not available here (alice.py, line 1)"
    )


def test_plots_do_nothing_and_are_noted() -> None:
    text = """
    import matplotlib.pyplot as plt
    from matplotlib import cm
    import seaborn as sns, numpy as np
    figure, axes = plt.subplots(1, 2)
    axes[0].plot([1, 2], label="a")
    with plt.style.context("dark"):
        plt.show()
    def f(): return 1.0
    def g(): return plt.gca()
    def h(): return plt.gca() == 1.0
    """
    got = outcome(text, call("f"), call("g"), call("h"))
    assert got.calls[0].value == 1.0
    assert isinstance(got.calls[1].value, Opaque)
    assert "plotting" in got.calls[1].value.reason
    assert got.calls[2].value is False
    assert any("`matplotlib` is not available while grading" in note for note in got.notes)


def test_a_file_named_like_numpy_is_inert() -> None:
    files = (
        module("def f():\n    import numpy\n    return numpy.ones(1)\n", "main.py"),
        module("ones = 1", "numpy.py"),
    )
    got = run(job(*files, calls=(call("f"),)))
    np.testing.assert_array_equal(got.calls[0].value, [1.0])


# --------------------------------------------------------------------------------------------------------------
# Several files


def test_files_import_each_other_from_memory() -> None:
    files = (
        module("from lib.layers import f\nimport helper\ndef g(): return helper.ONE\n", "hw/main.py"),
        module("from .base import TWO\ndef f(): return TWO\n", "hw/lib/layers.py"),
        module("TWO = 2.0\nprint('once')\n", "hw/lib/base.py"),
        module("", "hw/lib/__init__.py"),
        module("ONE = 1.0\n", "hw/helper.py"),
        module("raise ValueError('not needed, not run')", "hw/other.py"),
    )
    got = run(job(*files, calls=(call("f"), call("g"))))
    assert [one.value for one in got.calls] == [2.0, 1.0]
    assert (got.printed, got.notes) == ("once\n", ())


@pytest.mark.parametrize("init", [(), (module("", "lib/__init__.py"),)], ids=["without init", "with init"])
def test_a_package_is_loaded_though_nobody_imports_it(init: tuple[Source, ...]) -> None:
    """The file that is wanted is the first one to run, and imports from beside it."""
    files = (*init, module("from .base import TWO\ndef f(): return TWO\n", "lib/layers.py"))
    got = run(job(*files, module("TWO = 2.0\n", "lib/base.py"), calls=(call("f"),)))
    assert got.calls[0].value == 2.0


@pytest.mark.parametrize("package", [".", "lib."], ids=["relative", "by the package's name"])
def test_files_of_a_package_that_were_handed_in_without_its_folder_find_each_other(package: str) -> None:
    files = (
        module("", "lib/__init__.py"),
        module(f"from {package}base import TWO\ndef f(): return TWO\n", "layers.py"),
        module("TWO = 2.0\n", "base.py"),
    )
    got = run(job(*files, calls=(call("f"),)))
    assert got.calls[0].value == 2.0


def test_a_file_of_the_name_of_a_module_of_a_refused_package_does_not_stand_for_it() -> None:
    files = (module("from torch.nn import X\ndef f(): return X\n", "a.py"), module("X = 1.0\n", "nn.py"))
    got = run(job(*files, calls=(call("f"),)))
    assert got.calls[0].ending is Ending.RAISED


def test_a_function_defined_twice_is_taken_from_solution_or_main() -> None:
    old, new = "def f(): return 1.0", "def f(): return 2.0"
    for name in ("solution.py", "main.py"):
        got = run(job(module(old, "a.py"), module(new, name), calls=(call("f"),)))
        assert got.calls[0].value == 2.0
    got = run(job(module(old, "a.py"), module(new, "b.py"), calls=(call("f"),)))
    assert got.calls[0].ending is Ending.UNREADABLE, "a person chooses; it is not missing"
    assert "in `a.py` and in `b.py`" in str(got.calls[0].message)


def test_a_whole_copy_of_a_file_is_no_second_definition() -> None:
    got = run(
        job(module("def f(): return 1.0", "a.py"), module("def f(): return 1.0", "b.py"), calls=(call("f"),))
    )
    assert got.calls[0].value == 1.0


def test_where_no_file_defines_anything_nothing_runs() -> None:
    files = (module("print('a')\ndef g(): pass", "a.py"), module("print('b')", "b.py"))
    got = run(job(*files, calls=(call("f"),)))
    assert (got.ending, got.printed, got.found) == (Ending.ABSENT, "", ("g",))
    assert got.calls[0].message == "no function `f` in a.py, b.py; found: g"


def test_a_file_that_is_not_python_leaves_the_others() -> None:
    files = (module("def g(): return 1.0", "a.py"), module("def f(:\n", "b.py"))
    got = run(job(*files, calls=(call("g"), call("f"))))
    assert [one.ending for one in got.calls] == [Ending.FINISHED, Ending.UNREADABLE]
    assert got.ending is Ending.FINISHED


# --------------------------------------------------------------------------------------------------------------
# Notebooks


def test_a_notebook_imports_the_modules_beside_it() -> None:
    files = (
        notebook("from layers import f", name="hw/a.ipynb"),
        module("def f(): return 1.0", "hw/layers.py"),
    )
    assert run(job(*files, calls=(call("f"),))).calls[0].value == 1.0


# --------------------------------------------------------------------------------------------------------------
# The runner


def test_closing_a_runner_from_another_thread_ends_its_jobs_with_a_fault() -> None:
    runner = Runner()
    timer = threading.Timer(0.4, runner.close)
    timer.start()
    slow = Limits(call_cpu_s=10.0, submission_cpu_s=30.0)
    got = runner.run(job(module("import time\ndef f(): time.sleep(60)"), calls=(call("f"),), limits=slow))
    timer.join()
    assert (got.ending, got.calls[0].ending) == (Ending.FAULT, Ending.FAULT)
    assert runner.run(job(module("def f(): pass"), calls=(call("f"),))).ending is Ending.FAULT


def test_a_process_that_does_not_start_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    for isolation in candidates(probe()):
        with Runner(isolation) as runner:
            got = runner.run(job(module("def f(): pass"), calls=(call("f"),)))
            assert got.ending is Ending.FAULT, isolation
            monkeypatch.setattr("sys.executable", "/nonexistent/python")
            got = runner.run(job(module("def f(): pass"), calls=(call("f"),)))
            assert got.calls[0].ending is Ending.FAULT, isolation


def test_an_argument_that_cannot_be_sent_is_our_fault() -> None:
    got = run(job(module("def f(x): pass"), calls=(call("f", {1}),), limits=QUICK))
    assert got.ending is Ending.FAULT

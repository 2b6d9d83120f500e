"""Answers from objects: collectors that drive the student's classes, and known-good parts in the place of the student's."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
import pytest
from sandbox_jobs import job, module, notebook, run

from grader.model import Call, CallResult, Ending, Job, RunOutcome, Source

LAYER = module(
    """
    class Layer:
        def __init__(self, n):
            self.W = None
        def forward(self, X):
            return X @ self.W
        def half(self, X):
            raise NotImplementedError
    """,
    "net/layer.py",
)
NET = module(
    """
    from .layer import Layer

    class Net:
        def __init__(self, W):
            self.layer = Layer(1)
            self.layer.W = W
        def run(self, X):
            return self.layer.forward(X)
    """,
    "net/net.py",
)
COLLECT = textwrap.dedent(
    """
    import numpy as np

    def layer_forward(student, X, W):
        layer = student.Layer(W.shape[0])
        layer.W = W
        return {"Y": layer.forward(X), "names": sorted(vars(student))}

    def layer_back(student, X):
        return student.Layer(1).backward(X)

    def layer_half(student, X):
        return student.Layer(1).half(X)

    def net_run(student, X, W):
        return student.Net(W).run(X)
    """
)
X, W = np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]])


def asked(function: str, collector: str, *arguments: Any, uses: tuple[str, ...] = ("Layer",)) -> Call:
    return Call(key=function, function=function, arguments=arguments, collector=collector, uses=uses)


def collected(*sources: Source, calls: tuple[Call, ...], **changes: Any) -> RunOutcome:
    names = tuple(dict.fromkeys(name for call in calls for name in call.needed))
    made: Job = job(*sources, calls=calls, functions=names, collect=COLLECT, **changes)
    return run(made)


def one(call: Call, *sources: Source, **changes: Any) -> CallResult:
    return collected(*(sources or (LAYER,)), calls=(call,), **changes).calls[0]


def test_a_collector_makes_the_students_object_and_returns_what_it_gave() -> None:
    got = one(asked("Layer.forward", "layer_forward", X, W))
    assert isinstance(got.value, dict)
    assert np.array_equal(np.asarray(got.value["Y"]), [[11.0]])
    assert got.value["names"] == ["Layer"]


def test_a_class_that_is_not_there_is_absent_and_named() -> None:
    got = one(asked("Layer.forward", "layer_forward", X, W), module("def f(): pass"))
    assert got.ending is Ending.ABSENT
    assert got.message is not None
    assert "no class `Layer`" in got.message


def test_a_method_that_is_not_there_is_an_error_without_a_line_of_the_students() -> None:
    """Which is how it is told from one inside the student's code."""
    got = one(asked("Layer.backward", "layer_back", X))
    assert (got.ending, got.error and got.error.type_name) == (Ending.RAISED, "AttributeError")
    assert got.error is not None
    assert got.error.frames == ()


def test_an_error_inside_a_method_names_the_students_line_and_not_the_collectors() -> None:
    got = one(asked("Layer.half", "layer_half", X))
    assert got.error is not None
    assert [(frame.source, frame.function) for frame in got.error.frames] == [("net/layer.py", "half")]


@pytest.mark.parametrize("init", [True, False])
def test_a_package_with_relative_imports_works_with_or_without_its_init_file(init: bool) -> None:
    sources = (LAYER, NET, *((module("", "net/__init__.py"),) if init else ()))
    got = one(asked("Net.run", "net_run", X, W, uses=("Net",)), *sources)
    assert np.array_equal(np.asarray(got.value), [[11.0]])


def test_a_class_in_a_notebook_is_driven_as_one_in_a_module() -> None:
    cells = notebook("import numpy as np", LAYER.cells[0])
    got = one(asked("Layer.forward", "layer_forward", X, W), cells)
    assert isinstance(got.value, dict)
    assert np.array_equal(np.asarray(got.value["Y"]), [[11.0]])


# --------------------------------------------------------------------------------------------------------------
# Known-good parts

TWICE = module(LAYER.cells[0].replace("X @ self.W", "2 * X @ self.W"), "net/layer.py")
BROKEN = module("class Layer:\n    def __init__(self, n): raise ValueError", "net/layer.py")
PARTS: dict[str, Any] = {"parts": (LAYER,), "replaced": ("Layer",)}


@pytest.mark.parametrize("wrong", [TWICE, BROKEN])
def test_a_good_part_takes_the_place_of_the_students_wherever_it_was_imported(wrong: Source) -> None:
    call = asked("Net.run", "net_run", X, W, uses=("Net",))
    own, with_good = one(call, wrong, NET), one(call, wrong, NET, **PARTS)
    assert own.ending is Ending.RAISED or not np.array_equal(np.asarray(own.value), [[11.0]])
    assert np.array_equal(np.asarray(with_good.value), [[11.0]])


def test_a_good_part_stands_in_for_one_that_was_never_written_in_the_same_file() -> None:
    alone = module(NET.cells[0].replace("from .layer import Layer", ""), "net.py")
    call = asked("Net.run", "net_run", X, W, uses=("Net", "Layer"))
    assert one(call, alone).ending is Ending.ABSENT
    # The file itself still does not know the name: what it reads is not there.
    assert one(call, alone, **PARTS).ending is Ending.RAISED
    # Where it comes from a file of its own that defines it wrongly, it is replaced.
    assert np.array_equal(np.asarray(one(call, TWICE, NET, **PARTS).value), [[11.0]])


WHOLE = module(
    """
    from functools import partial

    def _times(X, W):
        return X @ W
    times = lambda X, W: _times(X, W)
    class Base:
        multiply = staticmethod(times)
    class Layer(Base):
        def __init__(self, n):
            self.W = None
        def forward(self, X):
            return self.multiply(X, self.W)
    class Net:
        def __init__(self, W):
            self.layer = Layer(1)
            self.layer.W = W
        def run(self, X):
            return self.layer.forward(X)
    REGISTRY = {"net": Net, "run": partial(Net.run)}
    """,
    "whole.py",
)


@pytest.mark.parametrize(
    "way",
    [
        "good.__globals__['Net']",
        "good.__globals__['REGISTRY']['net']",
        "next(o for o in gc.get_objects() if isinstance(o, type) and o.__module__ == 'whole' and o.__name__ == 'Net')",
        "run_text(''.join(linecache.getlines('whole.py')))",
        "run_text(job_above(sys._getframe())['parts'][0]['cells'][0])",
    ],
)
def test_from_a_good_part_no_way_leads_to_the_answers_to_the_composition(way: str) -> None:
    thief = module(
        f"""
        import gc, linecache, sys
        class Layer:
            pass
        def run_text(text):
            names = {{}}
            exec(text, names)
            return names["Net"]
        def job_above(frame):
            while not hasattr(frame.f_locals.get("self"), "_job"):
                frame = frame.f_back
            return frame.f_locals["self"]._job
        class Net:
            def __init__(self, W):
                self.W = W
            def run(self, X):
                good = Layer.forward
                return {way}(self.W).run(X)
        """,
        "net.py",
    )
    call = asked("Net.run", "net_run", X, W, uses=("Net", "Layer"))
    got = one(call, thief, parts=(WHOLE,), replaced=("Layer",))
    assert got.ending is Ending.RAISED
    assert got.error is not None
    assert got.error.type_name in {"KeyError", "StopIteration", "IndexError"}


def test_a_good_part_has_all_that_it_is_built_of() -> None:
    call = asked("Net.run", "net_run", X, W, uses=("Net", "Layer"))
    got = one(call, TWICE, NET, parts=(WHOLE,), replaced=("Layer",))
    assert np.array_equal(np.asarray(got.value), [[11.0]])


def test_the_modules_of_good_parts_are_gone_before_the_students_files_are_loaded() -> None:
    """Or a student's `from net.layer import Layer` would find the solution."""
    spy = module(
        """
        import sys
        FOUND = sorted(name for name in sys.modules if name.startswith("net"))
        class Net:
            def __init__(self, W): pass
            def run(self, X): return FOUND
        """,
        "spy.py",
    )
    got = one(asked("Net.run", "net_run", X, W, uses=("Net",)), spy, **PARTS)
    assert got.value == []

"""Short ways to make jobs of tiny sources."""

from __future__ import annotations

import atexit
import textwrap
from functools import cache
from typing import Any

from msgspec.structs import replace

from grader.model import Call, CallResult, Job, Limits, RunOutcome, Source
from grader.sandbox import Runner

QUICK = Limits(call_cpu_s=0.3, submission_cpu_s=2.0, memory_mib=256)


@cache
def shared_runner() -> Runner:
    """Give the runner that all tests share: starting one takes longer than most tests."""
    runner = Runner()
    atexit.register(runner.close)
    return runner


def run(job: Job) -> RunOutcome:
    return shared_runner().run(job)


def module(text: str, name: str = "alice.py") -> Source:
    return Source(name=name, cells=(textwrap.dedent(text),))


def notebook(*cells: str, name: str = "alice.ipynb") -> Source:
    return Source(name=name, cells=tuple(textwrap.dedent(cell) for cell in cells), is_notebook=True)


def call(function: str, *arguments: Any, attributes: tuple[str, ...] = ()) -> Call:
    return Call(key=f"case/{function}", function=function, arguments=arguments, attributes=attributes)


def job(*sources: Source, calls: tuple[Call, ...] = (), limits: Limits = QUICK, **changes: Any) -> Job:
    functions = tuple(dict.fromkeys(one.function for one in calls))
    return replace(Job(sources=sources, functions=functions, calls=calls, limits=limits), **changes)


def outcome(text: str, *calls: Call, limits: Limits = QUICK) -> RunOutcome:
    return run(job(module(text), calls=calls, limits=limits))


def result(
    text: str, *arguments: Any, limits: Limits = QUICK, attributes: tuple[str, ...] = ()
) -> CallResult:
    """Call `f` of a module once."""
    return outcome(text, call("f", *arguments, attributes=attributes), limits=limits).calls[0]

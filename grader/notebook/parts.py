"""Puts known-good parts in the place of the student's for as long as some calls take, and takes them out again."""

from __future__ import annotations

import contextlib
import sys
import sysconfig
from collections.abc import Callable, Iterator, Sequence

from grader.model import Job
from grader.sandbox.collecting import known_good, put_in
from grader.sandbox.loader import UNNAMED_PACKAGE

Functions = dict[str, Callable[..., object]]


@contextlib.contextmanager
def known_good_parts(
    job: Job, functions: Functions, dictionaries: Sequence[dict[str, object]]
) -> Iterator[None]:
    """Have the known-good parts of a job in the place of the student's.

    Parameters
    ----------
    job : Job
        One without parts changes nothing.
    functions : dict of str to callable
        What can be called; the parts join it.
    dictionaries : sequence of dict
        Where the student's code looks its names up; as before at the end.
    """
    if not job.parts:
        yield
        return
    good = _loaded(job)
    before = [(names, dict(names)) for names in dictionaries]
    try:
        put_in(good, functions, dictionaries)
        yield
    finally:
        ours = {id(part) for part in good.values()}
        for names, old in before:
            # Only what we put there: a function may have set other names meanwhile.
            names.update({name: value for name, value in old.items() if id(names.get(name)) in ours})


def _loaded(job: Job) -> Functions:
    tops = {source.name.partition("/")[0].removesuffix(".py") for source in job.parts}
    with _hidden({*tops, UNNAMED_PACKAGE}):
        return known_good(
            [{"name": source.name, "cells": source.cells} for source in job.parts],
            job.replaced,
            imports=job.limits.imports,
            trusted_folders=[
                sysconfig.get_path(kind) for kind in ("stdlib", "platstdlib", "purelib", "platlib")
            ],
        )


@contextlib.contextmanager
def _hidden(tops: set[str]) -> Iterator[None]:
    """Hide the modules of some packages: the student's often have the names of ours."""
    hidden = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in tops}
    for name in hidden:
        del sys.modules[name]
    try:
        yield
    finally:
        sys.modules.update(hidden)

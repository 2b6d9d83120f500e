"""Runs a small submission of our own in the warm process, so that its children find the interpreter warmed up.

The first calls of a function are the slow ones: the interpreter looks names up and then remembers them, and it rewrites
code for the types it met. A child would do so anew, and copy each page of memory that it writes this to.
"""

from __future__ import annotations

import builtins
import linecache
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from grader.sandbox import wire
from grader.sandbox.channel import Channel
from grader.sandbox.planned import read_calls
from grader.sandbox.session import perform

_TIMES = 12
"""Python 3.11 rewrites the code of a function at its eighth call, and looks at the types once more after that."""
_NAME = "rehearsal.py"
_TEXT = '''"""Gradients of a small network."""
import numpy as np

RATE = 0.5


class Layer:
    """One layer."""

    def __init__(self, w=1.0):
        self.w = w


def forward(x, w0, w1=0.5, *, b=0.0):
    """Forward pass."""
    z0 = w0 * x + b  # hidden
    h0 = max(0.0, z0) if z0 < 1e9 else np.maximum(0, z0)
    values = {"z0": z0, "h0": h0, "z1": w1 * h0 + Layer().w}
    for name, value in values.items():
        values[name] = float(value)
    return values


def update(weights, gradients):
    new = dict(weights)
    for name in [key for key in gradients if key in new]:
        new[name + "_new"] = np.float64(new[name]) - RATE * gradients[name]
    return new


def loss(x, y):
    print("loss")
    return 0.5 * (x - y) ** 2, np.exp(x), [x, y], np.array([x, y])


def broken(x):
    raise ValueError(f"not {x}")
'''
_NUMBER = ["f", "0x1.8p+1"]
_WEIGHTS = ["d", [["w0", _NUMBER], ["w1", _NUMBER]]]
_ARGUMENTS: Mapping[str, Sequence[object]] = {
    "forward": [_NUMBER, _NUMBER],
    "update": [_WEIGHTS, _WEIGHTS],
    "loss": [_NUMBER, _NUMBER],
    "broken": [_NUMBER],
}
JOB: Mapping[str, Any] = {
    "sources": [{"name": _NAME, "cells": [_TEXT], "is_notebook": False}],
    "parts": [],
    "replaced": [],
    "functions": [*_ARGUMENTS, "absent"],
    "remaining": [*range(len(_ARGUMENTS))],
    "eager": False,
    "imports": ["numpy"],
    "memory_mib": 64,
    "total_cpu_s": 1.0,
    "load_cpu_s": 1.0,
    "call_cpu_s": 1.0,
    "output_characters": 1000,
}
"""As `grader.sandbox.job_frames` writes one."""
CALLS: Mapping[str, Any] = {
    "calls": [
        {
            "index": index,
            "function": name,
            "needed": [name],
            "collector": "",
            "attributes": ["w"],
            "arguments": ["t", arguments],
            "start": 0,
            "end": 0,
        }
        for index, (name, arguments) in enumerate(_ARGUMENTS.items())
    ],
    "collect": "",
}
"""As `grader.sandbox.job_frames` writes them."""


class _NoClock:
    """Limits nothing: the code is our own."""

    def allow(self, seconds: float) -> None:
        """Do nothing."""


def rehearse(*, trusted_folders: Sequence[str], mark: Callable[[int], None]) -> None:
    """Run the small submission a few times, and leave everything as it was.

    Parameters
    ----------
    trusted_folders : sequence of str
        Where the interpreter and its packages lie.
    mark : callable
        As for `grader.sandbox.session.serve`.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    before = (builtins.input, sys.argv, sys.stdout, sys.stderr)
    finders, modules = list(sys.meta_path), set(sys.modules)
    try:
        for _ in range(_TIMES):
            _run_once(nowhere, trusted_folders, mark)
            sys.meta_path[:] = finders
            for name in set(sys.modules) - modules:
                del sys.modules[name]
    finally:
        builtins.input, sys.argv, sys.stdout, sys.stderr = before
        linecache.clearcache()
        os.close(nowhere)


def _run_once(nowhere: int, trusted_folders: Sequence[str], mark: Callable[[int], None]) -> None:
    """Run it from the bytes of its frames on, as a child does."""
    [calls, job] = wire.own_frames(wire.encode_frame(CALLS) + wire.encode_frame(JOB))
    perform(
        job.header,
        read_calls(calls),
        channel=Channel(nowhere),
        clock=_NoClock(),
        trusted_folders=trusted_folders,
        mark=mark,
    )

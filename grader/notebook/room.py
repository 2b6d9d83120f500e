"""Keeps the notebook as it was while its functions are called: what they print, show, ask for and draw at random."""

from __future__ import annotations

import builtins
import contextlib
import random
import sys
from collections.abc import Iterator

import numpy as np

from grader.sandbox.printing import Printed
from grader.sandbox.session import no_input


class FloodError(BaseException):
    """More was printed than is taken; no `except Exception` of the student's is to catch it."""


def flooded() -> None:
    """End a call that prints without end.

    Raises
    ------
    FloodError
        Always.
    """
    raise FloodError


@contextlib.contextmanager
def kept_as_it_was(printed: Printed) -> Iterator[None]:
    """Take what is printed and shown, refuse questions at the keyboard, and put the generators of chance back afterwards.

    Parameters
    ----------
    printed : Printed
        Takes what is printed.
    """
    asked, chance, numpy_chance = builtins.input, random.getstate(), np.random.get_state()  # noqa: NPY002  (the student's)
    builtins.input = no_input
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed), _nothing_shown():
            yield
    finally:
        builtins.input = asked
        random.setstate(chance)
        np.random.set_state(numpy_chance)  # noqa: NPY002


def _nothing_shown() -> contextlib.AbstractContextManager[object]:
    """Keep pictures and tables that functions show out of the notebook: each is called on many cases."""
    if "IPython" not in sys.modules:
        return contextlib.nullcontext()
    from IPython.utils.capture import capture_output  # noqa: PLC0415  (only where there is a notebook)

    shown: contextlib.AbstractContextManager[object] = capture_output(
        stdout=False, stderr=False, display=True
    )
    return shown

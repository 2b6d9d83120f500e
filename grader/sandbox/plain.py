"""The child's side on a system without signals and limits: says in time where it is, and does not outlive the grader for long."""

from __future__ import annotations

import faulthandler
import os
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from grader.sandbox.patience import wall_s

_BEFORE_S = 0.2
"""So long before the grader stops waiting, the process says at which line it is."""
_AFTER_S = 5.0
"""So long after that nobody is waiting any more."""


def take_results_channel() -> int:
    """Take the standard output for frames, and let it lead to the error output from now on.

    Returns
    -------
    int
        Descriptor for the frames.
    """
    channel = os.dup(1)
    os.dup2(2, 1)
    return channel


def watch(job: Mapping[str, Any]) -> WallClock:
    """Have this process end some time after the grader stops waiting: one that was killed can end nobody.

    Parameters
    ----------
    job : mapping
        Header of the job's frame: `total_cpu_s`.

    Returns
    -------
    WallClock
    """
    faulthandler.enable(file=2, all_threads=False)
    ending = (wall_s(job["total_cpu_s"]) + _AFTER_S, time.sleep, os._exit)
    threading.Thread(target=_end_after, args=ending, daemon=True).start()
    return WallClock()


def _end_after(seconds: float, sleep: Callable[[float], None], leave: Callable[[int], NoReturn]) -> None:
    """End the process; both functions were taken before student code could patch them."""
    sleep(seconds)
    leave(1)


class WallClock:
    """Limits nothing, for that is the grader's part; before its patience ends, says where the step is.

    A thread of the interpreter writes it, which needs no signal and waits for no line of Python to end.
    """

    def allow(self, seconds: float) -> None:
        """Start a step.

        Parameters
        ----------
        seconds : float
            CPU seconds that it should take at most.
        """
        faulthandler.dump_traceback_later(wall_s(seconds) - _BEFORE_S, file=2)

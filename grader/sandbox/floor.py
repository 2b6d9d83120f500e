"""Measures what a job without any code costs, so that a submission is charged for its own work alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from grader.model import Job, Limits, Source
from grader.sandbox.account import Account
from grader.sandbox.attempt import Cause, Follower
from grader.sandbox.job_frames import calls_frame, job_frame
from grader.sandbox.process import BrokenError, Exit

if TYPE_CHECKING:
    from grader.sandbox.warm import WarmProcess

RUNS = 3
"""Empty jobs that are measured, an odd number."""
_PATIENCE_S = 60.0


class Floor(Struct, frozen=True, kw_only=True):
    """What the empty job takes: of every measured job it is taken off."""

    cpu_s: float
    peak_memory_mib: float

    def below(self, ended: Exit) -> Exit:
        """Take it off what a job took.

        Parameters
        ----------
        ended : Exit

        Returns
        -------
        Exit
            Never below zero: a millisecond and a MiB more or less are noise.
        """
        return Exit(
            signal_number=ended.signal_number,
            exit_code=ended.exit_code,
            cpu_s=max(0.0, ended.cpu_s - self.cpu_s),
            peak_memory_mib=max(0.0, ended.peak_memory_mib - self.peak_memory_mib),
        )


NO_FLOOR = Floor(cpu_s=0.0, peak_memory_mib=0.0)
"""For processes that start afresh: what the interpreter and NumPy take is in their numbers."""


def measure_floor(warm: WarmProcess, runs: int = RUNS) -> Floor:
    """Run the empty job a few times.

    Parameters
    ----------
    warm : WarmProcess
    runs : int
        How often, an odd number.

    Returns
    -------
    Floor
        Medians.

    Raises
    ------
    BrokenError
        When not even the empty job comes to its end; with what it said.
    """
    ended = [_run_empty(warm) for _ in range(runs)]
    return Floor(
        cpu_s=sorted(one.cpu_s for one in ended)[runs // 2],
        peak_memory_mib=sorted(one.peak_memory_mib for one in ended)[runs // 2],
    )


def _run_empty(warm: WarmProcess) -> Exit:
    limits = Limits()
    job = Job(sources=(Source(name="empty.py", cells=("",)),), functions=(), calls=(), limits=limits)
    account = Account(job=job, isolation="")
    attempt = account.new_attempt()
    own = job_frame(job, remaining=(), cpu_left_s=limits.submission_cpu_s, characters_left=0, eager=False)
    child = warm.fork(calls_frame(()), own)
    try:
        cause = Follower(
            child,
            attempt,
            wall_left_s=_PATIENCE_S,
            cpu_left_s=_PATIENCE_S,
            bytes_left=account.bytes_left,
        ).follow()
        child.wait(_PATIENCE_S)  # it is on its way out: killed now, its last millisecond would be missing
    finally:
        ended = child.close()
    if cause is not Cause.ENDED:
        said = attempt.raw.decode("utf-8", "replace").strip()[-300:]
        raise BrokenError(f"the empty job did not come to its end: {said or cause.value}")
    return ended

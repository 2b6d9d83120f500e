"""Says how a process ended, in the words of what was under way in it."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from grader.model import Ending, Job
from grader.sandbox import messages
from grader.sandbox.attempt import Attempt, Cause
from grader.sandbox.patience import wall_s
from grader.sandbox.process import Exit

_SEEN_LATE_S = 0.1
"""A step may have begun so much CPU time before we saw it."""
_KERNEL_SHARE = 0.85
"""A kill from outside after this share of the CPU time is the kernel's limit on it."""


class ProcessEnd(Struct, frozen=True, kw_only=True):
    """How a process ended, for what was under way."""

    job: Job
    cause: Cause
    ended: Exit
    attempt: Attempt
    where: str
    """Line at which it ended, ready to be put into a sentence."""
    is_spent: bool
    """Whether the CPU time of the submission is used up."""

    def say(self, what: str) -> tuple[Ending, str]:
        """Give the ending and the sentence for a thing that was under way.

        Parameters
        ----------
        what : str
            It, as the sentence is to name it.

        Returns
        -------
        ending : Ending
        sentence : str
        """
        for holds, ending, sentence in self._table(what):
            if holds:
                return ending, sentence()
        raise AssertionError("the last row always holds")

    def _table(self, what: str) -> list[tuple[bool, Ending, Callable[[], str]]]:
        ended, where = self.ended, self.where
        by_limit = (
            self.cause is Cause.CPU
            or ended.signal_name in {"SIGPROF", "SIGXCPU"}
            or (
                ended.signal_name == "SIGKILL"
                and self.attempt.ended_itself
                and ended.cpu_s >= _KERNEL_SHARE * self.job.limits.submission_cpu_s
            )
        )
        loading = self.attempt.loaded is None
        cpu_s = self.job.limits.load_cpu_s if loading else self.job.limits.call_cpu_s
        lost = self.cause is Cause.GARBAGE or not self.attempt.ended_itself
        total_s = self.job.limits.submission_cpu_s
        return [
            (self.cause is Cause.OUTPUT, Ending.OUTPUT, lambda: messages.output(what)),
            (
                self.cause is Cause.WALL and self.attempt.is_deadline,
                Ending.TIMEOUT,
                lambda: messages.stopped_with_all(messages.total_wall(wall_s(total_s)), what, where),
            ),
            (
                self.cause is Cause.WALL,
                Ending.TIMEOUT,
                lambda: messages.wall(what, wall_s(cpu_s), where),
            ),
            (
                by_limit and self._is_total(cpu_s),
                Ending.TIMEOUT,
                lambda: messages.stopped_with_all(messages.total_cpu(total_s), what, where),
            ),
            (by_limit, Ending.TIMEOUT, lambda: messages.cpu(what, cpu_s, where)),
            (lost, Ending.KILLED, lambda: messages.channel(what)),
            (
                True,
                Ending.KILLED,
                lambda: (
                    messages.killed(what, signal_number=ended.signal_number, exit_code=ended.exit_code)
                    + where
                ),
            ),
        ]

    def _is_total(self, step_cpu_s: float) -> bool:
        """Say whether the time of all steps was used up, before that of the last one was."""
        start_s = self.attempt.step_cpu_start_s
        if start_s is None:
            return self.is_spent and step_cpu_s < self.job.limits.submission_cpu_s
        return self.is_spent and self.ended.cpu_s - start_s < step_cpu_s - _SEEN_LATE_S

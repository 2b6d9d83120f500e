"""Runs the code of one submission apart from the grader, and says what came of every call."""

from __future__ import annotations

import contextlib
import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

from grader.levels import Level
from grader.model import Ending, Job, RunOutcome
from grader.sandbox.account import Account
from grader.sandbox.attempt import Follower
from grader.sandbox.choice import assumed_isolation, choose_isolation
from grader.sandbox.floor import NO_FLOOR, RUNS, Floor, measure_floor
from grader.sandbox.isolation import Isolation
from grader.sandbox.job_frames import Plans, job_frame
from grader.sandbox.launch import Flavour, Launch
from grader.sandbox.portable import PlainProcess
from grader.sandbox.process import BrokenError, Child, ChildProcess

if sys.platform == "linux":
    from grader.sandbox.linux.process import hide_memory
if TYPE_CHECKING:
    from grader.sandbox.warm import WarmProcess


class Runner:
    """Runs jobs one after the other, each in a process of its own, behind the walls of one isolation level.

    Leaving it as a context manager, or `close` from any thread or a signal handler, kills what runs.

    Parameters
    ----------
    isolation : Isolation or None
        What surrounds student code, from `choose_isolation`; None to choose here.
    """

    def __init__(self, isolation: Isolation | None = None) -> None:
        self.isolation = choose_isolation() if isolation is None else isolation
        self._warm: dict[Flavour, WarmProcess] = {}
        self._floors: dict[Flavour, Floor] = {}
        self._child: Child | None = None
        self._ahead: tuple[Job, Child] | None = None
        self._plans = Plans()
        self._closed = False
        if sys.platform == "linux":
            # Student code may run as the same user, and the grader's memory holds the expected values.
            with contextlib.suppress(OSError):
                hide_memory()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Kill all that runs; a job under way and later ones end with a fault."""
        self._closed = True
        if self._child is not None:
            self._child.kill()
        self._give_up()
        self._drop_warm()

    def _drop_warm(self) -> None:
        # One by one: another thread may be closing too, or putting in what it has just started.
        while self._warm:
            with contextlib.suppress(KeyError):
                self._warm.popitem()[1].close()

    def run(self, job: Job) -> RunOutcome:
        """Run the code of one submission.

        Parameters
        ----------
        job : Job
            Sources, calls and limits.

        Returns
        -------
        RunOutcome
            One result per call, whatever the code did. Breakage of our own has the ending `fault`.

        Raises
        ------
        KeyboardInterrupt
            When it came in; no child is left behind.
        """
        try:
            try:
                return self._run(job)
            except BrokenError:
                # The warm process is gone, and no submission can do that: something on this machine did. Once more, with a new one.
                return self._run(job)
        except Exception as error:  # noqa: BLE001  (the edge: our own breakage is a value)
            return self._fault(job, error)

    @classmethod
    def for_own_code(cls, likely: Flavour) -> Self:
        """Give a runner for jobs of one's own, behind the usual walls; what it runs them in begins to start at once.

        Parameters
        ----------
        likely : Flavour
            What the first job probably needs loaded; `settle` before it.

        Returns
        -------
        Runner
        """
        assumed = assumed_isolation()
        runner = cls(assumed)
        if assumed is not None:
            with contextlib.suppress(OSError):  # it is tried again, and told, by `settle`
                runner._start_warm(likely)
        return runner

    def settle(self, job: Job) -> None:
        """Wait until a job of one's own can be run; where the usual walls do not hold, take those that do.

        Parameters
        ----------
        job : Job
            What it needs loaded may be other than was likely.
        """
        if not self.isolation.warm:
            return
        for unlikely in self._warm.keys() - {flavour_of(job)}:
            self._warm.pop(unlikely).close()
        try:
            # One empty job shows that all holds, and is floor enough for one student's numbers.
            self._warm_for(job, floor_runs=1)
        except OSError:
            self._drop_warm()
            self.isolation = choose_isolation()

    def prepare(self, job: Job) -> None:
        """Have a job begin before it is its turn; `run` with an equal job goes on from there.

        Parameters
        ----------
        job : Job
            Nothing happens where jobs are not forked. One job at a time waits like this; an earlier one is given up.

        Raises
        ------
        OSError
            When it cannot begin; `run` will say why.
        """
        self._give_up()
        if self.isolation.warm and not self._closed:
            account = Account(job=job, isolation=self.isolation.level.value)
            self._ahead = (job, self._start(job, *self._frames(account)))
            self._child = None

    def _give_up(self) -> None:
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            with contextlib.suppress(BrokenError):
                ahead[1].close()

    def _fault(self, job: Job, error: Exception) -> RunOutcome:
        account = Account(job=job, isolation=self.isolation.level.value)
        text = (
            "the run was stopped" if self._closed else f"the sandbox broke: {type(error).__name__}: {error}"
        )
        account.fail(Ending.FAULT, text[:500])
        return account.outcome()

    def _run(self, job: Job) -> RunOutcome:
        account = Account(job=job, isolation=self.isolation.level.value)
        while account.goes_on():
            self._attempt(account)
        return account.outcome()

    def _attempt(self, account: Account) -> None:
        attempt = account.new_attempt()
        child = self._begun(account) or self._start(account.job, *self._frames(account))
        try:
            follower = Follower(
                child,
                attempt,
                wall_left_s=account.wall_left_s,
                cpu_left_s=account.cpu_left_s,
                bytes_left=account.bytes_left,
                memory=self._plans.of(account.job).memory,
            )
            cause = follower.follow()
        finally:
            self._child = None
            ended = child.close()
        if self._closed:
            account.fail(Ending.FAULT, "the run was stopped")
        else:
            account.add(attempt, cause, self._floors.get(flavour_of(account.job), NO_FLOOR).below(ended))

    def _begun(self, account: Account) -> Child | None:
        """Give the child in which a job has begun already."""
        ahead = self._ahead
        if ahead is None:
            return None
        if account.attempts > 1 or ahead[0] != account.job:
            self._give_up()
            return None
        self._ahead = None
        self._child = ahead[1]
        return self._child

    def _frames(self, account: Account) -> tuple[bytes, bytes]:
        own = job_frame(
            account.job,
            remaining=account.remaining(),
            cpu_left_s=account.cpu_left_s,
            characters_left=account.characters_left,
            eager=account.attempts > 1,
        )
        return self._plans.of(account.job).frame, own

    def _start(self, job: Job, calls: bytes, own: bytes) -> Child:
        if not self._closed and self.isolation.warm:
            self._child = self._warm_for(job).fork(calls, own)
        elif not self._closed:
            kind = ChildProcess if self.isolation.level is Level.LIMITS else PlainProcess
            self._child = kind(calls + own, imports=job.limits.imports, shell=flavour_of(job).shell)
        if self._closed or self._child is None:
            self.close()  # once more: what was started since is not in what was closed
            raise BrokenError("the run was stopped")
        return self._child

    def _warm_for(self, job: Job, *, floor_runs: int = RUNS) -> WarmProcess:
        """Give a warm process with what a job needs loaded; a worn or broken one is replaced first."""
        flavour = flavour_of(job)
        warm = self._warm.get(flavour)
        if warm is not None and flavour in self._floors and warm.worn:
            self._warm.pop(flavour).close()
            del self._floors[flavour]
            warm = None
        if warm is None:
            warm = self._start_warm(flavour)
        if flavour not in self._floors:
            try:
                warm.wait_until_ready()
                self._floors[flavour] = measure_floor(warm, floor_runs)
            except BaseException:
                self._warm.pop(flavour, None)
                warm.close()
                raise
        return warm

    def _start_warm(self, flavour: Flavour) -> WarmProcess:
        from grader.sandbox.warm import WarmProcess  # noqa: PLC0415  (its imports exist on Linux only)

        warm = self._warm[flavour] = WarmProcess(Launch(isolation=self.isolation, flavour=flavour))
        return warm


def flavour_of(job: Job) -> Flavour:
    """Return what a job needs loaded."""
    return Flavour(imports=job.limits.imports, shell=any(source.is_notebook for source in job.sources))

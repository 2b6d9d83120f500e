"""Runs the code of one submission apart from the grader, and says what came of every call."""

from __future__ import annotations

import os
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn, Self

from grader.model import Ending, Job, RunOutcome
from grader.sandbox import wire
from grader.sandbox.account import Account, load_cpu_s
from grader.sandbox.attempt import Follower
from grader.sandbox.choice import choose_isolation
from grader.sandbox.decode import decode_value
from grader.sandbox.encode import encode_value
from grader.sandbox.isolation import Isolation
from grader.sandbox.launch import Flavour, Launch
from grader.sandbox.process import BrokenError, Child, ChildProcess

if TYPE_CHECKING:
    from grader.sandbox.warm import WarmProcess


def level() -> str:
    """Say which isolation is in force here."""
    return choose_isolation().level.value


def run(job: Job) -> RunOutcome:
    """Run one job in a runner of its own; see `Runner.run`."""
    with Runner() as runner:
        return runner.run(job)


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
        self._child: Child | None = None
        self._closed = False
        if os.name == "posix":
            from grader.sandbox.limits import hide_memory  # noqa: PLC0415  (its imports exist on POSIX only)

            # Student code may run as the same user, and the grader's memory holds the expected values.
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
        for warm in self._warm.values():
            warm.close()
        self._warm.clear()

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
        frame = _job_frame(account.job, account.remaining(), account.cpu_left_s, account.characters_left)
        child = self._start(account.job, frame)
        try:
            follower = Follower(child, attempt, deadline=account.deadline, cpu_left_s=account.cpu_left_s)
            cause = follower.follow()
        finally:
            self._child = None
            ended = child.close()
        if self._closed:
            account.fail(Ending.FAULT, "the run was stopped")
        else:
            account.add(attempt, cause, ended)

    def _start(self, job: Job, frame: bytes) -> Child:
        if self._closed:
            raise BrokenError("the run was stopped")
        if self.isolation.warm:
            self._child = self._warm_for(job).fork(frame)
        else:
            self._child = ChildProcess(frame, imports=job.limits.imports, shell=_needs_shell(job))
        return self._child

    def _warm_for(self, job: Job) -> WarmProcess:
        """Give a warm process with what a job needs loaded; a worn or broken one is replaced first."""
        from grader.sandbox.warm import WarmProcess  # noqa: PLC0415  (its imports exist on Linux only)

        flavour = Flavour(imports=job.limits.imports, shell=_needs_shell(job))
        warm = self._warm.get(flavour)
        if warm is not None and warm.worn:
            warm.close()
            warm = None
        if warm is None:
            warm = self._warm[flavour] = WarmProcess(Launch(isolation=self.isolation, flavour=flavour))
        return warm


def _needs_shell(job: Job) -> bool:
    return any(source.is_notebook for source in job.sources)


def _job_frame(job: Job, remaining: Sequence[int], cpu_left_s: float, characters_left: int) -> bytes:
    """Write what the child reads: keys of calls, which tell drawn cases from the worked one, stay here."""
    calls: list[dict[str, object]] = []
    blobs: list[bytes] = []
    end = 0
    for index in remaining:
        call = job.calls[index]
        tree, blob = encode_value(call.arguments)
        decode_value(tree, blob, opaque=_refuse_argument)
        blobs.append(blob)
        start, end = end, end + len(blob)
        fields = {"index": index, "function": call.function, "attributes": call.attributes}
        calls.append({**fields, "arguments": tree, "start": start, "end": end})
    limits = job.limits
    header = {
        "sources": [
            {"name": source.name, "cells": source.cells, "is_notebook": source.is_notebook}
            for source in job.sources
        ],
        "functions": job.functions,
        "calls": calls,
        "imports": limits.imports,
        "memory_mib": limits.memory_mib,
        "total_cpu_s": cpu_left_s,
        "load_cpu_s": load_cpu_s(job),
        "call_cpu_s": limits.call_cpu_s,
        "output_characters": characters_left,
    }
    return wire.encode_frame(header, b"".join(blobs))


def _refuse_argument(type_name: str, reason: str) -> NoReturn:
    raise TypeError(f"an argument of type {type_name} cannot be sent: it is {reason}")

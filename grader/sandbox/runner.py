"""Runs the code of one submission apart from the grader, and says what came of every call."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import NoReturn, Self

from grader.model import Ending, Job, RunOutcome
from grader.sandbox import wire
from grader.sandbox.account import Account, load_cpu_s
from grader.sandbox.attempt import Follower
from grader.sandbox.decode import decode_value
from grader.sandbox.encode import encode_value
from grader.sandbox.process import ChildProcess


def level() -> str:
    """Say which isolation is in force here.

    Returns
    -------
    str
        `limits`: an own session with a bare environment, limits on CPU, memory, files and output. `process`: none.
    """
    return "limits" if os.name == "posix" else "process"


def run(job: Job) -> RunOutcome:
    """Run one job in a runner of its own; see `Runner.run`."""
    with Runner() as runner:
        return runner.run(job)


class Runner:
    """Runs jobs, each in its own process; several threads may use one runner at once.

    Leaving it as a context manager, or `close` from any thread, kills what runs.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._children: set[ChildProcess] = set()
        self._closed = False
        if os.name == "posix":
            from grader.sandbox.limits import hide_memory  # noqa: PLC0415  (its imports exist on POSIX only)

            # Student code runs as the same user, and the grader's memory holds the expected values.
            hide_memory()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Kill all that runs; jobs under way and later ones end with a fault."""
        with self._lock:
            self._closed = True
            for child in self._children:
                child.kill()

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
        account = Account(job=job, isolation=level())
        try:
            self._run(account)
        except Exception as error:  # noqa: BLE001  (the edge: our own breakage is a value)
            account.fail(Ending.FAULT, f"the sandbox broke: {type(error).__name__}: {error}"[:500])
        return account.outcome()

    def _run(self, account: Account) -> None:
        if os.name != "posix":
            account.fail(Ending.FAULT, "student code runs on Linux and macOS only")
            return
        while account.goes_on():
            self._attempt(account)

    def _attempt(self, account: Account) -> None:
        attempt = account.new_attempt()
        frame = _job_frame(account.job, account.remaining(), account.cpu_left_s, account.characters_left)
        child: ChildProcess | None = None
        try:
            child = ChildProcess(frame, imports=account.job.limits.imports)
            self._enlist(child)
            cause = Follower(child, attempt, deadline=account.deadline).follow()
        finally:
            if child is not None:
                ended = child.close()
                with self._lock:
                    self._children.discard(child)
        if self._closed:
            account.fail(Ending.FAULT, "the run was stopped")
        else:
            account.add(attempt, cause, ended)

    def _enlist(self, child: ChildProcess) -> None:
        with self._lock:
            self._children.add(child)
            if self._closed:
                child.kill()


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

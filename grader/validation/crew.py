"""Feeds tasks to worker processes and gathers what comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import msgspec
from msgspec import Struct

from grader.errors import SandboxFaultError
from grader.validation.tasks import Task
from grader.workers import Workers

POLL_S = 0.1
_T = TypeVar("_T")


class Crew(Struct, frozen=True, kw_only=True):
    """Workers, and who hears how far they are."""

    workers: Workers
    on_progress: Callable[[str, int, int], None]
    """Called with what is being done, how many tasks are done, and of how many."""

    def do(self, what: str, tasks: Sequence[Task], kind: type[_T]) -> list[_T]:
        """Have tasks done.

        Parameters
        ----------
        what : str
            For people who wait: `mutants`.
        tasks : sequence of Task
        kind : type
            Of each result.

        Returns
        -------
        list
            In the order of the tasks.

        Raises
        ------
        SandboxFaultError
            Where two workers broke over one of them.
        """
        found = dict(self._answers(what, tasks, kind))
        return [found[number] for number in range(len(tasks))]

    def _answers(self, what: str, tasks: Sequence[Task], kind: type[_T]) -> Iterator[tuple[int, _T]]:
        waiting = list(enumerate(map(msgspec.json.encode, tasks)))[::-1]
        done = 0
        while done < len(tasks):
            while waiting and self.workers.has_room(len(waiting[-1][1])):
                self.workers.give(*waiting.pop())
            for answer in self.workers.answers(POLL_S):
                if answer.data is None:
                    raise SandboxFaultError(
                        f"{what}: a worker process {answer.why}",
                        remedy="run it again; if it comes back, report it",
                    )
                done += 1
                self.on_progress(what, done, len(tasks))
                yield answer.number, msgspec.json.decode(answer.data, type=kind)

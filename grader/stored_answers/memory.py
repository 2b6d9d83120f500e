"""Runs what must be run: a job whose answers are stored is answered from them."""

from __future__ import annotations

from collections.abc import Callable

from grader.model import Job, RunOutcome
from grader.stored_answers.keys import JobKeys
from grader.stored_answers.runs import StoredRun, packed, unpacked


class Remembering:
    """The runs of one submission, each either made or known from before.

    Parameters
    ----------
    run : callable
        Runs a job in the sandbox.
    keys : JobKeys
    stored : bytes or None
        What earlier runs of the submission gave, as `packed` wrote it.
    tell : callable, optional
        Hears of what takes long.
    """

    def __init__(
        self,
        run: Callable[[Job], RunOutcome],
        keys: JobKeys,
        stored: bytes | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self._run = run
        self._keys = keys
        self._before = unpacked(stored)
        self._tell = tell
        self._announced: list[str] = []
        self._outcomes: dict[bytes, RunOutcome] = {}
        self._made = 0

    def run(self, job: Job) -> RunOutcome:
        """Return what a job gives.

        Parameters
        ----------
        job : Job

        Returns
        -------
        RunOutcome
        """
        key = self._keys.of(job)
        outcome = _outcome(self._before.get(key), job)
        if outcome is None:
            self._say_what_was_announced()
            outcome = self._run(job)
            self._made += 1
        self._announced.clear()
        self._outcomes[key] = outcome
        return outcome

    def tell(self, text: str) -> None:
        """Hear what takes long, and pass it on only if it is run.

        Parameters
        ----------
        text : str
        """
        self._announced.append(text)

    def _say_what_was_announced(self) -> None:
        if self._tell is not None:
            for text in self._announced:
                self._tell(text)

    def without_stored(self) -> Remembering:
        """Return the same for a second try, in which everything is run."""
        return Remembering(self._run, self._keys, None, self._tell)

    @property
    def any_made(self) -> bool:
        """Whether code was run."""
        return self._made > 0

    @property
    def all_known(self) -> bool:
        """Whether something was asked for, and stored answers stood for all of it."""
        return bool(self._outcomes) and not self._made

    def to_store(self) -> bytes | None:
        """Return what is to be stored in the place of what is.

        Returns
        -------
        bytes or None
            None where nothing was run, so that what is stored stays; empty where what was run cannot be stored.
        """
        return packed(self._outcomes) if self._made else None


def _outcome(before: StoredRun | None, job: Job) -> RunOutcome | None:
    """Return what stored answers give; None where there are none, or they are damaged."""
    if before is None:
        return None
    try:
        return before.outcome(job)
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None

"""Names all that the answers of a run depend on, so that stored ones stand for a run only where it would give the same."""

from __future__ import annotations

import hashlib
import platform
import sys

import msgspec
import numpy as np

from grader import __version__
from grader.model import Job
from grader.sandbox.job_frames import calls_frame

SIZE = 16
"""Bytes of a key."""
_MOST_KEPT = 8
"""Sets of calls whose digest is kept: those of units, of compositions, of experiments."""
_IN_NOTEBOOKS = "ipython"


class JobKeys:
    """Gives every job a key: equal where student code, calls, limits and all that surrounds them are.

    Calls count all together, with their arguments and in their order: functions may remember, so that what one call gives
    can depend on those before it. Where one case changes, everything is run again.

    Parameters
    ----------
    level : str
        The isolation in force.
    """

    def __init__(self, level: str) -> None:
        self._surroundings = (level, __version__, sys.version, platform.machine(), np.__version__)
        self._versions: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._asked: dict[int, tuple[Job, bytes]] = {}
        """What is asked by the identity of the calls, which all submissions of a class share, with the last job that asked."""

    def of(self, job: Job) -> bytes:
        """Return the key of a job.

        Parameters
        ----------
        job : Job

        Returns
        -------
        bytes
            `SIZE` of them.
        """
        digest = hashlib.blake2b(self._asked_by(job), digest_size=SIZE)
        for source in job.sources:
            cells = (str(source.is_notebook), *map(str, source.places), source.name, *source.cells)
            _add(digest, *cells)
        if any(source.is_notebook for source in job.sources):
            _add(digest, *self._versions_of((_IN_NOTEBOOKS,)))
        return digest.digest()

    def _asked_by(self, job: Job) -> bytes:
        """Return the digest of all that submissions of a class share."""
        known = self._asked.pop(id(job.calls), None)
        if known is None or not _ask_the_same(known[0], job):
            known = (job, self._digest(job))
        self._asked[id(job.calls)] = known
        for oldest in list(self._asked)[:-_MOST_KEPT]:
            del self._asked[oldest]
        return known[1]

    def _digest(self, job: Job) -> bytes:
        limits = job.limits
        asked = (
            self._surroundings,
            self._versions_of(limits.imports),
            calls_frame(job.calls, job.collect),
            [call.key for call in job.calls],
            job.functions,
            [(source.name, source.cells) for source in job.parts],
            job.replaced,
            msgspec.to_builtins(limits),
        )
        return hashlib.blake2b(msgspec.msgpack.encode(asked), digest_size=SIZE).digest()

    def _versions_of(self, packages: tuple[str, ...]) -> tuple[str, ...]:
        """Return the versions of packages that student code may use; an empty text for one that is not installed."""
        if packages not in self._versions:
            self._versions[packages] = tuple(map(_version, packages))
        return self._versions[packages]


def _ask_the_same(one: Job, other: Job) -> bool:
    """Whether two jobs with the very same calls ask for the same otherwise."""
    return (one.functions, one.collect, one.limits, one.parts, one.replaced) == (
        other.functions, other.collect, other.limits, other.parts, other.replaced
    )  # fmt: skip


def _add(digest: hashlib.blake2b, *texts: str) -> None:
    """Add texts so that no others give the same; a name of a file may hold bytes that are no text."""
    for text in texts:
        data = text.encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(data))
        digest.update(data)


def _version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415  (slow to load, and some doors only show grades)

    try:
        return version(package)
    except PackageNotFoundError:
        return ""

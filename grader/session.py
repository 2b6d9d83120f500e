"""What all submissions of a class share: the cases, what is expected on them, and the jobs that ask for it."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from grader import secret
from grader.assignment import Assignment, Unit
from grader.cases import cases_of
from grader.conventions import check_conventions
from grader.marking.expectations import Expectations, expectations
from grader.model import Call, Job, Source, Submission
from grader.plan import calls

if TYPE_CHECKING:
    from grader.derivations import Points
    from grader.experiments import Experiment
    from grader.handout import Given


class Session(Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """What all submissions of a class share."""

    assignment: Assignment
    tables: tuple[Expectations, ...]
    """One per unit."""
    calls: tuple[Call, ...]
    seed_sha256: str
    points: Points | None = None
    """Where formulas are compared; None where none are asked."""

    @cached_property
    def compositions(self) -> tuple[Expectations, ...]:
        """Those of units that are built of parts."""
        return tuple(everything for everything in self.tables if everything.unit.parts)

    @cached_property
    def handed_out(self) -> Given:
        """What was handed out; worked out when the first submission has texts or several files."""
        from grader.handout import given  # noqa: PLC0415  (only where something is written, or in several files)

        return given(self.assignment)

    @cached_property
    def experiments(self) -> tuple[Experiment, ...]:
        """What is expected of experiments; worked out when the first submission has one, since it takes its time."""
        from grader.experiments import prepared  # noqa: PLC0415  (only where there are some)

        return tuple(prepared(spec) for spec in self.assignment.experiments)

    @cached_property
    def experiment_calls(self) -> tuple[Call, ...]:
        """The calls of all experiments."""
        from grader.experiments import experiment_calls  # noqa: PLC0415  (the same)

        return experiment_calls(self.experiments)


def session(assignment: Assignment, hidden: str) -> Session:
    """Draw the cases and compute what is expected, once for all submissions.

    Parameters
    ----------
    assignment : Assignment
    hidden : str
        The secret behind the drawn cases.

    Returns
    -------
    Session
    """
    generator = secret.generator(hidden)
    tables = tuple(_table(unit, generator) for unit in assignment.units)
    return Session(
        assignment=assignment,
        tables=tables,
        calls=calls(tables),
        seed_sha256=secret.digest(hidden),
        points=_points(assignment, generator),
    )


def _points(assignment: Assignment, generator: np.random.Generator) -> Points | None:
    """Return where formulas are compared; what reads them is loaded where some are asked."""
    if assignment.sheet is None:
        return None
    from grader.derivations import points_of  # noqa: PLC0415

    return points_of(assignment.sheet, generator)


def _table(unit: Unit, generator: np.random.Generator) -> Expectations:
    cases = cases_of(unit, generator)
    check_conventions(unit, cases)
    return expectations(unit, cases)


def job_of(session: Session, submission: Submission) -> Job:
    """Return what is to be run of a submission before all else: the calls of every unit.

    Parameters
    ----------
    session : Session
    submission : Submission
        One without a problem.

    Returns
    -------
    Job
    """
    return _job(session.assignment, submission, session.calls)


def _job(assignment: Assignment, submission: Submission, asked: tuple[Call, ...]) -> Job:
    return Job(
        sources=(*_missing_files(assignment.given, submission), *submission.sources),
        functions=tuple(dict.fromkeys(name for call in asked for name in call.needed)),
        calls=asked,
        limits=assignment.limits,
        collect=assignment.collect,
    )


@lru_cache(maxsize=16)
def composition_calls(compositions: tuple[Expectations, ...]) -> tuple[Call, ...]:
    """Return the calls of some compositions alone; the same tuple for the same ones.

    Parameters
    ----------
    compositions : tuple of Expectations

    Returns
    -------
    tuple of Call
    """
    return calls(compositions)


def _missing_files(given: tuple[Source, ...], submission: Submission) -> tuple[Source, ...]:
    """Return the files that the course hands out complete and a submission builds on, but does not hold.

    Work that was pasted into one file defines anew what they define; there they would be a second definition.
    """
    names = {PurePosixPath(source.name).name for source in submission.sources}
    code = "\n".join(cell for source in submission.sources for cell in source.cells)
    return tuple(
        source
        for source in given
        if PurePosixPath(source.name).name not in names
        and re.search(rf"\b{re.escape(_imported_as(source.name))}\b", code)
    )


def _imported_as(name: str) -> str:
    """Return the last word of the import of a file: its stem, or its folder's name for `__init__.py`."""
    path = PurePosixPath(name)
    return path.parent.name if path.stem == "__init__" else path.stem


def experiments_job(session: Session, submission: Submission) -> Job:
    """Return what is to be run of a submission's experiments, under their own limits of time.

    Parameters
    ----------
    session : Session
    submission : Submission

    Returns
    -------
    Job
    """
    asked = session.experiment_calls
    seconds = [spec.cpu_s for spec in session.assignment.experiments]
    job = _job(session.assignment, submission, asked)
    return replace(
        job, limits=replace(job.limits, call_cpu_s=max(seconds), submission_cpu_s=sum(seconds) + max(seconds))
    )


def with_known_good_parts(session: Session, job: Job, asked: tuple[Call, ...], parts: tuple[str, ...]) -> Job:
    """Return a job that makes some of its calls with known-good parts in the place of the student's.

    Parameters
    ----------
    session : Session
    job : Job
    asked : tuple of Call
        Those that are made.
    parts : tuple of str
        The student's names that are replaced.

    Returns
    -------
    Job
        To be run apart: student code may read the parts there, so nothing but verdicts may come of it.
    """
    names = tuple(dict.fromkeys(name for call in asked for name in call.needed))
    return replace(job, calls=asked, functions=names, parts=session.assignment.solution, replaced=parts)

"""The inside of a worker: it takes one task after the other, each a mutant, a share of the slips, or a submission of the corpus."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from grader import secret
from grader.assignment import Assignment, Role
from grader.assignment_file import read as read_assignment
from grader.experiments import Experiment, prepared
from grader.marking.expectations import Expectations
from grader.model import Call, Job, RunOutcome, Submission
from grader.mutants import Mutant, mutants_of, sampled
from grader.pipeline import grade
from grader.sandbox import Isolation, Runner
from grader.session import Session
from grader.submissions import find
from grader.submissions import read as read_submission
from grader.validation.corpus import entries, judged
from grader.validation.grid import grid_of
from grader.validation.ground import SECRET, drawn, solution_of
from grader.validation.hidden import hidden_slips
from grader.validation.mutation import (
    CHEAP_CPU_S,
    Changed,
    Fate,
    Measure,
    fate_of,
    grid_calls,
    off_on_grid,
    units_alone,
)
from grader.validation.planting import Plant, plants
from grader.validation.slip_table import Outcome, indistinguishable, outcome
from grader.validation.tasks import (
    CorpusResult,
    CorpusTask,
    HiddenSlips,
    HiddenTask,
    MutantTask,
    Result,
    SlipTask,
    Task,
)
from grader.work import run_nothing

NOTHING_RUN = "none"


class Planted(NamedTuple):
    """The slips of a unit."""

    everything: Expectations
    plants: list[Plant]
    alike: list[list[Plant]]
    """For each all that have the same numbers on every case."""


class Stock(Struct, kw_only=True, eq=False, dict=True):
    """What tasks stand on, worked out when it is first needed; made before there are workers, they share it."""

    assignment: Assignment
    most_mutants: int
    _sessions: dict[tuple[str, int], Session] = field(default_factory=dict)
    _of_units: dict[tuple[str, int], Session] = field(default_factory=dict)
    _plants: tuple[int, Planted] | None = None

    def session(self, hidden: str = SECRET, count: int = 0) -> Session:
        """Return the session of a secret.

        Parameters
        ----------
        hidden : str
        count : int
            How many cases are drawn; 0 for as many as the assignment says.

        Returns
        -------
        Session
        """
        key = (hidden, count)
        if key not in self._sessions:
            asked = self.assignment if count == 0 else with_drawn(self.assignment, count)
            self._sessions[key] = drawn(asked, hidden)
        return self._sessions[key]

    def units_session(self, hidden: str, count: int) -> Session:
        """Return the same without experiments."""
        key = (hidden, count)
        if key not in self._of_units:
            self._of_units[key] = units_alone(self.session(hidden, count))
        return self._of_units[key]

    @cached_property
    def solution(self) -> Submission | None:
        """The right work; None where there is none."""
        return solution_of(self.assignment)

    @cached_property
    def every_mutant(self) -> tuple[Mutant, ...]:
        """All mutants of the solution."""
        return () if self.solution is None else tuple(mutants_of(self.solution.sources))

    @cached_property
    def mutants(self) -> tuple[Mutant, ...]:
        """Those that are tried."""
        return sampled(self.every_mutant, self.most_mutants)

    @cached_property
    def grid(self) -> tuple[Expectations, ...]:
        """The dense grid of every unit."""
        generator = secret.generator(SECRET)
        return tuple(grid_of(unit, generator) for unit in self.assignment.units)

    @cached_property
    def experiments(self) -> tuple[Experiment, ...]:
        """The reference's own runs of those experiments that take little time."""
        return tuple(prepared(spec) for spec in self.assignment.experiments if spec.cpu_s <= CHEAP_CPU_S)

    @cached_property
    def corpus(self) -> Mapping[str, Mapping[str, Any]]:
        """What each submission of the corpus must get."""
        return entries(self.assignment.folder)

    @cached_property
    def written_grid(self) -> tuple[Expectations, ...]:
        """The dense grid of the network that is derived in writing, where gradients of it are asked for."""
        generator = secret.generator(SECRET)
        asked = [part.unit for part in self.assignment.parts if part.unit.by_role(Role.BACKWARD)]
        return tuple(grid_of(unit, generator) for unit in asked[:1])

    @cached_property
    def grid_calls(self) -> tuple[Call, ...]:
        """The calls on the grid: one tuple, which is packed once."""
        return grid_calls(self.grid)

    def planted(self, unit: int) -> Planted:
        """Return the slips of a unit; those of one unit are remembered."""
        if self._plants is None or self._plants[0] != unit:
            everything = alone(self.session().tables[unit])
            planted = list(plants(everything))
            self._plants = (unit, Planted(everything, planted, indistinguishable(everything, planted)))
        return self._plants[1]


def alone(everything: Expectations) -> Expectations:
    """Return the expectations of a unit without the name that stands before its quantities among others."""
    return replace(everything, unit=replace(everything.unit, name=""))


def with_drawn(assignment: Assignment, count: int) -> Assignment:
    """Return an assignment whose units draw another number of cases.

    Parameters
    ----------
    assignment : Assignment
    count : int
        Where a unit draws more already, it goes on doing so.

    Returns
    -------
    Assignment
    """
    units = tuple(
        replace(unit, cases=replace(unit.cases, drawn=max(count, unit.cases.drawn)))
        for unit in assignment.units
    )
    return replace(assignment, units=units)


class Bench(Struct, frozen=True, kw_only=True):
    """What a worker needs to begin; plain values, so that it can be sent to another process."""

    folder: Path
    """Of the assignment."""
    most_mutants: int
    isolation: Isolation | None
    """What surrounds student code; None where none is run."""
    ready: Stock | None = None
    """What is worked out already, where the worker inherits it."""

    @contextmanager
    def __call__(
        self, peek: Callable[[], bytes | None], tell: Callable[[str], None]
    ) -> Iterator[Callable[[bytes], bytes]]:
        """Open a sandbox, and give what turns a packed task into its packed result."""
        del peek
        stock = self.ready or Stock(assignment=read_assignment(self.folder), most_mutants=self.most_mutants)
        if self.isolation is None:
            yield _Worker(stock=stock, run=run_nothing, isolation=NOTHING_RUN, tell=tell).serve
            return
        with Runner(self.isolation) as runner:
            level = self.isolation.level.value
            yield _Worker(stock=stock, run=runner.run, isolation=level, tell=tell).serve


class _Worker(Struct, frozen=True, kw_only=True, dict=True):
    stock: Stock
    run: Callable[[Job], RunOutcome]
    isolation: str
    tell: Callable[[str], None]

    def serve(self, request: bytes) -> bytes:
        task = msgspec.json.decode(request, type=Task)
        return msgspec.json.encode(self.result(task))

    def result(self, task: Task) -> Result:
        if isinstance(task, MutantTask):
            return self._mutant(task)
        if isinstance(task, SlipTask):
            return self._slips(task)
        if isinstance(task, HiddenTask):
            return self._hidden(task)
        return self._corpus(task)

    @cached_property
    def own(self) -> Changed:
        """Where the solution is off on the grid; run when the first mutant comes."""
        stock = self.stock
        assert stock.solution is not None
        return off_on_grid(stock.solution, stock.session(), stock.grid, self.run)

    def _mutant(self, task: MutantTask) -> Fate:
        stock = self.stock
        assert stock.solution is not None
        measure = Measure(
            session=stock.units_session(task.secret, task.drawn),
            own=self.own,
            experiments=stock.experiments,
            grid=stock.grid,
            grid_calls=stock.grid_calls,
            run=self.run,
            isolation=self.isolation,
        )
        return fate_of(task.number, stock.mutants[task.number], stock.solution, measure)

    def _slips(self, task: SlipTask) -> list[Outcome]:
        everything, planted, alike = self.stock.planted(task.unit)
        mine = range(task.part, len(planted), task.parts)
        return [outcome(everything, planted[i], alike[i]) for i in mine]

    def _hidden(self, task: HiddenTask) -> HiddenSlips:
        grid = self.stock.grid[task.unit]
        fewer = replace(grid, cases=grid.cases[:GRID_OF_SLIPS])
        everything, planted, _ = self.stock.planted(task.unit)
        return hidden_slips(everything, planted, alone(fewer))

    def _corpus(self, task: CorpusTask) -> CorpusResult:
        path = self.stock.assignment.folder / "submissions" / task.path
        found = find([path], single=True)
        submission = read_submission(found[0])
        result = grade(self.stock.session(), submission, self.run, self.isolation, self.tell)
        return judged(task.path, self.stock.corpus[task.path], result)


GRID_OF_SLIPS = 12
"""Cases of the grid on which slips are planted: there are more than a thousand slips of a small network."""

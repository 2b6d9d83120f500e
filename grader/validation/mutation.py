"""What becomes of a mutant: run and graded like any submission, and held against the reference on a dense grid."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from grader.experiments import NUMBER_ATOL, Experiment, experiment_calls, mark_experiment
from grader.marking.expectations import Expectations, Key
from grader.marking.result import UnitMarks
from grader.model import (
    Array,
    Call,
    CallResult,
    Case,
    Ending,
    Grade,
    Job,
    RunOutcome,
    Submission,
    Value,
    Verdict,
)
from grader.mutants import Mutant
from grader.pipeline import grade
from grader.plan import FIRST, calls, trials
from grader.session import Session, job_of
from grader.validation.ground import is_full, without_experiments
from grader.validation.places import changed_on, first_places
from grader.validation.planting import differs

UNNAMED = ("unexplained", "input-changed")
CHEAP_CPU_S = 8.0
"""An experiment that may take longer is not run with mutants."""


class Fate(Struct, frozen=True, kw_only=True):
    """What became of a mutant."""

    number: int
    changes: bool
    """Whether a number is another one on the grid or on a case of the class."""
    stops: bool
    """Whether some function that the solution has raised, was cut off, or gave nothing."""
    accepted: bool
    """Whether it got every point."""
    named: bool = False
    """Whether a finding has a name for it."""
    placed: bool = False
    """Whether the first mistake is where a number is another one first."""
    share: float = 0.0
    """Of the grid, where it shows."""
    wrong: str = ""
    """The first quantity that is another one."""
    found: str = ""
    """The first mistake of its grade."""
    killer: str = ""
    """Inputs that show it."""


Changed: TypeAlias = Mapping[str, Mapping[str, frozenset[Key]]]
"""By unit and case which answers are other ones than the reference's."""


class Measure(Struct, frozen=True, kw_only=True, eq=False):
    """What mutants are held against."""

    session: Session
    """Without experiments."""
    own: Changed
    """Where the solution itself is off on the grid: what is computed by differences is, for some inputs."""
    experiments: tuple[Experiment, ...]
    """Those that take little time."""
    grid: tuple[Expectations, ...]
    grid_calls: tuple[Call, ...]
    """See `grid_calls`."""
    run: Callable[[Job], RunOutcome]
    isolation: str


def units_alone(whole: Session) -> Session:
    """Return a session without the experiments; see `without_experiments`."""
    return replace(whole, assignment=without_experiments(whole.assignment))


def fate_of(number: int, mutant: Mutant, solution: Submission, measure: Measure) -> Fate:
    """Run and grade a mutant, and say whether it is told from the right work.

    Parameters
    ----------
    number : int
        Names it in the result.
    mutant : Mutant
    solution : Submission
    measure : Measure

    Returns
    -------
    Fate
    """
    submission = replace(solution, student="mutant", sources=mutant.sources)
    session = measure.session
    if not session.assignment.units:
        return _fate_of_experiments(number, submission, measure)
    seen: list[RunOutcome] = []

    def run(job: Job) -> RunOutcome:
        seen.append(measure.run(job))
        return seen[-1]

    result = grade(session, submission, run, measure.isolation)
    on_cases = _changed(session.tables, seen[0].calls) if seen else {}
    job = job_of(session, submission)
    dense = measure.run(replace(job, calls=measure.grid_calls))
    on_grid = _without(_changed(measure.grid, dense.calls), measure.own)
    wrong = {
        unit: set().union(*on_cases.get(unit, {}).values(), *on_grid.get(unit, {}).values())
        for unit in {*on_cases, *on_grid}
    }
    stops = any(
        call.ending is not Ending.FINISHED for call in (*(seen[0].calls if seen else ()), *dense.calls)
    )
    if not wrong and not stops and measure.experiments:
        return _fate_of_experiments(number, submission, measure)
    return _fate(number, result, measure, wrong, on_grid, stops=stops)


def grid_calls(grid: Sequence[Expectations]) -> tuple[Call, ...]:
    """Return the calls on a grid, each made once.

    Parameters
    ----------
    grid : sequence of Expectations
        Of all units.

    Returns
    -------
    tuple of Call
    """
    return tuple(call for call in calls(grid) if call.key.startswith(f"{FIRST}/"))


def off_on_grid(
    solution: Submission, session: Session, grid: Sequence[Expectations], run: Callable[[Job], RunOutcome]
) -> Changed:
    """Return where the solution itself is off on the grid.

    Parameters
    ----------
    solution : Submission
    session : Session
    grid : sequence of Expectations
    run : callable

    Returns
    -------
    mapping
        By unit and case the keys.
    """
    outcome = run(replace(job_of(session, solution), calls=grid_calls(grid)))
    return _changed(grid, outcome.calls)


def _without(changed: Changed, own: Changed) -> Changed:
    found = {}
    for unit, cases in changed.items():
        left = {case: keys - own.get(unit, {}).get(case, frozenset()) for case, keys in cases.items()}
        kept = {case: keys for case, keys in left.items() if keys}
        if kept:
            found[unit] = kept
    return found


def _changed(tables: Sequence[Expectations], results: Sequence[CallResult]) -> Changed:
    """Return by unit and case which answers are other ones."""
    found = {}
    for everything in tables:
        changed = changed_on(trials(everything, results))
        if changed:
            found[everything.unit.name] = changed
    return found


def _fate(
    number: int,
    result: Grade,
    measure: Measure,
    wrong: Mapping[str, set[Key]],
    on_grid: Changed,
    *,
    stops: bool,
) -> Fate:
    units = [everything.unit for everything in measure.grid if everything.unit.name in wrong]
    places = [first_places(unit, {quantity for _, quantity in wrong[unit.name]}) for unit in units]
    first = next(
        (
            unit.label(quantity)
            for unit in units
            for quantity in unit.order
            if quantity in {name for _, name in wrong[unit.name]}
        ),
        "",
    )
    cases = sum(len(everything.cases) for everything in measure.grid if everything.unit.name in wrong)
    shown = sum(len(changed) for changed in on_grid.values())
    return Fate(
        number=number,
        changes=bool(wrong),
        stops=stops,
        accepted=is_full(result),
        named=_is_named(result),
        placed=bool(places) and result.first_mistake in places[0],
        share=shown / max(cases, 1),
        wrong=first,
        found=result.first_mistake or "",
        killer=_killer(measure.grid, on_grid),
    )


def _is_named(result: Grade) -> bool:
    return any(
        finding.slip not in UNNAMED and finding.explains
        for question in result.questions
        for finding in question.findings
    )


def _killer(grid: Sequence[Expectations], on_grid: Changed) -> str:
    """Return the inputs of the first grid case on which a mutant shows."""
    for everything in grid:
        changed = on_grid.get(everything.unit.name, {})
        for reference in everything.cases:
            if reference.case.name in changed:
                return inputs_text(reference.case)
    return ""


def inputs_text(case: Case) -> str:
    """Return the inputs of a case as `assignment.toml` would have them, on one line."""
    entries = [f"{name} = {_toml(value)}" for name, value in case.leaves.items()]
    return ", ".join([*entries, f"lr = {case.rate:.4g}"])


def _toml(value: object) -> str:
    return str(np.round(np.asarray(value, np.float64), 4).tolist())


# --------------------------------------------------------------------------------------------------------------
# Experiments


def _fate_of_experiments(number: int, submission: Submission, measure: Measure) -> Fate:
    """Run the experiments that take little time, one by one, until one of them shows the mutant."""
    job = job_of(measure.session, submission)
    for experiment in measure.experiments:
        seconds = experiment.spec.cpu_s
        limits = replace(job.limits, call_cpu_s=seconds, submission_cpu_s=2.0 * seconds)
        asked = experiment_calls([experiment])
        names = tuple(name for call in asked for name in call.needed)
        result = measure.run(replace(job, calls=asked, functions=names, limits=limits)).calls[0]
        if result.ending is not Ending.FINISHED:
            return Fate(number=number, changes=False, stops=True, accepted=False)
        wrong = _changed_results(experiment, result.value)
        if wrong:
            marks = mark_experiment(experiment.spec, experiment, result)
            return _fate_on_experiment(number, experiment, marks, wrong)
    return Fate(number=number, changes=False, stops=False, accepted=True)


def _fate_on_experiment(number: int, experiment: Experiment, marks: UnitMarks, wrong: Sequence[str]) -> Fate:
    refused = [entry.quantity for entry in marks.statements if entry.verdict is not Verdict.CORRECT]
    first = experiment.spec.label(wrong[0])
    return Fate(
        number=number,
        changes=True,
        stops=False,
        accepted=not refused,
        named=any(one.finding.slip not in UNNAMED for one in marks.findings),
        placed=first in refused[:1],
        share=1.0,
        wrong=first,
        found=next(iter(refused), ""),
        killer=f"the experiment {experiment.spec.name}",
    )


def _changed_results(experiment: Experiment, value: Value) -> list[str]:
    """Return which results are other ones, as far as they can be compared number by number."""
    if not isinstance(value, dict):
        return [*experiment.spec.curves, *experiment.spec.numbers]
    changed = []
    for name in (*experiment.spec.curves, *experiment.spec.numbers):
        expected = experiment.expected[name]
        steps = experiment.steps.get(name)
        try:
            given = np.asarray(value.get(name), np.float64)
        except (TypeError, ValueError):
            given = np.asarray(np.nan)
        if steps is not None:
            is_other = _is_other_curve(given, expected, steps)
        else:
            is_other = given.size != 1 or not abs(float(given) - float(expected)) <= NUMBER_ATOL
        if is_other:
            changed.append(name)
    return changed


def _is_other_curve(given: Array, expected: Array, steps: int) -> bool:
    """Whether a curve has other values; the one before the first step, or after the last, may be left out or added."""
    if given.ndim != 1 or not given.size or abs(given.size - expected.size) > 1:
        return True
    both = min(given.size, expected.size)
    aligned = [(given[:both], expected[:both]), (given[-both:], expected[-both:])]
    return all(differs(one[:steps], other[:steps]) for one, other in aligned)

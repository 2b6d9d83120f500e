"""Runs and marks one submission: every unit, then compositions with known-good parts where their own do not do, then experiments."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from msgspec import Struct, field
from msgspec.structs import replace

from grader import numerical
from grader.assignment import ExperimentSpec, Unit
from grader.marking.compositions import RIGHT, is_right, notes, says_more, settled
from grader.marking.expectations import Expectations
from grader.marking.mark import mark
from grader.marking.mixtures import mixed_units
from grader.marking.result import UnitMarks
from grader.marking.trials import Trial
from grader.model import AnswerKind, CallResult, Ending, Job, RunOutcome, Submission, Verdict
from grader.plan import first_round, trials
from grader.session import Session, composition_calls, experiments_job, job_of, with_known_good_parts

Run = Callable[[Job], RunOutcome]
"""Runs a job in the sandbox."""
Tell = Callable[[str], None]
"""Hears of what takes long."""
NO_CODE = "no Python file and no notebook was handed in"


class Examination(Struct, frozen=True, kw_only=True):
    """What came of running and marking a submission."""

    outcome: RunOutcome
    """Of the calls of every unit; what was printed and noted there is the student's."""
    marks: tuple[UnitMarks, ...] = ()
    """Of every unit and experiment, in the order of the assignment."""
    results: Mapping[str, Sequence[CallResult]] = field(default_factory=dict)
    """By function those that its status is told from."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """By function why it gave no answer though it returned."""
    notes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By function what the reader should know."""
    remarks: tuple[str, ...] = ()
    """What the reader should know of the whole."""
    fault: str | None = None
    """How our sandbox broke; None where it held."""
    seconds: float = 0.0
    """CPU time over all runs."""
    peak_memory_mib: float = 0.0


class _Runs(Struct):
    """The runs of one submission so far."""

    run: Run
    tell: Tell
    student: str
    outcomes: list[RunOutcome] = field(default_factory=list)

    def __call__(self, job: Job) -> RunOutcome:
        self.outcomes.append(self.run(job))
        return self.outcomes[-1]

    @property
    def fault(self) -> str | None:
        """How our sandbox broke in one of them."""
        for outcome in self.outcomes:
            broken = [result.message for result in outcome.calls if result.ending is Ending.FAULT]
            if broken or outcome.ending is Ending.FAULT:
                return next(filter(None, (*broken, outcome.message)), "our sandbox broke")
        return None


def examine(session: Session, submission: Submission, run: Run, tell: Tell) -> Examination:
    """Run and mark a submission.

    Parameters
    ----------
    session : Session
    submission : Submission
        One without a problem; without code its functions are missing.
    run : callable
    tell : callable
        Hears of experiments before they begin.

    Returns
    -------
    Examination
        With its own numbers, and a fault where our sandbox broke in any of the runs.
    """
    runs = _Runs(run, tell, submission.student)
    job = job_of(session, submission)
    outcome = runs(job) if submission.sources else _nothing_to_run(job)
    if runs.fault is not None:
        return _closed(runs, outcome)
    marked = {everything.unit.name: _marked(everything, outcome) for everything in session.tables}
    mixed = mixed_units(session.assignment, {name: unit.marks for name, unit in marked.items()})
    for everything in session.tables:
        if everything.unit.name in mixed:
            marked[everything.unit.name] = _marked(everything, outcome, own_convention=True)
    own = {name: unit.marks for name, unit in marked.items()}
    results = {
        name: _results_of(name, outcome) for unit in session.assignment.units for name in unit.functions
    }
    final, told = _compose(session, job, own, results, runs, mixed)
    experiments = _experiments(session, submission, own, results, runs)
    return _closed(
        runs,
        outcome,
        remarks=_remarks(session, job, marked, runs),
        marks=(*final.values(), *experiments),
        results=results,
        reasons=_reasons(marked.values(), results),
        notes=told,
    )


def _remarks(session: Session, job: Job, marked: Mapping[str, _Marked], runs: _Runs) -> tuple[str, ...]:
    """Say where gradients of fully correct work look like difference quotients; only where they are off by more is anything run."""
    if not job.sources or not all(unit.is_all_correct for unit in marked.values()):
        return ()
    for everything in session.tables:
        if marked[everything.unit.name].is_suspicious:
            probes = numerical.probes_of(everything)
            outcome = runs(replace(job, calls=numerical.probe_calls(probes)))
            if numerical.looks_numerical(probes, trials(probes, outcome.calls)):
                return (numerical.QUOTIENTS,)
    return (numerical.IMAGINARY,) if numerical.takes_imaginary_parts(job.sources) else ()


def _is_all_correct(unit: Unit, marks: UnitMarks) -> bool:
    """Whether nothing that was given is wrong, and all is given that is required."""
    required = {
        (spec.name, unit.label(quantity)) for spec in unit.functions.values() for quantity in spec.required
    }
    return all(
        entry.verdict is Verdict.CORRECT
        or (entry.verdict is Verdict.MISSING and (entry.function, entry.quantity) not in required)
        for entry in marks.statements
    )


def _nothing_to_run(job: Job) -> RunOutcome:
    missing = (
        CallResult(key=call.key, function=call.function, ending=Ending.ABSENT, message=NO_CODE)
        for call in job.calls
    )
    return RunOutcome(ending=Ending.FINISHED, calls=tuple(missing))


def _closed(runs: _Runs, outcome: RunOutcome, **found: object) -> Examination:
    return Examination(
        outcome=outcome,
        fault=runs.fault,
        seconds=sum(one.cpu_s for one in runs.outcomes),
        peak_memory_mib=max((one.peak_memory_mib for one in runs.outcomes), default=0.0),
        **found,  # type: ignore[arg-type]  # the fields above, under their names
    )


def _results_of(function: str, outcome: RunOutcome) -> Sequence[CallResult]:
    return [result for result in first_round(outcome.calls) if result.function == function]


class _Marked(Struct, frozen=True, kw_only=True):
    """The answers of one unit, read and marked."""

    results: tuple[CallResult, ...]
    marks: UnitMarks
    answered: frozenset[str]
    """The functions that gave an answer on some case."""
    reasons: Mapping[str, str]
    """By function that returned and gave no answer, why."""
    is_all_correct: bool
    is_suspicious: bool
    """Whether all is correct and the gradients look like difference quotients."""


def _marked(everything: Expectations, outcome: RunOutcome, *, own_convention: bool = False) -> _Marked:
    """Read and mark the answers of one unit; those that are the very objects of another student's, once.

    They are kept with what came of them, so that nothing else can have their identity meanwhile. What is not shared is not
    kept: it may be large, and never comes again.
    """
    own = everything.unit.functions
    results = tuple(result for result in outcome.calls if result.function in own)
    if not all(result.is_shared for result in results):
        return _marked_afresh(everything, results, own_convention=own_convention)
    kept: _Marked = everything.marked.get(
        (own_convention, *map(id, results)),
        lambda: _marked_afresh(everything, results, own_convention=own_convention),
    )
    return kept


def _marked_afresh(
    everything: Expectations, results: tuple[CallResult, ...], *, own_convention: bool
) -> _Marked:
    rounds = trials(everything, results)
    answered = _answered(rounds)
    marks = mark(
        everything,
        rounds,
        answered=answered,
        changed=_changed_arguments(results),
        own_convention=own_convention,
    )
    reasons: dict[str, str] = {}
    for trial in rounds:
        for (function, _), answer in trial.answers.items():
            if function not in answered and answer.reason:
                reasons.setdefault(function, answer.reason)
    is_all_correct = _is_all_correct(everything.unit, marks)
    return _Marked(
        results=results,
        marks=marks,
        answered=answered,
        reasons=reasons,
        is_all_correct=is_all_correct,
        is_suspicious=is_all_correct and numerical.is_suspicious(everything, rounds),
    )


def _answered(rounds: Iterable[Trial]) -> frozenset[str]:
    """Return the functions that gave an answer on some case."""
    return frozenset(
        function
        for trial in rounds
        for (function, _), answer in trial.answers.items()
        if answer.kind is not AnswerKind.MISSING
    )


def _changed_arguments(results: Iterable[CallResult]) -> Mapping[str, Sequence[int]]:
    changed: dict[str, set[int]] = {}
    for result in results:
        if result.changed_arguments:
            changed.setdefault(result.function, set()).update(result.changed_arguments)
    return {name: sorted(positions) for name, positions in changed.items()}


def _reasons(marked: Iterable[_Marked], results: Mapping[str, Sequence[CallResult]]) -> Mapping[str, str]:
    """Say why functions that returned gave none of their answers on any case."""
    reasons: dict[str, str] = {}
    for unit in marked:
        for function, reason in unit.reasons.items():
            if results[function]:
                reasons.setdefault(function, reason)
    return reasons


# --------------------------------------------------------------------------------------------------------------
# Compositions


def _compose(
    session: Session,
    job: Job,
    own: Mapping[str, UnitMarks],
    results: dict[str, Sequence[CallResult]],
    runs: _Runs,
    mixed: AbstractSet[str],
) -> tuple[Mapping[str, UnitMarks], Mapping[str, Sequence[str]]]:
    """Mark compositions once more with known-good parts where they are not right, and neither is a part of the student's.

    With parts that are right by themselves, what is wrong is the composition's own, and good parts would only hide it.
    Functions that gave answers with good parts have no result left in `results` that would speak against them.
    """
    final = dict(own)
    readable = runs.outcomes and runs.outcomes[0].ending is not Ending.UNREADABLE
    wrong = {
        everything.unit.name: _wrong_parts(_where_parts_are(everything, session), own, everything.unit.parts)
        for everything in session.compositions
    }
    asked = [
        everything
        for everything in session.compositions
        if wrong[everything.unit.name] and not is_right(own[everything.unit.name].only(everything.unit.built))
    ]
    for together in _apart(asked) if readable else ():
        parts = tuple(dict.fromkeys(name for everything in together for name in everything.unit.parts))
        outcome = runs(with_known_good_parts(session, job, composition_calls(together), parts))
        for everything in together:
            name = everything.unit.name
            again = _marked(everything, outcome, own_convention=name in mixed)
            used = _clearer(everything.unit, own[name], again.marks)
            final[name] = settled(own[name], again.marks.only(used))
            for function in again.answered & used:
                results[function] = ()
    told: dict[str, Sequence[str]] = {}
    for everything in session.compositions:
        unit = everything.unit
        for function in sorted(unit.built):
            told[function] = notes(function, own[unit.name], final[unit.name], wrong[unit.name])
    return final, told


def _clearer(unit: Unit, own: UnitMarks, with_good: UnitMarks) -> frozenset[str]:
    """Return the functions whose marks with known-good parts count; never those that ask for a part itself, which was ours then."""
    if len(unit.built) == len(unit.functions):
        return unit.built
    return frozenset(name for name in unit.built if says_more(own, with_good, name))


def _apart(compositions: Iterable[Expectations]) -> list[tuple[Expectations, ...]]:
    """Put compositions together that may share a run: what is asked about in one is no part of another there.

    A part that is itself a composition (`Sequential`, with `backward_pass` built of it) would else be marked on its
    known-good stand-in.
    """
    groups: list[tuple[Expectations, ...]] = []
    for one in compositions:
        for place, group in enumerate(groups):
            if not any(_is_in_the_way(one, other) for other in group):
                groups[place] = (*group, one)
                break
        else:
            groups.append((one,))
    return groups


def _is_in_the_way(one: Expectations, other: Expectations) -> bool:
    return not (_own_names(one).isdisjoint(other.unit.parts) and _own_names(other).isdisjoint(one.unit.parts))


def _own_names(composition: Expectations) -> set[str]:
    """Return the student's names that a composition is asked about, its parts left out."""
    unit = composition.unit
    return {name for spec in unit.functions.values() for name in spec.uses} - set(unit.parts)


def _where_parts_are(composition: Expectations, session: Session) -> Iterable[Expectations]:
    """Return the units that tell whether a composition's parts are right: itself alone where it asks for them, else all."""
    unit = composition.unit
    return (composition,) if len(unit.built) < len(unit.functions) else session.tables


def _wrong_parts(
    tables: Iterable[Expectations], own: Mapping[str, UnitMarks], parts: Sequence[str]
) -> tuple[str, ...]:
    """Return the functions of some parts that are not right where they are asked for, in some units."""
    return tuple(
        name
        for everything in tables
        for name, spec in everything.unit.functions.items()
        if not everything.unit.asks_about(spec).isdisjoint(parts)
        and any(entry.verdict not in RIGHT for entry in own[everything.unit.name].of(name))
    )


# --------------------------------------------------------------------------------------------------------------
# Experiments


def _experiments(
    session: Session,
    submission: Submission,
    own: Mapping[str, UnitMarks],
    results: dict[str, Sequence[CallResult]],
    runs: _Runs,
) -> tuple[UnitMarks, ...]:
    """Run and mark the experiments; where neither they nor the student's parts are right, once more with known-good parts."""
    specs = session.assignment.experiments
    if not specs:
        return ()
    from grader.experiments import mark_experiment  # noqa: PLC0415  (only where there are some)

    reasons = {spec.function: _why_not_run(spec, submission) for spec in specs}
    if None in reasons.values():
        return _run_experiments(session, submission, own, results, runs)
    for name, message in reasons.items():
        results[name] = (CallResult(key=name, function=name, ending=Ending.ABSENT, message=message),)
    return tuple(mark_experiment(spec, None, None) for spec in specs)


def _why_not_run(spec: ExperimentSpec, submission: Submission) -> str | None:
    """Say why an experiment is not even started; None where all names it needs stand somewhere in the code."""
    if not submission.sources:
        return NO_CODE
    for name in spec.uses:
        word = re.compile(rf"\b{re.escape(name)}\b")
        if not any(word.search(cell) for source in submission.sources for cell in source.cells):
            return f"there is no `{name}`, which the experiment needs"
    return None


def _run_experiments(
    session: Session,
    submission: Submission,
    own: Mapping[str, UnitMarks],
    results: dict[str, Sequence[CallResult]],
    runs: _Runs,
) -> tuple[UnitMarks, ...]:
    from grader.experiments import mark_experiment  # noqa: PLC0415  (only where there are some)

    job = experiments_job(session, submission)
    runs.tell(f"{runs.student}: {', '.join(spec.function for spec in session.assignment.experiments)}")
    outcome = runs(job)
    by_function = {result.function: result for result in outcome.calls}
    marked: list[UnitMarks] = []
    for experiment in session.experiments:
        spec, result = experiment.spec, by_function[experiment.spec.function]
        results[spec.function] = (result,)
        marks = mark_experiment(spec, experiment, result)
        wrong = not is_right(marks) and _wrong_parts(session.tables, own, spec.parts)
        if wrong and result.ending is not Ending.ABSENT:
            call = next(call for call in job.calls if call.function == spec.function)
            runs.tell(f"{runs.student}: {spec.function}, with known-good parts")
            again = runs(with_known_good_parts(session, job, (call,), spec.parts))
            better = mark_experiment(spec, experiment, again.calls[0])
            if again.calls[0].ending is Ending.FINISHED:
                results[spec.function] = ()
            marks = settled(marks, better)
        marked.append(marks)
    return tuple(marked)

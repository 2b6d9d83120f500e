"""All proofs on an assignment, in their order."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from msgspec import Struct
from msgspec.structs import replace

from grader.assignment import Assignment, Unit
from grader.batch import patience_s
from grader.errors import AssignmentError
from grader.model import Grade, Job, RunOutcome
from grader.sandbox import Isolation, Runner, choose_isolation
from grader.validation import (
    by_autograd,
    corpus,
    coverage,
    leaks,
    mutant_table,
    numeric,
    points,
    quotients,
    rendering,
    slips,
    tolerance,
)
from grader.validation.bench import NOTHING_RUN, Bench, Stock
from grader.validation.both_ends import hand_out_of, hand_out_proof, solution_proof
from grader.validation.crew import Crew
from grader.validation.ground import OTHER_SECRETS, SECRET, Ground
from grader.validation.mutant_table import Survivor
from grader.validation.mutation import Fate
from grader.validation.proof import Outcome, Proof, fails, not_here
from grader.validation.slip_table import Outcome as SlipOutcome
from grader.validation.tasks import CorpusResult, CorpusTask, HiddenSlips, HiddenTask, MutantTask, SlipTask
from grader.work import run_nothing
from grader.workers import Workers, method

SMALL = 8
"""Nodes of a network whose slips are few."""
PARTS = 8
"""Shares that the slips of a large unit are divided into."""


class Options(Struct, frozen=True, kw_only=True):
    """How much is looked at, and with what."""

    most_mutants: int
    workers: int = os.cpu_count() or 1
    isolation: Isolation | None = None
    """None for the strongest that holds here."""
    on_progress: Callable[[str, int, int], None] = lambda _what, _done, _total: None
    tell: Callable[[str], None] = lambda _text: None


def validate(assignment: Assignment, options: Options) -> Iterator[Proof]:
    """Prove an assignment sound, or find why it is not.

    Parameters
    ----------
    assignment : Assignment
    options : Options

    Yields
    ------
    Proof
        As each is done. Where no cases can be drawn, that is the last one.
    """
    stock = Stock(assignment=assignment, most_mutants=options.most_mutants)
    try:
        stock.session()
        grid = (*stock.grid, *stock.written_grid)
    except AssignmentError as error:
        yield fails(coverage.NAME, error.message, remedy=error.remedy)
        return
    isolation = (options.isolation or choose_isolation()) if assignment.has_code else None
    made = hand_out_of(assignment)
    with _ground(stock, isolation, options) as ground:
        right, solution = solution_proof(ground)
        handed_out, empty = hand_out_proof(ground, made)
    yield right
    yield handed_out
    tables = stock.session().tables
    yield leaks.proof_of(assignment, made)
    yield points.proof_of(assignment, solution)
    yield coverage.proof_of(tables)
    yield numeric.proof_of(grid)
    yield by_autograd.proof_of(grid)
    yield tolerance.proof_of(tables)
    yield quotients.proof_of(tables, [solution] if solution is not None else [])
    grades = [*([solution] if solution is not None else []), *empty]
    yield from _together(stock, isolation, options, grades, is_right=right.outcome is Outcome.HOLDS)


@contextmanager
def _ground(stock: Stock, isolation: Isolation | None, options: Options) -> Iterator[Ground]:
    """Open a sandbox for the solution and the hand-out."""
    with ExitStack() as stack:
        run: Callable[[Job], RunOutcome] = run_nothing
        level = NOTHING_RUN
        if isolation is not None:
            run, level = stack.enter_context(Runner(isolation)).run, isolation.level.value
        yield Ground(
            assignment=stock.assignment, session=stock.session(), run=run, isolation=level, tell=options.tell
        )


# --------------------------------------------------------------------------------------------------------------
# What is shared out among workers


def _together(
    stock: Stock, isolation: Isolation | None, options: Options, grades: Sequence[Grade], *, is_right: bool
) -> Iterator[Proof]:
    """Yield the proofs that are many runs or many marks."""
    bench = Bench(folder=stock.assignment.folder, most_mutants=stock.most_mutants, isolation=isolation)
    how = method()
    if how == "fork":
        _work_out(stock)
        bench = replace(bench, ready=stock)
    patience = 2.0 * patience_s(stock.assignment)
    with Workers(bench, count=options.workers, patience_s=patience, how=how, on_note=options.tell) as workers:
        crew = Crew(workers=workers, on_progress=options.on_progress)
        yield slips.proof_of(_planted(stock, crew))
        yield coverage.apart_proof(_hidden(stock, crew))
        yield _mutants(stock, crew, is_right=is_right)
        results = crew.do("corpus", [CorpusTask(path=path) for path in stock.corpus], CorpusResult)
        yield corpus.proof_of(stock.assignment.folder, results)
        problems = [text for one in results for text in one.problems]
        yield rendering.proof_of(stock.assignment, grades, problems)


def _work_out(stock: Stock) -> None:
    """Work out what all workers need, before there are any."""
    _ = stock.mutants, stock.grid_calls, stock.corpus, stock.experiments


def _planted(stock: Stock, crew: Crew) -> list[tuple[Unit, list[SlipOutcome]]]:
    units = stock.assignment.units
    tasks = [
        SlipTask(unit=unit, part=part, parts=parts)
        for unit, asked in enumerate(units)
        for parts in [PARTS if len(asked.graph.nodes) > SMALL else 1]
        for part in range(parts)
    ]
    found: defaultdict[int, list[SlipOutcome]] = defaultdict(list)
    for task, outcomes in zip(tasks, crew.do("slips", tasks, list[SlipOutcome]), strict=True):
        found[task.unit] += outcomes
    return [(units[unit], outcomes) for unit, outcomes in found.items()]


def _hidden(stock: Stock, crew: Crew) -> list[tuple[Unit, HiddenSlips]]:
    units = stock.assignment.units
    tasks = [HiddenTask(unit=unit) for unit in range(len(units))]
    return list(zip(units, crew.do("what cases hide", tasks, HiddenSlips), strict=True))


def _mutants(stock: Stock, crew: Crew, *, is_right: bool) -> Proof:
    if not stock.assignment.has_code:
        return not_here(mutant_table.NAME, "nothing is asked as code")
    if not is_right:
        return not_here(
            mutant_table.NAME,
            "mutants are made of right work, and there is no solution that earns every point",
        )

    def fates(numbers: Sequence[int], hidden: str = SECRET, count: int = 0) -> list[Fate]:
        tasks = [MutantTask(number=number, secret=hidden, drawn=count) for number in numbers]
        return crew.do("mutants", tasks, Fate)

    def survive(numbers: Sequence[int], count: int) -> list[int]:
        hidden = (SECRET, *OTHER_SECRETS)
        again = [fate for one in hidden for fate in fates(numbers, one, count)]
        return sorted({fate.number for fate in again if fate.accepted and fate.changes})

    first = fates(range(len(stock.mutants)))
    doubtful = mutant_table.weak(first)
    surviving = {fate.number: fate for fate in first if fate.changes and fate.accepted}
    for hidden in OTHER_SECRETS:
        surviving |= {fate.number: fate for fate in fates(doubtful, hidden) if fate.changes and fate.accepted}
    drawn = min((unit.cases.drawn for unit in stock.assignment.units), default=mutant_table.MOST_CASES)
    enough = mutant_table.enough_cases(sorted(surviving), drawn, survive)
    survivors = [
        Survivor(text=stock.mutants[number].text, killer=fate.killer, drawn=enough.get(number))
        for number, fate in sorted(surviving.items())
    ]
    return mutant_table.proof_of(stock.mutants, len(stock.every_mutant), first, survivors)

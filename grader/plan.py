"""Which calls a submission is asked to make, and how their results become trials.

Every case is called once in order, functions as declared; then two of each unit once more, everything in reverse order, so
that an answer that depends on earlier calls, or on their order, shows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from grader.assignment import RATE, FunctionSpec, Kind, Role, Unit
from grader.marking.answers import read_answers
from grader.marking.expectations import CaseExpectations, Expectations
from grader.marking.trials import Trial
from grader.model import Answer, Array, Call, CallResult, Ending, Value

FIRST, AGAIN = "first", "again"


def calls(tables: Sequence[Expectations]) -> tuple[Call, ...]:
    """Return all calls of a submission, in order.

    Parameters
    ----------
    tables : sequence of Expectations
        One per unit; only inputs are taken from it. A function that is called with a value from the middle of the network
        gets one that nobody is asked for, so that no expected value enters the student's process.

    Returns
    -------
    tuple of Call
        Keys read `ROUND/UNIT/CASE/FUNCTION`.
    """
    once = [
        _call(FIRST, everything, reference, spec)
        for everything in tables
        for reference in everything.cases
        for spec in everything.unit.functions.values()
    ]
    repeated = [
        _call(AGAIN, everything, reference, spec)
        for everything in reversed(tables)
        for reference in _repeated_cases(everything)
        for spec in reversed(tuple(everything.unit.functions.values()))
    ]
    return (*once, *repeated)


def _call(turn: str, everything: Expectations, reference: CaseExpectations, spec: FunctionSpec) -> Call:
    unit = everything.unit
    return Call(
        key=_key(turn, unit, reference, spec),
        function=spec.name,
        arguments=tuple(_argument(unit, reference, spec, name) for name in spec.arguments),
        attributes=_attributes(spec),
        collector=spec.collector,
        uses=spec.uses,
    )


def _repeated_cases(everything: Expectations) -> tuple[CaseExpectations, ...]:
    """Return the cases of the second round: one from the middle, then the first, each with another before it than in the first."""
    cases = everything.cases
    return tuple(cases[place] for place in sorted({len(cases) // 2, 0}, reverse=True))


def trials(everything: Expectations, results: Sequence[CallResult]) -> tuple[Trial, ...]:
    """Return the answers of a submission case by case.

    Parameters
    ----------
    everything : Expectations
        Of one unit.
    results : sequence of CallResult
        Of the calls made by `calls`, of this unit at least.

    Returns
    -------
    tuple of Trial
        In the order of the calls. The second round is there only if an answer in it differs from the first.
    """
    own = everything.unit.functions
    by_key = {result.key: result for result in results if result.function in own}
    first = tuple(_trial(everything, reference, by_key, FIRST) for reference in everything.cases)
    if _all_repeated(by_key):
        return first
    again = tuple(_trial(everything, reference, by_key, AGAIN) for reference in _repeated_cases(everything))
    before = {trial.reference.case.name: trial for trial in first}
    if all(_same(before[trial.reference.case.name].answers, trial.answers) for trial in again):
        return first
    return (*first, *again)


def first_round(results: Sequence[CallResult]) -> tuple[CallResult, ...]:
    """Return the results of the first round, whose endings are a question's status."""
    return tuple(result for result in results if result.key.startswith(f"{FIRST}/"))


def _key(turn: str, unit: Unit, reference: CaseExpectations, spec: FunctionSpec) -> str:
    return f"{turn}/{unit.name}/{reference.case.name}/{spec.name}"


def _attributes(spec: FunctionSpec) -> tuple[str, ...]:
    if spec.role in (Role.UPDATE, Role.STEP):
        return (*spec.keys, *(key.removesuffix("_new") for key in spec.keys))
    return spec.keys


def _argument(unit: Unit, reference: CaseExpectations, spec: FunctionSpec, name: str) -> Value:
    case = reference.case
    if name == RATE:
        return case.rate
    if spec.role is Role.UPDATE:
        source = case.leaves if name == "weights" else case.given_gradients
        return {parameter: _plain(source[parameter]) for parameter in unit.parameters}
    run = reference.spare_forward if spec.role is Role.LOSS else reference.forward
    value = unit.graph.value(run, name)
    rule = unit.cases.leaves.get(name)
    if rule is not None and rule.kind is Kind.LABELS:
        return np.asarray(value, np.int64)
    return _plain(value)


def _plain(array: Array) -> Value:
    """Return a single number as a Python float, as students expect it."""
    return float(array) if np.ndim(array) == 0 else array


def _trial(
    everything: Expectations, reference: CaseExpectations, by_key: Mapping[str, CallResult], turn: str
) -> Trial:
    answers: dict[tuple[str, str], Answer] = {}
    for spec in everything.unit.functions.values():
        result = by_key.get(_key(turn, everything.unit, reference, spec))
        if result is None or (turn == AGAIN and result.ending is not Ending.FINISHED):
            # A second call that hits a limit says nothing new: the budget is shared with the first round.
            result = by_key.get(_key(FIRST, everything.unit, reference, spec))
        if result is not None and result.ending is Ending.FINISHED:
            found = read_answers(spec, result.value)
            answers.update({(spec.name, quantity): answer for quantity, answer in found.items()})
    return Trial(reference=reference, answers=answers, repeated=turn == AGAIN)


def _all_repeated(by_key: Mapping[str, CallResult]) -> bool:
    """Whether every call of the second round that returned gave what it gave before; told without reading answers."""
    for key, after in by_key.items():
        turn, _, call = key.partition("/")
        if turn == FIRST or after.ending is not Ending.FINISHED:
            continue
        before = by_key.get(f"{FIRST}/{call}")
        if before is None or before.ending is not Ending.FINISHED or not _repeated(before.value, after.value):
            return False
    return True


def _repeated(a: Value, b: Value) -> bool:
    """Whether two values are alike to the last bit; 0 and -0, which compare as equal later, need not be."""
    if type(a) is not type(b):
        return False
    if isinstance(a, float) and isinstance(b, float):
        return a == b or (math.isnan(a) and math.isnan(b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_repeated(part, b[key]) for key, part in a.items())
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(map(_repeated, a, b))
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    return a == b


def _same(a: object, b: object) -> bool:
    """Whether two answer tables are equal to the last bit."""
    assert isinstance(a, dict)
    assert isinstance(b, dict)
    return a.keys() == b.keys() and all(_same_answer(a[key], b[key]) for key in a)


def _same_answer(a: Answer, b: Answer) -> bool:
    if a.value is None or b.value is None:
        return a.kind is b.kind and a.value is b.value
    return a.value.shape == b.value.shape and np.array_equal(a.value, b.value, equal_nan=True)

"""A student's own forward pass at many points: their functions called in the sandbox, the rest of the network after their values.

Two stages of calls: functions that take leaves alone, then those that take values from the middle, which are the student's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np
from msgspec import Struct

from grader.assignment import RATE, FunctionSpec, Kind, Role, Unit
from grader.marking.answers import read_answers
from grader.marking.compare import finite, fitted
from grader.marking.expectations import CaseExpectations
from grader.model import AnswerKind, Array, Call, CallResult, Ending, Value
from reference.network import Forward

Calls = Callable[[Sequence[Call]], Mapping[str, CallResult]]
"""Makes calls in one process, and gives their results by key."""
STAGES = (0, 1)


class OwnPass(Struct, frozen=True, kw_only=True, eq=False):
    """The functions of a student that make up a forward pass of one unit."""

    unit: Unit
    functions: tuple[FunctionSpec, ...]
    """Of values and the loss; empty where the forward pass is handed out with the task."""
    backward: tuple[FunctionSpec, ...]


class Place(Struct, frozen=True, kw_only=True, eq=False):
    """A point of a unit at which something is called."""

    own: OwnPass
    key: str
    """Names the point among all of the unit."""
    reference: CaseExpectations
    """The case it lies on or beside, whose values have the shapes of all that is computed there."""
    leaves: Mapping[str, Array]
    with_gradients: bool = False
    """Whether `backward` is called there, too."""

    def name(self, spec: FunctionSpec) -> str:
        """Return a name for the call of a function there."""
        return f"differences/{self.own.unit.name}/{self.key}/{spec.name}"


class Evaluation(Struct, frozen=True, kw_only=True, eq=False):
    """What came out at one point."""

    run: Forward
    """The network's pass with the student's values put in."""
    own: Mapping[str, Array]
    """The student's values that were put in, by node."""
    gradients: Mapping[str, Array]
    """The student's gradients by node, where they were asked for and are numbers of the right shape."""
    problem: str | None = None
    """Why the student's forward pass gave nothing to go by."""


def evaluated(places: Sequence[Place], make: Calls) -> dict[str, Evaluation]:
    """Evaluate a student's forward pass.

    Parameters
    ----------
    places : sequence of Place
        Of any units.
    make : callable
        Called at most once for each stage.

    Returns
    -------
    dict of str to Evaluation
        By unit and point, as `place_key` names them.
    """
    results: dict[str, CallResult] = {}
    for stage in STAGES:
        calls = [call for place in places for call in _calls(place, stage, results)]
        if calls:
            results |= make(calls)
    return {place_key(place): _evaluation(place, results) for place in places}


def place_key(place: Place) -> str:
    """Return what a point is called among those of all units."""
    return f"{place.own.unit.name}/{place.key}"


def _calls(place: Place, stage: int, results: Mapping[str, CallResult]) -> Iterator[Call]:
    own = place.own
    asked = [
        spec
        for spec in (*own.functions, *(own.backward if place.with_gradients else ()))
        if _stage(own, spec) == stage
    ]
    if not asked:
        return
    # What takes leaves alone needs no pass.
    run = own.unit.graph.forward(place.leaves, given=_values(place, results)) if stage else None
    for spec in asked:
        yield Call(
            key=place.name(spec),
            function=spec.name,
            arguments=tuple(_argument(place, run, name) for name in spec.arguments),
            attributes=spec.keys,
            collector=spec.collector,
            uses=spec.uses,
        )


def _stage(own: OwnPass, spec: FunctionSpec) -> int:
    return 0 if {*spec.arguments} <= {*own.unit.graph.leaves, RATE} else 1


def _argument(place: Place, run: Forward | None, name: str) -> Value:
    if name == RATE:
        return place.reference.case.rate
    value = place.leaves[name] if run is None else np.asarray(run.used[place.own.unit.graph.index[name]])
    rule = place.own.unit.cases.leaves.get(name)
    if rule is not None and rule.kind is Kind.LABELS:
        return value.astype(np.int64)
    return value if value.ndim else float(value)


def _evaluation(place: Place, results: Mapping[str, CallResult]) -> Evaluation:
    own, graph = place.own, place.own.unit.graph
    values = _values(place, results)
    run = graph.forward(place.leaves, given=values)
    gradients = {
        node: number
        for spec in (own.backward if place.with_gradients else ())
        for node, number in _numbers(spec, results.get(place.name(spec)), place)
    }
    return Evaluation(run=run, own=values, gradients=gradients, problem=_problem(own, values))


def _problem(own: OwnPass, values: Mapping[str, Array]) -> str | None:
    """Say which function gave nothing: what comes after it would be the task's alone."""
    for spec in own.functions:
        if spec.role is not Role.LOSS and not values.keys() & {*spec.keys}:
            return f"`{spec.name}` gives no numbers to take differences of"
    return None


def _values(place: Place, results: Mapping[str, CallResult]) -> dict[str, Array]:
    """Return the student's values by node, those that are numbers of the right shape."""
    found: dict[str, Array] = {}
    for spec in place.own.functions:
        found.update(_numbers(spec, results.get(place.name(spec)), place))
    return found


def _numbers(spec: FunctionSpec, result: CallResult | None, place: Place) -> Iterable[tuple[str, Array]]:
    if result is None or result.ending is not Ending.FINISHED:
        return
    answers = read_answers(spec, result.value)
    for node, quantity in zip(spec.keys, spec.quantities, strict=True):
        answer = answers[quantity]
        expected = place.own.unit.graph.value(place.reference.forward, node)
        if answer.kind is AnswerKind.GIVEN and answer.value is not None:
            number = fitted(answer.value, expected)
            if number.shape == expected.shape and finite(number):
                yield node, number

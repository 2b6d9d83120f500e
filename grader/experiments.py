"""Experiments: what a training run is called with, what is expected of it, and what its curves and final numbers are worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from grader import slips
from grader.assignment import ExperimentSpec, FunctionSpec, Role
from grader.errors import AssignmentError
from grader.marking.answers import read_answers
from grader.marking.compare import finite
from grader.marking.curves import STEP_RTOL, Behaviour, CurveComparison, behaviour, compare_curves, goes_up
from grader.marking.findings import Located
from grader.marking.pictures import thinned
from grader.marking.result import Statement, UnitMarks
from grader.model import (
    Answer,
    AnswerKind,
    Array,
    Call,
    CallResult,
    Ending,
    ErrorReport,
    Finding,
    Value,
    Verdict,
)
from grader.serialize import json_number, json_numbers

MOST_BYTES = 8 << 20
"""Bytes of arrays that a collector is called with; each process holds them twice."""
RUN = "drawn-1"
"""The case of an experiment: its inputs are printed in the task, what comes out is not."""
NUMBER_ATOL = 0.02
"""Allowed error of a final number, such as an accuracy: of 300 samples, six may fall on the other side by rounding."""


class Experiment(Struct, frozen=True, kw_only=True, eq=False):
    """An experiment with the reference's own run of it."""

    spec: ExperimentSpec
    arguments: tuple[Value, ...]
    expected: Mapping[str, Array]
    steps: Mapping[str, int]
    """By curve how many leading values are compared one by one."""


def prepared(spec: ExperimentSpec) -> Experiment:
    """Run the reference's side of an experiment.

    Parameters
    ----------
    spec : ExperimentSpec

    Returns
    -------
    Experiment

    Raises
    ------
    AssignmentError
        Where its setup does not give what it must.
    """
    remedy = "return (arguments, expected, steps) as docs/authors.md says"
    where = f"experiments.{spec.name}.setup"
    given: Any = spec.setup()
    if not isinstance(given, tuple) or len(given) != 3:  # noqa: PLR2004  (the three of the message)
        raise AssignmentError(f"{where}: it does not return three values", remedy=remedy)
    arguments, expected, steps = given
    missing = [name for name in (*spec.curves, *spec.numbers) if name not in expected]
    missing += [name for name in spec.curves if name not in steps]
    if missing:
        raise AssignmentError(f"{where}: nothing is expected for `{missing[0]}`", remedy=remedy)
    size = sum(value.nbytes for value in arguments if isinstance(value, np.ndarray))
    if size > MOST_BYTES:
        raise AssignmentError(
            f"{where}: its arguments take {size / 2**20:.0f} MiB, at most {MOST_BYTES >> 20} can be sent",
            remedy="send pictures as uint8, or make the data in collect.py",
        )
    arrays = {name: np.asarray(value, np.float64) for name, value in expected.items()}
    return Experiment(spec=spec, arguments=tuple(arguments), expected=arrays, steps=dict(steps))


def experiment_calls(experiments: Sequence[Experiment]) -> tuple[Call, ...]:
    """Return the calls of all experiments.

    Parameters
    ----------
    experiments : sequence of Experiment

    Returns
    -------
    tuple of Call
        One for each, under its name.
    """
    return tuple(
        Call(
            key=experiment.spec.name,
            function=experiment.spec.function,
            arguments=experiment.arguments,
            collector=experiment.spec.collector,
            uses=experiment.spec.uses,
        )
        for experiment in experiments
    )


def mark_experiment(
    spec: ExperimentSpec, experiment: Experiment | None, result: CallResult | None
) -> UnitMarks:
    """Mark what came of an experiment.

    Parameters
    ----------
    spec : ExperimentSpec
    experiment : Experiment or None
        None where nothing was run.
    result : CallResult or None

    Returns
    -------
    UnitMarks
        Every curve and number is `missing` where the run gave nothing.
    """
    names = (*spec.curves, *spec.numbers)
    if experiment is None or result is None or result.ending is not Ending.FINISHED:
        return UnitMarks(statements=tuple(_missing(spec, name, None) for name in names), findings=())
    asked = FunctionSpec(
        name=spec.function,
        role=Role.FORWARD,
        arguments=(),
        keys=names,
        quantities=names,
        required=frozenset(names),
        optional=False,
        single=len(names) == 1,
    )
    answers = read_answers(asked, result.value)
    marked = list(_marked(experiment, answers))
    return UnitMarks(
        statements=tuple(statement for statement, _ in marked),
        findings=tuple(Located(spec.function, finding) for _, finding in marked if finding is not None),
    )


def _missing(spec: ExperimentSpec, name: str, reason: str | None) -> Statement:
    return Statement(
        function=spec.function, quantity=spec.label(name), verdict=Verdict.MISSING, reason=reason
    )


def _marked(
    experiment: Experiment, answers: Mapping[str, Answer]
) -> Iterator[tuple[Statement, Finding | None]]:
    for name, answer in answers.items():
        if answer.kind is AnswerKind.MISSING:
            yield _missing(experiment.spec, name, answer.reason), None
        elif answer.value is None:
            reason = answer.reason or "it is no number"
            yield _refused(experiment, name, None, reason)
        elif name in experiment.spec.curves:
            yield _curve(experiment, name, answer.value)
        else:
            yield _number(experiment, name, answer.value)


def _refused(
    experiment: Experiment, name: str, value: Array | None, reason: str
) -> tuple[Statement, Finding]:
    label = experiment.spec.label(name)
    statement = Statement(
        function=experiment.spec.function,
        quantity=label,
        verdict=Verdict.INVALID,
        case=RUN,
        expected=json_numbers(experiment.expected[name]),
        actual=None if value is None else json_numbers(value),
        reason=reason,
        curve=None if value is None or name not in experiment.spec.curves else thinned(value),
        expected_curve=thinned(experiment.expected[name]) if name in experiment.spec.curves else None,
    )
    text = slips.refused([label], reason)
    return statement, Finding(slip="unexplained", at=label, explains=(label,), text=text)


def _number(experiment: Experiment, name: str, value: Array) -> tuple[Statement, Finding | None]:
    expected = experiment.expected[name]
    if value.size != 1 or not finite(value):
        reason = (
            f"its shape is {value.shape}, expected is a single number"
            if value.size != 1
            else "it is not finite"
        )
        return _refused(experiment, name, value, reason)
    off = abs(float(value.reshape(())) - float(expected))
    statement = _compared(experiment, name, value, off, (), agrees=off <= NUMBER_ATOL, atol=NUMBER_ATOL)
    if statement.verdict is Verdict.CORRECT:
        return statement, None
    return statement, _unexplained(statement.quantity, "the value is not what the experiment gives")


def _compared(
    experiment: Experiment,
    name: str,
    value: Array,
    off: float,
    index: tuple[int, ...],
    *,
    agrees: bool,
    rtol: float = 0.0,
    atol: float = 0.0,
) -> Statement:
    expected = experiment.expected[name]
    size = abs(float(expected[index])) if expected.ndim == len(index) else 0.0
    return Statement(
        function=experiment.spec.function,
        quantity=experiment.spec.label(name),
        verdict=Verdict.CORRECT if agrees else Verdict.WRONG,
        case=RUN,
        expected=json_numbers(expected),
        actual=json_numbers(value),
        error=ErrorReport(
            abs=json_number(off),
            rel=json_number(off / size) if size else None,
            index=index,
            rtol=rtol,
            atol=atol,
        ),
    )


def _curve(experiment: Experiment, name: str, value: Array) -> tuple[Statement, Finding | None]:
    expected = experiment.expected[name]
    compared = compare_curves(value, expected, experiment.steps[name])
    if compared.behaviour is None:
        return _refused(experiment, name, value, compared.reason)
    flat, index = np.ravel(value), min(compared.index, value.size - 1, expected.size - 1)
    off = abs(float(flat[index]) - float(expected[index]))
    statement = replace(
        _compared(experiment, name, value, off, (index,), agrees=compared.agrees, rtol=STEP_RTOL),
        curve=thinned(value),
        expected_curve=thinned(expected),
    )
    return statement, None if compared.agrees else _explained(statement.quantity, compared, flat, expected)


def _explained(at: str, compared: CurveComparison, curve: Array, expected: Array) -> Finding:
    if compared.factor is not None:
        detail = f"the whole curve is {compared.factor:.4g} times what it should be"
        return Finding(slip="scaled", at=at, explains=(at,), text=slips.explained("scaled", at, detail))
    if curve.size > 1 and np.ptp(curve) == 0.0:
        detail = "it never changes: the weights stay as they are"
        return Finding(
            slip="step-missing", at=at, explains=(at,), text=slips.explained("step-missing", at, detail)
        )
    if (
        compared.behaviour is Behaviour.DIVERGES
        and behaviour(expected) is Behaviour.FALLS
        and goes_up(curve, expected)
    ):
        detail = "it rises from the first step on"
        return Finding(slip="ascent", at=at, explains=(at,), text=slips.explained("ascent", at, detail))
    return _unexplained(at, compared.reason, compared.wanted)


def _unexplained(at: str, reason: str, wanted: str = "") -> Finding:
    text = slips.unexplained(at, reason)
    return Finding(slip="unexplained", at=at, explains=(at,), text=text, rule=wanted)

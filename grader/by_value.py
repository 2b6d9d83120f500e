"""An assignment as it is asked of somebody who has values and no code: one chain of values, gradients and new weights per case.

A function of the assignment may be called with values that nobody computed: a loss with another output, an update with other
gradients. Here every value is computed from the ones before it, on the case's own inputs, as with a pen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from grader.assignment import RATE, Assignment, FunctionSpec, Kind, QuestionSpec, Role, Unit
from grader.cases import cases_of
from grader.derivations import points_of
from grader.marking.answers import read_value
from grader.marking.expectations import Expectations, Key, expectations
from grader.marking.trials import Trial
from grader.model import WORKED, Answer, AnswerKind, Array, Case, Opaque, Value

OPEN = Answer(kind=AnswerKind.OPEN)
AS_A_CHAIN = {Role.LOSS: Role.FORWARD, Role.UPDATE: Role.STEP}
"""What a role is where its arguments are the values before it."""
MOST_NESTED = 16
"""Lists in lists that are read as an array."""


class ByValue(Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """An assignment whose quantities are given as values."""

    assignment: Assignment
    """With units and questions as they are marked here."""
    code: tuple[Expectations, ...]
    """Of the units that ask for functions."""
    paper: tuple[Expectations, ...]
    """Of the questions that ask for the numbers of the worked case."""

    @cached_property
    def cases(self) -> Mapping[str, frozenset[str]]:
        """The quantities asked on each case, by its name; the worked case first."""
        asked: dict[str, set[str]] = {WORKED: set()}
        for everything, names in self.tables:
            labels = {everything.unit.label(quantity) for _, quantity in everything.scale}
            for name in names:
                asked.setdefault(name, set()).update(labels)
        return {name: frozenset(labels) for name, labels in asked.items() if labels}

    @cached_property
    def quantities(self) -> frozenset[str]:
        """All that values answer."""
        return frozenset[str]().union(*self.cases.values())

    @cached_property
    def other_quantities(self) -> frozenset[str]:
        """What is asked in questions that values do not answer."""
        assignment = self.assignment
        written = {quantity for part in assignment.parts for quantity in part.asked}
        runs = {
            experiment.label(name)
            for experiment in assignment.experiments
            for name in (*experiment.curves, *experiment.numbers)
        }
        return frozenset(written | runs) - self.quantities

    @property
    def tables(self) -> Iterator[tuple[Expectations, tuple[str, ...]]]:
        """What is expected, with the cases that answers are taken on."""
        for everything in self.code:
            yield everything, tuple(reference.case.name for reference in everything.cases)
        for everything in self.paper:
            yield everything, (WORKED,)  # what is drawn for formulas is nobody's to compute with

    def waits(self, question: QuestionSpec) -> bool:
        """Whether values do not answer a question: it asks for formulas or a text, or for a run of the student's code."""
        part = self.assignment.part_of.get(question.id)
        if question.headings or (part is not None and not part.asks_numbers):
            return True
        return any(name in self.assignment.experiment_of for name in question.functions)


def by_value(assignment: Assignment, generator: np.random.Generator) -> ByValue:
    """Draw the cases of an assignment, and compute what is expected of values on them.

    Parameters
    ----------
    assignment : Assignment
    generator : numpy.random.Generator
        As for `grader.session.session`: the same gives the same inputs.

    Returns
    -------
    ByValue

    Raises
    ------
    AssignmentError
        Where the ranges admit too few draws.
    """
    cases = [cases_of(unit, generator) for unit in assignment.units]
    units = tuple(_chained(unit) for unit in assignment.units)
    groups = () if assignment.sheet is None else points_of(assignment.sheet, generator).groups
    kept = {name for unit in units for name in unit.functions} | assignment.experiment_of.keys()
    kept |= {
        name for part in assignment.parts for name in part.unit.functions
    } | assignment.identities_of.keys()
    questions = tuple(
        replace(question, functions=tuple(name for name in question.functions if name in kept))
        for question in assignment.questions
    )
    return ByValue(
        assignment=replace(assignment, units=units, questions=questions),
        code=tuple(
            expectations(unit, [_chained_case(case) for case in drawn])
            for unit, drawn in zip(units, cases, strict=True)
        ),
        paper=tuple(group.everything for group in groups if group.parts[0].asks_numbers),
    )


def _chained(unit: Unit) -> Unit:
    """Return a unit whose functions go on from each other; an optional one that asks for nothing else is left out."""
    required = {
        quantity for spec in unit.functions.values() if not spec.optional for quantity in spec.quantities
    }
    functions = {
        name: replace(spec, role=AS_A_CHAIN.get(spec.role, spec.role))
        for name, spec in unit.functions.items()
        if not (spec.optional and required.issuperset(spec.quantities))
    }
    return replace(unit, functions=functions)


def _chained_case(case: Case) -> Case:
    return replace(case, spare_leaves=case.leaves)


# --------------------------------------------------------------------------------------------------------------
# Inputs


def inputs_of(asked: ByValue) -> dict[str, dict[str, float | Array]]:
    """Return what each case gives.

    Parameters
    ----------
    asked : ByValue

    Returns
    -------
    dict of str to dict
        By case, then by name; in an assignment of several units the unit stands before the name, as before its quantities.
        The arrays are the caller's own.
    """
    given: dict[str, dict[str, float | Array]] = {name: {} for name in asked.cases}
    for everything, names in asked.tables:
        for reference in everything.cases:
            if reference.case.name in names:
                given[reference.case.name].update(_inputs(everything.unit, reference.case))
    return given


def _inputs(unit: Unit, case: Case) -> Iterator[tuple[str, float | Array]]:
    for name in (*unit.inputs, *unit.targets, *unit.parameters):
        value, rule = case.leaves[name], unit.cases.leaves.get(name)
        whole = rule is not None and rule.kind is Kind.LABELS
        array = np.array(value, np.int64 if whole else np.float64)
        yield unit.label(name), array if array.ndim else float(array)
    if unit.by_role(Role.STEP):
        yield unit.label(RATE), case.rate


# --------------------------------------------------------------------------------------------------------------
# Answers


def trials_of(
    everything: Expectations, names: Sequence[str], answers: Mapping[str, Mapping[str, object]]
) -> tuple[Trial, ...]:
    """Return the answers to one unit, case by case.

    Parameters
    ----------
    everything : Expectations
    names : sequence of str
        The cases that answers are taken on.
    answers : mapping of str to mapping of str to object
        By case, then by quantity.

    Returns
    -------
    tuple of Trial
        One per case. A case without an entry says nothing; in one with an entry, a quantity without a value is missing:
        else who returns something on the worked case alone, by heart, would be right.
    """
    somewhere = {label for name in names for label in answers.get(name, ())}
    return tuple(
        Trial(
            reference=reference,
            answers=_given(everything.unit, answers[reference.case.name])
            if reference.case.name in answers and reference.case.name in names
            else _open(everything.unit, somewhere),
        )
        for reference in everything.cases
    )


def _asked(unit: Unit) -> Iterator[tuple[FunctionSpec, str]]:
    for spec in unit.functions.values():
        for quantity in spec.quantities:
            yield spec, quantity


def _given(unit: Unit, given: Mapping[str, object]) -> dict[Key, Answer]:
    return {
        (spec.name, quantity): read_value(plain(given[unit.label(quantity)]))
        for spec, quantity in _asked(unit)
        if unit.label(quantity) in given
    }


def _open(unit: Unit, somewhere: AbstractSet[str]) -> dict[Key, Answer]:
    """Return that nothing is said of what is answered on some other case."""
    return {
        (spec.name, quantity): OPEN for spec, quantity in _asked(unit) if unit.label(quantity) in somewhere
    }


def plain(value: object, *, depth: int = 0) -> Value:
    """Return a value as plain data; arrays of other libraries as NumPy's.

    Parameters
    ----------
    value : object
        Anything.

    Returns
    -------
    Value
        `Opaque` where NumPy makes no array of numbers of it.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple) and depth < MOST_NESTED:
        return [plain(part, depth=depth + 1) for part in value]
    kind = type(value).__name__
    try:
        array = np.asarray(value)
    except Exception as error:  # noqa: BLE001  the edge: `__array__` is somebody's code
        return Opaque(type_name=kind, reason=f"an object of type {kind} that NumPy does not read ({error})")
    if array.dtype.kind not in "biufc":
        return Opaque(type_name=kind, reason=f"an object of type {kind}")
    return array

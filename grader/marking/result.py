"""The result of marking: each quantity with its verdict and share, each question with its points, and the first mistake."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from grader.assignment import Assignment, QuestionSpec, Unit
from grader.marking.compare import compare
from grader.marking.expectations import Key
from grader.marking.findings import WRONG, Located
from grader.marking.pictures import error_map
from grader.marking.points import Credit, Marked, credit
from grader.marking.trials import Work
from grader.marking.values import downstream
from grader.marking.verdicts import Judgement
from grader.model import (
    WORST_FIRST,
    Answer,
    Comparison,
    Curve,
    ErrorMap,
    ErrorReport,
    Finding,
    JsonNumbers,
    QuantityResult,
    Verdict,
)
from grader.serialize import json_number, json_numbers

_INFERRED = "it is not given; what is computed from it shows the mistake"


class Statement(Struct, frozen=True, kw_only=True):
    """What marking says on a quantity asked of one function, before points are given."""

    function: str
    quantity: str
    """Its name among those of the whole assignment."""
    verdict: Verdict
    only_edges: bool = False
    case: str | None = None
    """The case that shows the verdict; None where no case says anything."""
    expected: JsonNumbers = None
    actual: JsonNumbers = None
    error: ErrorReport | None = None
    reason: str | None = None
    share: float | None = None
    """What of its weight is earned, whatever is found; None where verdict and findings say so."""
    error_map: ErrorMap | None = None
    curve: Curve | None = None
    expected_curve: Curve | None = None


class UnitMarks(Struct, frozen=True, kw_only=True):
    """What marking says on the functions of one unit."""

    statements: tuple[Statement, ...]
    """In marking order."""
    findings: tuple[Located, ...]
    convention: str | None = None
    """The other convention in which all of it is right."""

    def of(self, function: str) -> tuple[Statement, ...]:
        """Return the statements on one function."""
        return tuple(entry for entry in self.statements if entry.function == function)

    def only(self, functions: Collection[str]) -> UnitMarks:
        """Return the marks of some functions."""
        return replace(
            self,
            statements=tuple(entry for entry in self.statements if entry.function in functions),
            findings=tuple(entry for entry in self.findings if entry.function in functions),
        )


class QuestionMarks(Struct, frozen=True, kw_only=True):
    """What marking says on one question."""

    id: str
    points: float
    quantities: tuple[QuantityResult, ...]
    findings: tuple[Finding, ...]


class Marks(Struct, frozen=True, kw_only=True):
    """What marking says on a submission."""

    questions: tuple[QuestionMarks, ...]
    first_mistake: str | None


# --------------------------------------------------------------------------------------------------------------
# Of one unit


def unit_marks(
    work: Work,
    judgements: Mapping[Key, Judgement],
    findings: Sequence[Located],
    convention: str | None = None,
) -> UnitMarks:
    """Put what was judged and found into values that no array hangs on.

    Parameters
    ----------
    work : Work
    judgements : mapping of Key to Judgement
        Of all stages, in marking order.
    findings : sequence of Located
        Of all stages.
    convention : str, optional
        The other convention in which all of it is right.

    Returns
    -------
    UnitMarks
    """
    return UnitMarks(
        statements=tuple(_statement(work, judgement) for judgement in judgements.values()),
        findings=tuple(findings),
        convention=convention,
    )


def _statement(work: Work, judgement: Judgement) -> Statement:
    key, trial = judgement.key, judgement.trial
    function, quantity = key[0], work.everything.unit.label(key[1])
    if trial is None:
        return Statement(function=function, quantity=quantity, verdict=judgement.verdict)
    answer, number = trial.answers.get(key), trial.number(key)
    expected = trial.reference.by_key[key].value
    tolerance = work.tolerance(key, trial)
    comparison = None if number is None else compare(number, expected, tolerance)
    is_off = judgement.verdict is not Verdict.CORRECT
    return Statement(
        function=function,
        quantity=quantity,
        verdict=judgement.verdict,
        only_edges=judgement.only_edges,
        case=trial.reference.case.name,
        expected=json_numbers(expected),
        actual=None if number is None else json_numbers(number),
        error=_error(comparison),
        reason=_reason(answer, comparison),
        error_map=error_map(number, expected, tolerance) if is_off and number is not None else None,
    )


def _error(comparison: Comparison | None) -> ErrorReport | None:
    if comparison is None or not comparison.values_compared:
        return None
    return ErrorReport(
        abs=json_number(comparison.abs_error),
        rel=None if comparison.rel_error is None else json_number(comparison.rel_error),
        index=comparison.index,
        rtol=comparison.rtol,
        atol=comparison.atol,
    )


def _reason(answer: Answer | None, comparison: Comparison | None) -> str | None:
    """Say why an answer could not be compared; None where it could."""
    if comparison is None:
        return None if answer is None else answer.reason
    return None if comparison.values_compared else comparison.reason


# --------------------------------------------------------------------------------------------------------------
# Of all units together


def assemble(assignment: Assignment, units: Sequence[UnitMarks]) -> Marks:
    """Give points, and name the first mistake.

    Parameters
    ----------
    assignment : Assignment
    units : sequence of UnitMarks
        Of every unit and experiment, in the order of the assignment.

    Returns
    -------
    Marks
    """
    statements = [entry for unit in units for entry in unit.statements]
    located = [entry for unit in units for entry in unit.findings]
    order = _order(assignment)
    first = _first_mistake(order, statements, located)
    questions = []
    for question in assignment.questions:
        findings = tuple(finding for name, finding in located if name in question.functions)
        worst = _worst_by_quantity(question, statements)
        marked = _marked(assignment, question, worst, findings, first)
        shares = credit(marked, findings, _behind(assignment), assignment.policy)
        shares |= {
            name: Credit(verdict=entry.verdict, share=entry.share)
            for name, entry in worst.items()
            if entry.share is not None
        }
        quantities = tuple(_result(entry, shares[entry.name], worst.get(entry.name)) for entry in marked)
        required = [entry for entry in quantities if entry.required]
        earned = sum(entry.share for entry in required) / max(len(required), 1)
        questions.append(
            QuestionMarks(
                id=question.id, points=question.points * earned, quantities=quantities, findings=findings
            )
        )
    return Marks(questions=tuple(questions), first_mistake=first)


@lru_cache(maxsize=4)
def _order(assignment: Assignment) -> tuple[str, ...]:
    """Return the quantities of all units and experiments in marking order."""
    return (
        # Several questions may ask for one quantity of one network: in formulas, in numbers, in code.
        *dict.fromkeys(unit.label(quantity) for unit in assignment.marked_units for quantity in unit.order),
        *(
            experiment.label(quantity)
            for experiment in assignment.experiments
            for quantity in (*experiment.curves, *experiment.numbers)
        ),
        *(identity.name for asked in assignment.identities_of.values() for identity in asked),
    )


def _first_mistake(
    order: Sequence[str], statements: Sequence[Statement], located: Sequence[Located]
) -> str | None:
    """Return the first wrong or invalid quantity in marking order; exchanged labels are none."""
    exchanged = {name for _, f in located if f.slip == "mislabelled" for name in f.explains}
    wrong = {entry.quantity for entry in statements if entry.verdict in WRONG}
    wrong.update(f.at for _, f in located if f.explains)
    return next((name for name in order if name in wrong - exchanged), None)


def _marked(
    assignment: Assignment,
    question: QuestionSpec,
    worst: Mapping[str, Statement],
    findings: Sequence[Finding],
    first: str | None,
) -> list[Marked]:
    """List every required quantity of a question, and each welcome one that was given or is the first mistake."""
    required = _required(assignment, question)
    inferred = {finding.at for finding in findings if finding.explains} & {first}
    given = {name for name, entry in worst.items() if entry.verdict is not Verdict.MISSING}
    return [
        Marked(
            name=name,
            verdict=_verdict(worst.get(name), inferred=name in inferred),
            required=name in required,
            only_edges=name in worst and worst[name].only_edges,
        )
        for name in _order(assignment)
        if name in required | inferred | given
    ]


def _required(assignment: Assignment, question: QuestionSpec) -> set[str]:
    required: set[str] = set()
    for name in question.functions:
        unit = assignment.unit_of.get(name)
        if name in assignment.identities_of:
            required.update(identity.name for identity in assignment.identities_of[name])
        elif unit is None:
            experiment = assignment.experiment_of[name]
            required.update(experiment.label(q) for q in (*experiment.curves, *experiment.numbers))
        elif not unit.functions[name].optional:
            required.update(unit.label(quantity) for quantity in unit.functions[name].required)
    return required


def _verdict(entry: Statement | None, *, inferred: bool) -> Verdict:
    if inferred and (entry is None or entry.verdict is Verdict.MISSING):
        return Verdict.WRONG
    return Verdict.MISSING if entry is None else entry.verdict


def _worst_by_quantity(question: QuestionSpec, statements: Sequence[Statement]) -> dict[str, Statement]:
    worst: dict[str, Statement] = {}
    for name in question.functions:
        for entry in statements:
            if entry.function != name:
                continue
            known = worst.get(entry.quantity)
            if known is None or WORST_FIRST.index(entry.verdict) < WORST_FIRST.index(known.verdict):
                worst[entry.quantity] = entry
    return worst


def _result(marked: Marked, credited: Credit, entry: Statement | None) -> QuantityResult:
    if entry is None or entry.case is None:
        return QuantityResult(
            name=marked.name,
            verdict=credited.verdict,
            required=marked.required,
            case=None,
            share=credited.share,
        )
    inferred = entry.verdict is Verdict.MISSING and marked.verdict is Verdict.WRONG
    return QuantityResult(
        name=marked.name,
        verdict=credited.verdict,
        required=marked.required,
        case=entry.case,
        expected=entry.expected,
        actual=entry.actual,
        error=entry.error,
        reason=_INFERRED if inferred else entry.reason,
        function=entry.function,
        share=credited.share,
        error_map=entry.error_map,
        curve=entry.curve,
        expected_curve=entry.expected_curve,
    )


@lru_cache(maxsize=4)
def _behind(assignment: Assignment) -> Mapping[str, frozenset[str]]:
    """Return for each quantity those that are computed from it; made once for all students."""
    return {
        unit.label(name): frozenset(unit.label(other) for other in _behind_in(unit, name))
        for unit in assignment.marked_units
        for name in unit.order
    }


def _behind_in(unit: Unit, quantity: str) -> frozenset[str]:
    """Return the quantities that are computed from one: forward along the network, gradients against it."""
    graph = unit.graph
    if quantity in graph.index:
        return downstream(graph, quantity) - {quantity}
    node = next((name for name in graph.index if unit.gradient(name) == quantity), None)
    if node is None:
        return frozenset()
    return frozenset(unit.gradient(name) for name in graph.index if node in downstream(graph, name)) - {
        quantity
    }

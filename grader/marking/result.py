"""The result of marking: each quantity with its verdict and share, each question with its points, and the first mistake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from grader.assignment import Assignment, QuestionSpec
from grader.marking.compare import compare
from grader.marking.expectations import Expectations, Key
from grader.marking.findings import WRONG, Located
from grader.marking.points import Credit, Marked, credit
from grader.marking.trials import Work
from grader.marking.values import downstream
from grader.marking.verdicts import Judgement
from grader.model import WORST_FIRST, Answer, Comparison, ErrorReport, Finding, QuantityResult, Verdict
from grader.serialize import json_number, json_numbers


@dataclass(frozen=True, kw_only=True, slots=True)
class QuestionMarks:
    """What marking says on one question."""

    id: str
    points: float
    quantities: tuple[QuantityResult, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Marks:
    """What marking says on a submission."""

    questions: tuple[QuestionMarks, ...]
    first_mistake: str | None


def assemble(work: Work, judgements: Mapping[Key, Judgement], located: Sequence[Located]) -> Marks:
    """Give points, and name the first mistake.

    Parameters
    ----------
    work : Work
    judgements : mapping of Key to Judgement
        Of all stages.
    located : sequence of Located
        The findings of all stages.

    Returns
    -------
    Marks
    """
    assignment = work.everything.assignment
    first = _first_mistake(assignment, judgements, located)
    behind = _all_behind(work.everything)
    questions = []
    for question in assignment.questions:
        findings = tuple(finding for name, finding in located if name in question.functions)
        worst = _worst_by_quantity(assignment, judgements, question)
        marked = _marked(assignment, question, worst, findings, first)
        shares = credit(marked, findings, behind, assignment.policy)
        quantities = tuple(
            _result(work, entry, shares[entry.name], worst.get(entry.name)) for entry in marked
        )
        required = [entry for entry in quantities if entry.required]
        earned = sum(entry.share for entry in required) / len(required)
        questions.append(
            QuestionMarks(
                id=question.id, points=question.points * earned, quantities=quantities, findings=findings
            )
        )
    return Marks(questions=tuple(questions), first_mistake=first)


def _first_mistake(
    assignment: Assignment, judgements: Mapping[Key, Judgement], located: Sequence[Located]
) -> str | None:
    """Return the first wrong or invalid quantity in marking order; exchanged labels are none."""
    exchanged = {name for _, f in located if f.slip == "mislabelled" for name in f.explains}
    wrong = {quantity for (_, quantity), judgement in judgements.items() if judgement.verdict in WRONG}
    wrong.update(f.at for _, f in located if f.explains)
    return next((name for name in assignment.order if name in wrong - exchanged), None)


def _marked(
    assignment: Assignment,
    question: QuestionSpec,
    worst: Mapping[str, Judgement],
    findings: Sequence[Finding],
    first: str | None,
) -> list[Marked]:
    """List every required quantity of a question, and each welcome one that was given or is the first mistake."""
    required = {
        quantity
        for name in question.functions
        if not assignment.functions[name].optional
        for quantity in assignment.functions[name].required
    }
    inferred = {finding.at for finding in findings if finding.explains} & {first}
    given = {name for name, judgement in worst.items() if judgement.verdict is not Verdict.MISSING}
    return [
        Marked(
            name=name,
            verdict=_verdict(worst.get(name), inferred=name in inferred),
            required=name in required,
            only_edges=name in worst and worst[name].only_edges,
        )
        for name in assignment.order
        if name in required | inferred | given
    ]


def _verdict(judgement: Judgement | None, *, inferred: bool) -> Verdict:
    if inferred and (judgement is None or judgement.verdict is Verdict.MISSING):
        return Verdict.WRONG
    return Verdict.MISSING if judgement is None else judgement.verdict


def _worst_by_quantity(
    assignment: Assignment, judgements: Mapping[Key, Judgement], question: QuestionSpec
) -> dict[str, Judgement]:
    worst: dict[str, Judgement] = {}
    for name in question.functions:
        for quantity in assignment.functions[name].quantities:
            judgement = judgements.get((name, quantity))
            if judgement is None:
                continue
            known = worst.get(quantity)
            if known is None or WORST_FIRST.index(judgement.verdict) < WORST_FIRST.index(known.verdict):
                worst[quantity] = judgement
    return worst


def _result(work: Work, entry: Marked, credited: Credit, judgement: Judgement | None) -> QuantityResult:
    trial = judgement.trial if judgement is not None else None
    if judgement is None or trial is None:
        return QuantityResult(
            name=entry.name,
            verdict=credited.verdict,
            required=entry.required,
            case=None,
            share=credited.share,
        )
    key = judgement.key
    answer, number = trial.answers.get(key), trial.number(key)
    expected = trial.reference.by_key[key].value
    comparison = None if number is None else compare(number, expected, work.tolerance(key, trial))
    return QuantityResult(
        name=entry.name,
        verdict=credited.verdict,
        required=entry.required,
        case=trial.reference.case.name,
        expected=json_numbers(expected),
        actual=None if number is None else json_numbers(number),
        error=_error(comparison),
        reason=_reason(answer, comparison),
        function=key[0],
        share=credited.share,
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


@lru_cache(maxsize=4)
def _all_behind(everything: Expectations) -> Mapping[str, frozenset[str]]:
    """Return for each quantity those that are computed from it; made once for all students."""
    return {name: _behind(everything.assignment, name) for name in everything.assignment.order}


def _behind(assignment: Assignment, quantity: str) -> frozenset[str]:
    """Return the quantities that are computed from one: forward along the network, gradients against it."""
    graph = assignment.graph
    if quantity in graph.index:
        return downstream(graph, quantity) - {quantity}
    node = next((name for name in graph.index if assignment.gradient(name) == quantity), None)
    if node is None:
        return frozenset()
    return frozenset(assignment.gradient(name) for name in graph.index if node in downstream(graph, name)) - {
        quantity
    }

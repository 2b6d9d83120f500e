"""Marks one submission: verdicts stage by stage, the mistakes behind them, the first of them, and the points.

The stages are forward values, gradients, updates. What is found in one is known to the next: a forward slip also changes
which gradients follow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from grader.assignment import RATE, QuestionSpec, Role, updated
from grader.marking import effects, texts
from grader.marking.compare import compare
from grader.marking.expectations import Expectations, Key, kink_sides
from grader.marking.explain import Domain, Evidence, Explanation, explain
from grader.marking.gradients import Base, GradientDomain, own_values, reference_values
from grader.marking.points import Credit, Marked, credit
from grader.marking.trials import Trial, lowest_precision, without_degenerate
from grader.marking.updates import UpdateDomain
from grader.marking.values import ROLES, Rewrite, ValueDomain, downstream
from grader.marking.verdicts import Judgement, Predictions, Statement, judge, state
from grader.model import WORST_FIRST, AnswerKind, ErrorReport, Finding, QuantityResult, Verdict
from grader.serialize import json_numbers
from reference.written import gradient_rule, value_rule

WRONG = (Verdict.WRONG, Verdict.INVALID)


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


@dataclass(slots=True)
class _Stage:
    """What is known so far; filled stage by stage inside `mark` and nowhere else."""

    judgements: dict[Key, Judgement] = field(default_factory=dict)
    findings: list[tuple[str, Finding]] = field(default_factory=list)
    """With the function each belongs to."""


def mark(
    everything: Expectations,
    trials: Sequence[Trial],
    *,
    answered: AbstractSet[str],
    changed: Mapping[str, Sequence[int]],
) -> Marks:
    """Mark the answers of a submission.

    Parameters
    ----------
    everything : Expectations
    trials : sequence of Trial
        In the order of the calls: every case once, then again where an answer differed.
    answered : set of str
        The functions that returned on some case. An optional function that did not is no evidence.
    changed : mapping of str to sequence of int
        Positions of arguments that a function altered in place.

    Returns
    -------
    Marks
    """
    epsilon = lowest_precision(trials)
    trials = without_degenerate(trials, everything)
    stage = _Stage()
    for name, finding in effects.changed_inputs(everything.assignment, changed).items():
        stage.findings.append((name, finding))
    value_keys = _keys(everything, ROLES, answered)
    gradient_keys = _keys(everything, (Role.BACKWARD,), answered)
    update_keys = _keys(everything, (Role.UPDATE, Role.STEP), answered)

    values = ValueDomain(everything=everything, keys=value_keys)
    _judge_all(stage, everything, trials, value_keys, epsilon, _plain(values))
    rewrites = [e.candidate.change for e in _search(stage, everything, trials, value_keys, epsilon, [values])]

    bases = _bases(everything, trials, rewrites)
    _judge_all(stage, everything, trials, gradient_keys, epsilon, _follow(everything, gradient_keys, bases))
    domains = [
        GradientDomain(everything=everything, keys=gradient_keys, base=base, variants=last)
        for base, last in zip(bases, [False] * (len(bases) - 1) + [True], strict=True)
    ]
    _search(stage, everything, trials, gradient_keys, epsilon, domains)

    updates = UpdateDomain(everything=everything, keys=update_keys)
    _judge_all(stage, everything, trials, update_keys, epsilon, _plain(updates))
    _search(stage, everything, trials, update_keys, epsilon, [updates])
    return _assemble(everything, stage, epsilon)


def _keys(everything: Expectations, roles: Sequence[Role], answered: AbstractSet[str]) -> list[Key]:
    """Return the keys of some roles in marking order."""
    order = {quantity: i for i, quantity in enumerate(everything.assignment.order)}
    keys = [
        (spec.name, quantity)
        for spec in everything.assignment.by_role(*roles)
        if spec.name in answered or not spec.optional
        for quantity in spec.quantities
    ]
    return sorted(keys, key=lambda key: order[key[1]])


# --------------------------------------------------------------------------------------------------------------
# Verdicts of a stage


def _plain(domain: Domain[Any]) -> Callable[[Trial], Mapping[Key, Predictions]]:
    return cache(
        lambda trial: {key: Predictions(primary=value) for key, value in domain.predict(trial, ()).items()}
    )


def _bases(everything: Expectations, trials: Sequence[Trial], rewrites: Sequence[Rewrite]) -> list[Base]:
    """Return what gradients may be taken at: the student's values first, the network itself last.

    Between them stands the student's own network where a forward slip was found: who leaves a ReLU out in both
    directions is consistent, and is not charged twice.
    """
    bases = [own_values(everything, trials)]
    if rewrites:
        bases.append(own_values(everything, trials, rewrites))
    return [*bases, reference_values(everything, trials)]


def _follow(
    everything: Expectations, keys: Sequence[Key], bases: Sequence[Base]
) -> Callable[[Trial], Mapping[Key, Predictions]]:
    domains = [GradientDomain(everything=everything, keys=keys, base=base) for base in bases]

    @cache
    def predict(trial: Trial) -> Mapping[Key, Predictions]:
        ways = [
            domain.predict(trial, (), side)
            for domain in domains
            for side in kink_sides(domain.base.graph, domain.base.runs[trial])
        ]
        return {
            key: Predictions(primary=ways[0][key], alternatives=tuple(way[key] for way in ways[1:]))
            for key in keys
        }

    return predict


def _judge_all(
    stage: _Stage,
    everything: Expectations,
    trials: Sequence[Trial],
    keys: Sequence[Key],
    epsilon: float,
    predict: Callable[[Trial], Mapping[Key, Predictions]],
) -> None:
    for key in keys:
        statements: list[tuple[Trial, Statement]] = [
            (trial, state(key, trial, lambda t=trial, k=key: predict(t)[k], everything, epsilon))  # type: ignore[misc]
            for trial in trials
        ]
        stage.judgements[key] = judge(key, statements)


# --------------------------------------------------------------------------------------------------------------
# Mistakes of a stage


def _search(
    stage: _Stage,
    everything: Expectations,
    trials: Sequence[Trial],
    keys: Sequence[Key],
    epsilon: float,
    domains: Sequence[Domain[Any]],
) -> list[Explanation[Any]]:
    """Explain the wrong answers of a stage and note the findings; return the slips found."""
    open_keys = [key for key in keys if stage.judgements[key].verdict in WRONG]
    if not open_keys:
        return []
    open_keys = _side_effects(stage, everything, trials, open_keys, epsilon)
    right = frozenset(
        key for key in keys if stage.judgements[key].verdict in (Verdict.CORRECT, Verdict.FOLLOWS)
    )
    found: list[Explanation[Any]] = []
    # Most slips fail on the first case tried: the round numbers of the worked one hide more than drawn ones do.
    telling = sorted(trials, key=lambda trial: trial.reference.case.name == "worked")
    for domain in domains:
        evidence = Evidence(
            everything=everything, trials=telling, epsilon=epsilon, wrong=frozenset(open_keys), right=right
        )
        for explanation in explain(domain, evidence):
            found.append(explanation)
            stage.findings.append((explanation.keys[0][0], _finding(everything, explanation)))
            open_keys = [key for key in open_keys if key not in explanation.keys]
    open_keys = _exchanged(stage, everything, trials, open_keys, epsilon)
    stage.findings.extend(_unexplained(stage, everything, telling, open_keys, epsilon))
    return found


def _unexplained(
    stage: _Stage, everything: Expectations, trials: Sequence[Trial], keys: Sequence[Key], epsilon: float
) -> Iterator[tuple[str, Finding]]:
    """Yield a finding for each answer that nothing explains; those refused for one reason share one."""
    refused: dict[tuple[str, str], list[str]] = {}
    evidence = Evidence(
        everything=everything, trials=trials, epsilon=epsilon, wrong=frozenset(), right=frozenset()
    )
    for key in keys:
        judgement = stage.judgements[key]
        known = _known(judgement, everything, epsilon)
        if judgement.verdict is Verdict.INVALID:
            refused.setdefault((key[0], known), []).append(key[1])
            continue
        if evidence.is_constant(key):
            known = "it is the same number on every case"
        text = texts.unexplained(key[1], known)
        rule = _rule(everything, key[1])
        yield key[0], Finding(slip="unexplained", at=key[1], explains=(key[1],), text=text, rule=rule)
    for (function, reason), quantities in refused.items():
        text = texts.refused(quantities, reason)
        yield function, Finding(slip="unexplained", at=quantities[0], explains=tuple(quantities), text=text)


def _finding(everything: Expectations, explanation: Explanation[Any]) -> Finding:
    candidate = explanation.candidate
    return Finding(
        slip=candidate.slip,
        also=explanation.also,
        at=candidate.at,
        explains=tuple(dict.fromkeys(quantity for _, quantity in explanation.keys)),
        text=texts.explained(candidate.slip, candidate.at, candidate.text),
        rule=_rule(everything, candidate.at),
    )


def _rule(everything: Expectations, quantity: str) -> str:
    """Write the rule as it should be."""
    assignment = everything.assignment
    graph = assignment.graph
    if quantity in graph.index:
        return value_rule(graph, quantity)
    for name in graph.index:
        if quantity == assignment.gradient(name):
            return gradient_rule(graph, name, everything.cases[-1].forward)
        if quantity == updated(name):
            return f"{quantity} = {name} - {RATE} * {assignment.gradient(name)}"
    raise KeyError(quantity)


def _side_effects(
    stage: _Stage, everything: Expectations, trials: Sequence[Trial], open_keys: Sequence[Key], epsilon: float
) -> list[Key]:
    """Note what is wrong because of earlier calls; return what is left to explain."""
    left = list(open_keys)
    for slip, shown in (
        ("gradients-kept", dict(effects.kept_gradients(everything, trials, epsilon))),
        ("not-repeatable", dict(effects.unrepeatable(everything, trials, epsilon))),
    ):
        for name in dict.fromkeys(function for function, _ in left):
            keys = [key for key in left if key[0] == name and key in shown]
            if keys:
                text = (
                    texts.gradients_kept(name)
                    if slip == "gradients-kept"
                    else texts.not_repeatable(name, shown[keys[0]])
                )
                explains = tuple(quantity for _, quantity in keys)
                stage.findings.append(
                    (name, Finding(slip=slip, at=explains[0], explains=explains, text=text))
                )
                left = [key for key in left if key not in keys]
    return left


def _exchanged(
    stage: _Stage, everything: Expectations, trials: Sequence[Trial], open_keys: Sequence[Key], epsilon: float
) -> list[Key]:
    """Note wrong answers of one function that carry each other's right values; return the others."""
    carries: dict[Key, Key] = {}
    for key in open_keys:
        partners = (other for other in open_keys if other != key and other[0] == key[0])
        partner = next((p for p in partners if _carries(everything, trials, key, p, epsilon)), None)
        if partner is not None:
            carries[key] = partner
    exchanged = [key for key in open_keys if _on_cycle(key, carries)]
    for name in dict.fromkeys(function for function, _ in exchanged):
        keys = [key for key in exchanged if key[0] == name]
        text = texts.mislabelled(keys[0][1], carries[keys[0]][1])
        explains = tuple(quantity for _, quantity in keys)
        stage.findings.append(
            (name, Finding(slip="mislabelled", at=explains[0], explains=explains, text=text))
        )
    return [key for key in open_keys if key not in exchanged]


def _carries(
    everything: Expectations, trials: Sequence[Trial], key: Key, partner: Key, epsilon: float
) -> bool:
    """Whether an answer is the partner's right value on every case."""
    for trial in trials:
        expectation, number = trial.reference.by_key[partner], trial.number(key)
        if number is None:
            return False
        comparison = compare(number, expectation.value, everything.tolerance(partner, expectation, epsilon))
        if not comparison.agrees and not (expectation.free and np.isfinite(number).all()):
            return False
    return True


def _on_cycle(key: Key, carries: Mapping[Key, Key]) -> bool:
    following = carries.get(key)
    for _ in carries:
        if following is None or following == key:
            break
        following = carries.get(following)
    return following == key


def _known(judgement: Judgement, everything: Expectations, epsilon: float) -> str:
    """Say what is known of a wrong answer that nothing explains."""
    trial, key = judgement.trial, judgement.key
    assert trial is not None
    answer = trial.answers[key]
    number = trial.number(key)
    if number is None:
        return answer.reason or "it is no number"
    expectation = trial.reference.by_key[key]
    comparison = compare(number, expectation.value, everything.tolerance(key, expectation, epsilon))
    if not comparison.values_compared:
        return comparison.reason or "it cannot be compared"
    on = "the worked case" if trial.reference.case.name == "worked" else "cases other than the worked one"
    return f"the value is wrong on {on}"


# --------------------------------------------------------------------------------------------------------------
# The result


def _assemble(everything: Expectations, stage: _Stage, epsilon: float) -> Marks:
    first = _first_mistake(everything, stage)
    behind = {name: _behind(everything, name) for name in everything.assignment.order}
    questions = []
    for question in everything.assignment.questions:
        findings = tuple(finding for name, finding in stage.findings if name in question.functions)
        quantities = tuple(_quantities(everything, stage, question, findings, first, behind, epsilon))
        required = [entry for entry in quantities if entry.required]
        earned = sum(entry.share for entry in required) / len(required)
        questions.append(
            QuestionMarks(
                id=question.id, points=question.points * earned, quantities=quantities, findings=findings
            )
        )
    return Marks(questions=tuple(questions), first_mistake=first)


def _first_mistake(everything: Expectations, stage: _Stage) -> str | None:
    """Return the first wrong or invalid quantity in marking order; exchanged labels are none."""
    exchanged = {name for _, f in stage.findings if f.slip == "mislabelled" for name in f.explains}
    wrong = {
        quantity
        for (_, quantity), judgement in stage.judgements.items()
        if judgement.verdict in WRONG and quantity not in exchanged
    }
    wrong.update(f.at for _, f in stage.findings if f.explains and f.at not in exchanged)
    return next((name for name in everything.assignment.order if name in wrong), None)


def _quantities(
    everything: Expectations,
    stage: _Stage,
    question: QuestionSpec,
    findings: Sequence[Finding],
    first: str | None,
    behind: Mapping[str, AbstractSet[str]],
    epsilon: float,
) -> Iterator[QuantityResult]:
    """Yield every required quantity of a question, and each welcome one that was given or is the first mistake."""
    judgements = _worst_by_quantity(everything, stage, question)
    required = {
        quantity
        for name in question.functions
        if not everything.assignment.functions[name].optional
        for quantity in everything.assignment.functions[name].required
    }
    inferred = {f.at for f in findings if f.explains} & {first}
    names = [
        name
        for name in everything.assignment.order
        if name in required
        or name in inferred
        or (name in judgements and judgements[name].verdict is not Verdict.MISSING)
    ]
    marked = [
        Marked(
            name=name,
            verdict=_verdict(judgements.get(name), inferred=name in inferred),
            required=name in required,
            only_edges=name in judgements and judgements[name].only_edges,
        )
        for name in names
    ]
    credited = credit(marked, findings, behind, everything.assignment.policy)
    for entry in marked:
        yield _result(everything, entry, credited[entry.name], judgements.get(entry.name), epsilon)


def _verdict(judgement: Judgement | None, *, inferred: bool) -> Verdict:
    if inferred and (judgement is None or judgement.verdict is Verdict.MISSING):
        return Verdict.WRONG
    return Verdict.MISSING if judgement is None else judgement.verdict


def _worst_by_quantity(
    everything: Expectations, stage: _Stage, question: QuestionSpec
) -> dict[str, Judgement]:
    worst: dict[str, Judgement] = {}
    for name in question.functions:
        for quantity in everything.assignment.functions[name].quantities:
            judgement = stage.judgements.get((name, quantity))
            if judgement is None:
                continue
            known = worst.get(quantity)
            if known is None or WORST_FIRST.index(judgement.verdict) < WORST_FIRST.index(known.verdict):
                worst[quantity] = judgement
    return worst


def _result(
    everything: Expectations, entry: Marked, credited: Credit, judgement: Judgement | None, epsilon: float
) -> QuantityResult:
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
    expectation = trial.reference.by_key[key]
    error, reason = None, answer.reason if answer is not None else None
    if number is not None:
        comparison = compare(number, expectation.value, everything.tolerance(key, expectation, epsilon))
        if comparison.values_compared:
            error = ErrorReport(
                abs=json_numbers(np.asarray(comparison.abs_error)),
                rel=None if comparison.rel_error is None else json_numbers(np.asarray(comparison.rel_error)),
                index=comparison.index,
                rtol=comparison.rtol,
                atol=comparison.atol,
            )
        else:
            reason = comparison.reason
    return QuantityResult(
        name=entry.name,
        verdict=credited.verdict,
        required=entry.required,
        case=trial.reference.case.name,
        expected=json_numbers(expectation.value),
        actual=None if number is None else json_numbers(number),
        error=error,
        reason=None
        if answer is not None and answer.kind is AnswerKind.GIVEN and error is not None
        else reason,
        function=key[0],
        share=credited.share,
    )


def _behind(everything: Expectations, quantity: str) -> frozenset[str]:
    """Return the quantities that are computed from one: forward along the network, gradients against it."""
    assignment = everything.assignment
    graph = assignment.graph
    if quantity in graph.index:
        return downstream(graph, quantity) - {quantity}
    node = next((name for name in graph.index if assignment.gradient(name) == quantity), None)
    if node is None:
        return frozenset()
    return frozenset(assignment.gradient(name) for name in graph.index if node in downstream(graph, name)) - {
        quantity
    }

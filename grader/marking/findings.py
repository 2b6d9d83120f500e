"""From wrong answers to findings: side effects first, then slips, then exchanged results, then what is unexplained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from msgspec import Struct

from grader import slips
from grader.marking import effects
from grader.marking.compare import compare, identical
from grader.marking.expectations import Expectations, Key
from grader.marking.explain import Domain, Evidence, Explanation, explain
from grader.marking.rules import rule, rules
from grader.marking.trials import Trial, Work
from grader.marking.verdicts import Judgement
from grader.model import WORKED, Finding, Verdict

LARGE = 30.0
"""exp(30) is 1e13: beside it 1 is hardly seen in double precision."""
WRONG = (Verdict.WRONG, Verdict.INVALID)
"""Verdicts that ask for an explanation."""


class Located(NamedTuple):
    """A finding with the function it belongs to."""

    function: str
    finding: Finding


class Mistakes(Struct, frozen=True, kw_only=True, eq=False):
    """What is behind the wrong answers of one stage."""

    findings: tuple[Located, ...]
    slips: tuple[Explanation[Any], ...]
    """Those of the findings that are slips of the stage's computation, in the order found."""


def find_mistakes(
    work: Work, judgements: Mapping[Key, Judgement], keys: Sequence[Key], domains: Sequence[Domain[Any]]
) -> Mistakes:
    """Explain the wrong answers of a stage.

    Parameters
    ----------
    work : Work
    judgements : mapping of Key to Judgement
        Of the stage's keys at least.
    keys : sequence of Key
        What the stage asks for, in marking order.
    domains : sequence of Domain
        The stage on each base that it may stand on; a later one explains what the earlier ones left.

    Returns
    -------
    Mistakes
        Every wrong or invalid key is explained by one of the findings.
    """
    wrong = [key for key in keys if judgements[key].verdict in WRONG]
    if not wrong:
        return Mistakes(findings=(), slips=())
    side_effects = list(_side_effects(work, wrong))
    wrong = _left(work, wrong, side_effects)
    right = frozenset(key for key in keys if judgements[key].verdict in (Verdict.CORRECT, Verdict.FOLLOWS))
    slips: list[Explanation[Any]] = []
    at_edges = [key for key in wrong if judgements[key].only_edges and not _is_on_a_kink(judgements[key])]
    wrong = [key for key in wrong if key not in at_edges]
    found: tuple[Explanation[Any], ...] = ()
    for before, domain in zip((None, *domains), domains, strict=False):
        if domain is before and not found:
            continue  # the same search would leave the same
        found = explain(domain, Evidence(work=work, wrong=frozenset(wrong), right=right))
        slips.extend(found)
        wrong = [key for key in wrong if not any(key in explanation.keys for explanation in found)]
    exchanged = list(_exchanged(work, wrong))
    wrong = _left(work, wrong, exchanged)
    return Mistakes(
        findings=(
            *side_effects,
            *(_from_slip(work.everything, slip) for slip in slips),
            *exchanged,
            *_unexplained(work, judgements, [*wrong, *at_edges]),
        ),
        slips=tuple(slips),
    )


def _left(work: Work, keys: Sequence[Key], found: Sequence[Located]) -> list[Key]:
    explained = {(function, quantity) for function, finding in found for quantity in finding.explains}
    return [key for key in keys if (key[0], work.everything.unit.label(key[1])) not in explained]


def _from_slip(everything: Expectations, explanation: Explanation[Any]) -> Located:
    candidate, label = explanation.candidate, everything.unit.label
    right, used = rules(everything, candidate)
    finding = Finding(
        slip=candidate.slip,
        also=explanation.also,
        at=label(candidate.at),
        explains=tuple(dict.fromkeys(label(quantity) for _, quantity in explanation.keys)),
        text=slips.explained(candidate.slip, label(candidate.at), candidate.text),
        rule=right,
        used=used,
    )
    return Located(explanation.keys[0][0], finding)


# --------------------------------------------------------------------------------------------------------------
# Because of other calls


def _side_effects(work: Work, wrong: Sequence[Key]) -> Iterator[Located]:
    """Yield what is wrong because of earlier calls; kept gradients explain before anything unrepeatable does."""
    label = work.everything.unit.label
    kept = dict(effects.kept_gradients(work))
    unlike = {key: case for key, case in effects.unrepeatable(work) if key not in kept}
    for name in dict.fromkeys(function for function, _ in wrong):
        keys = [key for key in wrong if key[0] == name]
        added = tuple(label(key[1]) for key in keys if key in kept)
        if added:
            text = slips.gradients_kept(name)
            yield Located(name, Finding(slip="gradients-kept", at=added[0], explains=added, text=text))
        changing = [key for key in keys if key in unlike]
        if changing:
            # What is wrong every time is not wrong because it changes, or any number would do that is new each time; the
            # first one is named all the same.
            because = [key for key in changing if effects.sometimes_right(work, key)] or changing[:1]
            explains = tuple(label(quantity) for _, quantity in because)
            text = slips.not_repeatable(name, unlike[because[0]])
            yield Located(name, Finding(slip="not-repeatable", at=explains[0], explains=explains, text=text))


# --------------------------------------------------------------------------------------------------------------
# Exchanged results


def _exchanged(work: Work, wrong: Sequence[Key]) -> Iterator[Located]:
    """Yield wrong answers of one function that carry each other's right values."""
    label = work.everything.unit.label
    carries: dict[Key, Key] = {}
    for key in wrong:
        partners = (other for other in wrong if other != key and other[0] == key[0])
        partner = next((p for p in partners if _carries(work, key, p)), None)
        if partner is not None:
            carries[key] = partner
    exchanged = [key for key in wrong if _on_cycle(key, carries)]
    for name in dict.fromkeys(function for function, _ in exchanged):
        keys = [key for key in exchanged if key[0] == name]
        text = slips.mislabelled(label(keys[0][1]), label(carries[keys[0]][1]))
        explains = tuple(label(quantity) for _, quantity in keys)
        yield Located(name, Finding(slip="mislabelled", at=explains[0], explains=explains, text=text))


def _carries(work: Work, key: Key, partner: Key) -> bool:
    """Whether an answer is the partner's right value on every case."""
    for trial in work.trials:
        expectation, number = trial.reference.by_key[partner], trial.number(key)
        if number is None:
            return False
        agrees = compare(number, expectation.value, work.tolerance(partner, trial)).agrees
        if not agrees and not (expectation.free and np.isfinite(number).all()):
            return False
    return True


def _on_cycle(key: Key, carries: Mapping[Key, Key]) -> bool:
    following = carries.get(key)
    for _ in carries:
        if following is None or following == key:
            break
        following = carries.get(following)
    return following == key


# --------------------------------------------------------------------------------------------------------------
# What nothing explains


def _unexplained(work: Work, judgements: Mapping[Key, Judgement], keys: Sequence[Key]) -> Iterator[Located]:
    """Yield a finding for each answer that is left; those refused for one reason share one."""
    refused: dict[tuple[str, str, bool], list[str]] = {}
    for key in keys:
        function, quantity = key[0], work.everything.unit.label(key[1])
        known = _known(work, judgements[key])
        if judgements[key].verdict is Verdict.INVALID or judgements[key].only_edges:
            refused.setdefault((function, known, _is_unstable(judgements[key])), []).append(quantity)
            continue
        finding = Finding(
            slip="unexplained",
            at=quantity,
            explains=(quantity,),
            text=slips.unexplained(quantity, known),
            rule=rule(work.everything, key[1]),
        )
        yield Located(function, finding)
    for (function, reason, unstable), quantities in refused.items():
        text = slips.unstable(quantities, reason) if unstable else slips.refused(quantities, reason)
        slip = "unstable" if unstable else "unexplained"
        explains = tuple(quantities)
        yield Located(function, Finding(slip=slip, at=explains[0], explains=explains, text=text))


def _is_on_a_kink(judgement: Judgement) -> bool:
    """Whether what is wrong is that there is no number where any subgradient is right."""
    trial = judgement.trial
    return trial is not None and trial.reference.by_key[judgement.key].free


def _is_unstable(judgement: Judgement) -> bool:
    """Whether an answer is right but for edge cases whose inputs are so large that their exponentials lose digits."""
    if not judgement.only_edges or judgement.trial is None:
        return False
    leaves = judgement.trial.reference.case.leaves.values()
    return any(float(np.max(np.abs(leaf), initial=0.0)) > LARGE for leaf in leaves)


def _is_one_number(work: Work, key: Key) -> bool:
    """Whether an answer never changes where the expected one does, be it in its sign alone: numbers written down, or zeros."""
    numbers = [trial.number(key) for trial in work.trials]
    wanted = [trial.reference.by_key[key].value for trial in work.trials]
    first = numbers[0]
    return (
        first is not None
        and all(number is not None and identical(number, first) for number in numbers)
        and not all(identical(value, wanted[0]) for value in wanted)
    )


def _known(work: Work, judgement: Judgement) -> str:
    """Say what is known of a wrong answer that nothing explains."""
    trial, key = judgement.trial, judgement.key
    assert isinstance(trial, Trial)
    number = trial.number(key)
    if number is None:
        return trial.answers[key].reason or "it is no number"
    comparison = compare(number, trial.reference.by_key[key].value, work.tolerance(key, trial))
    if not comparison.values_compared:
        return comparison.reason or "it cannot be compared"
    if work.is_constant(key) or _is_one_number(work, key):
        return "it is the same number on every case"
    if judgement.only_edges:
        return "the value is wrong"
    if work.everything.unit.cases.worked is None:
        return "the value differs from what is expected"
    on = "the worked case" if trial.reference.case.name == WORKED else "cases other than the worked one"
    return f"the value is wrong on {on}"

"""Marks one submission: verdicts stage by stage, the mistakes behind them, the first of them, and the points.

The stages are forward values, gradients, updates. What is found in one is known to the next: a forward slip also changes
which gradients follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from typing import Any

from msgspec.structs import replace

from grader.assignment import Role
from grader.marking import effects
from grader.marking.conventions import other_convention
from grader.marking.expectations import Expectations, Key, kink_sides
from grader.marking.explain import Domain
from grader.marking.findings import Located, find_mistakes
from grader.marking.gradient_domain import Base, GradientDomain, own_values, reference_values
from grader.marking.result import UnitMarks, unit_marks
from grader.marking.trials import Trial, Work, fingerprint, work
from grader.marking.updates import UpdateDomain
from grader.marking.values import ROLES, Rewrite, ValueDomain
from grader.marking.verdicts import Judgement, Ways, judge, state
from grader.model import Answer, AnswerKind, Array
from reference.network import Forward, Side


def mark(
    everything: Expectations,
    trials: Sequence[Trial],
    *,
    answered: AbstractSet[str],
    changed: Mapping[str, Sequence[int]],
    own_convention: bool = False,
) -> UnitMarks:
    """Mark the answers to the functions of one unit; those that equal a recent one's to the last bit get the marks it got.

    Parameters
    ----------
    everything : Expectations
    trials : sequence of Trial
        In the order of the calls: every case once, then again where an answer differed.
    answered : set of str
        The functions that returned on some case. An optional function that did not is no evidence.
    changed : mapping of str to sequence of int
        Positions of arguments that a function altered in place.
    own_convention : bool
        Whether no convention but the assignment's is looked at.

    Returns
    -------
    UnitMarks
    """
    key = (
        own_convention,
        tuple(trial.reference for trial in trials),
        fingerprint(trials),
        frozenset(answered),
        tuple((name, tuple(positions)) for name, positions in changed.items()),
    )
    marks: UnitMarks = everything.marks.get(
        key,
        lambda: mark_afresh(
            everything, trials, answered=answered, changed=changed, own_convention=own_convention
        ),
    )
    return marks


def mark_afresh(
    everything: Expectations,
    trials: Sequence[Trial],
    *,
    answered: AbstractSet[str],
    changed: Mapping[str, Sequence[int]],
    own_convention: bool = False,
) -> UnitMarks:
    """Mark the answers to the functions of one unit whatever was marked before; see `mark`."""
    offered = _offered(everything, trials, answered)
    done = work(everything, [_without_gaps(trial, offered) for trial in trials] if offered else trials)
    value_keys = _keys(everything, ROLES, offered)
    gradient_keys = _keys(everything, (Role.BACKWARD,), offered)
    update_keys = _keys(everything, (Role.UPDATE, Role.STEP), offered)

    every_key = [*value_keys, *gradient_keys, *update_keys]
    other = None if own_convention else other_convention(done, every_key, answered)
    if other is not None:
        return unit_marks(done, *other)

    values = ValueDomain(everything=everything, keys=value_keys)
    judgements = _judge_all(done, value_keys, _plain(values))
    in_values = find_mistakes(done, judgements, value_keys, [values])

    gradients = _gradient_domains(done, gradient_keys, [slip.candidate.change for slip in in_values.slips])
    judgements |= _judge_all(done, gradient_keys, _follow(gradients))
    in_gradients = find_mistakes(done, judgements, gradient_keys, gradients)

    updates = UpdateDomain(everything=everything, keys=update_keys)
    judgements |= _judge_all(done, update_keys, _plain(updates))
    in_updates = find_mistakes(done, judgements, update_keys, [updates])

    changed_inputs = effects.changed_inputs(everything.unit, changed)
    findings = [
        *(Located(function, finding) for function, finding in changed_inputs.items()),
        *in_values.findings,
        *in_gradients.findings,
        *in_updates.findings,
    ]
    return unit_marks(done, judgements, findings)


def _offered(everything: Expectations, trials: Sequence[Trial], answered: AbstractSet[str]) -> frozenset[Key]:
    """Return what optional functions gave on some case; what they gave on none is no evidence."""
    optional = {name for name in answered if everything.unit.functions[name].optional}
    return frozenset(
        key
        for trial in trials
        for key, answer in trial.answers.items()
        if key[0] in optional and answer.kind is not AnswerKind.MISSING
    )


def _without_gaps(trial: Trial, offered: AbstractSet[Key]) -> Trial:
    """Leave open what an optional function did not give on this case: who shows more work is never worse off."""
    gaps = [
        key
        for key in offered
        if (answer := trial.answers.get(key)) is None or answer.kind is AnswerKind.MISSING
    ]
    opened = dict.fromkeys(gaps, Answer(kind=AnswerKind.OPEN))
    return replace(trial, answers={**trial.answers, **opened}) if gaps else trial


def _keys(everything: Expectations, roles: Sequence[Role], offered: AbstractSet[Key]) -> list[Key]:
    """Return the keys of some roles in marking order; those of an optional function where it offered them."""
    order = {quantity: i for i, quantity in enumerate(everything.unit.order)}
    keys = [
        (spec.name, quantity)
        for spec in everything.unit.by_role(*roles)
        for quantity in spec.quantities
        if not spec.optional or (spec.name, quantity) in offered
    ]
    return sorted(keys, key=lambda key: order[key[1]])


# --------------------------------------------------------------------------------------------------------------
# Verdicts of a stage


def _plain(domain: Domain[Any]) -> Ways:
    predict = cache(lambda trial: domain.predict(trial, ()))
    return lambda trial: iter((predict(trial),))


def _gradient_domains(
    done: Work, keys: Sequence[Key], rewrites: Sequence[Rewrite]
) -> Sequence[GradientDomain]:
    """Return the stage of gradients on each base; on an only base twice, since a second search finds what one left."""
    bases = _bases(done, rewrites)
    domains = [
        GradientDomain(everything=done.everything, keys=keys, base=base, variants=base is bases[-1])
        for base in bases
    ]
    return domains if len(domains) > 1 else domains * 2


def _bases(done: Work, rewrites: Sequence[Rewrite]) -> list[Base]:
    """Return what gradients may be taken at: the student's values first where they are off, the network itself last.

    Between them stands the student's own network where a forward slip was found: who leaves a ReLU out in both
    directions is consistent, and is not charged twice.
    """
    everything = done.everything
    own = own_values(everything)
    if not rewrites and all(own.run(trial) is trial.reference.forward for trial in done.trials):
        return [reference_values(everything)]
    bases = [own]
    if rewrites:
        bases.append(own_values(everything, rewrites))
    return [*bases, reference_values(everything)]


def _follow(domains: Sequence[GradientDomain]) -> Ways:
    @cache
    def predict(domain: GradientDomain, trial: Trial, side: Side | None) -> Mapping[Key, Array]:
        return domain.predict(trial, (), side)

    @cache
    def by_arguments(domain: GradientDomain, trial: Trial) -> Mapping[Key, Array]:
        return domain.predict(trial, (), by_arguments=True)

    def ways(trial: Trial) -> Iterator[Mapping[Key, Array]]:
        followed: list[Forward] = []
        for domain in domains:
            run = domain.base.run(trial)
            if any(run is other for other in followed):
                continue  # right forward values: a pass at the student's is the reference's own
            followed.append(run)
            for side in kink_sides(domain.base.graph, run):
                yield predict(domain, trial, side)
            if domain.base.own:
                yield by_arguments(domain, trial)

    return ways


def _judge_all(done: Work, keys: Sequence[Key], ways: Ways) -> dict[Key, Judgement]:
    """Judge every key of a stage over all trials."""
    return {
        key: judge(key, [(trial, state(done, key, trial, ways)) for trial in done.trials]) for key in keys
    }

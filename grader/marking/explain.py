"""Finding the mistakes behind wrong answers: the fewest known slips that give the student's numbers on every case.

A domain (forward values, gradients, updates) says which slips there are and what each predicts; the search is one and the
same. A slip fits when it reproduces at least one wrong answer on every trial and changes no answer that is right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np

from grader.marking.compare import equal
from grader.marking.expectations import Key
from grader.marking.trials import Trial, Work
from grader.model import WORKED, Array
from grader.slips import SLIPS

C = TypeVar("C")

ORDER = {name: place for place, name in enumerate(SLIPS)}
"""Of slips that explain the same, the one that stands first gives the finding its name."""

LEAST_FACTOR = 1e-3
"""A constant factor smaller than this is no slip: the answer is as good as zero."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Candidate(Generic[C]):
    """A slip at a place."""

    slip: str
    at: str
    """The quantity at which it happens."""
    text: str
    change: C
    """What the domain does otherwise because of it."""
    roundabout: bool = False
    """Whether another slip that gives the same numbers is plainer: this one lies in an earlier stage whose own answers are
    right, or takes a value from far away."""


class Domain(Protocol[C]):
    """One stage of the computation, with its slips."""

    @property
    def keys(self) -> Sequence[Key]:
        """What the stage asks for, in marking order."""
        ...

    def candidates(self, open_keys: AbstractSet[Key]) -> Iterable[Candidate[C]]:
        """Yield the slips that can reach one of the keys."""
        ...

    def scaled_candidates(
        self, open_keys: AbstractSet[Key], factors: Sequence[float]
    ) -> Iterable[Candidate[C]]:
        """Yield slips by a constant factor found in the answers."""
        ...

    def predict(self, trial: Trial, accepted: Sequence[C]) -> Mapping[Key, Array]:
        """Return what every key follows to be under some changes, from the student's earlier answers."""
        ...

    def altered(self, trial: Trial, accepted: Sequence[C], change: C) -> Mapping[Key, Array]:
        """Return the predictions that one more change alters, at least."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Explanation(Generic[C]):
    """A slip that explains answers."""

    candidate: Candidate[C]
    also: tuple[str, ...]
    """Names of other slips that explain the same."""
    keys: tuple[Key, ...]
    """What it explains, in marking order."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Evidence:
    """What a search needs to know of the answers."""

    work: Work
    wrong: AbstractSet[Key]
    """Wrong or misshapen answers that are to be explained."""
    right: AbstractSet[Key]
    """Answers that no slip may change."""

    @property
    def trials(self) -> Sequence[Trial]:
        """The trials, the worked case last: its round numbers hide more slips than drawn ones do."""
        return sorted(self.work.trials, key=lambda trial: trial.reference.case.name == WORKED)

    def fits(self, key: Key, trial: Trial, prediction: Array | None) -> bool:
        """Whether the student's number is the predicted one (or is open on this case)."""
        if trial.reference.by_key[key].free:
            return True
        number = trial.number(key)
        if number is None or prediction is None:
            return False
        return equal(number, np.asarray(prediction), self.work.tolerance(key, trial))


def explain(domain: Domain[C], evidence: Evidence) -> tuple[Explanation[C], ...]:
    """Find slips one after the other, the one that explains most first.

    Parameters
    ----------
    domain : Domain
    evidence : Evidence

    Returns
    -------
    tuple of Explanation
        In the order found; what none of them explains is unexplained.
    """
    found: list[Explanation[C]] = []
    work = evidence.work
    open_keys = {key for key in evidence.wrong if not work.is_constant(key) and not work.vanishes(key)}
    while open_keys:
        best = _best(domain, evidence, open_keys, [e.candidate.change for e in found])
        if best is None:
            break
        found.append(best)
        open_keys.difference_update(best.keys)
    return tuple(found)


def _best(
    domain: Domain[C], evidence: Evidence, open_keys: AbstractSet[Key], accepted: Sequence[C]
) -> Explanation[C] | None:
    plain = {trial: domain.predict(trial, accepted) for trial in evidence.trials}
    for candidates in (
        domain.candidates(open_keys),
        domain.scaled_candidates(open_keys, _factors(evidence, open_keys, plain)),
    ):
        fitting = [
            (candidate, keys)
            for candidate in candidates
            if (keys := _explained(domain, evidence, candidate, open_keys, accepted, plain))
        ]
        if fitting:
            return _preferred(domain, fitting)
    return None


def _explained(
    domain: Domain[C],
    evidence: Evidence,
    candidate: Candidate[C],
    open_keys: AbstractSet[Key],
    accepted: Sequence[C],
    plain: Mapping[Trial, Mapping[Key, Array]],
) -> frozenset[Key]:
    """Return the open keys that the candidate explains on every trial; none where it changes a right answer."""
    alive = set(open_keys)
    for trial in evidence.trials:
        try:
            altered = domain.altered(trial, accepted, candidate.change)
        except (ValueError, IndexError):
            return frozenset()  # shapes that do not allow this mistake: nobody can have made it
        alive = {key for key in alive if evidence.fits(key, trial, altered.get(key, plain[trial][key]))}
        if not alive or any(
            key in evidence.right and _contradicts(evidence, key, trial, value, plain[trial][key])
            for key, value in altered.items()
        ):
            return frozenset()
    return frozenset(alive)


def _contradicts(evidence: Evidence, key: Key, trial: Trial, value: Array, plain: Array) -> bool:
    """Whether a prediction departs both from what holds without the slip and from the student's number."""
    if value is plain or np.array_equal(value, plain):
        return False
    tolerance = evidence.work.tolerance(key, trial)
    return not equal(np.asarray(value), np.asarray(plain), tolerance) and not evidence.fits(key, trial, value)


def _preferred(domain: Domain[C], fitting: Sequence[tuple[Candidate[C], frozenset[Key]]]) -> Explanation[C]:
    """Choose: explains most, then on a wrong answer's own path, then the plainest slip nearest the start."""
    place = {quantity: i for i, (_, quantity) in reversed(list(enumerate(domain.keys)))}

    def rank(entry: tuple[Candidate[C], frozenset[Key]]) -> tuple[int, bool, bool, int, int]:
        candidate, keys = entry
        elsewhere = candidate.at not in {quantity for _, quantity in keys}
        nearest = place.get(candidate.at, len(place))
        return (-len(keys), candidate.roundabout, elsewhere, ORDER[candidate.slip], nearest)

    chosen, keys = min(fitting, key=rank)
    same = {candidate.slip for candidate, explained in fitting if explained == keys} - {chosen.slip}
    return Explanation(
        candidate=chosen,
        also=tuple(sorted(same, key=ORDER.__getitem__)),
        keys=tuple(key for key in domain.keys if key in keys),
    )


def _factors(
    evidence: Evidence, open_keys: AbstractSet[Key], plain: Mapping[Trial, Mapping[Key, Array]]
) -> tuple[float, ...]:
    """Return the constant factors by which open answers are off on the first trial that tells one."""
    factors: list[float] = []
    for key in open_keys:
        for trial in evidence.trials:
            number, prediction = trial.number(key), np.asarray(plain[trial][key])
            if number is None or number.shape != prediction.shape or not np.any(prediction):
                continue
            factor = float(np.vdot(number, prediction) / np.vdot(prediction, prediction))
            if (
                np.isfinite(factor)
                and abs(factor) > LEAST_FACTOR
                and not any(np.isclose(factor, f) for f in factors)
            ):
                factors.append(factor)
            break
    return tuple(factors)

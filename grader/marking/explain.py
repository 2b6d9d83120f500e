"""Finding the mistakes behind wrong answers: the fewest known slips that give the student's numbers on every case.

A domain (forward values, gradients, updates) says which slips there are and what each predicts; the search is one and the
same. A slip fits when it reproduces at least one wrong answer on every trial and changes no answer that is right.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import Generic, Protocol, TypeVar

import numpy as np
from msgspec import Struct, field

from grader.marking.compare import Tolerance, equal, identical, norm
from grader.marking.expectations import Key
from grader.marking.trials import Trial, Work
from grader.model import WORKED, Array
from grader.slips import SLIPS

C = TypeVar("C")
C_co = TypeVar("C_co", covariant=True)

ORDER = {name: place for place, name in enumerate(SLIPS)}
"""Of slips that explain the same, the one that stands first gives the finding its name."""

LEAST_FACTOR = 1e-3
"""A constant factor smaller than this is no slip: the answer is as good as zero."""


class Candidate(Struct, Generic[C_co], frozen=True, kw_only=True, eq=False):
    """A slip at a place."""

    slip: str
    at: str
    """The quantity at which it happens."""
    text: str
    change: C_co
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

    def further_candidates(self, open_keys: AbstractSet[Key]) -> Iterable[Candidate[C]]:
        """Yield rarer slips, which are tried first of all where none of the usual ones explains all."""
        ...

    def scaled_candidates(
        self, open_keys: AbstractSet[Key], factors: Sequence[float]
    ) -> Iterable[Candidate[C]]:
        """Yield slips by a constant factor found in the answers."""
        ...

    def predict(self, trial: Trial, accepted: tuple[C, ...]) -> Mapping[Key, Array]:
        """Return what every key follows to be under some changes, from the student's earlier answers."""
        ...

    def altered(
        self, trial: Trial, accepted: tuple[C, ...], change: C, keys: AbstractSet[Key]
    ) -> Mapping[Key, Array]:
        """Return what one more change makes of the predictions of some keys, of those that it alters at least.

        NumPy's warnings are off.
        """
        ...


class Explanation(Struct, Generic[C], frozen=True, kw_only=True, eq=False):
    """A slip that explains answers."""

    candidate: Candidate[C]
    also: tuple[str, ...]
    """Names of other slips that explain the same."""
    keys: tuple[Key, ...]
    """What it explains, in marking order."""


class _Entry(Struct, frozen=True, kw_only=True, eq=False):
    """The entry of an answer that is farthest from what is expected."""

    place: int
    """In the flattened array."""
    value: float
    most_off: float
    """How far a prediction that the whole answer equals can be from it there."""

    @staticmethod
    def of(number: Array, expected: Array, tolerance: Tolerance) -> _Entry:
        """Find it in an array of any shape."""
        off = np.abs(number - expected) if number.shape == expected.shape else np.abs(number)
        place = int(np.argmax(off))
        most = math.inf
        if tolerance.rtol < 1.0:
            # norm(number - e) <= rtol norm(e) + atol bounds norm(e) by norm(number), and each entry by that.
            most = tolerance.rtol * (norm(number) + tolerance.atol) / (1.0 - tolerance.rtol) + tolerance.atol
        return _Entry(place=place, value=float(number.item(place)), most_off=most * (1.0 + 1e-9))

    def agrees(self, prediction: Array) -> bool:
        """Whether a prediction of the same shape comes near enough there; false for NaN."""
        return abs(float(prediction.item(self.place)) - self.value) <= self.most_off


class Evidence(Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """What a search needs to know of the answers."""

    work: Work
    wrong: AbstractSet[Key]
    """Wrong or misshapen answers that are to be explained."""
    right: AbstractSet[Key]
    """Answers that no slip may change."""
    _entries: dict[tuple[Trial, Key], _Entry] = field(default_factory=dict)

    @cached_property
    def trials(self) -> Sequence[Trial]:
        """The trials, the worked case last: its round numbers hide more slips than drawn ones do.

        Edge cases are none of them: a slip may overflow there in one program and not in another. Those on a kink are: there
        it shows which slips give no number.
        """
        usual = [
            trial
            for trial in self.work.trials
            if not trial.reference.case.edge or any(trial.reference.by_key[key].free for key in self.wrong)
        ]
        return sorted(usual, key=lambda trial: trial.reference.case.name == WORKED)

    def fits(self, key: Key, trial: Trial, prediction: Array) -> bool:
        """Whether the student's number is the predicted one; on a kink, where it is open, whether it is one at all."""
        number = trial.numbers.get(key)
        if trial.reference.by_key[key].free:
            return number is None or _finite_alike(number, prediction)
        if number is None:
            return trial.is_open(key)
        tolerance = self.work.tolerance(key, trial)
        if key in trial.valid or number.shape != prediction.shape:
            return self._may_fit(key, trial, number, prediction) and equal(number, prediction, tolerance)
        return _equal_where_finite(number, prediction, tolerance)

    def _may_fit(self, key: Key, trial: Trial, number: Array, prediction: Array) -> bool:
        """Whether one entry agrees: it refuses nearly every slip at a fraction of the time."""
        if not number.ndim or number.shape != prediction.shape or not number.size:
            return True
        if (trial, key) not in self._entries:
            expected, tolerance = trial.reference.by_key[key].value, self.work.tolerance(key, trial)
            self._entries[trial, key] = _Entry.of(number, expected, tolerance)
        return self._entries[trial, key].agrees(prediction)

    @cached_property
    def telling(self) -> AbstractSet[Key]:
        """The wrong answers that tell one slip from another.

        Zeros, and one number for all cases, fit too many slips by accident: they explain nothing, and may only follow from a
        slip that explains something else.
        """
        return {key for key in self.wrong if not self.work.is_constant(key) and not self.work.vanishes(key)}


def _equal_where_finite(number: Array, prediction: Array, tolerance: Tolerance) -> bool:
    """Whether the same entries are no numbers, and the others agree: 0 / 0 in a mask is seen by where it stands."""
    known = np.isfinite(number)
    return np.array_equal(known, np.isfinite(prediction)) and equal(
        np.where(known, number, 0.0), np.where(known, prediction, 0.0), tolerance
    )


def _finite_alike(number: Array, prediction: Array) -> bool:
    """Whether both are finite everywhere, or fail to be at the same entries."""
    here, there = np.isfinite(number), np.isfinite(prediction)
    return bool(here.all() and there.all()) or np.array_equal(here, there)


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
    open_keys = set(evidence.wrong)
    with np.errstate(all="ignore"):  # slips divide by zero and overflow
        while not open_keys.isdisjoint(evidence.telling):
            accepted = tuple(explanation.candidate.change for explanation in found)
            search = _Search(
                domain=domain, evidence=evidence, open_keys=frozenset(open_keys), accepted=accepted
            )
            best = search.best()
            if best is None:
                break
            found.append(best)
            open_keys.difference_update(best.keys)
    return tuple(found)


class _Search(Struct, Generic[C], frozen=True, kw_only=True, eq=False, dict=True):
    """The search for one more slip beside those accepted so far."""

    domain: Domain[C]
    evidence: Evidence
    open_keys: AbstractSet[Key]
    accepted: tuple[C, ...]

    @cached_property
    def plain(self) -> Mapping[Trial, Mapping[Key, Array]]:
        """What holds without another slip."""
        return {trial: self.domain.predict(trial, self.accepted) for trial in self.evidence.trials}

    @cached_property
    def holding(self) -> Mapping[Trial, AbstractSet[Key]]:
        """The open keys whose answers hold without another slip, by trial; those with the fewest first.

        A trial on which every open answer is off refuses more slips than one on which some hold; of equal ones the
        smallest does so in the least time.
        """
        holding = {
            trial: frozenset(key for key in self.open_keys if self.evidence.fits(key, trial, plain[key]))
            for trial, plain in self.plain.items()
        }
        sizes = {trial: sum(value.size for value in plain.values()) for trial, plain in self.plain.items()}
        most = max(sizes.values())
        worked = {trial: trial.reference.case.name == WORKED for trial in holding}
        order = sorted(holding, key=lambda t: (len(holding[t]), most if worked[t] else sizes[t]))
        return {trial: holding[trial] for trial in order}

    def best(self) -> Explanation[C] | None:
        """Return the best explanation; slips by a factor found in the answers only where no other fits."""
        fitting = self._fitting(self.domain.candidates(self.open_keys))
        # As the first slip alone: beside others, each of the rarer ones takes whole passes.
        if not self.accepted and not any(keys == self.open_keys for _, keys in fitting):
            fitting += self._fitting(self.domain.further_candidates(self.open_keys))
        if not fitting:
            factors = _factors(self.evidence, self.open_keys & self.evidence.telling, self.plain)
            fitting = self._fitting(self.domain.scaled_candidates(self.open_keys, factors))
        return _preferred(self.domain, fitting) if fitting else None

    def _fitting(self, candidates: Iterable[Candidate[C]]) -> list[tuple[Candidate[C], AbstractSet[Key]]]:
        return [(candidate, keys) for candidate in candidates if (keys := self._explained(candidate))]

    def _explained(self, candidate: Candidate[C]) -> AbstractSet[Key]:
        """Return the open keys that the candidate explains on every trial.

        None where it changes a right answer, or where what it explains would fit many others.
        """
        try:
            alive = self.open_keys
            for trial in self.holding:
                alive = self._still_explained(trial, candidate.change, alive)
                if alive.isdisjoint(self.evidence.telling) or self._contradicts_right(
                    trial, candidate.change
                ):
                    return frozenset()
        except (ValueError, IndexError):
            return frozenset()  # shapes that do not allow this mistake: nobody can have made it
        return alive

    def _still_explained(self, trial: Trial, change: C, keys: AbstractSet[Key]) -> AbstractSet[Key]:
        """Return the keys whose answers are what a change makes of them; one trial refuses nearly every change."""
        altered = self.domain.altered(trial, self.accepted, change, keys)
        holding = self.holding[trial]
        if not altered:
            return keys & holding
        return frozenset(
            [
                key
                for key in keys
                if (self.evidence.fits(key, trial, altered[key]) if key in altered else key in holding)
            ]
        )

    def _contradicts_right(self, trial: Trial, change: C) -> bool:
        """Whether a change makes of a right answer's prediction what is neither the answer nor what holds without."""
        right = self.evidence.right
        altered = self.domain.altered(trial, self.accepted, change, right)
        return any(self._contradicts(key, trial, value) for key, value in altered.items() if key in right)

    def _contradicts(self, key: Key, trial: Trial, value: Array) -> bool:
        plain = self.plain[trial][key]
        if value is plain or identical(value, plain):
            return False
        tolerance = self.evidence.work.tolerance(key, trial)
        return not equal(value, plain, tolerance) and not self.evidence.fits(key, trial, value)


def _preferred(domain: Domain[C], fitting: Sequence[tuple[Candidate[C], AbstractSet[Key]]]) -> Explanation[C]:
    """Choose: explains most, then on a wrong answer's own path, then the plainest slip nearest the start."""
    place = {quantity: i for i, (_, quantity) in reversed(list(enumerate(domain.keys)))}

    def rank(entry: tuple[Candidate[C], AbstractSet[Key]]) -> tuple[int, bool, bool, int, int]:
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
        if any(trial.is_open(key) for trial in evidence.trials):
            continue  # of one case alone: some factor gives every number
        for trial in evidence.trials:
            number, prediction = trial.numbers.get(key), plain[trial][key]
            if number is None or number.shape != prediction.shape or not np.any(prediction):
                continue
            factor = float(np.vdot(number, prediction) / np.vdot(prediction, prediction))
            if (
                math.isfinite(factor)
                and abs(factor) > LEAST_FACTOR
                and not any(math.isclose(factor, known, rel_tol=1e-5) for known in factors)
            ):
                factors.append(factor)
            break
    return tuple(factors)

"""A trial: the answers of all functions on one case, and which of them are put into the reference's passes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from grader.assignment import Role
from grader.marking.compare import EPSILON, Tolerance, finite, fitted, identical, norm
from grader.marking.expectations import CaseExpectations, Expectations, Key
from grader.model import Answer, AnswerKind, Array


class Trial(Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """One round of calls on one case."""

    reference: CaseExpectations
    answers: Mapping[Key, Answer]
    """Only of functions that returned."""
    degenerate: frozenset[Key] = frozenset()
    """Keys whose answers vanish, or are huge, on all cases together."""
    repeated: bool = False
    """Whether this is the second round, made to see if equal inputs give equal answers."""

    @cached_property
    def numbers(self) -> Mapping[Key, Array]:
        """The answers that are numbers: in the expected shape where they can be, else as they are."""
        expected = self.reference.by_key
        return {
            key: fitted(answer.value, expected[key].value)
            for key, answer in self.answers.items()
            if answer.kind is AnswerKind.GIVEN and answer.value is not None
        }

    @cached_property
    def valid(self) -> Mapping[Key, Array]:
        """The numbers that can be compared: of the expected shape, and finite."""
        expected = self.reference.by_key
        return {
            key: number
            for key, number in self.numbers.items()
            if number.shape == expected[key].value.shape and finite(number)
        }

    def is_open(self, key: Key) -> bool:
        """Whether there is an answer that says nothing on this case."""
        answer = self.answers.get(key)
        return answer is not None and answer.kind is AnswerKind.OPEN

    def number(self, key: Key) -> Array | None:
        """Return the answer's number in the expected shape where it can be, else as it is; None where there is none."""
        return self.numbers.get(key)


def fingerprint(trials: Iterable[Trial]) -> bytes:
    """Return a digest of all that trials say, down to the last bit.

    Parameters
    ----------
    trials : iterable of Trial

    Returns
    -------
    bytes
        Equal for equal answers: keys, kinds, reasons, dtypes, shapes and bytes, in order, by case and round.
    """
    heads: list[object] = []
    values: list[bytes] = []
    before: tuple[Key, ...] = ()
    for trial in trials:
        keys = tuple(trial.answers)
        heads.append((trial.reference.case.name, trial.repeated, sorted(trial.degenerate)))
        heads.append("the same keys" if keys == before else keys)
        before = keys
        for place, answer in enumerate(trial.answers.values()):
            value = answer.value
            if value is None:
                heads.append((place, answer.kind.value, answer.reason))
                continue
            usual = answer.kind is AnswerKind.GIVEN and answer.reason is None and not answer.rounding
            if not usual or value.ndim or value.dtype != np.float64:
                kind = (answer.kind.value, answer.reason, answer.rounding)
                heads.append((place, *kind, value.dtype.str, value.shape))
            # Its head, or having none, tells how many bytes are its own: none can pass for another's.
            values.append(value.tobytes())
    head = repr(heads).encode("utf-8", "surrogatepass")
    return hashlib.sha256(b"".join((len(head).to_bytes(8, "big"), head, *values))).digest()


def lowest_precision(trials: Iterable[Trial]) -> float:
    """Return the precision of the lowest dtype among all answers."""
    dtypes = {
        answer.value.dtype
        for trial in trials
        for answer in trial.answers.values()
        if answer.value is not None
    }
    return max((EPSILON[dtype] for dtype in dtypes), default=min(EPSILON.values()))


def without_degenerate(trials: Sequence[Trial], everything: Expectations) -> tuple[Trial, ...]:
    """Note which answers are out of range on all cases together.

    One case alone does not tell: who drops a path rightly gets zeros where that path was the only one.

    Parameters
    ----------
    trials : sequence of Trial
    everything : Expectations

    Returns
    -------
    tuple of Trial
    """
    largest: dict[Key, float] = {}
    for trial in trials:
        for key, number in trial.numbers.items():
            if finite(number):
                largest[key] = max(largest.get(key, 0.0), norm(number))
    degenerate = frozenset(key for key, size in largest.items() if not everything.in_range(key, size))
    return tuple(replace(trial, degenerate=degenerate) if degenerate else trial for trial in trials)


def put_in(trial: Trial, everything: Expectations, roles: Sequence[Role]) -> dict[str, Array]:
    """Return the values that take their node's place in a pass of the reference.

    Parameters
    ----------
    trial : Trial
    everything : Expectations
    roles : sequence of Role
        `FORWARD` for values, `BACKWARD` for gradients.

    Returns
    -------
    dict of str to ndarray
        By node. A valid answer stands as it is; one that is invalid or degenerate stands as the reference's.
        A node without an answer has no entry: what follows for it from the answers before is kept.
    """
    given: dict[str, Array] = {}
    for spec in everything.unit.by_role(*roles):
        for node, quantity in zip(spec.keys, spec.quantities, strict=True):
            key = (spec.name, quantity)
            answer = trial.answers.get(key)
            if answer is None or answer.kind in (AnswerKind.MISSING, AnswerKind.OPEN):
                continue
            usable = key in trial.valid and key not in trial.degenerate
            given[node] = trial.valid[key] if usable else trial.reference.by_key[key].value
    return given


class Work(Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """The answers of one submission beside what is expected of them."""

    everything: Expectations
    trials: tuple[Trial, ...]
    """In the order of the calls."""
    epsilon: float
    """Precision of the lowest dtype among the answers."""

    def tolerance(self, key: Key, trial: Trial) -> Tolerance:
        """Return how far an answer to a key may be from the expectation on a trial."""
        tolerance = self._tolerances[trial.reference.case.name][key]
        answer = trial.answers.get(key)
        if answer is not None and answer.rounding:
            return replace(tolerance, atol=tolerance.atol + answer.rounding)
        return tolerance

    @cached_property
    def _tolerances(self) -> Mapping[str, Mapping[Key, Tolerance]]:
        return self.everything.tolerances[self.epsilon]

    def vanishes(self, key: Key) -> bool:
        """Whether what is finite of the answer is out of range on every case: a slip that leaves nothing explains nothing."""
        numbers = (trial.number(key) for trial in self.trials)
        sizes = (
            norm(number if finite(number) else _finite_part(number))
            for number in numbers
            if number is not None
        )
        return not any(self.everything.in_range(key, size) for size in sizes)

    def is_constant(self, key: Key) -> bool:
        """Whether the answer is one number on all cases where the expected one varies: no slip has done that."""
        numbers = [trial.number(key) for trial in self.trials]
        first = numbers[0]
        if first is None or any(n is None or not identical(n, first) for n in numbers):
            return False
        sizes = [norm(trial.reference.by_key[key].value) for trial in self.trials]
        return not np.allclose(sizes, sizes[0])


def _finite_part(value: Array) -> Array:
    return np.where(np.isfinite(value), value, 0.0)


def work(everything: Expectations, trials: Sequence[Trial]) -> Work:
    """Bring the answers of a submission together.

    Parameters
    ----------
    everything : Expectations
    trials : sequence of Trial
        In the order of the calls.

    Returns
    -------
    Work
        With the degenerate answers noted.
    """
    return Work(
        everything=everything,
        trials=without_degenerate(trials, everything),
        epsilon=lowest_precision(trials),
    )

"""What marking makes of planted slips, counted: whether each is refused, named, and found at its place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from grader.marking.expectations import Expectations, Key
from grader.model import Array
from grader.validation.alone import assignment_of, marked
from grader.validation.planting import Plant, changed_keys

NEXT_TO_NOTHING = 1e-9
"""What is left of sums that cancel; drawn numbers are of the size of 1."""


class Outcome(Struct, frozen=True, kw_only=True):
    """What marking makes of a planted slip."""

    kind: str
    slip: str
    at: str
    text: str
    changes: bool
    """Whether an answer differs from the reference by more than rounding, and not only where a kink leaves it open."""
    accepted: bool
    """Whether it got full points."""
    tells: bool
    """Whether some wrong answer is a number, not zero, and not the same one on every case."""
    named: bool
    """Whether a finding names it, or a slip that gives the same numbers: nobody can tell those apart."""
    placed: bool
    """Whether the first mistake is where it, or a slip that gives the same numbers, was planted."""
    found: tuple[str, ...]
    """The findings, as `slip at quantity`."""


def outcomes(
    everything: Expectations, planted: Sequence[Plant], among: Sequence[Plant] | None = None
) -> list[Outcome]:
    """Mark planted slips and say of each whether it was refused, named and found at its place.

    Parameters
    ----------
    everything : Expectations
    planted : sequence of Plant
    among : sequence of Plant, optional
        Where those with the same numbers are looked for; by default the planted ones.

    Returns
    -------
    list of Outcome
    """
    among = planted if among is None else among
    same = dict(zip(map(id, among), indistinguishable(everything, among), strict=True))
    return [outcome(everything, plant, same[id(plant)]) for plant in planted]


def outcome(everything: Expectations, plant: Plant, same: Sequence[Plant]) -> Outcome:
    """Mark a planted slip and say whether it was refused, named and found at its place.

    Parameters
    ----------
    everything : Expectations
    plant : Plant
    same : sequence of Plant
        All with the same numbers, itself among them; see `indistinguishable`.

    Returns
    -------
    Outcome
    """
    marks = marked(everything, plant.trials)
    findings = [finding for question in marks.questions for finding in question.findings]
    points = sum(question.points for question in marks.questions)
    names = {other.slip for other in same}
    if any("sum" in other.text for other in same):
        names.add(
            "other-convention"
        )  # it says that the sum is taken where the mean belongs, or the other way round
    return Outcome(
        kind=plant.kind,
        slip=plant.slip,
        at=plant.at,
        text=plant.text,
        changes=bool(changed_keys(plant.trials)),
        accepted=points > assignment_of(everything.unit).max_points - 1e-9,
        tells=_tells(plant),
        named=any(not names.isdisjoint((finding.slip, *finding.also)) for finding in findings),
        placed=marks.first_mistake in {other.place for other in same},
        found=tuple(f"{finding.slip} at {finding.at}" for finding in findings),
    )


def _tells(plant: Plant) -> bool:
    """Whether a wrong answer is more than zeros, no numbers, or the same single number on every case."""
    return any(
        _varies([answer.value for t in plant.trials if (answer := t.answers[key]).value is not None])
        for key in changed_keys(plant.trials)
    )


def _varies(values: Sequence[Array]) -> bool:
    numbers = np.concatenate([value[np.isfinite(value)].ravel() for value in values])
    if all(value.ndim == 0 for value in values):
        return bool(numbers.size and np.ptp(numbers) > NEXT_TO_NOTHING)
    return bool(np.any(np.abs(numbers) > NEXT_TO_NOTHING))


def indistinguishable(everything: Expectations, planted: Sequence[Plant]) -> list[list[Plant]]:
    """Return for each planted slip all that give the same answers on every case, itself among them.

    Parameters
    ----------
    everything : Expectations
    planted : sequence of Plant

    Returns
    -------
    list of list of Plant
    """
    flat = [_flat(everything, plant) for plant in planted]
    lengths: dict[tuple[tuple[Key, ...], int], list[int]] = {}
    for i, (keys, numbers) in enumerate(flat):
        lengths.setdefault((keys, numbers.size), []).append(i)
    groups: list[list[Plant]] = [[] for _ in planted]
    for members in lengths.values():
        table = np.stack([flat[i][1] for i in members])
        for i in members:
            near = np.isclose(table, flat[i][1], rtol=1e-4, atol=1e-12, equal_nan=True).all(axis=1)
            groups[i] = [planted[j] for j, same in zip(members, near, strict=True) if same]
    return groups


def _flat(everything: Expectations, plant: Plant) -> tuple[tuple[Key, ...], Array]:
    """Return which answers are given, and all their numbers in one row; those that a kink leaves open as zeros."""
    keys = tuple(key for key in everything.cases[0].by_key if key in plant.trials[0].answers)
    numbers = [
        np.ravel(answer.value if not trial.reference.by_key[key].free else 0.0)
        for trial in plant.trials
        for key in keys
        if (answer := trial.answers[key]).value is not None
    ]
    return keys, np.concatenate(numbers)


# --------------------------------------------------------------------------------------------------------------
# The table


class Row(Struct, frozen=True, kw_only=True):
    """One network's line of the table; all but `planted` count only slips that change a number."""

    network: str
    planted: int
    changing: int
    refused: int
    """Not accepted: fewer than full points."""
    telling: int
    """Of which a wrong answer is more than zeros, no numbers, or one number on every case; the next two count only these."""
    named: int
    placed: int

    @property
    def holds(self) -> bool:
        """Whether nothing wrong was accepted, and of what tells anything at least 95 % were named and placed."""
        least = 0.95 * self.telling
        return self.refused == self.changing and self.named >= least and self.placed >= least

    @property
    def counts(self) -> tuple[int, ...]:
        """The numbers of the line."""
        return (self.planted, self.changing, self.refused, self.telling, self.named, self.placed)

    @property
    def cells(self) -> tuple[str, ...]:
        """The line as the table shows it."""
        return (
            f"`{self.network}`",
            str(self.planted),
            str(self.changing),
            _share(self.refused, self.changing),
            str(self.telling),
            _share(self.named, self.telling),
            _share(self.placed, self.telling),
        )


def _share(count: int, of: int) -> str:
    return f"{count} ({100 * count / max(of, 1):.1f} %)"


HEADINGS = (
    "network",
    "planted",
    "change a number",
    "not accepted",
    "tell something",
    "named",
    "first mistake at the place",
)


def table_row(network: str, found: Sequence[Outcome]) -> Row:
    """Count outcomes.

    Parameters
    ----------
    network : str
    found : sequence of Outcome

    Returns
    -------
    Row
    """
    changing = [entry for entry in found if entry.changes]
    telling = [entry for entry in changing if entry.tells]
    return Row(
        network=network,
        planted=len(found),
        changing=len(changing),
        refused=sum(not entry.accepted for entry in changing),
        telling=len(telling),
        named=sum(entry.named for entry in telling),
        placed=sum(entry.placed for entry in telling),
    )

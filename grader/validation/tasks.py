"""What workers are asked for and what they answer, as plain values that can be packed."""

from __future__ import annotations

import msgspec

from grader.validation.mutation import Fate
from grader.validation.slip_table import Outcome


class MutantTask(msgspec.Struct, frozen=True, tag=True):
    """Run and grade a mutant on the cases of a secret."""

    number: int
    secret: str
    drawn: int = 0
    """How many cases are drawn; 0 for as many as the assignment says."""


class SlipTask(msgspec.Struct, frozen=True, tag=True):
    """Mark every n-th slip that is planted into a unit."""

    unit: int
    part: int
    parts: int


class HiddenTask(msgspec.Struct, frozen=True, tag=True):
    """Look which slips of a unit show on the grid and on none of its cases."""

    unit: int


class CorpusTask(msgspec.Struct, frozen=True, tag=True):
    """Grade a submission of the corpus."""

    path: str


Task = MutantTask | SlipTask | HiddenTask | CorpusTask


class HiddenSlips(msgspec.Struct, frozen=True):
    """What the cases of a unit hide."""

    unseen: list[str]
    """Slips that show on the grid and on no case, as `slip at quantity (kind)`."""
    alike: list[str]
    """Pairs of slips that give other numbers on the grid, and the same ones on every case."""
    mixed: int
    """How many slips are in such pairs."""
    planted: int
    """How many there are that show on the grid."""


class CorpusResult(msgspec.Struct, frozen=True):
    """What came of a submission of the corpus."""

    path: str
    departures: list[str]
    problems: list[str]
    """Reports that could not be rendered."""


Result = Fate | list[Outcome] | HiddenSlips | CorpusResult

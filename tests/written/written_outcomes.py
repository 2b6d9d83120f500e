"""What marking makes of rewritings that keep a hand-in's meaning and of errors put into it, counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache

from injected import Injected
from paper import findings, graded, marks, names_at, points, verdicts
from rewritings import ANSWERS_LOST, DOCUMENT, REWRITINGS, suffix_of
from rewritings_of_headings import HEADINGS
from rewritings_of_layout import FILES, LAYOUTS, MACROS
from rewritings_of_notation import DERIVATIVES, FUNCTIONS, NAMES, NUMBERS, PRODUCTS, UPDATES

from grader.model import Grade

FORMULAS = ("derivation", "numbers")
"""The questions that are marked; all others are texts for a person."""


@cache
def as_it_stands() -> Grade:
    """Return the grade of the document that is rewritten and corrupted."""
    return graded(DOCUMENT)


# --------------------------------------------------------------------------------------------------------------
# Rewritings

FAMILIES: Mapping[str, Sequence[str]] = {
    "marks of derivatives, gradients as nabla": tuple(DERIVATIVES),
    "steps, signs, ReLU and bars": tuple(FUNCTIONS),
    "names and characters": tuple(NAMES),
    "products, order and brackets": tuple(PRODUCTS),
    "numbers": tuple(NUMBERS),
    "weights after the step": tuple(UPDATES),
    "displays, environments and rows": tuple(LAYOUTS),
    "macros": tuple(MACROS),
    "further lines, kinds of files": tuple(FILES),
    "headings": tuple(HEADINGS),
}
"""The rewritings by what they change."""
REWRITING_HEADINGS = ("rewritten", "documents", "every verdict and point unchanged")


def departures_of(name: str) -> list[str]:
    """Return how the grade of a rewritten document departs from that of the document itself."""
    before, after = as_it_stands(), graded(REWRITINGS[name](DOCUMENT), name=f"alice{suffix_of(name)}")
    found = [
        f"{question}: {quantity} is {marks(after, question).get(quantity)}, not {mark}"
        for question in FORMULAS
        for quantity, mark in marks(before, question).items()
        if marks(after, question).get(quantity) != mark
    ]
    found += [
        f"{question}: {points(after)[question]} points, not {given}"
        for question, given in points(before).items()
        if points(after)[question] != given
    ]
    if name not in ANSWERS_LOST and after.pending_points != before.pending_points:
        found.append(f"{after.pending_points} points wait, not {before.pending_points}")
    if findings(after) != findings(before):
        found.append(f"findings are {findings(after)}")
    if after.first_mistake != before.first_mistake:
        found.append(f"the first mistake is {after.first_mistake}")
    return found


# --------------------------------------------------------------------------------------------------------------
# Injected errors


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What marking makes of a document with one more error in it."""

    error: Injected
    verdict: str
    """On the quantity whose line was spoilt."""
    named: bool
    """Whether a finding that blames this quantity has a name that is right for the error."""
    others: tuple[str, ...]
    """Verdicts that changed on quantities that the error has nothing to do with."""

    @property
    def accepted(self) -> bool:
        """Whether the spoilt line still counts as right."""
        return self.verdict == "correct"


def outcome_of(error: Injected) -> Outcome:
    """Grade a document with an error, and compare with the document as it stands."""
    before, after = as_it_stands(), graded(error.text)
    others = [
        f"{question}: {quantity} is {verdicts(after, question).get(quantity)}, not {verdict}"
        for question in FORMULAS
        for quantity, verdict in verdicts(before, question).items()
        if verdicts(after, question).get(quantity) != verdict and not _is_touched(error, question, quantity)
    ]
    return Outcome(
        error=error,
        verdict=verdicts(after, error.question)[error.quantity],
        named=not error.slips.isdisjoint(names_at(after, error.question, error.quantity)),
        others=tuple(others),
    )


def _is_touched(error: Injected, question: str, quantity: str) -> bool:
    """Whether another verdict on a quantity is no wonder: its line was spoilt, or leaned on the one that was."""
    return question == error.question and (quantity == error.quantity or quantity in error.leaning)


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """How many errors there are of a kind, and what became of them."""

    errors: int = 0
    refused: int = 0
    called_wrong: int = 0
    """Refused with a verdict of their own; the others wait for a person or give nothing."""
    named: int = 0
    others: int = 0
    """In which a verdict changed that the error has nothing to do with."""

    @property
    def holds(self) -> bool:
        """Whether none is accepted, 95 % are named, and no other verdict changed."""
        return self.refused == self.errors and self.named >= 0.95 * self.errors and self.others == 0

    def __add__(self, other: Counts) -> Counts:
        """Return the counts of both together."""
        names = [field.name for field in fields(self)]
        return Counts(**{name: getattr(self, name) + getattr(other, name) for name in names})


def counted(outcomes: Iterable[Outcome]) -> dict[str, Counts]:
    """Count outcomes by the kind of line that was spoilt, and all of them."""
    found: dict[str, Counts] = {}
    for one in outcomes:
        counts = Counts(
            errors=1,
            refused=not one.accepted,
            called_wrong=one.verdict in ("wrong", "invalid"),
            named=one.named,
            others=bool(one.others),
        )
        for kind in (kind_of(one.error), ALL):
            found[kind] = found.get(kind, Counts()) + counts
    return found


ALL = "all"


def kind_of(error: Injected) -> str:
    """Return what kind of line an error stands in."""
    if error.quantity.endswith("_new"):
        return "new weights"
    kind = "gradients" if error.quantity.startswith("dL/") else "values"
    return f"{kind} in formulas" if error.question == "derivation" else f"{kind} with numbers"


ERROR_HEADINGS = ("error in", "errors", "not accepted", "called wrong", "named", "another verdict changed")


def error_cells(kind: str, counts: Counts) -> tuple[str, ...]:
    """Return the row of a kind of line, as the page has it."""

    def share(number: int) -> str:
        return f"{number} ({100 * number / counts.errors:.1f} %)"

    return (
        kind,
        str(counts.errors),
        *map(share, (counts.refused, counts.called_wrong, counts.named)),
        str(counts.others),
    )

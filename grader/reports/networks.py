"""What is said of the networks of a grade: for each node its verdicts, and values of the worked case where they may be told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from msgspec import Struct

from grader.model import WORKED, WORST_FIRST, JsonNumbers, QuantityResult, Verdict
from grader.reports.outline import Outline
from grader.reports.text import shape_of

_WIDEST = 8
"""Characters of a value in a drawing."""


class Mark(NamedTuple):
    """What is said of one quantity."""

    quantity: str
    """Without the unit."""
    verdict: Verdict
    value: str
    """The student's on the worked case, in short; empty where it is not told, or another case shows the verdict."""


class NetworkView(Struct, frozen=True, kw_only=True):
    """One network, and what is said of it. Equal views are drawn alike."""

    outline: Outline
    marks: tuple[Mark, ...]
    first_mistake: str | None
    """The quantity, without the unit; None where the first mistake is not in this network."""
    shows_values: bool
    """Whether values may be told, those of the task's worked case too."""

    @property
    def is_all_correct(self) -> bool:
        """Whether everything that was given is right, and nothing is lacking."""
        return all(mark.verdict is Verdict.CORRECT for mark in self.marks)

    @property
    def name(self) -> str:
        """Of the unit; empty where there is only one network."""
        return self.outline.unit

    @property
    def tally(self) -> tuple[tuple[Verdict, int], ...]:
        """How many quantities have each verdict, worst first."""
        verdicts = [mark.verdict for mark in self.marks]
        return tuple((verdict, verdicts.count(verdict)) for verdict in WORST_FIRST if verdict in verdicts)

    @property
    def rows(self) -> tuple[tuple[str, tuple[str, ...], tuple[Mark | None, ...]], ...]:
        """Each node with those it is computed from, and what is said of its value, its gradient and its update."""
        marks = {mark.quantity: mark for mark in self.marks}
        outline = self.outline
        return tuple(
            (node, outline.sources.get(node, ()), tuple(map(marks.get, outline.quantities(node))))
            for node in outline.nodes
        )

    @property
    def has_values(self) -> bool:
        """Whether a value is told."""
        return self.shows_values and (bool(self.outline.given) or any(mark.value for mark in self.marks))

    @property
    def follows(self) -> bool:
        """Whether something follows from an earlier mistake."""
        return any(mark.verdict is Verdict.FOLLOWS for mark in self.marks)


def network_views(
    outlines: Iterable[Outline],
    quantities: Sequence[QuantityResult],
    first_mistake: str | None,
    *,
    values: bool,
) -> tuple[NetworkView, ...]:
    """Sort what is said of quantities to the networks they belong to.

    Parameters
    ----------
    outlines : iterable of Outline
    quantities : sequence of QuantityResult
        Of all questions. Of a quantity that several ask for, in formulas and in numbers, the worst answer that was given is
        drawn: it says more than one that was not.
    first_mistake : str or None
    values : bool
        Whether values may be told.

    Returns
    -------
    tuple of NetworkView
        Those of which something is said: the one with the first mistake first, then as they were given.
    """
    by_name: dict[str, QuantityResult] = {}
    for one in quantities:
        other = by_name.get(one.name)
        if other is None or _weight(one) > _weight(other):
            by_name[one.name] = one
    views = [_view(outline, by_name, first_mistake, values=values) for outline in outlines]
    said = [view for view in views if view.marks]
    return tuple(sorted(said, key=lambda view: view.first_mistake is None))


def short_text(numbers: JsonNumbers) -> str:
    """Write a value for a place in a drawing.

    Parameters
    ----------
    numbers : JsonNumbers
        As `grader.serialize.json_numbers` writes it.

    Returns
    -------
    str
        A number with four digits, or the shape of an array: `64x10` with a multiplication sign. At most eight characters.
    """
    if isinstance(numbers, float | int):
        text = f"{numbers:.4g}"
        return text if len(text) <= _WIDEST else f"{numbers:.1e}"
    if isinstance(numbers, str):
        return numbers if numbers in {"nan", "inf", "-inf"} else ""
    shape = numbers.get("shape", []) if isinstance(numbers, dict) else shape_of(numbers)
    text = "\N{MULTIPLICATION SIGN}".join(str(length) for length in shape)
    if len(shape) == 1:
        text = f"({text})"
    return text if len(text) <= _WIDEST else ""


def _weight(one: QuantityResult) -> tuple[int, bool]:
    """Return how much an answer has to say; of two alike, the one with a value of the worked case has more."""
    verdict = 0 if one.verdict is Verdict.MISSING else len(WORST_FIRST) - WORST_FIRST.index(one.verdict)
    return verdict, one.case == WORKED


def _view(
    outline: Outline, by_name: dict[str, QuantityResult], first_mistake: str | None, *, values: bool
) -> NetworkView:
    marks = []
    first = None
    for quantity, label in outline.labels:
        one = by_name.get(label)
        if one is not None:
            value = short_text(one.actual) if values and one.case == WORKED and one.actual is not None else ""
            marks.append(Mark(quantity, one.verdict, value))
            if label == first_mistake:
                first = quantity
    return NetworkView(outline=outline, marks=tuple(marks), first_mistake=first, shows_values=values)

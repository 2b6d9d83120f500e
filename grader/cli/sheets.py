"""What `show` tells of a sheet of written work: its worked case, and which of its quantities no value can tell apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from grader.assignment import Sheet
    from grader.derivations import Points
    from grader.model import Array


class Coinciding(NamedTuple):
    """Quantities that have one value, in groups and in marking order."""

    everywhere: list[list[str]]
    """On every case: a line for one of them answers for the others too."""
    worked: list[list[str]]
    """On the worked case, though not everywhere: there a number does not say which of them is meant."""


def points_to_show(sheet: Sheet) -> Points:
    """Draw the points of a sheet that students may see too.

    Parameters
    ----------
    sheet : Sheet

    Returns
    -------
    Points
    """
    from grader import secret
    from grader.derivations import points_of

    return points_of(sheet, secret.generator(secret.PRACTICE))


def worked_entries(points: Points) -> list[dict[str, Any]]:
    """Return every quantity that is asked on a sheet, with its value on the worked case, in marking order.

    Where all updated parameters are asked the loss after the step stands last: students may give it, and nobody is marked for it.

    Parameters
    ----------
    points : Points

    Returns
    -------
    list of dict
        As `grader show --json` has them; none where no case is worked.
    """
    from grader.assignment import updated

    sheet = points.sheet
    questions = _questions(sheet)
    values = {name: points.worked_target(name) for name in _asked(sheet)}
    entries = [_entry(name, value, questions[name]) for name, value in values.items() if value is not None]
    steps = [updated(name) for name in sheet.unit.parameters]
    loss = points.after_step.get(sheet.unit.loss)
    if steps and loss is not None and all(values.get(name) is not None for name in steps):
        entries.append(_entry(updated(sheet.unit.loss), loss, questions[steps[-1]]))
    return entries


def _entry(name: str, value: Array, question: str) -> dict[str, Any]:
    import numpy as np

    from grader.serialize import json_numbers

    return {
        "name": name,
        "value": json_numbers(value + 0.0),  # -0.0 is printed as the zero it is
        "shape": list(np.shape(value)),
        "question": question,
    }


def coinciding(points: Points) -> Coinciding:
    """Say which quantities of a sheet have the same value.

    Parameters
    ----------
    points : Points

    Returns
    -------
    Coinciding
    """
    asked = _asked(points.sheet)
    everywhere = _groups(asked, lambda one, other: other in points.classes[one])
    at_worked = _groups(asked, lambda one, other: _same_on_worked(points, one, other))
    return Coinciding(
        everywhere=everywhere,
        worked=[group for group in at_worked if not any(set(group) <= set(same) for same in everywhere)],
    )


def _asked(sheet: Sheet) -> list[str]:
    """Return the quantities of all parts, in marking order."""
    asked = {quantity for part in sheet.parts for quantity in part.asked}
    # The gradient of an input may be asked too, and has no place in the order.
    return [name for name in (*sheet.unit.order, *sorted(asked - set(sheet.unit.order))) if name in asked]


def _questions(sheet: Sheet) -> Mapping[str, str]:
    """Return the question of each quantity: the one that asks for its number, where there is one."""
    parts = sorted(sheet.parts, key=lambda part: part.asks_numbers)
    return {name: part.question for part in parts for name in part.asked}


def _groups(names: Iterable[str], is_same: Callable[[str, str], bool]) -> list[list[str]]:
    """Put names together that are the same; who is the same as nobody is left out."""
    groups: list[list[str]] = []
    for name in names:
        group = next((one for one in groups if is_same(one[0], name)), None)
        if group is None:
            groups.append([name])
        else:
            group.append(name)
    return [group for group in groups if len(group) > 1]


def _same_on_worked(points: Points, one: str, other: str) -> bool:
    """Whether two quantities have the same numbers on the worked case."""
    import numpy as np

    here, there = points.worked_target(one), points.worked_target(other)
    return (
        here is not None
        and there is not None
        and here.shape == there.shape
        and bool(np.allclose(here, there))
    )


def sentences(found: Coinciding) -> list[str]:
    """Say which quantities are the same, for people.

    Parameters
    ----------
    found : Coinciding

    Returns
    -------
    list of str
        A line each.
    """
    told = (
        ("the same on every case, so that one answers for the other", found.everywhere),
        ("the same number on the worked case only", found.worked),
    )
    return [f"{what}: {'; '.join(' = '.join(group) for group in groups)}" for what, groups in told if groups]

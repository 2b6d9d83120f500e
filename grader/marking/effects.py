"""Side effects: inputs changed in place, answers that depend on earlier calls, gradients that are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from grader import slips
from grader.assignment import Role, Unit
from grader.marking.compare import equal
from grader.marking.expectations import Key
from grader.marking.trials import Trial, Work
from grader.model import Finding


def changed_inputs(unit: Unit, changed: Mapping[str, Sequence[int]]) -> dict[str, Finding]:
    """Return a finding for each function that altered its arguments.

    Parameters
    ----------
    unit : Unit
    changed : mapping of str to sequence of int
        Positions of the altered arguments by function.

    Returns
    -------
    dict of str to Finding
        By function; they explain nothing and cost nothing.
    """
    found = {}
    for name, spec in unit.functions.items():
        positions = changed.get(name, ())
        arguments = ", ".join(
            f"`{spec.arguments[i]}`" for i in sorted(set(positions)) if i < len(spec.arguments)
        )
        if arguments:
            found[name] = Finding(
                slip="input-changed",
                at=unit.label(spec.quantities[0]),
                text=slips.input_changed(name, arguments),
            )
    return found


def kept_gradients(work: Work) -> Iterator[tuple[Key, str]]:
    """Yield the gradients whose every answer is the sum of what all calls so far should have given.

    Parameters
    ----------
    work : Work

    Yields
    ------
    (Key, str)
        The key, and the case of the first call that shows it.
    """
    for spec in work.everything.unit.by_role(Role.BACKWARD):
        for quantity in spec.quantities:
            key = (spec.name, quantity)
            if len(work.trials) > 1 and _accumulates(work, key):
                yield key, work.trials[1].reference.case.name


def _accumulates(work: Work, key: Key) -> bool:
    total = None
    for trial in work.trials:
        expectation = trial.reference.by_key[key]
        number = trial.number(key)
        if number is None or number.shape != expectation.value.shape:
            return False
        if total is not None and np.shape(total) != number.shape:
            return False  # of another batch size: what was kept cannot be added
        if expectation.free:
            # What was added on a kink is the student's choice: go on from the number that is there.
            total = number
            continue
        total = expectation.value if total is None else total + expectation.value
        if not equal(number, np.asarray(total), work.tolerance(key, trial)):
            return False
    return True


def unrepeatable(work: Work) -> Iterator[tuple[Key, str]]:
    """Yield the keys that were answered in two ways for one case.

    Parameters
    ----------
    work : Work
        Its trials are of both rounds where an answer differed.

    Yields
    ------
    (Key, str)
        The key and the first case that shows it.
    """
    first = {trial.reference.case.name: trial for trial in work.trials if not trial.repeated}
    seen: set[Key] = set()
    for trial in work.trials:
        if not trial.repeated:
            continue
        name = trial.reference.case.name
        for key in trial.reference.by_key:
            if key not in seen and _differs(work, first[name], trial, key):
                seen.add(key)
                yield key, name


def sometimes_right(work: Work, key: Key) -> bool:
    """Whether an answer is the reference's on some trial: what is wrong every time is not wrong because it changes."""
    for trial in work.trials:
        number, expected = trial.number(key), trial.reference.by_key[key].value
        if (
            number is not None
            and number.shape == expected.shape
            and equal(number, expected, work.tolerance(key, trial))
        ):
            return True
    return False


def _differs(work: Work, before: Trial, after: Trial, key: Key) -> bool:
    a, b = before.number(key), after.number(key)
    if a is None or b is None:
        return (a is None) != (b is None) and key in before.answers and key in after.answers
    if np.array_equal(a, b, equal_nan=True):
        return False
    return not equal(a, b, work.tolerance(key, before))

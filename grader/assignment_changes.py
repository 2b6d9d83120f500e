"""Says in words what changed between two versions of an assignment, as far as it can move a grade."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from grader.assignment import Assignment, FunctionSpec, Policy, Unit
from grader.model import Array, Limits

_DIGEST = "#"
"""Begins what stands for a long text: two of them are told apart and not shown."""
_MOST_TOLD = 3
_SIZE = 8
TOLERANCES = ("rtol", "atol", "elementwise")
"""Of the policy: what decides whether two numbers agree."""


def outline(assignment: Assignment) -> Mapping[str, str]:
    """Write down what a version of an assignment says, so that a later one can be held against it.

    Parameters
    ----------
    assignment : Assignment

    Returns
    -------
    mapping of str to str
        By what it is about, in words. It holds no value of a case: those are digests.
    """
    return dict(_outline(assignment))


def differences(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """Tell two outlines apart.

    Parameters
    ----------
    before, now : mapping of str to str
        As `outline` gives them.

    Returns
    -------
    tuple of str
        `points of gradients: 4 -> 8`, `worked case changed`, `edge case 2 added`; in the order of `now`, then what is gone.
        Empty where the outlines say the same: then code or texts changed, which they do not hold.
    """
    names = dict.fromkeys([*now, *before])
    return tuple(
        _difference(name, before.get(name), now.get(name))
        for name in names
        if before.get(name) != now.get(name)
    )


def in_short(found: Sequence[str]) -> str:
    """Join what changed into a text for a line.

    Parameters
    ----------
    found : sequence of str

    Returns
    -------
    str
        The first three and how many more.
    """
    more = len(found) - _MOST_TOLD
    return ", ".join(found[:_MOST_TOLD]) + (f" and {more} more changes of the assignment" if more > 0 else "")


def _difference(name: str, before: str | None, now: str | None) -> str:
    if before is None:
        return f"{name} added"
    if now is None:
        return f"{name} removed"
    return f"{name} changed" if now.startswith(_DIGEST) else f"{name}: {before} -> {now}"


# --------------------------------------------------------------------------------------------------------------
# Outlines


def _outline(assignment: Assignment) -> Iterator[tuple[str, str]]:
    for question in assignment.questions:
        yield f"points of {question.id}", f"{question.points:g}"
    yield from _policy(assignment.policy)
    for unit in _units(assignment):
        yield from _unit(unit, f" of {unit.name}" if unit.name else "")
    for experiment in assignment.experiments:
        asked = (
            experiment.collector,
            experiment.uses,
            experiment.parts,
            experiment.curves,
            experiment.numbers,
        )
        yield f"experiment {experiment.name}", _digest(repr(asked))
        yield f"time of experiment {experiment.name}", f"{experiment.cpu_s:g} s"
    for question in assignment.questions:
        yield f"what {question.id} asks for", _digest(repr((question.functions, question.headings)))
    yield from _limits(assignment.limits)
    if assignment.late is not None:
        yield "late policy", _digest(repr(assignment.late))


def _policy(policy: Policy) -> Iterator[tuple[str, str]]:
    for name in policy.__struct_fields__:
        if name != "max_hint":  # of checks, and no grade depends on it
            value = getattr(policy, name)
            kind = "tolerance" if name in TOLERANCES else "marking"
            yield f"{kind} ({name})", f"{value:g}" if isinstance(value, float) else str(value)


def _limits(limits: Limits) -> Iterator[tuple[str, str]]:
    for name in limits.__struct_fields__:
        value = getattr(limits, name)
        text = ", ".join(value) if isinstance(value, tuple) else f"{value:g}"
        yield f"limit {name}", text


def _units(assignment: Assignment) -> Iterator[Unit]:
    """Yield the networks; that of a sheet too where nobody writes code for it."""
    yield from assignment.units
    if assignment.sheet is not None and assignment.sheet.unit.name not in {u.name for u in assignment.units}:
        yield assignment.sheet.unit


def _unit(unit: Unit, of: str) -> Iterator[tuple[str, str]]:
    rules = unit.cases
    if rules.worked is not None:
        yield f"worked case{of}", _arrays(rules.worked)
    yield f"number of drawn cases{of}", str(rules.drawn)
    yield f"ranges of drawn cases{of}", _digest(repr((rules.leaves, rules.near, rules.sizes, rules.rate)))
    for number, leaves in enumerate(rules.edges, start=1):
        yield f"edge case {number}{of}", _arrays(leaves)
    asked = [_plain(spec) for spec in unit.functions.values()]
    yield f"functions{of}", _digest(repr((asked, unit.parts, unit.conventions)))


def _plain(spec: FunctionSpec) -> list[object]:
    """Return the fields of a function; a set has another order in every process."""
    values = [getattr(spec, name) for name in spec.__struct_fields__]
    return [sorted(value) if isinstance(value, frozenset) else value for value in values]


def _arrays(values: Mapping[str, Array]) -> str:
    parts = [
        (name, np.shape(value), np.asarray(value, np.float64).tobytes()) for name, value in values.items()
    ]
    return _digest(repr(parts))


def _digest(text: str) -> str:
    return _DIGEST + hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_SIZE).hexdigest()

"""Whether the tolerances fit: zeros earn nothing, one per cent off is seen, single precision is right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from grader.marking.compare import EPSILON, norm
from grader.marking.expectations import Expectations, Key
from grader.marking.trials import Trial
from grader.model import Array
from grader.validation.alone import assignment_of, marked
from grader.validation.bench import alone
from grader.validation.ground import FULL
from grader.validation.planting import given, right_answers
from grader.validation.proof import Proof, counted, fails, holds, not_here

NAME = "tolerance"
OFF = 1e-2
"""Wrong work is off by this share or more; right work agrees to a thousandth of it."""


def proof_of(tables: Sequence[Expectations]) -> Proof:
    """Mark zeros and right numbers in single precision, and look how far a number may be off.

    Parameters
    ----------
    tables : sequence of Expectations

    Returns
    -------
    Proof
    """
    if not tables:
        return not_here(NAME, "formulas are compared at points of their own; nothing is asked as code")
    details = [text for everything in tables for text in _of_unit(alone(everything), everything.unit.name)]
    keys = sum(len(everything.scale) for everything in tables)
    found = (
        f"{counted(keys, 'quantity', 'quantities')}: zeros refused, {OFF:.0%} off refused, float32 accepted"
    )
    if not details:
        return holds(NAME, found)
    remedy = "leave out `marking.atol`, and keep `marking.rtol` near 0.0001; give cases in which no value is zero throughout"
    return fails(NAME, f"{counted(keys, 'quantity', 'quantities')} looked at", details, remedy=remedy)


def _of_unit(everything: Expectations, name: str) -> Iterator[str]:
    where = f"{name}: " if name else ""
    zeros = _points(everything, np.zeros_like)
    single = _points(everything, lambda value: np.asarray(value, np.float32))
    for question in assignment_of(everything.unit).questions:
        if zeros[question.id] > FULL:
            yield f"{where}zeros for everything earn {zeros[question.id] / question.points:.0%} of {question.id}"
        if single[question.id] < question.points - FULL:
            yield f"{where}the right numbers in single precision earn {single[question.id] / question.points:.0%} of {question.id}"
    for key in _loose(everything):
        yield f"{where}{key[1]} of `{key[0]}` may be off by {OFF:.0%} and more on every case"


def _points(everything: Expectations, change: Callable[[Array], Array]) -> dict[str, float]:
    trials = [
        Trial(
            reference=reference,
            answers={
                key: given(change(np.asarray(answer.value)))
                for key, answer in right_answers(reference).items()
            },
        )
        for reference in everything.cases
        if not reference.case.edge  # logits of 1000 are no numbers in single precision
    ]
    return {question.id: question.points for question in marked(everything, trials).questions}


def _loose(everything: Expectations) -> Iterator[Key]:
    """Yield what may be off by a per cent unseen."""
    tolerances = everything.tolerances[min(EPSILON.values())]
    for key in everything.scale:
        shown = any(
            norm(expected.value) > 0.0
            and not expected.free
            and tolerances[reference.case.name][key].rtol * norm(expected.value)
            + tolerances[reference.case.name][key].atol
            < OFF * norm(expected.value)
            for reference in everything.cases
            for expected in [reference.by_key[key]]
        )
        if not shown:
            yield key

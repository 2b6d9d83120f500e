"""Whether difference quotients in the place of gradients are noticed: the reference's own forward pass, differenced, as answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from grader import numerical
from grader.assignment import Role, Unit
from grader.marking.expectations import CaseExpectations, Expectations, Key
from grader.marking.trials import Trial
from grader.model import Answer, Array, Grade
from grader.validation.planting import changed_keys, given, right_answers
from grader.validation.proof import Proof, counted, fails, holds, not_here
from reference.network import Graph

NAME = "numerical"
KINDS: Mapping[str, tuple[float, bool]] = {
    "central differences, step 1e-5": (1e-5, True),
    "central differences, step 1e-3": (1e-3, True),
    "forward differences, step 1e-7": (1e-7, False),
}
"""Step and whether it goes both ways; complex steps are told by the code."""
MOST_ENTRIES = 3_000
"""Of all gradients of a unit on one case; larger ones are left out."""


def proof_of(tables: Sequence[Expectations], grades: Sequence[Grade]) -> Proof:
    """Answer every backward function with difference quotients, and look which are noticed.

    Parameters
    ----------
    tables : sequence of Expectations
    grades : sequence of Grade
        Of the solution: it must not be noticed.

    Returns
    -------
    Proof
    """
    asked = [
        everything
        for everything in tables
        if everything.unit.by_role(Role.BACKWARD) and _size(everything) <= MOST_ENTRIES
    ]
    if not asked:
        return not_here(NAME, "no function returns gradients")
    noticed, refused, details = 0, 0, []
    for everything in asked:
        probes = numerical.probes_of(everything)
        for kind, (step, central) in KINDS.items():
            trials = _answered(everything, step, central=central)
            if changed_keys(trials):
                refused += 1  # wrong numbers: nothing to tell apart
            elif numerical.is_suspicious(everything, trials) and numerical.looks_numerical(
                probes, _answered(probes, step, central=central)
            ):
                noticed += 1
            else:
                details.append(f"{everything.unit.name or 'the network'}: {kind} are not noticed")
    details += [f"{one.student} is taken for difference quotients" for one in grades if one.looks_numerical]
    tried = len(asked) * len(KINDS)
    found = f"{noticed} of {tried} kinds of difference quotients noticed, {refused} wrong already, in {counted(len(asked), 'unit')}"
    if not details:
        return holds(NAME, f"{found}; not so the solution" if grades else found)
    remedy = "give wider ranges: where all gradients are exact in few digits, quotients of them are too"
    return fails(NAME, found, details, remedy=remedy)


def _size(everything: Expectations) -> int:
    reference = everything.cases[0]
    return sum(np.size(reference.by_key[key].value) for key in _keys(everything.unit))


def _keys(unit: Unit) -> dict[Key, str]:
    return {
        (spec.name, quantity): node
        for spec in unit.by_role(Role.BACKWARD)
        for node, quantity in zip(spec.keys, spec.quantities, strict=True)
    }


def _answered(everything: Expectations, step: float, *, central: bool) -> list[Trial]:
    keys = _keys(everything.unit)
    trials = []
    for reference in everything.cases:
        answers: dict[Key, Answer] = right_answers(reference)
        answers |= {
            key: given(_quotient(everything.unit.graph, reference, node, step, central=central))
            for key, node in keys.items()
        }
        trials.append(Trial(reference=reference, answers=answers))
    return trials


def _quotient(graph: Graph, reference: CaseExpectations, name: str, step: float, *, central: bool) -> Array:
    loss = _loss_of(graph, reference, name)
    value = np.array(graph.value(reference.forward, name), np.float64)
    gradient = np.empty(value.shape)
    for index in np.ndindex(value.shape):
        ahead, behind = value.copy(), value.copy()
        ahead[index] += step
        if central:
            behind[index] -= step
        gradient[index] = (loss(ahead) - loss(behind)) / (2.0 * step if central else step)
    return gradient


def _loss_of(graph: Graph, reference: CaseExpectations, name: str) -> Callable[[Array], float]:
    """Return the loss as a function of one node."""
    leaves = reference.case.leaves

    def loss(value: Array) -> float:
        if name in graph.leaves:
            run = graph.forward({**leaves, name: value})
        else:
            run = graph.forward(leaves, given={name: value})
        return float(graph.value(run, graph.loss))

    return loss

"""The reference's gradients against autograd (HIPS), which differentiates forward forms of its own."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from grader.marking.expectations import CaseExpectations, Expectations
from grader.validation.numeric import compared
from grader.validation.proof import Proof, counted, fails, holds, not_here
from reference.network import Graph

NAME = "autograd"
RTOL = 1e-8
"""Allowed error as a share of a gradient's norm: both compute in double precision."""
MOST_CASES = 4


def proof_of(tables: Sequence[Expectations]) -> Proof:
    """Hold every gradient against autograd, where that is installed.

    Parameters
    ----------
    tables : sequence of Expectations

    Returns
    -------
    Proof
    """
    if importlib.util.find_spec("autograd") is None:
        return not_here(NAME, "autograd is not installed; differences are the check: see `gradients`")
    asked = [everything for everything in tables if compared(everything.unit)]
    if not asked:
        return not_here(NAME, "no gradient is asked for")
    from grader.validation.autograd_forms import FORMS  # noqa: PLC0415  an extra

    unknown = sorted(
        {name for everything in asked for name in _operations(everything.unit.graph)} - FORMS.keys()
    )
    known = [everything for everything in asked if FORMS.keys() >= set(_operations(everything.unit.graph))]
    if not known:
        return not_here(NAME, f"no form is known for: {', '.join(unknown)}")
    wrong = [text for everything in known for text in _of_unit(everything, FORMS)]
    gradients = sum(len(compared(everything.unit)) for everything in known)
    found = f"{counted(gradients, 'gradient')} on up to {MOST_CASES} cases each"
    if unknown:
        found += f"; {counted(len(asked) - len(known), 'network')} left out, with operations of their own: {', '.join(unknown)}"
    if not wrong:
        return holds(NAME, found)
    return fails(
        NAME, found, wrong, remedy="correct the derivative rule of the operation next to the first of them"
    )


def _operations(graph: Graph) -> list[str]:
    return [node.operation.name for node in graph.nodes if node.operation is not None]


def _of_unit(everything: Expectations, forms: Mapping[str, Any]) -> list[str]:
    unit = everything.unit
    names = compared(unit)
    wrong = []
    for reference in [one for one in everything.cases if not one.case.edge][:MOST_CASES]:
        gradients = _gradients(unit.graph, reference, forms)
        for name in names:
            own = unit.graph.gradient(reference.backward, name)
            if not np.linalg.norm(own - gradients[name]) <= RTOL * (np.linalg.norm(own) + 1e-6):
                wrong.append(
                    f"{unit.label(unit.gradient(name))} on {reference.case.name}: "
                    f"norm {np.linalg.norm(own):.6g} by the rules, {np.linalg.norm(gradients[name]):.6g} by autograd"
                )
    return wrong


def _gradients(graph: Graph, reference: CaseExpectations, forms: Mapping[str, Any]) -> Mapping[str, Any]:
    """Differentiate by every named node: by what is added to it, which is nothing."""
    import autograd  # noqa: PLC0415  an extra

    nothing = {name: np.zeros(np.shape(graph.value(reference.forward, name))) for name in graph.index}

    def loss(added: Mapping[str, Any]) -> Any:  # noqa: ANN401  what autograd traces
        values: list[Any] = []
        for node in graph.nodes:
            if node.constant is not None:
                value: Any = node.constant
            elif node.operation is None:
                assert node.name is not None
                value = np.asarray(reference.case.leaves[node.name], np.float64)
            else:
                value = forms[node.operation.name](*(values[i] for i in node.inputs))
            values.append(value if node.name is None else value + added[node.name])
        return values[graph.index[graph.loss]]

    with np.errstate(all="ignore"):
        found: Mapping[str, Any] = autograd.grad(loss)(nothing)
    return found

"""The rule that a finding shows as the one behind a student's numbers is what the slip computes, for every slip there is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from planted_networks import NETWORKS, UNITS, expected
from rule_values import readings

from grader.marking.expectations import CaseExpectations, Expectations
from grader.marking.explain import Candidate
from grader.marking.gradients import EdgeChange, places
from grader.marking.rules import rules
from grader.marking.updates import STEP_SLIPS, StepSlip
from grader.marking.values import Rewrite, forward_slips, rewritten
from grader.marking.variants import variant_slips
from grader.reports.typeset import latex, mathml
from reference.network import Graph

ALL = (*NETWORKS, *UNITS)
CLOSE = 1e-9


def _derivative_slips(everything: Expectations) -> Iterator[Candidate[EdgeChange]]:
    unit = everything.unit
    return (slip for place in places(unit.graph, unit.parameters, unit.silent) for slip in place.slips)


def _gradient(everything: Expectations, on: CaseExpectations, slip: Candidate[EdgeChange]) -> Any:
    """Return what the gradient is under a slip, None where the shapes do not allow it."""
    graph, edge = everything.unit.graph, slip.change.edge
    try:
        wrong = slip.change.rule(on.forward, on.backward)
        found = graph.backward_with(on.forward, on.backward, edge, {edge: wrong})
    except (ValueError, IndexError):
        return None
    name = slip.at.partition("/d")[2]
    return found.get(name, graph.gradient(on.backward, name))


def _value(graph: Graph, on: CaseExpectations, slip: Candidate[Rewrite]) -> Any:
    try:
        other = rewritten(graph, [slip.change])
        return other.value(other.forward(on.case.leaves), slip.at)
    except (ValueError, IndexError):
        return None


def _known(graph: Graph, on: CaseExpectations) -> dict[str, Any]:
    values = {name: on.forward.used[i] for name, i in graph.index.items()}
    return values | {f"dL/d{name}": on.backward.used[i] for name, i in graph.index.items()}


def _is_right(value: Any, right: Any) -> bool:
    try:
        spread, wanted = np.broadcast_arrays(value, right)
    except ValueError:
        return False
    return np.array_equal(spread, wanted)


def _is_among(value: Any, text: str, known: dict[str, Any]) -> bool:
    wanted = np.asarray(value)
    return any(
        np.shape(wanted) == np.broadcast_shapes(np.shape(wanted), np.shape(read))
        and np.allclose(wanted, read, rtol=CLOSE, atol=CLOSE, equal_nan=True)
        for read in readings(text, known)
    )


@pytest.mark.parametrize("network", ALL)
def test_the_rule_shown_gives_the_numbers_of_the_slip(network: str) -> None:
    everything = expected(network, 3)
    graph = everything.unit.graph
    on = next(one for one in reversed(everything.cases) if not one.case.edge)
    known = _known(graph, on)
    off: list[str] = []
    with np.errstate(all="ignore"):
        computed = [
            *((slip, _gradient(everything, on, slip)) for slip in _derivative_slips(everything)),
            *((slip, _value(graph, on, slip)) for slip in forward_slips(graph)),
        ]
        for slip, value in computed:
            if value is None or _is_right(value, known[slip.at]):
                continue  # the shapes do not allow it, or it changes nothing here: nobody is told that they made it
            _, used = rules(everything, slip)
            if not used or not _is_among(value, used, known):
                off.append(f"{slip.slip} at {slip.at}, {slip.text}: {used}")
            elif latex(used) is None or mathml(used) is None:
                off.append(f"{used}: not typeset")
    assert computed
    assert off == []


@pytest.mark.parametrize("slip", STEP_SLIPS, ids=lambda slip: slip.text)
def test_the_step_shown_gives_the_numbers_of_the_slip(slip: StepSlip) -> None:
    written = f"w_new = {slip.written.format(w='w', g='g', rate='lr')}"
    w, g, rate = np.array([0.5, -2.0]), np.array([0.25, 3.0]), 0.3
    read = next(readings(written, {"w": w, "g": g, "lr": rate}))
    np.testing.assert_allclose(np.broadcast_to(read, w.shape), slip.rule(w, g, rate), rtol=CLOSE)
    assert mathml(written) is not None


@pytest.mark.parametrize("network", ["skip_network", "softmax_with_cross_entropy", "mlp_lab/linear"])
def test_a_slip_behind_a_gradient_is_shown_with_the_value_that_is_off(network: str) -> None:
    everything = expected(network, 3)
    shown = [rules(everything, slip) for slip in variant_slips(everything)]
    assert shown
    for right, used in shown:
        assert used != right
        for text in (right, used):
            assert ", where " in text
            assert mathml(text) is not None
            assert latex(text) is not None

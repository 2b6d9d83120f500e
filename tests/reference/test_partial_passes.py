"""Passes that compute only what is asked for, or what changes: the same numbers as whole passes, bit for bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import generators
from test_random_graphs import LEAVES, Step, as_network, programs

from reference.network import Forward, Graph, trace
from reference.networks.skip_network import skip_network
from reference.operations import identity, subtract

HAND = {"x": 1.0, "y": -3.0, "w0": 0.5, "w1": 0.5, "w2": 0.5, "ws": 0.5}


def drawn(program: list[Step], rng: np.random.Generator) -> tuple[Graph, dict[str, Any], dict[str, Any]]:
    """Return a graph, its leaves and some values to put in."""
    graph = trace(as_network(program))
    leaves = {name: np.asarray(rng.uniform(-1.2, 1.2, 2)) for name in LEAVES}
    put_in = {name: rng.standard_normal(2) for name in graph.computed[:-1] if rng.random() < 0.3}
    return graph, leaves, put_in


def named(graph: Graph, values: tuple[Any, ...]) -> dict[str, list[float]]:
    return {name: np.asarray(values[i]).tolist() for name, i in graph.index.items()}


@settings(max_examples=60)
@given(program=programs(), rng=generators(), pick=st.integers(0, 100))
def test_changing_one_node_gives_the_values_of_a_whole_pass_with_that_node(
    program: list[Step], rng: np.random.Generator, pick: int
) -> None:
    graph, leaves, put_in = drawn(program, rng)
    candidates = [i for i, node in enumerate(graph.nodes) if len(node.inputs) == 2]
    index = candidates[pick % len(candidates)] if candidates else len(graph.nodes) - 1
    inputs = tuple(int(i) for i in rng.integers(0, index, 2))
    before = graph.forward(leaves, given=put_in)
    whole = graph.replaced(index, subtract, inputs).forward(leaves, given=put_in)
    changed = graph.forward_with(before, index, subtract, inputs, given=put_in.keys())
    mixed = named(graph, before.computed) | {name: value.tolist() for name, value in changed.items()}
    assert mixed == named(graph, whole.computed)


def test_changing_one_node_reaches_only_what_is_computed_from_it() -> None:
    """By hand: with w1 = -0.5 the second ReLU is closed, so leaving it out lets z1 = -0.25 through."""
    graph = trace(skip_network)
    run = graph.forward(HAND | {"w1": -0.5})
    changed = graph.forward_with(run, graph.index["h1"], identity, graph.nodes[graph.index["h1"]].inputs)
    # h1 = z1 = -0.25, z2 = ws h0 + w2 h1 = 0.25 - 0.125, L = |-3 - 0.125|
    assert {name: float(value) for name, value in changed.items()} == {
        "h1": -0.25,
        "z2": 0.125,
        "y_hat": 0.125,
        "L": 3.125,
    }
    stopped = graph.forward_with(
        run, graph.index["h1"], identity, graph.nodes[graph.index["h1"]].inputs, given={"z2"}
    )
    assert set(stopped) == {"h1", "z2"}


@settings(max_examples=60)
@given(program=programs(), rng=generators(), data=st.data())
def test_gradients_asked_for_alone_are_those_of_a_whole_pass(
    program: list[Step], rng: np.random.Generator, data: st.DataObject
) -> None:
    graph, leaves, put_in = drawn(program, rng)
    run = graph.forward(leaves)
    names = data.draw(st.sets(st.sampled_from((*LEAVES, *graph.computed))))
    whole = named(graph, graph.backward(run, given=put_in).computed)
    alone = graph.gradients_at(run, names, given=put_in)
    assert {name: value.tolist() for name, value in alone.items()} == {name: whole[name] for name in names}


def test_a_gradient_that_is_put_in_spares_what_lies_nearer_to_the_loss() -> None:
    """dL/dw1 = dL/dz1 h0 needs nothing else, not even values that are not there."""
    graph = trace(skip_network)
    run = graph.forward(HAND)
    known = {graph.index["h0"], graph.index["z1"], graph.index["w1"]}
    holes = Forward(
        computed=run.computed,
        used=tuple(value if i in known else None for i, value in enumerate(run.used)),
    )
    alone = graph.gradients_at(holes, ["w1"], given={"z1": np.asarray(3.0)})
    assert {name: float(value) for name, value in alone.items()} == {"w1": 1.5}
    with pytest.raises(TypeError):
        graph.gradients_at(holes, ["w2"], given={"z1": np.asarray(3.0)})


def test_after_a_node_come_itself_and_all_computed_from_it() -> None:
    graph = trace(skip_network)
    names = {
        name: {graph.nodes[i].name for i in graph.after[graph.index[name]]} - {None}
        for name in ("z1", "y", "L")
    }
    assert names == {"z1": {"z1", "h1", "z2", "y_hat", "L"}, "y": {"y", "L"}, "L": {"L"}}


def test_equal_graphs_have_one_hash_and_other_graphs_another() -> None:
    graph, again = trace(skip_network), trace(skip_network)
    other = graph.replaced(graph.index["h1"], identity)
    assert graph == again
    assert hash(graph) == hash(again)
    assert graph != other
    assert len({graph, again, other}) == 2

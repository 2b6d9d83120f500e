"""Random graphs with nodes that are read many times, against autograd."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
from gradient_check import disagreement
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from strategies import generators, shapes

from reference.network import Edge, trace
from reference.networks.skip_network import skip_network
from reference.operations import Rule, relu, sigmoid, total

LEAVES = ("a", "b", "c")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One operation on earlier values."""

    symbol: str
    first: int
    second: int
    is_named: bool


@st.composite
def programs(draw: st.DrawFn) -> list[Step]:
    """Draw a straight-line program whose steps read any earlier value, leaves first."""
    count = draw(st.integers(1, 9))
    return [
        Step(
            symbol=draw(st.sampled_from(["+", "-", "*", "neg", "relu", "sigmoid"])),
            first=draw(st.integers(0, len(LEAVES) + i - 1)),
            second=draw(st.integers(0, len(LEAVES) + i - 1)),
            is_named=draw(st.booleans()),
        )
        for i in range(count)
    ]


def run_step(
    step: Step, values: list[Any], relu_of: Callable[..., Any], sigmoid_of: Callable[..., Any]
) -> Any:
    first, second = values[step.first], values[step.second]
    match step.symbol:
        case "+":
            return first + second
        case "-":
            return first - second
        case "*":
            return first * second
        case "neg":
            return -first
        case "relu":
            return relu_of(first)
        case _:
            return sigmoid_of(first)


def as_network(program: list[Step]) -> Callable[[Any], None]:
    def network(n: Any) -> None:
        values: list[Any] = [getattr(n, name) for name in LEAVES]
        for number, step in enumerate(program):
            value = run_step(step, values, relu, sigmoid)
            if step.is_named:
                setattr(n, f"v{number}", value)
                value = getattr(n, f"v{number}")
            values.append(value)
        # Everything is read again, so that each node reaches the loss by several paths.
        whole = values[0]
        for value in values[1:]:
            whole = whole + value
        n.L = total(whole * values[-1])

    return network


def as_loss(program: list[Step]) -> Callable[[Any], Any]:
    def loss(leaves: Any) -> Any:
        values = [leaves[name] for name in LEAVES]
        for step in program:
            values.append(
                run_step(
                    step,
                    values,
                    lambda z: anp.where(z > 0, z, 0.0 * z),
                    lambda z: 0.5 * (1.0 + anp.tanh(0.5 * z)),
                )
            )
        return anp.sum(sum(values[1:], values[0]) * values[-1])

    return loss


ONE_NODE_MANY_TIMES = [
    Step(symbol="*", first=0, second=0, is_named=True),
    Step(symbol="*", first=3, second=3, is_named=False),
    Step(symbol="-", first=4, second=3, is_named=True),
    Step(symbol="+", first=5, second=5, is_named=True),
]


@settings(max_examples=80)
@example(program=ONE_NODE_MANY_TIMES, rng=np.random.default_rng(0), shape=(2,))
@given(program=programs(), rng=generators(), shape=shapes(max_dims=2, max_side=3))
def test_gradients_of_a_random_graph_equal_those_of_autograd(
    program: list[Step], rng: np.random.Generator, shape: tuple[int, ...]
) -> None:
    leaves = {name: np.asarray(rng.uniform(-1.2, 1.2, shape)) for name in LEAVES}
    graph = trace(as_network(program))
    run = graph.forward(leaves)
    # Squares of squares of squares leave the range where rounding can be told from a mistake.
    assume(max(float(np.max(np.abs(value))) for value in run.used) < 1e3)
    back = graph.backward(run)
    expected = autograd.grad(as_loss(program))(leaves)
    for name in LEAVES:
        # Sums of up to a few thousand may cancel.
        assert disagreement(graph.gradient(back, name), expected[name], rtol=1e-8) is None


@settings(max_examples=60)
@example(program=ONE_NODE_MANY_TIMES, rng=np.random.default_rng(0), pick=3)
@given(program=programs(), rng=generators(), pick=st.integers(0, 100))
def test_changing_one_rule_of_a_backward_pass_gives_the_gradients_of_a_whole_pass_with_that_rule(
    program: list[Step], rng: np.random.Generator, pick: int
) -> None:
    graph = trace(as_network(program))
    run = graph.forward({name: np.asarray(rng.uniform(-1.2, 1.2, 2)) for name in LEAVES})
    assume(max(float(np.max(np.abs(value))) for value in run.used) < 1e3)
    edge = graph.edges[pick % len(graph.edges)]
    put_in = {name: rng.standard_normal(2) for name in graph.computed[:-1] if rng.random() < 0.3}
    rules: dict[Edge, Rule] = {
        edge: lambda g, *_: 0.5 + 0.0 * run.used[graph.nodes[edge.node].inputs[edge.position]]
    }
    whole = graph.backward(run, given=put_in, rules=rules)
    before = graph.backward(run, given=put_in)
    changed = graph.backward_with(run, before, edge, rules, given=put_in.keys())
    source = graph.nodes[graph.nodes[edge.node].inputs[edge.position]].name
    assert source is None or source in changed
    for name in (*LEAVES, *graph.computed):
        actual = changed[name] if name in changed else graph.gradient(before, name)
        assert disagreement(actual, graph.gradient(whole, name), rtol=1e-8) is None


def test_changing_one_rule_reaches_only_what_lies_behind_it() -> None:
    """On the skip network by hand: without the second mask dz1 = w2 = 0.5, dw1 = 0.25 and dh0 = 0.25."""
    graph = trace(skip_network)
    run = graph.forward({"x": 1.0, "y": -3.0, "w0": 0.5, "w1": -0.5, "w2": 0.5, "ws": 0.5})
    edge = Edge(graph.index["h1"], 0)
    before = graph.backward(run)
    changed = graph.backward_with(run, before, edge, {edge: lambda g, *_: g})
    assert {name: float(value) for name, value in changed.items()} == {
        "z1": 0.5,
        "w1": 0.25,
        "h0": 0.25,
        "z0": 0.25,
        "w0": 0.25,
        "x": 0.125,
    }
    stopped = graph.backward_with(run, before, edge, {edge: lambda g, *_: g}, given={"h0"})
    assert set(stopped) == {"z1", "w1", "h0"}

"""Points of three networks at which sides are evaluated: single numbers, columns, and a batch in rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from grader.formulas import Caps, Meaning, Name, SymbolTable, symbol_table
from grader.formulas.documents.lex import lex
from grader.formulas.limits import Budget
from grader.formulas.parsing.parse import parse_side
from grader.formulas.tree import Tree
from grader.formulas.values.evaluate import Definition, Evaluated, Readings, evaluate, evaluate_over, ranges
from grader.formulas.world import World
from grader.model import Array
from reference.network import trace
from reference.networks.skip_network import skip_network
from reference.operations import log, relu, sigmoid, softmax, total

_FUNCTIONS = (
    Name(name="relu", spellings=("ReLU", "g_0", "g_1"), meaning=Meaning.FUNCTION),
    Name(name="identity", spellings=("g_2",), meaning=Meaning.FUNCTION),
    Name(name="sign", spellings=("sign",), meaning=Meaning.FUNCTION),
    Name(name="step", spellings=("u",), meaning=Meaning.FUNCTION),
    *(
        Name(name=one, spellings=(one,), meaning=Meaning.FUNCTION)
        for one in ("softmax", "diag", "sigmoid", "tr", "mean", "softplus")
    ),
)


class Point:
    """A point and the names by which sides are read there."""

    def __init__(self, table: SymbolTable, world: World) -> None:
        self.table = table
        self.world = world

    def tree(self, tex: str) -> Tree:
        """Read a side."""
        budget = Budget(Caps())
        found = parse_side(lex(tex, 0, len(tex), budget).tokens, self.table, budget)
        assert found.tree is not None, found.problem
        return found.tree

    def definitions(
        self, own: Mapping[str, tuple[str, tuple[str, ...], tuple[str, ...]]]
    ) -> dict[str, Definition]:
        """Read definitions: a side, its indices, its arguments."""
        return {
            name: Definition(tree=self.tree(tex), indices=indices, arguments=arguments)
            for name, (tex, indices, arguments) in own.items()
        }

    def evaluated(
        self,
        tex: str,
        *,
        readings: Readings = Readings(),  # noqa: B008 (frozen)
        definitions: Mapping[str, Definition] | None = None,
        indices: Mapping[str, int] | None = None,
    ) -> Evaluated:
        """Evaluate a side; one with free indices for all that they stand for."""
        tree = self.tree(tex)
        letters = {} if indices else ranges([tree], self.world, definitions, axes=self.table.axes)
        if letters:
            return evaluate_over(
                tree,
                self.world,
                letters,
                readings=readings,
                definitions=definitions,
                axes=self.table.axes,
            )
        return evaluate(
            tree,
            self.world,
            indices=indices,
            readings=readings,
            definitions=definitions,
            axes=self.table.axes,
        )

    def value(self, tex: str, **keywords: Any) -> Array:
        """Evaluate a side to its value."""
        return self.evaluated(tex, **keywords).value


def skip_point(values: Mapping[str, float] | None = None) -> Point:
    """Return a point of the skip network at which both units are on."""
    graph = trace(skip_network)
    at = {"x": 1.3, "y": -3.0, "w0": 0.5, "w1": 0.7, "w2": 0.6, "ws": 0.9} | dict(values or {})
    world = World(
        graph=graph, run=graph.forward(at), extra={"lr": np.asarray(0.1)}, updates={"w0": np.asarray(0.25)}
    )
    inputs = frozenset(graph.index) - {"L"}
    names = [
        Name(name="x", spellings=("x", "x_1")),
        Name(name="y", spellings=("y",)),
        *(
            Name(name=f"w{one}", spellings=(rf"\omega_{one}", f"w_{one}"), is_parameter=True)
            for one in "012s"
        ),
        *(Name(name=f"z{one}", spellings=(f"z_{one}",), inputs=inputs) for one in "012"),
        *(Name(name=f"h{one}", spellings=(f"h_{one}",), inputs=inputs) for one in "01"),
        Name(name="y_hat", spellings=(r"\hat{y}",), inputs=inputs),
        Name(name="L", spellings=("L", r"\mathcal{L}"), inputs=inputs),
        Name(name="lr", spellings=(r"\alpha",)),
        *_FUNCTIONS,
    ]
    return Point(symbol_table(names), world)


D, H, K, N = 3, 4, 5, 2
"""Pairwise different, so that a missing transpose shows."""


def _two_layers(n: Any) -> None:
    n.z1 = n.W1 @ n.x + n.b1
    n.h = sigmoid(n.z1)
    n.z2 = n.W2 @ n.h + n.b2
    n.y_hat = softmax(n.z2)
    n.L = -total(n.y * log(n.y_hat))


def vector_point(seed: int = 0) -> Point:
    """Return a point of two layers on one sample: columns, `z = W x + b`."""
    random = np.random.default_rng(seed)
    leaves = {
        "x": random.normal(size=D),
        "W1": random.normal(size=(H, D)),
        "b1": random.normal(size=H),
        "W2": random.normal(size=(K, H)),
        "b2": random.normal(size=K),
        "y": np.eye(K)[2],
    }
    graph = trace(_two_layers)
    before = World(graph=graph, run=graph.forward(leaves))
    world = World(
        graph=graph,
        run=graph.forward(leaves),
        extra={"eta": np.asarray(0.3)},
        sizes={"K": K, "H": H},
        hot={"c": "y"},
        updates={"W1": leaves["W1"] - 0.3 * before.gradient("W1")},
    )
    inputs = frozenset(graph.index) - {"L"}
    names = [
        Name(name="x", spellings=("x",), axes=1),
        Name(name="W1", spellings=("W^{(1)}", "W_1"), axes=2, is_parameter=True),
        Name(name="b1", spellings=("b^{(1)}", "b_1"), axes=1),
        Name(name="W2", spellings=("W^{(2)}", "W_2"), axes=2),
        Name(name="b2", spellings=("b^{(2)}", "b_2"), axes=1),
        Name(name="y", spellings=("y",), axes=1),
        Name(name="z1", spellings=("z^{(1)}", "z_1"), axes=1, inputs=inputs),
        Name(name="h", spellings=("h",), axes=1, inputs=inputs),
        Name(name="z2", spellings=("z^{(2)}", "z_2", "z"), axes=1, inputs=inputs),
        Name(name="y_hat", spellings=(r"\hat{y}", "p"), axes=1, inputs=inputs),
        Name(name="L", spellings=("L", r"\mathcal{L}"), inputs=inputs),
        Name(name="eta", spellings=(r"\eta",)),
        Name(name="K", spellings=("K",)),
        Name(name="H", spellings=("H",)),
        Name(name="z2", spellings=(r"\delta^{(2)}",), meaning=Meaning.GRADIENT),
        Name(name="z1", spellings=(r"\delta^{(1)}",), meaning=Meaning.GRADIENT),
        Name(name="sigmoid", spellings=(r"\sigma",), meaning=Meaning.FUNCTION),
        *_FUNCTIONS,
    ]
    return Point(symbol_table(names), world)


def _batch(n: Any) -> None:
    n.Z1 = n.X @ n.W1 + n.b1
    n.A1 = relu(n.Z1)
    n.Z2 = n.A1 @ n.W2 + n.b2
    n.P = softmax(n.Z2)
    n.L = -total(n.Y * log(n.P)) / float(N)


def batch_point(seed: int = 0, *, flat_bias: bool = False) -> Point:
    """Return a point of two layers on a batch, one sample a row; biases are rows, or have one axis."""
    random = np.random.default_rng(seed)
    leaves = {
        "X": random.normal(size=(N, D)),
        "W1": random.normal(size=(D, H)),
        "b1": random.normal(size=H if flat_bias else (1, H)),
        "W2": random.normal(size=(H, K)),
        "b2": random.normal(size=K if flat_bias else (1, K)),
        "Y": np.eye(K)[[3, 1]],
    }
    graph = trace(_batch)
    world = World(
        graph=graph, run=graph.forward(leaves), extra={"eta": np.asarray(0.3)}, sizes={"N": N, "C": K}
    )
    inputs = frozenset(graph.index) - {"L"}
    axes = 1 if flat_bias else 2
    names = [
        Name(name="X", spellings=("X",), axes=2),
        Name(name="Y", spellings=("Y",), axes=2),
        Name(name="W1", spellings=("W^{[1]}", "W_1"), axes=2),
        Name(name="W2", spellings=("W^{[2]}", "W_2"), axes=2),
        Name(name="b1", spellings=("b^{[1]}", "b_1"), axes=axes),
        Name(name="b2", spellings=("b^{[2]}", "b_2"), axes=axes),
        *(Name(name=f"Z{one}", spellings=(f"Z^{{[{one}]}}", f"Z_{one}"), axes=2) for one in "12"),
        Name(name="A1", spellings=("A^{[1]}", "A_1"), axes=2),
        Name(name="P", spellings=("P",), axes=2, inputs=inputs),
        Name(name="L", spellings=("L", "J"), inputs=inputs),
        Name(name="eta", spellings=(r"\eta",)),
        Name(name="N", spellings=("N",)),
        Name(name="C", spellings=("C",)),
        *_FUNCTIONS,
    ]
    return Point(symbol_table(names, indices="ijklmncabdh", d_is_gradient=True), world)

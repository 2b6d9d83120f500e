"""The networks that slips are planted into: every unit of every shipped assignment, and three that are asked for everything."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from grader.assignment import (
    RATE,
    CaseRules,
    FunctionSpec,
    Policy,
    Role,
    Unit,
    updated,
)
from grader.assignment_file import load
from grader.cases import cases_of
from grader.marking.expectations import Expectations, expectations
from grader.model import Array, Case
from reference.network import Graph, trace
from reference.networks.mlp import three_layer_mlp, two_layer_mlp
from reference.networks.softmax_cross_entropy import softmax_with_cross_entropy

NETWORKS = ("skip_network", "two_layer_mlp", "three_layer_mlp", "softmax_with_cross_entropy")
"""Networks that are asked for everything: the first by its assignment, the others by a unit made here."""

ASSIGNMENTS = Path(__file__).parent.parent / "assignments"
UNITS = tuple(
    f"{path.parent.name}/{unit}"
    for path in sorted(ASSIGNMENTS.glob("*/assignment.toml"))
    for unit in tomllib.loads(path.read_text(encoding="utf-8")).get("units", {})
)
"""Every unit of every shipped assignment, as `assignment/unit`."""


def expected(network: str, seed: int) -> Expectations:
    """Return the expectations of a shipped network on cases drawn from a seed.

    Parameters
    ----------
    network : str
        One of `NETWORKS` or `UNITS`.
    seed : int

    Returns
    -------
    Expectations
        Those of a shipped unit on its own cases. Else arrays have N = 1 and N > 1 and sides of pairwise different sizes.
    """
    generator = np.random.default_rng(seed)
    if network in UNITS:
        shipped = _shipped(network)
        return expectations(shipped, cases_of(shipped, generator))
    if network == "skip_network":
        shipped = load(network).units[0]
        return expectations(shipped, cases_of(shipped, generator))
    if network == "softmax_with_cross_entropy":
        graph = trace(softmax_with_cross_entropy)
        made = _unit(graph, inputs=(), targets=("t",), parameters=("s",))
        sizes: list[dict[str, tuple[int, ...]]] = [{"s": (n, 4), "t": (n, 4)} for n in (1, 6, 3, 5)]
    else:
        function, sides = (
            (two_layer_mlp, (5, 4, 3)) if network == "two_layer_mlp" else (three_layer_mlp, (5, 4, 6, 3))
        )
        parameters = tuple(f"{letter}{k}" for k in range(1, len(sides)) for letter in ("W", "b"))
        graph = trace(function)
        made = _unit(graph, inputs=("X",), targets=("T",), parameters=parameters)
        sizes = [mlp_shapes(sides, n) for n in (7, 1, 8, 2)]
    cases = [_array_case(made, shapes, generator, number) for number, shapes in enumerate(sizes, start=1)]
    return expectations(made, cases)


@lru_cache(maxsize=2)
def _units_of(assignment: str) -> Mapping[str, Unit]:
    return {unit.name: unit for unit in load(assignment).units}


def _shipped(network: str) -> Unit:
    """Return a unit of an assignment, without the name that stands before its quantities among others."""
    assignment, _, name = network.partition("/")
    return replace(_units_of(assignment)[name], name="")


def mlp_shapes(sides: Sequence[int], samples: int) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the leaves of an MLP with layers between sides of these sizes."""
    shapes: dict[str, tuple[int, ...]] = {"X": (samples, sides[0]), "T": (samples, sides[-1])}
    for k, (before, after) in enumerate(pairwise(sides), start=1):
        shapes |= {f"W{k}": (before, after), f"b{k}": (after,)}
    return shapes


def _unit(
    graph: Graph, *, inputs: tuple[str, ...], targets: tuple[str, ...], parameters: tuple[str, ...]
) -> Unit:
    """Make a unit that asks for everything, as the shipped one does."""
    values = tuple(name for name in graph.computed if name != graph.loss)
    inner = tuple(name for name in graph.gradient_order(parameters) if name in values)
    new = tuple(updated(name) for name in parameters)
    last = ("logits" if "logits" in values else "p",)  # what the loss is called with
    leaves = (*inputs, *parameters)
    specs = [
        _function("forward", Role.FORWARD, leaves, values, values),
        _function("loss", Role.LOSS, (*last, *targets), (graph.loss,), (graph.loss,)),
        _function(
            "backward",
            Role.BACKWARD,
            (*inputs, *targets, *parameters),
            (*parameters, *inner),
            parameters,
            prefix=f"d{graph.loss}/d",
        ),
        _function("update", Role.UPDATE, ("weights", "gradients", RATE), new, new),
        _function(
            "step",
            Role.STEP,
            (*inputs, *targets, *parameters, RATE),
            new,
            new,
            optional=True,
        ),
    ]
    return Unit(
        name="",
        where="planted",
        graph=graph,
        inputs=inputs,
        targets=targets,
        parameters=parameters,
        functions={spec.name: spec for spec in specs},
        cases=CaseRules(drawn=4, leaves={}, near={}, worked={}),
        policy=Policy(),
    )


def array_unit(layers: int, graph: Graph) -> Unit:
    """Make a unit on an MLP of some layers that asks for everything."""
    parameters = tuple(f"{letter}{k}" for k in range(1, layers + 1) for letter in ("W", "b"))
    return _unit(graph, inputs=("X",), targets=("T",), parameters=parameters)


def _function(
    name: str,
    role: Role,
    arguments: tuple[str, ...],
    keys: tuple[str, ...],
    required: tuple[str, ...],
    *,
    prefix: str = "",
    optional: bool = False,
) -> FunctionSpec:
    return FunctionSpec(
        name=name,
        role=role,
        arguments=arguments,
        keys=keys,
        quantities=tuple(prefix + key for key in keys),
        required=frozenset(prefix + key for key in required),
        optional=optional,
        single=role is Role.LOSS,
    )


def _array_case(
    made: Unit, shapes: Mapping[str, tuple[int, ...]], generator: np.random.Generator, number: int
) -> Case:
    return Case(
        name=f"drawn-{number}",
        leaves=_alive(made, shapes, generator),
        rate=float(generator.uniform(0.1, 0.9)),
        spare_leaves=_alive(made, shapes, generator),
        given_gradients={name: generator.normal(size=shapes[name]) for name in made.parameters},
    )


def _alive(
    made: Unit, shapes: Mapping[str, tuple[int, ...]], generator: np.random.Generator
) -> dict[str, Array]:
    """Draw leaves on which no gradient is zero as a whole: one sample may find every ReLU of a layer closed."""
    while True:
        leaves = {name: _leaf(name, shape, generator) for name, shape in shapes.items()}
        back = made.graph.backward(made.graph.forward(leaves))
        if all(np.any(made.graph.gradient(back, name)) for name in made.parameters):
            return leaves


def _leaf(name: str, shape: tuple[int, ...], generator: np.random.Generator) -> Array:
    """Draw weights at the scale of He initialisation, one-hot targets, and standard normal inputs."""
    if name in ("T", "t"):
        return np.asarray(np.eye(shape[-1])[generator.integers(0, shape[-1], size=shape[0])])
    if name.startswith("W"):
        return np.asarray(generator.normal(size=shape) * np.sqrt(2.0 / shape[0]))
    return np.asarray(generator.normal(size=shape) * (0.3 if name.startswith("b") else 1.0))

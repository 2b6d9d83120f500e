"""Makes the check bundle of students: a program that needs NumPy alone, and what it needs to know of an assignment.

It knows the values of the worked case, which the task prints, and inputs of practice cases, without any value expected on them.
The reference is not in it: gradients are held against differences of the student's own forward pass.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct

from grader.assignment import Assignment, FunctionSpec, Role, Unit
from grader.cases import cases_of, worked_case
from grader.handout.files import HandOutFile, tool_code
from grader.marking.expectations import CaseExpectations, expectations
from grader.model import Array, Value
from grader.plan import calls
from reference.network import Graph

PROGRAM, DATA = "check.py", "check_data.json"
POINTS = 3
"""Practice cases at which gradients are checked, besides the worked one."""
TAIL = frozenset({"abs", "add", "identity", "mean", "multiply", "subtract", "sum", "sum over axis -1"})
"""Operations that the program can do, to get from what students compute to the loss."""


def student_kit(assignment: Assignment, generator: np.random.Generator) -> tuple[HandOutFile, ...]:
    """Make the check bundle of an assignment.

    Parameters
    ----------
    assignment : Assignment
    generator : numpy.random.Generator
        Draws the points at which gradients are checked; from the secret of the practice cases, which everybody knows.

    Returns
    -------
    tuple of HandOutFile
        The program and its data; nothing where no code is asked for.
    """
    if not assignment.units:
        return ()
    data = json.dumps(_data(assignment, generator), indent=1, allow_nan=False) + "\n"
    return (
        HandOutFile(name=PROGRAM, content=tool_code().encode()),
        HandOutFile(name=DATA, content=data.encode()),
    )


def _data(assignment: Assignment, generator: np.random.Generator) -> dict[str, Any]:
    routes = {
        unit: _route(assignment.units, unit, spec) for unit in assignment.units for spec in _backward(unit)
    }
    return {
        "title": assignment.title,
        "files": [source.name for source in assignment.template],
        "collect": assignment.collect,
        "calls": [entry for unit in assignment.units for entry in _worked(unit)],
        "gradients": [
            _gradient(unit, route, generator) for unit, route in routes.items() if route is not None
        ],
        "not_checked": [
            spec.name for unit, route in routes.items() if route is None for spec in _backward(unit)
        ],
    }


def _backward(unit: Unit) -> tuple[FunctionSpec, ...]:
    return unit.by_role(Role.BACKWARD)[:1]


# --------------------------------------------------------------------------------------------------------------
# The worked case


def _worked(unit: Unit) -> Iterator[dict[str, Any]]:
    case = worked_case(unit)
    if case is None:
        return
    table = expectations(unit, [case])
    asked = {call.function: call.arguments for call in calls([table])}
    for spec in unit.functions.values():
        yield {
            **_function(unit, spec),
            "arguments": [_encoded(value) for value in asked[spec.name]],
            "expected": _expected(table.cases[0], spec),
        }


def _expected(case: CaseExpectations, spec: FunctionSpec) -> dict[str, Any]:
    return {
        quantity: _encoded(np.asarray(case.by_key[spec.name, quantity].value)) for quantity in spec.quantities
    }


def _function(unit: Unit, spec: FunctionSpec) -> dict[str, Any]:
    """Return how a function is called and how its result is read."""
    return {
        "function": spec.name,
        "collector": spec.collector,
        "uses": list(spec.uses or (spec.name,)),
        "inputs": list(spec.arguments),
        "keys": list(spec.keys),
        "quantities": list(spec.quantities),
        "labels": [unit.label(quantity) for quantity in spec.quantities],
        "required": sorted(spec.required),
        "optional": spec.optional,
        "single": spec.single,
        "spellings": {key: _spellings(spec, key) for key in spec.keys},
    }


def _spellings(spec: FunctionSpec, key: str) -> list[str]:
    """Return other names of a key in a dict, as marking accepts them."""
    others: tuple[str, ...] = ()
    if spec.role is Role.BACKWARD:
        others = (f"dL/d{key}", f"dL_d{key}", f"d{key}", f"grad_{key}")
    elif spec.role in (Role.UPDATE, Role.STEP):
        others = (key.removesuffix("_new"),)
    return [name for name in others if name not in spec.keys]


def _encoded(value: Value | Array) -> Any:  # noqa: ANN401  JSON
    if isinstance(value, dict):
        return {name: _encoded(part) for name, part in value.items()}
    if isinstance(value, np.ndarray):
        kind = "int64" if np.issubdtype(value.dtype, np.integer) else "float64"
        return {"array": value.ravel().tolist(), "shape": list(value.shape), "dtype": kind}
    return value


# --------------------------------------------------------------------------------------------------------------
# Gradients


class _Route(Struct, frozen=True, kw_only=True):
    """How the loss comes about from what a student's functions give."""

    backward: FunctionSpec
    forward: tuple[tuple[Unit, FunctionSpec], ...]
    loss: Any
    """A name, a number, or the name of an operation with what it is of."""


def _route(units: Sequence[Unit], unit: Unit, backward: FunctionSpec) -> _Route | None:
    """Find the functions that lead from the leaves to the loss of a unit; None where none do."""
    known = set(unit.graph.leaves)
    forward: list[tuple[Unit, FunctionSpec]] = []
    waiting = [
        (other, spec)
        for other in [unit, *(one for one in units if one is not unit)]
        for spec in other.by_role(Role.FORWARD, Role.LOSS)
        if _same_nodes(unit.graph, other.graph, spec.quantities)
    ]
    while ready := [one for one in waiting if set(one[1].arguments) <= known]:
        for one in ready:
            waiting.remove(one)
            if not set(one[1].quantities) <= known:
                forward.append(one)
                known |= set(one[1].quantities)
    loss = _recipe(unit.graph, unit.graph.index[unit.loss], known)
    by = [key for key in backward.keys if key in unit.graph.leaves]
    if loss is None or not by or not set(backward.arguments) <= known:
        return None
    return _Route(backward=backward, forward=tuple(forward), loss=loss)


def _same_nodes(graph: Graph, other: Graph, names: Iterable[str]) -> bool:
    """Whether values of another network are values of this one, computed from the same leaves."""
    return all(
        name in graph.index and _shape_of(graph, graph.index[name]) == _shape_of(other, other.index[name])
        for name in names
    )


def _shape_of(graph: Graph, index: int) -> object:
    """Return all that a node's value depends on, to compare."""
    node = graph.nodes[index]
    if node.operation is None:
        return node.name if node.constant is None else node.constant
    return (node.operation.name, *(_shape_of(graph, before) for before in node.inputs))


def _recipe(graph: Graph, index: int, known: set[str]) -> Any:  # noqa: ANN401  JSON
    """Return how a node comes about from known values by operations of the program; None where it does not."""
    node = graph.nodes[index]
    if node.name in known:
        return node.name
    if node.constant is not None:
        return float(node.constant)
    if node.operation is None or node.operation.name not in TAIL:
        return None
    parts = [_recipe(graph, before, known) for before in node.inputs]
    return None if any(part is None for part in parts) else [node.operation.name, *parts]


def _gradient(unit: Unit, route: _Route, generator: np.random.Generator) -> dict[str, Any]:
    spec = route.backward
    pairs = dict(zip(spec.keys, spec.quantities, strict=True))
    by = {key: quantity for key, quantity in pairs.items() if key in unit.graph.leaves}
    return {
        "backward": _function(unit, spec),
        "forward": [_function(other, one) for other, one in route.forward],
        "loss": route.loss,
        "by": {leaf: unit.label(quantity) for leaf, quantity in by.items()},
        "by_quantity": by,
        "points": [_encoded(_as_passed(unit, case.leaves)) for case in _points(unit, generator)],
    }


def _points(unit: Unit, generator: np.random.Generator) -> list[Any]:
    cases = [case for case in cases_of(unit, generator) if not case.edge]
    return cases[: POINTS + (unit.cases.worked is not None)]


def _as_passed(unit: Unit, leaves: Mapping[str, Array]) -> dict[str, Value]:
    """Return leaves as functions get them: single numbers as floats."""
    labels = {name for name, rule in unit.cases.leaves.items() if rule.kind == "labels"}
    return {
        name: float(value) if np.ndim(value) == 0 else value.astype(np.int64) if name in labels else value
        for name, value in leaves.items()
    }

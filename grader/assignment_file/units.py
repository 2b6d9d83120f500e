"""Checks a unit: its network, what its functions mean, and that every name stands for something."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from grader.assignment import RATE, Conventions, FunctionSpec, Policy, Role, Unit, updated
from grader.assignment_file.cases import read_cases
from grader.assignment_file.checker import Checker
from grader.assignment_file.code import load_network
from grader.assignment_file.methods import collector_arguments, collector_name
from grader.assignment_file.tables import ConventionsTable, FunctionTable, UnitTable
from reference.network import Graph


class Surroundings(Struct, frozen=True, kw_only=True):
    """What a unit needs to know of its assignment."""

    folder: Path
    policy: Policy
    collectors: tuple[str, ...]
    """The functions of `collect.py`."""
    conventions: Conventions
    """What holds where a unit declares nothing else."""


def read_unit(name: str, table: UnitTable, around: Surroundings, check: Checker) -> tuple[Unit, bytes]:
    """Check a unit.

    Parameters
    ----------
    name : str
        Empty for an assignment of one network.
    table : UnitTable
    around : Surroundings
    check : Checker
        Of the unit's table.

    Returns
    -------
    (Unit, bytes)
        The unit, and the code of its network.

    Raises
    ------
    AssignmentError
    """
    graph, code = load_network(table.network, table.loss, around.folder, check)
    _check_leaves(table, graph, check)
    functions = {
        function: _function(function, entry, table, graph, around, check)
        for function, entry in table.functions.items()
    }
    asked = {
        quantity for spec in functions.values() if spec.role is Role.FORWARD for quantity in spec.quantities
    }
    for function, spec in functions.items():
        given = [argument for argument in spec.arguments if argument in asked]
        if given and spec.role is not Role.LOSS:
            raise check.fail(
                f"functions.{function}.arguments",
                f"`{given[0]}` is asked for by another function of the same cases",
                "put this function into a unit of its own",
            )
    rated = any(spec.role in (Role.UPDATE, Role.STEP) for spec in functions.values())
    unit = Unit(
        name=name,
        where=f"{around.folder}: units.{name}" if name else str(around.folder),
        graph=graph,
        inputs=tuple(table.inputs),
        targets=tuple(table.targets),
        parameters=tuple(table.parameters),
        functions=functions,
        cases=read_cases(table, graph, check, rated=rated),
        policy=around.policy,
        parts=tuple(table.parts),
        conventions=conventions_of(table.conventions, around.conventions),
    )
    return unit, code


def conventions_of(table: ConventionsTable, general: Conventions | None = None) -> Conventions:
    """Return what is declared, and what holds in general where nothing is."""
    return Conventions(
        **{
            name: getattr(table, name) or (getattr(general, name) if general is not None else None)
            for name in table.__struct_fields__
        }
    )


def _check_leaves(table: UnitTable, graph: Graph, check: Checker) -> None:
    named = [*table.inputs, *table.targets, *table.parameters]
    key = "inputs, targets, parameters"
    check.unique(key, named)
    for name in named:
        if name not in graph.leaves:
            why = "the network sets it" if name in graph.computed else "the network never reads it"
            raise check.fail(
                key,
                f"`{name}` is no leaf of the network: {why}",
                f"use it in the network, or leave it out here; what is read and never set: {', '.join(graph.leaves)}",
            )
    for leaf in graph.leaves:
        if leaf not in named:
            raise check.fail(
                key,
                f"the network reads `{leaf}`, which is none of them",
                f"add `{leaf}` to one of the three, or set it in the network",
            )


def _function(
    name: str, entry: FunctionTable, table: UnitTable, graph: Graph, around: Surroundings, check: Checker
) -> FunctionSpec:
    key = f"functions.{name}"
    owner = _owner(key, name, entry, check)
    role = entry.role or next((role for role in Role if role == name), None)
    if role is None:
        raise check.fail(
            key, "what the function computes is not said", f"add role = one of: {', '.join(Role)}"
        )
    keys = [entry.returns] if isinstance(entry.returns, str) else entry.returns
    quantities = _quantities(f"{key}.returns", role, keys, table, graph, check)
    check.known(f"{key}.welcome", entry.welcome, keys, "entry of `returns`")
    arguments = collector_arguments(entry) if entry.create is not None else tuple(entry.arguments)
    check.known(
        f"{key}.arguments", arguments, _arguments(role, table, graph), f"argument of a {role} function"
    )
    required = frozenset(q for k, q in zip(keys, quantities, strict=True) if k not in entry.welcome)
    if not required:
        raise check.fail(f"{key}.welcome", "no result is required", "leave at least one out of `welcome`")
    return FunctionSpec(
        name=name,
        role=role,
        arguments=arguments,
        keys=tuple(keys),
        quantities=tuple(quantities),
        required=required,
        optional=entry.optional,
        single=isinstance(entry.returns, str),
        collector=_collector(key, name, entry, around, check),
        uses=tuple(entry.uses) if entry.uses is not None else (owner,),
    )


def _owner(key: str, name: str, entry: FunctionTable, check: Checker) -> str:
    """Return the top-level name that a function belongs to by its own name; words may follow where a collector asks for it.

    Where the names that the collector uses are listed, any words will do.
    """
    code, _, words = name.partition(" ")
    owner, _, method = code.partition(".")
    named = owner.isidentifier() and (method.isidentifier() or not method) and not code.endswith(".")
    if entry.collect and entry.uses is not None and name.strip():
        return owner
    if not named or (words and not entry.collect):
        raise check.fail(
            key,
            "the name is no Python name",
            "name the function as students write it, or Class.method; words may follow it where it has a collector",
        )
    return owner


def _quantities(
    key: str, role: Role, keys: list[str], table: UnitTable, graph: Graph, check: Checker
) -> list[str]:
    """Return what each key of the result stands for."""
    check.unique(key, keys)
    if role in (Role.FORWARD, Role.LOSS):
        check.known(key, keys, graph.computed, "computed node of the network")
        return list(keys)
    if role is Role.BACKWARD:
        check.known(key, keys, (*graph.computed, *graph.leaves), "node of the network")
        return [f"d{table.loss}/d{node}" for node in keys]
    check.known(key, keys, [updated(p) for p in table.parameters], "updated parameter")
    return list(keys)


def _arguments(role: Role, table: UnitTable, graph: Graph) -> tuple[str, ...]:
    if role is Role.UPDATE:
        return ("weights", "gradients", RATE)
    known = (*table.inputs, *table.targets, *table.parameters, *graph.computed)
    return (*known, RATE) if role is Role.STEP else known


def _collector(key: str, name: str, entry: FunctionTable, around: Surroundings, check: Checker) -> str:
    if entry.create is not None:
        if entry.collect or "." not in name:
            raise check.fail(
                f"{key}.create",
                "there is no class to make",
                "name the function Class.method, without `collect`",
            )
        keys = [entry.returns] if isinstance(entry.returns, str) else entry.returns
        if entry.read and len(entry.read) != len(keys):
            raise check.fail(f"{key}.read", "it does not fit `returns`", "name one attribute for each result")
        for attribute in (*entry.set, *(part for path in entry.read for part in path.split("."))):
            if not attribute.isidentifier():
                raise check.fail(key, f"`{attribute}` is no Python name", "name an attribute")
        return collector_name(name)
    if entry.collect:
        check.known(f"{key}.collect", [entry.collect], around.collectors, "function of collect.py")
    elif "." in name:
        raise check.fail(
            key,
            "how the method is called is not said",
            "add `create`, or `collect` with a function of collect.py",
        )
    return entry.collect

"""Checks the `[cases]` of a unit and turns them into rules: how each leaf is drawn, and the cases that are printed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from grader.assignment import RATE, CaseRules, Kind, LeafRule, NearRule
from grader.assignment_file.checker import Checker
from grader.assignment_file.tables import CasesTable, NearTable, Numbers, UnitTable
from grader.model import Array
from reference.network import Graph


def read_cases(table: UnitTable, graph: Graph, check: Checker, *, rated: bool) -> CaseRules:
    """Check the cases of a unit.

    Parameters
    ----------
    table : UnitTable
    graph : Graph
    check : Checker
        Of the unit.
    rated : bool
        Whether something is updated, so that a learning rate is needed.

    Returns
    -------
    CaseRules

    Raises
    ------
    AssignmentError
    """
    raw = dict(table.cases)
    near = {
        leaf: check.convert(raw.pop(leaf), NearTable, key=f"cases.{leaf}")
        for leaf in table.targets
        if leaf in raw
    }
    cases = check.convert(raw, CasesTable, key="cases")
    leaves = graph.leaves
    for leaf, rule in near.items():
        check.known(f"cases.{leaf}.near", [rule.near], graph.computed, "computed node of the network")
        _check_range(f"cases.{leaf}", rule.otherwise, check)
    for key in ("shapes", "kinds"):
        check.known(f"cases.{key}", getattr(cases, key), leaves, "leaf of the network")
    check.known("cases.ranges", cases.ranges, (*leaves, RATE), "leaf of the network")
    for name, bounds in cases.ranges.items():
        _check_range(f"cases.ranges.{name}", bounds, check)
    if rated and RATE not in cases.ranges:
        raise check.fail("cases.ranges", f"`{RATE}` has no range", f"add {RATE} = [LOW, HIGH]")
    rules = {leaf: _leaf_rule(leaf, cases, check) for leaf in leaves if leaf not in near}
    return CaseRules(
        drawn=cases.drawn,
        leaves=rules,
        near={
            leaf: NearRule(near=rule.near, within=rule.within, otherwise=rule.otherwise)
            for leaf, rule in near.items()
        },
        sizes={name: tuple(options) for name, options in cases.sizes.items()},
        rate=cases.ranges.get(RATE),
        worked=None
        if cases.worked is None
        else _given("cases.worked", cases.worked, graph, rules, check, rated=rated),
        edges=tuple(
            _given(f"cases.edge[{place}]", entry, graph, rules, check, rated=False)
            for place, entry in enumerate(cases.edge)
        ),
        unreachable=tuple(cases.unreachable),
    )


def _check_range(key: str, bounds: tuple[float, float], check: Checker) -> None:
    low, high = bounds
    if not low < high:
        raise check.fail(key, f"the range [{low}, {high}] is empty", "write the lower bound first")


def _leaf_rule(leaf: str, cases: CasesTable, check: Checker) -> LeafRule:
    shape = tuple(cases.shapes.get(leaf, ()))
    named = [part for part in shape if isinstance(part, str)]
    check.known(f"cases.shapes.{leaf}", named, tuple(cases.sizes), "name in cases.sizes")
    kind_name, _, classes = cases.kinds.get(leaf, Kind.UNIFORM).partition(":")
    if kind_name not in set(Kind):
        allowed = "uniform, one_hot, labels:K, probabilities"
        raise check.fail(f"cases.kinds.{leaf}", f"`{kind_name}` is no kind", f"use one of: {allowed}")
    kind = Kind(kind_name)
    if kind is Kind.UNIFORM and leaf not in cases.ranges:
        raise check.fail("cases.ranges", f"`{leaf}` has no range", f"add {leaf} = [LOW, HIGH]")
    if kind in (Kind.ONE_HOT, Kind.PROBABILITIES) and not shape:
        raise check.fail(f"cases.kinds.{leaf}", "a single number has no rows", f"give {leaf} a shape")
    if kind is Kind.LABELS and classes not in cases.sizes and not classes.isdigit():
        raise check.fail(
            f"cases.kinds.{leaf}",
            "the number of classes is not said",
            'write "labels:K" with K in cases.sizes',
        )
    return LeafRule(
        range=cases.ranges.get(leaf) if kind is Kind.UNIFORM else None,
        shape=shape,
        kind=kind,
        classes=int(classes) if classes.isdigit() else classes or 1,
    )


def _given(
    key: str,
    entry: Mapping[str, Numbers],
    graph: Graph,
    rules: Mapping[str, LeafRule],
    check: Checker,
    *,
    rated: bool,
) -> dict[str, Array]:
    """Read a case that is written out."""
    needed = [*graph.leaves, *([RATE] if rated else [])]
    check.known(key, entry, (*needed, RATE), "leaf of the network")
    for name in needed:
        if name not in entry:
            raise check.fail(key, f"`{name}` has no value", f"add {name} = NUMBER")
    arrays = {name: _array(f"{key}.{name}", value, check) for name, value in entry.items()}
    for name, array in arrays.items():
        rank = len(rules[name].shape) if name in rules else 0
        if array.ndim != rank:
            raise check.fail(
                f"{key}.{name}",
                f"it has {array.ndim} axes, its shape {rank}",
                "write lists as deep as the shape",
            )
    _check_sizes(key, arrays, rules, check)
    try:
        graph.forward({name: arrays[name] for name in graph.leaves})
    except (ValueError, IndexError) as error:
        raise check.fail(key, f"the network cannot be computed: {error}", "make the shapes fit") from error
    return arrays


def _array(key: str, value: Numbers, check: Checker) -> Array:
    try:
        return np.asarray(value, np.float64)
    except (ValueError, TypeError) as error:
        raise check.fail(
            key, "it is no number and no array of numbers", "write numbers in nested lists"
        ) from error


def _check_sizes(
    key: str, arrays: Mapping[str, Array], rules: Mapping[str, LeafRule], check: Checker
) -> None:
    """Refuse arrays in which a named size has two values."""
    known: dict[str, tuple[int, str]] = {}
    for name, rule in rules.items():
        for length, part in zip(arrays[name].shape, rule.shape, strict=True):
            if isinstance(part, int):
                wanted: tuple[int, str] = (part, "its shape")
            else:
                wanted = known.setdefault(part, (length, name))
            if length != wanted[0]:
                raise check.fail(
                    f"{key}.{name}",
                    f"{part} is {length} here and {wanted[0]} in {wanted[1]}",
                    "make the sizes agree",
                )

"""The conventions that an assignment declares, in words and checked: what it says of means and shapes is what its networks do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from grader.assignment import Conventions, Kind, LeafRule, Unit
from grader.errors import AssignmentError
from grader.model import Case

WORDS: Mapping[str, Mapping[str, str]] = {
    "reduction": {
        "mean": "the loss is the mean over the samples",
        "sum": "the loss is the sum over the samples",
    },
    "samples": {"rows": "samples stand in rows", "columns": "samples stand in columns"},
    "weights": {
        "in_out": "weights have shape (inputs, outputs)",
        "out_in": "weights have shape (outputs, inputs)",
    },
    "bias": {
        "(M,)": "a bias has shape (M,)",
        "(1, M)": "a bias has shape (1, M)",
        "(M, 1)": "a bias has shape (M, 1)",
    },
    "labels": {"one_hot": "labels are one-hot rows", "integer": "labels are whole numbers"},
    "gradients": {
        "overwrite": "each backward pass starts its gradients from zero",
        "accumulate": "gradients add up until they are set to zero",
    },
    "regulariser": {
        "reg W^2": "weight decay adds reg times the squared weights",
        "reg W^2 / 2": "weight decay adds half of reg times the squared weights",
    },
}
"""What each declaration says to the reader."""
KINKS = "at a kink any derivative between the one-sided ones is right"
RTOL = 1e-9


def sentences(conventions: Conventions) -> tuple[str, ...]:
    """Return what is declared, as parts of a sentence.

    Parameters
    ----------
    conventions : Conventions

    Returns
    -------
    tuple of str
    """
    told = ((key, getattr(conventions, key)) for key in WORDS)
    return (*(WORDS[key][value] for key, value in told if value is not None), KINKS)


def check_conventions(unit: Unit, cases: Sequence[Case]) -> None:
    """Hold what a unit declares against what its network does.

    Parameters
    ----------
    unit : Unit
    cases : sequence of Case
        Of the unit.

    Raises
    ------
    AssignmentError
        With the key and what the network does instead.
    """
    for key, problem in _contradictions(unit, cases):
        raise AssignmentError(
            f"{unit.where}: conventions.{key}: {problem}", remedy="change the declaration or the network"
        )


def _contradictions(unit: Unit, cases: Sequence[Case]) -> Iterator[tuple[str, str]]:
    declared, rules = unit.conventions, unit.cases.leaves
    axis = -1 if declared.samples == "columns" else 0
    if declared.reduction is not None:
        factor = _growth(unit, cases, axis)
        wanted = {"mean": 1.0, "sum": 2.0}[declared.reduction]
        if factor is not None and not np.isclose(factor, wanted, rtol=RTOL):
            yield (
                "reduction",
                f"with every sample twice the loss is {factor:.4g} times what it was, not {wanted:g}",
            )
    yield from _weights_the_other_way(unit, axis)
    for name in unit.parameters:
        shape = rules[name].shape if name in rules else ()
        if name[:1] == "b" and declared.bias is not None and shape:
            wanted_rank = 1 if declared.bias == "(M,)" else 2
            if len(shape) != wanted_rank:
                yield "bias", f"the shape of {name} is {_written(shape)}"
    for name in unit.targets:
        kind = rules[name].kind if name in rules else Kind.UNIFORM
        if (declared.labels == "integer" and kind is Kind.ONE_HOT) or (
            declared.labels == "one_hot" and kind is Kind.LABELS
        ):
            yield "labels", f"{name} is drawn as {kind.replace('_', '-')}"


def _weights_the_other_way(unit: Unit, axis: int) -> Iterator[tuple[str, str]]:
    """Yield the matrices as wide as an input on the side of their outputs, where no matrix fits an input as declared.

    One that fits is enough: a gradient that arrives from above is an input too, as wide as what the last layer puts out.
    """
    declared, rules = unit.conventions.weights, unit.cases.leaves
    flattened = any(len(rules[name].shape) > 2 for name in unit.inputs if name in rules)  # noqa: PLR2004  (a matrix)
    if declared is None or flattened:  # how wide a flattened input is no name tells
        return
    shapes = {name: rule.shape for name, rule in rules.items() if len(rule.shape) == 2}  # noqa: PLR2004  (a matrix)
    widths = {shapes[name][-1 - axis] for name in unit.inputs if name in shapes}
    matrices = {name: shapes[name] for name in unit.parameters if name in shapes and name[:1] in "Ww"}
    into, out_of = (0, 1) if declared == "in_out" else (1, 0)
    if any(shape[into] in widths for shape in matrices.values()):
        return
    for name, shape in matrices.items():
        if shape[out_of] in widths:
            yield "weights", f"the shape of {name} is {_written(shape)}"


def _growth(unit: Unit, cases: Sequence[Case], axis: int) -> float | None:
    """Return how the loss grows where every sample is there twice; None where no leaf says what a sample is."""
    rules = unit.cases.leaves
    first = next(
        (rules[name].shape for name in (*unit.targets, *unit.inputs) if name in rules and rules[name].shape),
        None,
    )
    if first is None or not isinstance(first[axis], str):
        return None
    case = next((case for case in cases if not case.edge), None)
    if case is None:
        return None
    twice = {
        name: np.concatenate([value, value], axis=axis) if _has(rules, name, first[axis], axis) else value
        for name, value in case.leaves.items()
    }
    graph = unit.graph
    before, after = (float(graph.value(graph.forward(leaves), unit.loss)) for leaves in (case.leaves, twice))
    return after / before if before else None


def _has(rules: Mapping[str, LeafRule], name: str, symbol: str | int, axis: int) -> bool:
    shape = rules[name].shape if name in rules else ()
    return bool(shape) and shape[axis] == symbol


def _written(shape: Sequence[str | int]) -> str:
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"

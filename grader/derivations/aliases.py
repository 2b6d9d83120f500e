"""Names of the student's own for values of the task: what is derived by one is derived by the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from grader.derivations.compare import are_close
from grader.derivations.labels import Kind, own_label_of
from grader.derivations.points import Points
from grader.formulas.documents.reading import Line
from grader.formulas.documents.withdrawn import Withdrawal
from grader.formulas.edits.places import rebuilt
from grader.formulas.limits import Budget
from grader.formulas.tree import Derivative, Node, Symbol, Tree, Unknown, walk
from grader.formulas.values.evaluate import UnevaluableError, evaluate
from grader.formulas.values.lookup import numbered

MOST_ALIASES = 50


def with_aliases(lines: Sequence[Line], points: Points, budget: Budget) -> list[Line]:
    r"""Put the task's names where derivatives are taken by names of the student's own that stand for the same value.

    Parameters
    ----------
    lines : sequence of Line
    points : Points
    budget : Budget

    Returns
    -------
    list of Line
        With `\partial L / \partial h_1` for `\partial L / \partial a_1`, where a line says `a_1 = ReLU(z_1)`.

    Raises
    ------
    ExhaustedError
        The budget is used up.
    """
    wanted = {
        numbered(node.by)
        for line in lines
        for side in line.sides
        if side.tree is not None
        for node in walk(side.tree)
        if isinstance(node, Derivative) and isinstance(node.by, Unknown)
    }
    aliases = _aliases(lines, wanted, points, budget) if wanted else {}
    if not aliases:
        return list(lines)
    return [
        replace(
            line,
            sides=tuple(
                side if side.tree is None else replace(side, tree=_renamed(side.tree, aliases))
                for side in line.sides
            ),
        )
        for line in lines
    ]


def _aliases(lines: Sequence[Line], wanted: set[str], points: Points, budget: Budget) -> Mapping[str, str]:
    """Return the node that each of some names stands for."""
    found: dict[str, str] = {}
    for line in lines:
        label = own_label_of(line, points.sheet.unit)
        if label is None or label.kind is not Kind.OWN or line.withdrawn is not Withdrawal.NONE:
            continue
        if label.quantity not in wanted or label.letters or len(found) == MOST_ALIASES:
            continue
        node = next((one for side in line.sides[1:] if (one := _node(side.tree, points, budget))), None)
        if node is not None:
            found.setdefault(label.quantity, node)
    return found


def _node(tree: Tree | None, points: Points, budget: Budget) -> str | None:
    """Return the node that a formula is the value of; None where it is none."""
    if tree is None:
        return None
    try:
        values = [
            evaluate(tree, world, axes=points.sheet.symbols.axes, budget=budget).value
            for world in points.drawn
        ]
    except UnevaluableError:
        return None
    for name in points.sheet.unit.graph.computed:
        targets = points.targets[name]
        shaped = [
            value.reshape(target.shape) if value.size == target.size else value
            for value, target in zip(values, targets, strict=True)
        ]
        if are_close(shaped, targets):
            return name
    return None


def _renamed(tree: Tree, aliases: Mapping[str, str]) -> Tree:
    def changed(node: Node) -> Node:
        if not isinstance(node, Derivative) or not isinstance(node.by, Unknown):
            return node
        name = aliases.get(numbered(node.by))
        if name is None:
            return node
        return replace(node, by=Symbol(name=name, start=node.by.start, end=node.by.end))

    return rebuilt(tree, changed)

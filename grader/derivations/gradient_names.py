r"""Names of the student's own that a line gives to a gradient, `\delta_1 = \partial L / \partial z_1`: further lines about them are about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from grader.assignment import Unit
from grader.derivations.labels import Kind, own_label_of
from grader.derivations.sides import is_bare_gradient, is_number
from grader.formulas.documents.reading import Line
from grader.formulas.documents.withdrawn import Withdrawal
from grader.formulas.edits.places import rebuilt
from grader.formulas.tree import Constant, Derivative, Node, Symbol, Tree, Unknown, walk
from grader.formulas.values.lookup import numbered

MOST_NAMES = 200


def with_gradient_names(lines: Sequence[Line], unit: Unit) -> list[Line]:
    r"""Put gradients where names stand that one line gives to them.

    Parameters
    ----------
    lines : sequence of Line
    unit : Unit

    Returns
    -------
    list of Line
        A name that is given to two gradients, or stands for the next one after it was used, as in
        `\delta \leftarrow w \delta`, is left as it is.
    """
    given = _given(lines, unit)
    if not given:
        return list(lines)
    used_again = {name for line in lines for name in _used_again(line, given, unit)}
    names = {name: node for name, node in given.items() if name not in used_again}
    return [_said(line, names, unit) for line in lines]


def _given(lines: Sequence[Line], unit: Unit) -> Mapping[str, str]:
    """Return the nodes whose gradients names are given to by lines."""
    found: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        name, node = _name_of(line, unit), _explained_as(line, unit)
        if name and node and len(found) < MOST_NAMES:
            found[name].add(node)
    return {name: next(iter(nodes)) for name, nodes in found.items() if len(nodes) == 1}


def _name_of(line: Line, unit: Unit) -> str:
    """Return the name of the student's own that a line is about; empty where it is about anything else."""
    label = own_label_of(line, unit)
    is_own = label is not None and label.kind is Kind.OWN and not label.letters and not label.is_entry
    is_meant = (
        is_own and line.withdrawn is Withdrawal.NONE and isinstance(line.sides[0].tree, Unknown | Constant)
    )
    return label.quantity if is_meant and label is not None else ""


def _explained_as(line: Line, unit: Unit) -> str:
    """Return the node by which the loss is derived on the second side of a line, and nothing else there."""
    tree = line.sides[1].tree if len(line.sides) > 1 else None
    if not isinstance(tree, Derivative) or not is_bare_gradient(tree, unit.loss):
        return ""
    known = {*unit.graph.computed, *unit.parameters}
    is_node = isinstance(tree.by, Symbol) and not tree.by.index and tree.by.name in known
    return tree.by.name if is_node else ""


def _used_again(line: Line, names: Mapping[str, str], unit: Unit) -> Iterator[str]:
    """Yield names that a line uses for another thing, too: an entry `e_k`, the next gradient, or a letter that is explained anew."""
    trees = [side.tree for side in line.sides if side.tree is not None]
    for tree in trees:
        yield from (node.name for node in walk(tree) if isinstance(node, Unknown) and _has_letters(node))
    name = _name_of(line, unit)
    if name not in names or _explained_as(line, unit):
        return
    others = [side.tree for side in line.sides[1:] if side.tree is not None]
    is_next = any(_own_name(node) == name for tree in others for node in walk(tree))
    is_anew = len(name) == 1 and not all(map(is_number, others))
    if is_next or is_anew or line.sides[1].relation == "<-":
        yield name


def _has_letters(node: Unknown) -> bool:
    return bool(node.index) and numbered(node) == node.name


def _own_name(node: Node) -> str:
    """Return the name of the student's own that a node is; empty where it is none."""
    if isinstance(node, Unknown):
        return numbered(node)
    return node.name if isinstance(node, Constant) else ""


def _said(line: Line, names: Mapping[str, str], unit: Unit) -> Line:
    """Return a line with gradients for names; the one that gives a name keeps it."""

    def changed(node: Node) -> Node:
        by = names.get(_own_name(node))
        if by is None:
            return node
        of, value = (Symbol(name=one, start=node.start, end=node.end) for one in (unit.loss, by))
        return Derivative(of=of, by=value, start=node.start, end=node.end)

    def gradients(tree: Tree) -> Tree:
        return rebuilt(tree, changed) if any(_own_name(node) in names for node in walk(tree)) else tree

    keeps = bool(_explained_as(line, unit)) and _name_of(line, unit) in names
    sides = tuple(
        side if side.tree is None or (keeps and not at) else replace(side, tree=gradients(side.tree))
        for at, side in enumerate(line.sides)
    )
    return replace(line, sides=sides)

"""Names of the student's own: what a line explains, and which of several meanings of one name is meant where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from grader.assignment import Unit
from grader.derivations.labels import Kind, Label, own_label_of
from grader.derivations.sides import is_bare_gradient, is_number
from grader.formulas.documents.reading import Line, Side
from grader.formulas.documents.withdrawn import Withdrawal
from grader.formulas.edits.places import rebuilt
from grader.formulas.symbols import APART
from grader.formulas.tokens import NoteKind
from grader.formulas.tree import Application, Index, Node, Number, Symbol, Transpose, Tree, Unknown, walk
from grader.formulas.values.evaluate import Definition
from grader.formulas.values.lookup import numbered

MOST_MEANINGS = 20
"""Of one name; what is explained more often keeps its last one."""


def definition_in(line: Line, label: Label | None) -> tuple[str, Definition] | None:
    """Return the name that a line explains, where it is the student's own.

    Parameters
    ----------
    line : Line
    label : Label or None
        What its first side names.

    Returns
    -------
    (str, Definition) or None
    """
    if label is None or label.is_entry or line.withdrawn is not Withdrawal.NONE:
        return None
    if any(note.kind is NoteKind.UNREAD for side in line.sides for note in side.notes):
        return None  # words beside it may say when it holds
    tree = next((side.tree for at, side in enumerate(line.sides) if at != label.at and side.tree), None)
    if tree is not None and label.kind is Kind.OWN:
        return label.quantity, Definition(tree=tree, indices=label.letters)
    if tree is not None and label.kind is Kind.FUNCTION and isinstance(label.tree, Application):
        named = label.tree.arguments  # a function of the task keeps the task's meaning
        arguments = tuple(one.name for one in named if isinstance(one, Symbol | Unknown))
        if len(arguments) == len(named):
            return label.quantity, Definition(tree=tree, arguments=arguments)
    return None


def is_its_number(definition: Definition, before: Definition) -> bool:
    """Whether a line gives the number of what was explained in a formula before, `e = 1` behind `e = dL/dz`, and no new meaning."""
    return is_number(definition.tree) and not is_number(before.tree)


def told_apart(lines: Sequence[Line], unit: Unit) -> list[Line]:
    r"""Give every meaning of a name of the student's own a name for itself.

    Parameters
    ----------
    lines : sequence of Line
    unit : Unit

    Returns
    -------
    list of Line
        Where `\\delta_k` and `\\delta_j` are explained as two things, each letter makes a name. Where a name is explained
        again, as in `g \\leftarrow W^\\top g`, the other sides of that line have the old meaning, and all after it the new one.
        Transposes on the left side, `g^\\top = p^\\top - y^\\top`, stand on the right ones.
    """
    turned = [_turned(line, unit) for line in lines]
    return _by_time(_by_letter(turned, unit), unit)


# --------------------------------------------------------------------------------------------------------------
# A transpose on the left


def _turned(line: Line, unit: Unit) -> Line:
    """Return a line with what it is about as it is, where the whole line was transposed."""
    first = line.sides[0].tree
    if not isinstance(first, Transpose):
        return line
    others = [side.tree for side in line.sides[1:] if side.tree is not None]
    if any(isinstance(tree, Number) for tree in others):
        return line
    sides = tuple(
        side if side.tree is None else replace(side, tree=_transposed(side.tree)) for side in line.sides
    )
    turned = replace(line, sides=sides)
    label = own_label_of(turned, unit)
    if label is None or label.kind not in (Kind.QUANTITY, Kind.OWN):
        return line
    # Whoever writes `g^\\top = dL/dz` takes gradients for rows: what g is then cannot be told from one line.
    takes_rows = label.kind is Kind.OWN and any(is_bare_gradient(tree, unit.loss) for tree in others)
    return line if takes_rows else turned


def _transposed(tree: Tree) -> Tree:
    if isinstance(tree, Transpose):
        return tree.operand
    return Transpose(operand=tree, start=tree.start, end=tree.end)


# --------------------------------------------------------------------------------------------------------------
# Names that letters tell apart


def _by_letter(lines: Sequence[Line], unit: Unit) -> list[Line]:
    """Make a name of each letter with which a name is explained as another thing: `delta_k` above, `delta_j` below."""
    found: dict[str, dict[str, Tree]] = defaultdict(dict)
    for line in lines:
        label = own_label_of(line, unit)
        explained = definition_in(line, label)
        if label is None or explained is None or not isinstance(label.tree, Unknown):
            continue
        name, definition = explained
        if len(definition.indices) == 1:
            found[name].setdefault(definition.indices[0], definition.tree)
    several = {name: set(trees) for name, trees in found.items() if len(_different(trees)) > 1}
    if not several:
        return list(lines)

    def changed(node: Node) -> Node:
        if not isinstance(node, Unknown) or node.name not in several or len(node.index) != 1:
            return node
        letter = node.index[0]
        if not isinstance(letter, Index) or letter.name not in several[node.name]:
            return node
        return replace(node, name=f"{node.name}{APART}{letter.name}")

    return [_changed(line, lambda tree: rebuilt(tree, changed)) for line in lines]


def _different(trees: dict[str, Tree]) -> set[Tree]:
    """Return explanations with one letter for all in the place of the one that each counts with."""

    def plain(letter: str) -> Callable[[Node], Node]:
        return lambda node: (
            replace(node, name=APART) if isinstance(node, Index) and node.name == letter else node
        )

    return {rebuilt(tree, plain(letter)) for letter, tree in trees.items()}


# --------------------------------------------------------------------------------------------------------------
# Names that are explained again


def _by_time(lines: Sequence[Line], unit: Unit) -> list[Line]:
    """Make a name of each meaning of a name that is explained again as another thing."""
    meanings: dict[str, list[Definition]] = {}
    result: list[Line] = []
    for line in lines:
        label = own_label_of(line, unit)
        explained = definition_in(line, label)
        before = {name: len(said) - 1 for name, said in meanings.items() if len(said) > 1}
        after = before
        if explained is not None and label is not None and isinstance(label.tree, Unknown):
            name, definition = explained
            said = meanings.setdefault(name, [])
            if _is_another(name, definition, said) and len(said) < MOST_MEANINGS:
                said.append(definition)
            after = {**before, name: len(said) - 1}
        first, *others = line.sides
        sides = (_renamed(first, after), *(_renamed(side, before) for side in others))
        result.append(replace(line, sides=sides) if after else line)
    return result


def _is_another(name: str, definition: Definition, said: Sequence[Definition]) -> bool:
    """Whether an explanation is no repetition of the last one: what holds the name itself is the next meaning of it."""
    if said and is_its_number(definition, said[-1]):
        return False
    holds_itself = any(isinstance(node, Unknown) and numbered(node) == name for node in walk(definition.tree))
    return not said or holds_itself or definition.tree != said[-1].tree


def _renamed(side: Side, numbers: dict[str, int]) -> Side:
    """Return a side with the names of the meanings that hold there."""
    if side.tree is None or not any(
        isinstance(node, Unknown) and numbers.get(numbered(node)) for node in walk(side.tree)
    ):
        return side

    def changed(node: Node) -> Node:
        if not isinstance(node, Unknown):
            return node
        return replace(node, name=node.name + APART * numbers.get(numbered(node), 0))

    return replace(side, tree=rebuilt(side.tree, changed))


def _changed(line: Line, change: Callable[[Tree], Tree]) -> Line:
    return replace(
        line,
        sides=tuple(
            side if side.tree is None else replace(side, tree=change(side.tree)) for side in line.sides
        ),
    )

"""What is wrong in a formula or number, and where in it: the slip that marking names, else the one change that makes it right."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from msgspec.structs import replace

from grader import slips
from grader.assignment import RATE, Unit, updated
from grader.derivations.answers import Answers, Chosen
from grader.derivations.compare import are_close
from grader.derivations.number_findings import UNEXPLAINED, named_numbers
from grader.derivations.points import Points
from grader.derivations.sides import with_own_names
from grader.derivations.values import values_of
from grader.formulas.edits.search import explain
from grader.formulas.edits.values import Edit, Surroundings
from grader.formulas.limits import ExhaustedError
from grader.formulas.tree import Tree, walk
from grader.marking.expectations import CaseExpectations
from grader.marking.findings import WRONG, Located
from grader.marking.result import UnitMarks
from grader.model import WORKED, Array, Finding

MOST_EDITS = 3_000
MOST_EXPLAINED = 12
"""Formulas of a question for which a change is looked for; who has more wrong is told where the first ones are."""


def refined(
    marks: UnitMarks, answers: Answers, points: Points
) -> tuple[UnitMarks, Mapping[str, tuple[int, int]]]:
    """Name mistakes by what was written: the one change that makes a formula right, or what gives a wrong number.

    Parameters
    ----------
    marks : UnitMarks
    answers : Answers
        What was marked.
    points : Points

    Returns
    -------
    (UnitMarks, mapping of str to (int, int))
        With offsets of what is wrong by quantity.
    """
    wrong = {entry.quantity for entry in marks.statements if entry.verdict in WRONG}
    marks = replace(marks, findings=tuple(_where_written(one, wrong, answers) for one in marks.findings))
    first = [located.finding.at for located in marks.findings if located.finding.at in wrong]
    asked = [name for name in dict.fromkeys(first) if name in answers.chosen][:MOST_EXPLAINED]
    edits = {name: edit for name in asked if (edit := _edit(name, answers, points)) is not None}
    numbers = named_numbers(marks, answers, asked, points)
    findings = [_named(located, edits, numbers) for located in marks.findings]
    spans = {name: (edit.start, edit.end) for name, edit in edits.items()}
    return replace(marks, findings=tuple(findings)), spans


def _where_written(located: Located, wrong: set[str], answers: Answers) -> Located:
    """Place a finding at a formula that is wrong, where it was placed at a step before that nobody got wrong."""
    function, finding = located
    written = [name for name in finding.explains if name in wrong and name in answers.chosen]
    if finding.at in wrong or not written or answers.chosen[written[0]].formula_off is None:
        return located
    return Located(function, replace(finding, at=written[0], used=""))


def _named(located: Located, edits: Mapping[str, Edit], numbers: Mapping[str, Finding]) -> Located:
    """Return a finding under the name of what was found where it happened."""
    function, finding = located
    edit = edits.get(finding.at)
    if edit is not None:
        also = tuple(slip for slip in (finding.slip, *finding.also) if slip not in (edit.slip, UNEXPLAINED))
        text = slips.explained(edit.slip, finding.at, edit.text)
        rule = edit.rule or finding.rule
        # What was used stands there, in the student's own line.
        named = replace(finding, slip=edit.slip, also=also, text=text, rule=rule, used="")
        return Located(function, named)
    if finding.at not in numbers or numbers[finding.at].slip == finding.slip:
        return located
    return Located(function, replace(numbers[finding.at], explains=finding.explains))


# --------------------------------------------------------------------------------------------------------------
# One change that makes a formula right


def _edit(quantity: str, answers: Answers, points: Points) -> Edit | None:
    chosen = answers.chosen[quantity]
    side = chosen.formula_off
    if side is None or side.tree is None or chosen.entry.claim.label is None:
        return None
    tree, claim = side.tree, chosen.entry.claim

    def search() -> Edit | None:
        around = surroundings(quantity, chosen, points)
        try:
            return explain(tree, around, _fits(quantity, chosen, answers, points), most=MOST_EDITS)
        except ExhaustedError:
            return None

    others_off = any(one.entry.is_off for name, one in answers.chosen.items() if name != quantity)
    if others_off or with_own_names(tree, claim.scope.definitions):
        return search()
    # Alone among right lines it is what other students write too; offsets are those of the line it was found in first.
    start = tree.start
    places = tuple((node.start - start, node.end - start) for node in walk(tree))
    key = (tree, places, quantity, claim.scope.letters)
    found: tuple[Edit | None, int] = points.explained.get(key, lambda: (search(), start))
    return _moved(found[0], start - found[1])


def _moved(edit: Edit | None, by: int) -> Edit | None:
    """Return an edit that was found in the same formula elsewhere."""
    return edit if edit is None or not by else replace(edit, start=edit.start + by, end=edit.end + by)


def _fits(quantity: str, chosen: Chosen, answers: Answers, points: Points) -> Callable[[Tree], bool]:
    """Return whether a formula is what follows from the student's own lines, told first where its value is largest."""
    cases = [one for one in answers.everything.cases if one.case.name != WORKED]
    wanted = [(answers.world(one), _follows(quantity, one, answers, points)) for one in cases]
    wanted.sort(key=lambda one: -float(np.max(np.abs(one[1]), initial=0.0)))
    scope = chosen.entry.claim.scope

    def fits(tree: Tree) -> bool:
        for world, target in wanted:
            values = values_of(tree, [world], [target], scope)
            if not values.known or not are_close(values.arrays, [target]):
                return False
        return True

    return fits


def _follows(quantity: str, reference: CaseExpectations, answers: Answers, points: Points) -> Array:
    """Return what a quantity follows to be at a case from the student's lines before it."""
    world, unit = answers.world(reference), points.sheet.unit
    node = points.nodes[quantity]
    index = unit.graph.index[node]
    if quantity == updated(node):
        return np.asarray(reference.case.leaves[node] - reference.case.rate * world.gradient(node))
    passed = world.run.computed if quantity == node else world.backward.computed
    return np.asarray(passed[index])


def surroundings(quantity: str, chosen: Chosen, points: Points) -> Surroundings:
    """Return what a change may put into a formula.

    Parameters
    ----------
    quantity : str
    chosen : Chosen
        The line that answers for it.
    points : Points

    Returns
    -------
    Surroundings
    """
    unit, symbols = points.sheet.unit, points.sheet.symbols
    graph, world = unit.graph, points.drawn[0]
    label = chosen.entry.claim.label
    assert label is not None
    banned = {graph.loss}
    if quantity in graph.index:
        banned |= {name for name in graph.computed if name == quantity or quantity in symbols.inputs[name]}
    names = {name: world.value(name).shape for name in (*graph.leaves, *graph.computed) if name not in banned}
    target = points.targets[quantity][0]
    axes = [size for size in target.shape if size != 1] or [1] * len(target.shape)
    return Surroundings(
        names=names,
        steps=tuple(_steps(unit)),
        functions=("relu", "step", "sign", "sigmoid", "tanh", "identity"),
        sizes=world.sizes,
        indices=dict(zip(label.letters, axes, strict=False)),
        spellings=points.sheet.spellings,
        is_gradient=quantity == unit.gradient(points.nodes[quantity]),
        consumers={name: _readers(unit, name) for name in graph.index},
        quantity=label.tree,
        rate=RATE if RATE in points.sheet.symbols.axes else "",
        targets=frozenset(unit.targets),
    )


def _steps(unit: Unit) -> list[tuple[str, str]]:
    """Return the steps over an activation: from a named value to one of the same shape."""
    graph = unit.graph
    return [
        (name, source)
        for name in graph.computed
        if (operation := graph.nodes[graph.index[name]].operation) is not None
        and not operation.linear
        and len(graph.nodes[graph.index[name]].inputs) == 1
        and (source := graph.nodes[graph.nodes[graph.index[name]].inputs[0]].name) is not None
        and name != graph.loss
    ]


def _readers(unit: Unit, name: str) -> tuple[str, ...]:
    graph = unit.graph
    return tuple(
        reader for reader in graph.computed if graph.index[name] in graph.named_sources(graph.index[reader])
    )

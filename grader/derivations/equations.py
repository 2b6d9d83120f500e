"""Lines that are about no quantity of the task: local derivatives, definitions, general rules; true or not, nobody is charged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import Struct

from grader.derivations.claims import Claim
from grader.derivations.compare import are_close
from grader.derivations.figures import is_figure_of
from grader.derivations.labels import Kind
from grader.derivations.points import Points
from grader.derivations.sides import Step, is_number, open_steps, step_of
from grader.derivations.values import Scope, in_shape
from grader.formulas.edits.places import rebuilt
from grader.formulas.tree import (
    Application,
    Call,
    Derivative,
    Index,
    Negative,
    Number,
    Product,
    Sum,
    Symbol,
    Times,
    Tree,
    Unknown,
    walk,
)
from grader.formulas.values.evaluate import Definition, UnevaluableError, evaluate, evaluate_over, ranges
from grader.formulas.world import World
from grader.model import Array

OWN_ARGUMENT = "the argument"
ARGUMENTS = (Number(text="0.7"), Number(text="2.3"), Negative(operand=Number(text="1.6")))
"""At which a function of the student's is compared with the task's."""
OTHER_NUMBER = "A number of the line is not what its formula comes to."
MOST_RULES = 60
"""Of a document that are looked at; each is worked out at all points."""


class Equation(Struct, frozen=True, kw_only=True):
    """What is known of a line that is about no quantity."""

    holds: bool | None
    """Whether its sides are equal at every point; None where that cannot be told."""
    text: str = ""


def equations_of(claims: Sequence[Claim], points: Points) -> Mapping[int, Equation]:
    """Look at every line that is about no quantity.

    Parameters
    ----------
    claims : sequence of Claim
    points : Points

    Returns
    -------
    mapping of int to Equation
        By the identity of the line.

    Raises
    ------
    ExhaustedError
        The steps of the documents are used up.
    """
    found: dict[int, Equation] = {}
    about_nothing = [claim for claim in claims if claim.quantity is None and not claim.is_withdrawn]
    for claim in about_nothing[:MOST_RULES]:
        if claim.label is None or claim.label.kind is Kind.SHIFTED:
            continue
        if claim.label.kind is Kind.OWN:
            found[id(claim.line)] = _own_name(claim, points)
        elif claim.label.kind is Kind.FUNCTION:
            found[id(claim.line)] = _own_function(claim, points)
        elif claim.label.kind in (Kind.STEP, Kind.NOTHING):
            found[id(claim.line)] = _known_rule(claim, points)
    return found


def steps_of(claims: Sequence[Claim], equations: Mapping[int, Equation]) -> frozenset[Step]:
    """Return the local derivatives that lines of their own work out rightly.

    Parameters
    ----------
    claims : sequence of Claim
    equations : mapping of int to Equation
        As `equations_of` returns them.

    Returns
    -------
    frozenset of Step
    """
    return frozenset(
        step_of(claim.label.tree)
        for claim in claims
        if claim.label is not None
        and isinstance(claim.label.tree, Derivative)
        and claim.label.kind is Kind.STEP
        and (known := equations.get(id(claim.line))) is not None
        and known.holds
        and any(side.tree is not None and not open_steps(side.tree, "") for side in claim.sides)
    )


def _known_rule(claim: Claim, points: Points) -> Equation:
    """Look at a rule; what many students write is worked out once, where it holds no name of their own."""
    if claim.scope.definitions:
        return _rule(claim, points)
    key = ("rule", *(side.tree for side in claim.line.sides))
    known: Equation = points.judged.get(key, lambda: _rule(claim, points))
    return known


def _rule(claim: Claim, points: Points) -> Equation:
    trees = [side.tree for side in claim.line.sides]
    if any(tree is None for tree in trees):
        return Equation(holds=None)
    sides = [tree for tree in trees if tree is not None]
    formulas = [tree for tree in sides if not is_number(tree)]
    definitions = {**_any_functions(formulas, claim), **claim.scope.definitions}
    try:
        values = [
            [_value(tree, formulas, world, claim.scope, definitions) for world in points.drawn]
            for tree in formulas
        ]
        figures_hold = _figures_hold(claim, formulas, points, definitions)
    except UnevaluableError:
        return Equation(holds=None)
    if len(values) < 2 and figures_hold is None:  # noqa: PLR2004 -- an equation has two sides
        return Equation(holds=None)
    if all(are_close(side, values[0]) for side in values[1:]):
        return Equation(
            holds=figures_hold is not False, text="" if figures_hold is not False else OTHER_NUMBER
        )
    if _holds_in_numbers(claim, formulas, points, definitions):
        return Equation(holds=True)
    off = next(number for number, side in enumerate(values[1:], start=2) if not are_close(side, values[0]))
    return Equation(holds=False, text=f"Formula {off} of the line is not equal to the first one.")


def _holds_in_numbers(
    claim: Claim, formulas: Sequence[Tree], points: Points, definitions: Mapping[str, Definition]
) -> bool:
    """Whether a line is meant on the worked case alone, and true there: `u(z_0) = u(z_1) = 1`."""
    world = points.worked
    if world is None or not claim.figures:
        return False
    values = [_value(tree, formulas, world, claim.scope, definitions) for tree in formulas]
    is_one = all(are_close([value], values[:1]) for value in values)
    return is_one and _figures_hold(claim, formulas, points, definitions) is True


def _figures_hold(
    claim: Claim, formulas: Sequence[Tree], points: Points, definitions: Mapping[str, Definition]
) -> bool | None:
    """Whether the numbers of a line are what its formula comes to on the worked case; None where it has none."""
    figures = [side.figure for side in claim.figures if side.figure is not None]
    if not figures or not formulas or points.worked is None:
        return None
    target = _value(formulas[0], formulas, points.worked, claim.scope, definitions)
    return all(is_figure_of(figure, in_shape(target, figure.value)) for figure in figures)


def _value(
    tree: Tree,
    trees: Sequence[Tree],
    world: World,
    scope: Scope,
    definitions: Mapping[str, Definition],
) -> Array:
    letters = ranges(trees, world, definitions)
    found = evaluate_over(tree, world, letters, definitions=definitions, axes=scope.axes, budget=scope.budget)
    return np.asarray(found.value)


def _any_functions(trees: Sequence[Tree], claim: Claim) -> dict[str, Definition]:
    """Return a polynomial for every function that is written `f(x)` and that nobody explains: a rule holds for any."""
    names = {
        node.of.name
        for tree in trees
        for node in walk(tree)
        if isinstance(node, Application) and isinstance(node.of, Unknown)
    }
    x = Symbol(name="x") if "x" in claim.scope.axes else Unknown(name="x")
    square = Product(factors=(Number(text="0.7"), x, x), signs=(Times.DOT, Times.DOT))
    line = Product(factors=(Number(text="1.3"), x), signs=(Times.DOT,))
    polynomial = Sum(terms=(square, line, Number(text="0.4")))
    return {name: Definition(tree=polynomial, arguments=("x",)) for name in names}


def _own_function(claim: Claim, points: Points) -> Equation:
    """Say whether a function of the task is given as the task has it, at all points of its argument but kinks."""
    assert claim.label is not None
    call = claim.label.tree
    tree = next((side.tree for side in claim.sides if side.tree is not None), None)
    if not isinstance(call, Call) or tree is None:
        return Equation(holds=None)
    argument = call.arguments[0]
    assert isinstance(argument, Symbol | Unknown | Index)
    try:
        for value in ARGUMENTS:
            name = {argument.name: Definition(tree=value)}
            given, wanted = (
                evaluate(
                    _renamed(one, argument.name),
                    points.drawn[0],
                    definitions={**claim.scope.definitions, OWN_ARGUMENT: name[argument.name]},
                    budget=claim.scope.budget,
                ).value
                for one in (tree, call)
            )
            if not are_close([given], [wanted]):
                return Equation(holds=False, text="The task means another function by this name.")
    except UnevaluableError:
        return Equation(holds=None)
    return Equation(holds=None, text="It is the function that the task means.")


def _renamed(tree: Tree, name: str) -> Tree:
    """Return a formula with its argument under a name that nothing else has."""
    own = Unknown(name=OWN_ARGUMENT)
    return rebuilt(
        tree,
        lambda node: own if isinstance(node, Symbol | Unknown | Index) and node.name == name else node,
    )


def _own_name(claim: Claim, points: Points) -> Equation:
    """Say which quantity a name of the student's own stands for, where it is one."""
    assert claim.label is not None
    tree = next(
        (side.tree for side in claim.sides if side.tree is not None and not is_number(side.tree)), None
    )
    if tree is None:
        return Equation(holds=None)
    try:
        values = [_value(tree, [tree], world, claim.scope, claim.scope.definitions) for world in points.drawn]
    except UnevaluableError:
        return Equation(holds=None)
    equal = [name for name, targets in points.targets.items() if are_close(values, targets)]
    text = (
        f"It is a name of your own, for what the task calls {equal[0]}."
        if equal
        else "It is a name of your own."
    )
    return Equation(holds=None, text=text)

"""Numbers that a student worked out, with how far rounding on the way may have put them off."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from grader.derivations.compare import MOST_SHARE, rounding_of
from grader.derivations.values import USUAL, Scope, Values, in_shape, values_of
from grader.formulas.edits.places import rebuilt
from grader.formulas.tree import Negative, Number, Tree, walk
from grader.formulas.world import World
from grader.model import Array

EXACT = 1e-9
"""Share of a number below which two are the same."""
MOST_NUMBERS = 40
"""Of a side whose rounding is followed; longer ones are taken as they are."""


class Figure(Struct, frozen=True, kw_only=True, eq=False):
    """What a side of numbers comes to."""

    value: Array
    rounding: float
    """How far it may be off, for every entry."""


def figure_of(
    tree: Tree, target: Array, scope: Scope, known: AbstractSet[float], worlds: Sequence[World]
) -> Figure | None:
    """Work a side of numbers out.

    Parameters
    ----------
    tree : Tree
        Of numbers alone.
    target : ndarray
        Whose shape it is brought to.
    scope : Scope
    known : set of float
        Numbers of the worked case that are exact as they stand: nothing was rounded to get them.
    worlds : sequence of World
        Any; numbers are the same in all.

    Returns
    -------
    Figure or None
        None where it cannot be worked out.
    """
    value = _value(tree, target, scope, worlds)
    if value is None:
        return None
    bare = tree.operand if isinstance(tree, Negative) else tree
    if isinstance(bare, Number):
        return Figure(value=value, rounding=rounding_of(bare.text))
    numbers = [node for node in walk(tree) if isinstance(node, Number)]
    rounding = 0.0
    for number in numbers[:MOST_NUMBERS]:
        off = rounding_of(number.text)
        if not off or any(abs(float(number.text) - one) <= EXACT * abs(one) for one in known):
            continue
        moved = _value(_moved(tree, number, off), target, scope, worlds)
        if moved is not None and moved.shape == value.shape:
            rounding += float(np.max(np.abs(moved - value), initial=0.0))
    return Figure(value=value, rounding=min(rounding, MOST_SHARE * float(np.max(np.abs(value), initial=0.0))))


def _value(tree: Tree, target: Array, scope: Scope, worlds: Sequence[World]) -> Array | None:
    found: Values = values_of(tree, worlds[:1], [target], replace(scope, letters=()), readings=USUAL)
    if not found.known or found.arrays[0] is None or not np.all(np.isfinite(found.arrays[0])):
        return None
    return in_shape(found.arrays[0], target)


def is_figure_of(figure: Figure, target: Array) -> bool:
    """Whether a number is another one, but for rounding.

    Parameters
    ----------
    figure : Figure
    target : ndarray
    """
    value = figure.value
    if value.shape != target.shape:
        return False
    allowed = figure.rounding + EXACT * np.abs(target) + EXACT
    return bool(np.all(np.abs(value - target) <= allowed))


def _moved(tree: Tree, number: Number, off: float) -> Tree:
    """Return a side with one of its numbers a little larger."""
    larger = replace(number, text=repr(float(number.text) + off))
    place = (number.start, number.end)
    return rebuilt(
        tree, lambda node: larger if isinstance(node, Number) and (node.start, node.end) == place else node
    )

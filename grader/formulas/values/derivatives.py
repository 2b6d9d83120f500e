"""Derivatives: those of the loss and of nodes from the reference, those of other expressions by differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from grader.formulas.tree import Application, Call, Derivative, Node, Number, Symbol, Tree, Unknown
from grader.formulas.values.differences import NoDerivativeError, derivative
from grader.formulas.values.elementary import ENTRYWISE
from grader.formulas.values.elsewhere import names_of, with_bound, with_values
from grader.formulas.values.lookup import bare_name, definition_of, is_one_sample
from grader.formulas.values.scope import Scope, UnevaluableError, Value
from grader.formulas.values.shapes import entry, place, settled, whole
from grader.model import Array

_SMALL = 1e-12
"""Beside the largest entry of a Jacobian by differences; what is smaller stands for 0."""
_ZERO = Number(text="0")
_POINTS = 7
"""Values that a difference takes at least."""


class Diagonal(Struct, frozen=True, kw_only=True):
    """The derivative of entries by those of equal place: of a Jacobian what is not 0."""

    entries: Array


def undone(diagonal: Diagonal, scope: Scope) -> Array:
    """Return the derivative of entries by entries as a value of their shape."""
    scope.note("A derivative of entries by entries is read as a value of their shape.")
    return diagonal.entries


def derivative_value(node: Derivative, scope: Scope) -> Value:
    """Evaluate a derivative that is no factor.

    Raises
    ------
    UnevaluableError
        It is unknown, or has more axes than a matrix.
    """
    found = derived(node, scope)
    return undone(found, scope) if isinstance(found, Diagonal) else found


def derived(node: Derivative, scope: Scope) -> Value | Diagonal:
    """Evaluate a derivative; that of entries by entries is kept as such."""
    of = _without_arguments(node.of)
    graph = scope.world.graph.index
    is_known = isinstance(node.by, Symbol) and _is_node(node.by, scope)
    if (
        is_known
        and isinstance(of, Symbol)
        and _is_node(of, scope)
        and {of.name, node.by.name} <= graph.keys()
    ):
        return _of_node(node, of, scope)
    function = _with_name(of, node.by)
    if function is not None:
        return _of_function(function, scope)
    return _of_expression(node, scope)


def _with_name(of: Tree, by: Symbol | Unknown) -> Call | None:
    """Return a function that is applied to a name and nothing else; `max(z, 0)` is one; None for what is none."""
    if not isinstance(of, Call) or of.index:
        return None
    is_relu = of.function == "max" and not of.primes and len(of.arguments) == len({by, _ZERO})
    if is_relu and by in of.arguments and _ZERO in of.arguments:
        return replace(of, function="relu", arguments=(by,))
    return of if of.function in ENTRYWISE and of.arguments == (by,) else None


def _of_function(of: Call, scope: Scope) -> Value | Diagonal:
    """Derive a function by what it is applied to by its own rule, which holds at its kinks as well."""
    value = scope.value(replace(of, primes=of.primes + 1))
    return value if isinstance(value, float) else Diagonal(entries=value)


def _without_arguments(tree: Tree) -> Tree:
    """Return `L` for `L(y_hat, y)`; a value at other places stays as it is."""
    if isinstance(tree, Application) and isinstance(tree.of, Symbol):
        plain = all(isinstance(one, Symbol) and not one.primes and not one.updated for one in tree.arguments)
        return tree.of if plain else tree
    return tree


def _is_node(symbol: Symbol, scope: Scope) -> bool:
    """Whether a name is that of a value of the network itself, at this point."""
    if symbol.primes or symbol.updated or symbol.name in scope.bound:
        return False
    return not symbol.sample or is_one_sample(symbol, scope)


def _of_node(node: Derivative, of: Symbol, scope: Scope) -> Value | Diagonal:
    world, by = scope.world, node.by
    if of.name == world.graph.loss and not of.index:
        slope = world.slopes[by.name]
        if isinstance(slope, float):
            if by.index:
                raise scope.failure(f"`{by.name[:20]}` has no entries.", by, "shape")
            return slope
        return (
            entry(slope, by.index, node, scope) if by.index else whole(slope, node, scope, is_gradient=True)
        )
    axes = np.ndim(world.values[of.name])
    return _reduced(_jacobian(of.name, by.name, scope), axes, of.index, by.index, node, scope)


def _jacobian(of: str, by: str, scope: Scope) -> Array:
    """Return a node derived by another one: of its direct inputs the direct derivative, of others the total one."""
    world = scope.world
    is_local = world.is_parent(of, by) and not scope.readings.total
    return world.local(of, by) if is_local else world.total(of, by)


def _reduced(
    jacobian: Array, axes: int, of: tuple[Tree, ...], by: tuple[Tree, ...], node: Node, scope: Scope
) -> Value | Diagonal:
    """Take the entries of a Jacobian that the indices on both sides mean, and give what is left its form."""
    if jacobian.ndim == 0 and not (of or by):
        return float(jacobian)
    if of or by:
        above = place(jacobian.shape[:axes], of, node, scope) if of else ()
        below = place(jacobian.shape[axes:], by, node, scope) if by else ()
        if len(above) + len(below) == jacobian.ndim:
            return float(jacobian[(*above, *below)])
        axes -= len(above)
        jacobian = jacobian[above][(slice(None),) * axes + below]
    top, bottom = jacobian.shape[:axes], jacobian.shape[axes:]
    rows, columns = int(np.prod(top)), int(np.prod(bottom))
    if rows == 1 or columns == 1:
        return whole(jacobian.reshape(top if columns == 1 else bottom), node, scope, is_gradient=rows == 1)
    matrix = jacobian.reshape(rows, columns)
    if top == bottom and not np.any(matrix[~np.eye(rows, dtype=bool)]):
        entries = settled(np.diagonal(matrix).reshape(top))
        assert not isinstance(entries, float)
        return Diagonal(entries=entries)
    if max(top) == rows and max(bottom) == columns:
        return matrix
    text = "The derivative of a matrix, or by one, needs its indices."
    raise scope.failure(text, node, "tensor")


# --------------------------------------------------------------------------------------------------------------
# Of expressions


def known(node: Derivative, scope: Scope) -> tuple[Array | float, tuple[Tree, ...]] | None:
    """Return the derivative of a node, or of the loss, with all its entries, and the index that is written at it.

    Returns
    -------
    tuple of ndarray or float, and tuple of Tree, or None
        None for what is not known to the reference.
    """
    of, by = _without_arguments(node.of), node.by
    if not (
        isinstance(of, Symbol) and isinstance(by, Symbol) and _is_node(of, scope) and _is_node(by, scope)
    ):
        return None
    world = scope.world
    if not {of.name, by.name} <= world.graph.index.keys():
        return None
    if of.name == world.graph.loss:
        return world.slopes[by.name], (*of.index, *by.index)
    jacobian = _jacobian(of.name, by.name, scope)
    return (jacobian if jacobian.ndim else float(jacobian)), (*of.index, *by.index)


def _of_expression(node: Derivative, scope: Scope) -> Value | Diagonal:
    """Vary what it is derived by, and see what that does."""
    if scope.is_varying:
        raise scope.failure("A derivative by differences of another one is not exact enough.", node)
    by = node.by
    name = bare_name(by)
    start = np.asarray(_whole_of(by, scope), dtype=np.float64)
    evaluate = _varied(node, name, scope)
    places = [place(start.shape, by.index, node, scope)] if by.index else list(np.ndindex(*start.shape))
    if by.index and len(places[0]) < start.ndim:
        raise scope.failure("A derivative by a row needs both indices.", node, "tensor")
    scope.spend(_POINTS * len(places), node)
    scope.is_varying = True
    try:
        slopes = [_slope(evaluate, start, one, node, scope) for one in places]
    finally:
        scope.is_varying = False
    if len({one.shape for one in slopes}) > 1:
        raise scope.failure("The value has several shapes.", node, "shape")
    top = slopes[0].shape
    bottom = () if by.index else start.shape
    jacobian = np.stack(slopes, axis=-1).reshape((*top, *bottom))
    largest = float(np.max(np.abs(jacobian))) if jacobian.size else 0.0
    if np.isfinite(largest):
        jacobian = np.where(np.abs(jacobian) <= _SMALL * largest, 0.0, jacobian)
    return _reduced(jacobian, len(top), (), (), node, scope)


def _slope(
    evaluate: Callable[[Array], Array], start: Array, at: tuple[int, ...], node: Node, scope: Scope
) -> Array:
    shape = evaluate(start).shape

    def along(step: float) -> Array:
        moved = start.copy()
        moved[at] += step
        depth = scope.depth
        try:
            found = evaluate(moved)
            if found.shape == shape:
                return found
            raise scope.failure("The value has several shapes.", node, "shape")
        except UnevaluableError as error:
            if error.kind != "domain":
                raise
            scope.depth = depth
            return np.asarray(np.nan)  # a smaller step may stay inside

    try:
        return derivative(along, scale=abs(float(start[at])))
    except NoDerivativeError as error:
        raise scope.failure("This has no derivative here that can be computed.", node) from error


def _whole_of(by: Symbol | Unknown, scope: Scope) -> Value:
    """Return the value of a name without its index, in the shape that the network has it in."""
    name = bare_name(by)
    if name in scope.bound:
        return scope.bound[name]
    if isinstance(by, Symbol) and not by.primes and not by.updated and not by.sample:
        found = scope.world.values.get(name)
        if found is None:
            raise scope.failure(f"`{name[:20]}` is not a name of this task.", by, "unknown")
        return found
    return definition_of(by, scope)


def _varied(node: Derivative, name: str, scope: Scope) -> Callable[[Array], Array]:
    """Return how to evaluate what is derived, with another value for what it is derived by.

    A name that stands in the expression itself is varied there and nowhere else, as between a node and its parent; one that
    does not, or stands beside the loss, is varied in the network.
    """
    names = names_of(node.of, scope)
    is_network = isinstance(node.by, Symbol) and _is_node(node.by, scope) and name in scope.world.graph.index
    stands = name in names.values and not names.has_derivatives
    is_total = is_network and (scope.readings.total or scope.world.graph.loss in names.values)
    if stands and not is_total:
        if is_network and not names.values.isdisjoint(scope.world.behind(name)):
            scope.note(f"Only where `{name[:20]}` itself stands is it varied in this derivative.")
        return lambda value: with_bound({name: value}, node.of, scope)
    if not is_network:
        raise scope.failure(f"How this depends on `{name[:20]}` cannot be told.", node, "unknown")
    if names.has_updates:
        raise scope.failure("A value after the step is derived by the gradient's own rule.", node)
    return lambda value: with_values({name: value}, node.of, scope)

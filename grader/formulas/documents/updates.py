"""Tells where a line gives a parameter its value after the step: arrows, and assignments as code has them."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from msgspec.structs import replace

from grader.formulas.documents.extract import Form
from grader.formulas.tree import (
    Derivative,
    Negative,
    Node,
    Number,
    Product,
    Sum,
    Symbol,
    Times,
    Tree,
    Unknown,
)

ARROW = "An arrow behind the parameter is read as its step."
ASSIGNED = "A parameter that is said to be itself less something is read as its value after the step."


def update_note(
    first: Node | None, relation: str, second: Node | None, parameters: AbstractSet[str], form: Form
) -> str | None:
    r"""Tell whether the first side of a line is meant after the step, though it does not say so.

    Parameters
    ----------
    first, second : Node or None
        The first two sides.
    relation : str
        What stands between them: `=`, `<-`, `->`.
    parameters : set of str
        The values of which there is also one after the step.
    form : Form
        How the line is set.

    Returns
    -------
    str or None
        What to say of this reading, nothing for the plain `\leftarrow`; None where the first side is what it says.
    """
    if not isinstance(first, Symbol) or first.updated or first.name not in parameters:
        return None
    if relation == "<-":
        return ""
    if relation == "->":
        return None if _is_limit(second, form) or isinstance(second, Symbol) else ARROW
    is_step = isinstance(second, Sum) and isinstance(second.terms[0], Symbol) and second.terms[0] == first
    return ASSIGNED if is_step and relation in {"=", ":="} else None


def with_short_gradient(tree: Tree, parameter: str, loss: str) -> Tree:
    """Return the new value of a parameter with `dw` in it read as the loss derived by that parameter.

    Parameters
    ----------
    tree : Tree
        A side behind the parameter after the step.
    parameter : str
        No other name may stand behind the `d`, and no space.
    loss : str

    Returns
    -------
    Tree
        The same where there is none; elsewhere than in a step `dw` may be a differential.
    """
    if isinstance(tree, Negative):
        return replace(tree, operand=with_short_gradient(tree.operand, parameter, loss))
    if isinstance(tree, Sum):
        return replace(tree, terms=tuple(with_short_gradient(one, parameter, loss) for one in tree.terms))
    if not isinstance(tree, Product):
        return tree
    factors = [with_short_gradient(one, parameter, loss) for one in tree.factors]
    signs = list(tree.signs)
    for at in range(len(signs) - 1, -1, -1):
        mark, by = factors[at : at + 2]
        is_mark = mark == Unknown(name="d") and signs[at] is Times.ADJACENT and mark.end == by.start
        if is_mark and by == Symbol(name=parameter):
            of = Symbol(name=loss, start=mark.start, end=mark.end)
            factors[at : at + 2] = [
                Derivative(of=of, by=Symbol(name=parameter), start=mark.start, end=by.end)
            ]
            del signs[at]
    return factors[0] if not signs else replace(tree, factors=tuple(factors), signs=tuple(signs))


def _is_limit(tree: Node | None, form: Form) -> bool:
    r"""Whether an arrow may lead to a limit: $w \to 0$ in a sentence."""
    return form is Form.INLINE and isinstance(tree, Number) and tree.text in {"0", "1"}

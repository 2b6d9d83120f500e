"""Tells where a line gives a parameter its value after the step: arrows, and assignments as code has them."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from grader.formulas.extract import Form
from grader.formulas.tree import Node, Number, Sum, Symbol

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


def _is_limit(tree: Node | None, form: Form) -> bool:
    r"""Whether an arrow may lead to a limit: $w \to 0$ in a sentence."""
    return form is Form.INLINE and isinstance(tree, Number) and tree.text in {"0", "1"}

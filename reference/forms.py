"""Written forms of operations and their derivatives: texts with places for inputs, and brackets where they need them."""

from __future__ import annotations

from collections.abc import Sequence

_LOOSE = (" + ", " - ", " where ", " at ")
"""What binds less tightly than a product."""


def negated(form: str) -> str:
    """Write a form with the other sign.

    Parameters
    ----------
    form : str
        With places, as `Operation.derivatives` has it.

    Returns
    -------
    str
    """
    return form[1:] if form.startswith("-") else f"-{in_brackets(form, _LOOSE)}"


def times(factor: float, form: str) -> str:
    """Write a form times a number.

    Parameters
    ----------
    factor : float
        Written with four digits.
    form : str
        With places.

    Returns
    -------
    str
    """
    if form.startswith("-"):
        return times(-factor, form[1:])
    return f"{factor:.4g} * {in_brackets(form, _LOOSE)}"


def in_brackets(text: str, operators: Sequence[str]) -> str:
    """Put a text into brackets where one of some operators stands in it outside of all brackets.

    Parameters
    ----------
    text : str
    operators : sequence of str
        Those that bind less tightly than what is written around the text.

    Returns
    -------
    str
    """
    depth = 0
    for i, character in enumerate(text):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(character, 0)
        if depth == 0 and text.startswith(tuple(operators), i):
            return f"({text})"
    return text

"""The second table of the marking policy: mutants of the solution's source, and what marking makes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from grader.mutants import Mutant
from grader.validation.mutation import Fate
from grader.validation.proof import Proof, counted, fails, holds, not_here, percent

NAME = "mutants"
LEAST_PLACED = 0.85
"""Share whose first mistake must be where a number is another one first."""
MOST_CASES = 16
"""More cases are not drawn to find a mutant."""
WEAK = 0.2
"""A mutant that shows on less than this share of the grid might be missed by other cases: it is tried on those of three more classes."""


class Survivor(Struct, frozen=True, kw_only=True):
    """A mutant that changes a number and gets every point."""

    text: str
    killer: str
    """Inputs that show it."""
    drawn: int | None
    """How many drawn cases show it; None where not even the most do."""


def weak(fates: Sequence[Fate]) -> list[int]:
    """Return the numbers of refused mutants that other cases might accept.

    Parameters
    ----------
    fates : sequence of Fate

    Returns
    -------
    list of int
    """
    return [fate.number for fate in fates if fate.changes and not fate.accepted and 0.0 < fate.share < WEAK]


def enough_cases(
    survivors: Sequence[int], drawn: int, survive: Callable[[Sequence[int], int], Sequence[int]]
) -> dict[int, int]:
    """Draw more and more cases until no mutant that can be told apart survives.

    Parameters
    ----------
    survivors : sequence of int
    drawn : int
        The least number of cases that a unit draws now.
    survive : callable
        Returns which of some mutants still survive on a number of drawn cases.

    Returns
    -------
    dict of int to int
        By mutant the number of cases that shows it; without those that no number shows.
    """
    found: dict[int, int] = {}
    left = list(survivors)
    for count in range(drawn + 2, MOST_CASES + 1, 2):
        if not left:
            break
        still = set(survive(left, count))
        found |= {number: count for number in left if number not in still}
        left = [number for number in left if number in still]
    return found


def proof_of(tried: Sequence[Mutant], of: int, fates: Sequence[Fate], survivors: Sequence[Survivor]) -> Proof:
    """Say how many mutants are accepted, found at their place and named.

    Parameters
    ----------
    tried : sequence of Mutant
    of : int
        How many there are.
    fates : sequence of Fate
        One for each mutant that was tried.
    survivors : sequence of Survivor

    Returns
    -------
    Proof
    """
    if not tried:
        return not_here(NAME, "there is no solution in Python")
    changing = [fate for fate in fates if fate.changes]
    telling = [fate for fate in changing if not fate.stops]
    placed = sum(fate.placed for fate in telling)
    found = (
        f"{_tried(len(tried), of)}: {len(changing)} change a number, "
        f"{counted(sum(fate.stops and not fate.changes for fate in fates), 'only stops', 'only stop')}, the others are equal; "
        f"not accepted {percent(len(changing) - len(survivors), len(changing))}, "
        f"first mistake at the place {percent(placed, len(telling))}, "
        f"named {percent(sum(fate.named for fate in telling), len(telling))}"
    )
    if not survivors and placed >= LEAST_PLACED * len(telling):
        return holds(NAME, found)
    elsewhere = [
        f"first mistake elsewhere: {tried[fate.number].text}: {fate.found or 'none'}, not {fate.wrong}"
        for fate in telling
        if not fate.placed
    ]
    details = [*map(_survivor, survivors), *(elsewhere if placed < LEAST_PLACED * len(telling) else [])]
    return fails(NAME, found, details, remedy=_remedy(survivors))


def _tried(tried: int, of: int) -> str:
    return f"all {of}" if tried == of else f"{tried} of {of}, evenly spread"


def _survivor(one: Survivor) -> str:
    shown = f"; {one.drawn} drawn cases show it" if one.drawn is not None else ""
    return f"accepted: {one.text}{shown}; it shows at {one.killer}"


def _remedy(survivors: Sequence[Survivor]) -> str:
    if not survivors:
        return "ask for more of the values in between (`welcome` costs nobody points): then the first mistake is found"
    counts = [one.drawn for one in survivors]
    if None not in counts:
        return f"write `drawn = {max(count for count in counts if count is not None)}` in `[cases]`: then none of them is accepted"
    return "widen the ranges so that inputs like those named occur, or add such a case as `[[cases.edge]]`"

"""Which question each line belongs to: by the headings above it, else by what the line gives and the questions lack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from grader.assignment import Sheet, WrittenPart
from grader.derivations.claims import Claim
from grader.texts.titles import Title, Wanted, is_same, title, wanted


class Placed(Struct, frozen=True, kw_only=True):
    """The lines of a question."""

    own: tuple[Claim, ...]
    """Those that belong to it, in their order."""
    offered: tuple[Claim, ...]
    """Those of other kinds that stand under no question's heading: for what its own lines lack."""


def placed(claims: Sequence[Claim], sheet: Sheet) -> Mapping[str, Placed]:
    """Give every question its lines.

    Parameters
    ----------
    claims : sequence of Claim
        In the order of the documents.
    sheet : Sheet

    Returns
    -------
    mapping of str to Placed
        By question. A line under a heading of a question is that question's. Others go to the questions that ask for what
        they give: those with numbers where numbers are asked. What a question still lacks then, it takes from lines that
        stand under no question's heading, whoever has them.
    """
    headings = {part.question: tuple(map(wanted, part.headings)) for part in sheet.parts}
    home_of = {path: _home(path, headings) for path in dict.fromkeys(claim.line.path for claim in claims)}
    homes = _without_crowded(claims, [home_of[claim.line.path] for claim in claims], sheet)
    loose = [claim for claim, home in zip(claims, homes, strict=True) if home is None]
    result: dict[str, Placed] = {}
    for part in sheet.parts:
        at_home = {id(claim) for claim, home in zip(claims, homes, strict=True) if home == part.question}
        lacking = _asked(part) - {claim.quantity for claim in claims if id(claim) in at_home}
        suited = {id(one) for one in loose if _suits(one, part, sheet) and _is_about(one, lacking)}
        result[part.question] = Placed(
            own=tuple(claim for claim in claims if id(claim) in at_home | suited),
            offered=tuple(claim for claim in loose if id(claim) not in suited and not claim.is_withdrawn),
        )
    return result


def _asked(part: WrittenPart) -> set[str | None]:
    return {quantity for spec in part.unit.functions.values() for quantity in spec.quantities}


def _is_about(claim: Claim, lacking: set[str | None]) -> bool:
    """Whether a loose line is wanted: it gives what is lacking, or is about something else."""
    return claim.quantity in lacking or claim.quantity is None


def _home(path: Sequence[str], headings: Mapping[str, Sequence[Wanted]]) -> str | None:
    """Return the question whose heading a line stands under, the innermost one."""
    titles = [title(text) for text in path]
    for depth in range(len(titles), 0, -1):
        for question, asked in headings.items():
            if any(_is_heading(titles[:depth], heading) for heading in asked):
                return question
    return None


def _is_heading(path: Sequence[Title], heading: Wanted) -> bool:
    return is_same(path[-1], heading.title) and heading.stands_under(path[:-1])


def _without_crowded(claims: Sequence[Claim], homes: Sequence[str | None], sheet: Sheet) -> list[str | None]:
    """Take the lines with numbers out of a question for formulas, where those for numbers have no line at all.

    Their heading is gone or another one, so that all of it stands under the heading before.
    """
    numbers = {part.question for part in sheet.parts if part.asks_numbers}
    if not numbers or numbers & set(homes):
        return list(homes)
    return [None if claim.figures else home for claim, home in zip(claims, homes, strict=True)]


def _suits(claim: Claim, part: WrittenPart, sheet: Sheet) -> bool:
    """Whether a loose line is first of all one of a question's: numbers where numbers are asked, formulas elsewhere."""
    kinds = {one.asks_numbers for one in sheet.parts}
    return len(kinds) == 1 or bool(claim.figures) is part.asks_numbers

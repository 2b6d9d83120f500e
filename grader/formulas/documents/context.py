"""Looks at the words around each formula: whether it holds only under a condition, or is said to be wrong."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from enum import StrEnum

from msgspec.structs import replace

from grader.formulas.documents.context_words import (
    AFFIRMED,
    BRACKETED_CONDITION,
    CONDITION,
    FOLLOWED_BY_CONDITION,
    FOLLOWED_BY_DOUBT,
    FOLLOWED_BY_WRONG,
    IS_THE_CASE,
    LEADS_CONDITION,
    LEADS_DOUBT,
    LEADS_WRONG,
    NEGATED,
    REFERS_BACK,
    SETTLED,
    STATES_CONDITION,
)
from grader.formulas.documents.masked import Placed, first_sentence, last_sentence, masked
from grader.formulas.documents.restrictions import gives_number
from grader.formulas.documents.results import Line, PlacedNote
from grader.formulas.documents.withdrawn import Withdrawal
from grader.formulas.tokens import NoteKind
from grader.formulas.tree import Unknown

_FAR = 400
"""Characters before and behind a formula that are looked at."""
_BLANK = re.compile(r"\n[ \t]*\n")
_ANNOUNCES = re.compile(r"(?:[:,]|\b(?:that|dass|que))[\s*_]*$", re.IGNORECASE)
_GOES_ON = re.compile(r"\s*[(a-z]")
_OF_LETTERS = re.compile(r"([a-z])\s*(?:=|\\(?:neq?|not\s*=)(?![a-z])|\u2260|!=)\s*([a-z])")
"""A condition on two letters that count: `k \\ne j`."""
_SCRIPT = re.compile(r"_(?:\{[^{}]{0,20}\}|\w)")
_FAR_ABOVE = 4_000
_LETTER = re.compile(r"[^\W\d_]")
_CONNECTED = re.compile(r"(?:\W|\b(?:and|so|thus|hence|therefore|und|also|somit|et|y)\b)*", re.IGNORECASE)
_CASE_HEADING = re.compile(r"\W*(?:case|fall|cas|caso)\s*(?:\d|[ivx]{1,4}\b|[a-d]\b|\(?\$)", re.IGNORECASE)


class Said(StrEnum):
    """What the words around a formula say of it."""

    NOTHING = ""
    CONDITION = "It holds only under a condition, which is not read."
    DOUBT = "The words beside it may take it back, which is not clear."
    WRONG = "said to be wrong"


class Surroundings:
    """Looks up what is said around the formulas of a text.

    Parameters
    ----------
    text : str
        Of a document; hostile.
    formulas : sequence of Placed
        Its formulas, in their order, those in plain text too.
    """

    def __init__(self, text: str, formulas: Sequence[Placed]) -> None:
        self._text = text
        self._formulas = formulas
        self._starts = [one.start for one in formulas]
        self._masked, self._spans = masked(text, formulas)
        self._leads: list[tuple[Said, bool]] = []
        for number in range(len(formulas)):
            self._leads.append(self._lead(number))
        self._tails = [self._tail(number) for number in range(len(formulas))]

    def said(self, start: int, end: int, path: Sequence[str] = ()) -> Said:
        """Return what is said of a line.

        Parameters
        ----------
        start, end : int
            Offsets of its first character, and behind its last one.
        path : sequence of str
            The headings that it stands under.

        Returns
        -------
        Said
            What is said behind a formula is said of its last line.
        """
        first = bisect_right(self._starts, start) - 1
        last = bisect_right(self._starts, max(start, end - 1)) - 1
        if first < 0:
            return Said.NOTHING
        before = self._leads[first][0]
        if before is Said.CONDITION and self._is_beside(start, end, first):
            before = Said.NOTHING
        if before is Said.NOTHING and path and _CASE_HEADING.match(path[-1]) and not self._is_settled(first):
            before = Said.CONDITION
        rest = self._text[end : self._formulas[last].end]
        behind = Said.NOTHING if _LETTER.search(re.sub(r"\\end\{\w+\*?\}", "", rest)) else self._tails[last]
        if before is Said.WRONG and AFFIRMED.match(self._behind(last)):
            before = Said.DOUBT
        return max(before, behind, key=list(Said).index)

    def is_condition(self, start: int) -> bool:
        """Whether what stands there is only said to restrict what stands beside it: the `k = c` of `for k = c`."""
        number = bisect_right(self._starts, start) - 1
        if number < 0 or self._masked[self._spans[number][0]] != CONDITION:
            return False
        begin = self._spans[number][0]
        lead = last_sentence(self._masked[max(0, begin - _FAR) : begin + 1])
        return STATES_CONDITION.search(lead) is not None

    def _before(self, number: int) -> str:
        """Return what leads to a formula: its sentence up to there, or the paragraph that announces it."""
        begin = self._spans[number][0]
        window = self._masked[max(0, begin - _FAR) : begin]
        lead = last_sentence(window)
        if REFERS_BACK.match(lead):
            before = last_sentence(window[: len(window) - len(lead)].rstrip(" \t\n.;!?"))
            return f"{before} {lead}" if LEADS_CONDITION.search(before) else lead
        if lead.strip():
            return lead
        above = window.rstrip()
        is_first = "\n" in window[len(above) :] or not above
        announcing = last_sentence(above) if is_first else ""
        is_finished = above.endswith((".", "!", "?"))
        if is_finished:
            announcing = last_sentence(above.rstrip(".!?"))
        return announcing if is_first and (not is_finished or _CASE_HEADING.match(announcing)) else ""

    def _lead(self, number: int) -> tuple[Said, bool]:
        """Return what is said before a formula, and whether it is said of the next one, too."""
        if self._goes_on(number):
            said, goes_on = self._leads[number - 1]
            is_same = goes_on or (said is not Said.NOTHING and not _BLANK.search(self._gap(number)))
            if not is_same:
                return Said.NOTHING, False
            return (Said.DOUBT if said is Said.WRONG else said), goes_on
        lead = self._beyond_correction(self._before(number), number)
        said = _said_before(lead) if lead else Said.NOTHING
        begins = self._masked.rfind("\n\n", 0, self._spans[number][0])
        is_above = not self._masked[max(begins, 0) : self._spans[number][0]].strip()
        if is_above and said is not Said.CONDITION and not _ANNOUNCES.search(lead):
            return Said.NOTHING, False  # it is said of what stands above
        return said, said is not Said.NOTHING and lead.rstrip("*_$ \n").endswith(":")

    def _gap(self, number: int) -> str:
        """Return what stands between a formula, not the first one, and the one before it."""
        return self._masked[self._spans[number - 1][1] : self._spans[number][0]]

    def _goes_on(self, number: int) -> bool:
        """Whether nothing is said between a formula and the one before it, so that what leads to that one leads to both."""
        if not number or self._masked[self._spans[number - 1][0]] == CONDITION:
            return False
        gap = self._gap(number)
        return "\n" in gap and _CONNECTED.fullmatch(gap) is not None

    def _beyond_correction(self, lead: str, number: int) -> str:
        """Return what leads to a formula without what takes the formula before it back: `no, that is wrong: it must be`."""
        if not number:
            return lead
        gap = self._gap(number)
        taken_back = FOLLOWED_BY_WRONG.match(gap)
        if taken_back is None or not gap.endswith(lead):
            return lead
        rest = gap[taken_back.end() :]
        return rest if len(rest) < len(lead) else lead

    def _is_beside(self, start: int, end: int, number: int) -> bool:
        """Whether a condition on index letters is said of a line before, and this one has none of them: it holds whatever they are."""
        if not self._goes_on(number):
            return False
        begin = self._spans[number][0]
        condition = next(
            (one for one in range(number - 1, -1, -1) if self._masked[self._spans[one][0]] == CONDITION), None
        )
        if condition is None or begin - self._spans[condition][1] > _FAR_ABOVE:
            return False
        one = self._formulas[condition]
        letters = _OF_LETTERS.fullmatch(self._text[one.start : one.end].strip("$ "))
        scripts = " ".join(_SCRIPT.findall(self._text[start:end]))
        return letters is not None and not any(letter in scripts for letter in letters.groups())

    def _is_settled(self, number: int) -> bool:
        return SETTLED.search(self._before(number)) is not None

    def _behind(self, number: int) -> str:
        end = self._spans[number][1]
        window = self._masked[end : end + _FAR]
        blank = _BLANK.search(window)
        if blank and not window[: blank.start()].strip(".,; ") and _GOES_ON.match(window, blank.end()):
            blank = _BLANK.search(window, blank.end())
        return window[: blank.start()] if blank else window

    def _tail(self, number: int) -> Said:
        window = self._behind(number)
        if not _LETTER.search(window) and CONDITION not in window:
            end = self._spans[number][1]
            is_doubted = FOLLOWED_BY_WRONG.match(self._masked[end : end + _FAR])  # in a paragraph of its own
            return Said.DOUBT if is_doubted else Said.NOTHING
        if FOLLOWED_BY_WRONG.match(window):
            return Said.WRONG
        if FOLLOWED_BY_DOUBT.match(window):
            return Said.DOUBT
        sentence = first_sentence(window.lstrip())
        one = self._formulas[number]
        is_numbers = gives_number(self._text[one.start : one.end])
        held = FOLLOWED_BY_CONDITION.match(sentence) or (
            None if is_numbers else BRACKETED_CONDITION.match(sentence)
        )
        if held is None or IS_THE_CASE.search(sentence):
            return Said.NOTHING
        return Said.CONDITION


def in_context(line: Line, said: Said) -> Line:
    """Return a line as what is said around it leaves it: withdrawn, or with nothing read but what it is about.

    Parameters
    ----------
    line : Line
    said : Said

    Returns
    -------
    Line
        The same where nothing is said, or it is withdrawn anyway.
    """
    if said is Said.NOTHING or line.withdrawn is not Withdrawal.NONE:
        return line
    if said is Said.WRONG:
        return replace(line, withdrawn=Withdrawal.SAID)
    problem = PlacedNote(kind=NoteKind.UNREAD, text=said.value, position=line.position)
    about = 1 + (isinstance(line.sides[0].tree, Unknown) and len(line.sides) > 2)  # noqa: PLR2004 (`e = dL/dz = ...`)
    unread = [replace(side, tree=None, problem=problem) for side in line.sides[about:]]
    return replace(line, sides=(*line.sides[:about], *unread))


def _said_before(lead: str) -> Said:
    """Say what the sentence before a formula says of it."""
    if not _LETTER.search(lead) and CONDITION not in lead:
        return Said.NOTHING
    lead = NEGATED.sub("", lead)
    found = Said.NOTHING
    place = -1
    for pattern, said in (
        (LEADS_CONDITION, Said.CONDITION),
        (LEADS_DOUBT, Said.DOUBT),
        (LEADS_WRONG, Said.WRONG),
    ):
        hits = [match.start() for match in pattern.finditer(lead)]
        if hits:
            found, place = said, max(place, hits[-1])
    if found is Said.NOTHING or any(match.start() > place for match in SETTLED.finditer(lead)):
        return Said.NOTHING
    if found is Said.CONDITION and IS_THE_CASE.search(lead):
        return Said.NOTHING
    return found

"""Bounds on what reading a formula may cost, counted in steps; no clock, so that the same text always reads the same."""

from __future__ import annotations

from msgspec import Struct


class Caps(Struct, frozen=True, kw_only=True):
    """How much of a document is read; the defaults are ten times what coursework has."""

    characters: int = 500_000
    """Of a document; a longer one is refused as a whole."""
    formulas: int = 2_000
    """Of a document; what comes after them is not read."""
    formula_characters: int = 20_000
    """From the opening mark of a formula to the closing one."""
    tokens: int = 4_000
    """Of a formula, with its macros expanded."""
    side_tokens: int = 600
    """Of one side of a relation."""
    depth: int = 50
    """Of brackets, scripts and fractions in one another."""
    macros: int = 200
    """Definitions of a document."""
    expansions: int = 500
    """Uses of macros in a formula."""
    free_indices: int = 3
    """Of one side: each multiplies what it costs to evaluate."""
    exponent: int = 64
    repairs: int = 2
    """Stray brackets that are left out of one side."""
    steps: int = 60_000
    """Of a document: about one for each token that is looked at."""
    evaluations: int = 20_000
    """Of one value: parts of a formula that are evaluated, those of sums once for each term."""
    entries: int = 1_000_000
    """Of an array that comes up in evaluating."""


class UnreadableError(Exception):
    """What cannot be read, why, and where; a value of the report, never the end of the work.

    Parameters
    ----------
    reason : str
        Reads as a sentence; holds no more than a token of the text.
    start, end : int
        Offsets in the text of the document.
    stray : int or None
        Number of the token that is a bracket without a partner, where that is the reason.
    """

    def __init__(self, reason: str, *, start: int, end: int, stray: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.start = start
        self.end = end
        self.stray = stray


class ExhaustedError(Exception):
    """The steps of a document are used up: what comes after this place is not read."""


class Budget:
    """Counts the steps of a document down.

    Parameters
    ----------
    caps : Caps
        Whose `steps` there are.
    """

    def __init__(self, caps: Caps) -> None:
        self.caps = caps
        self.left = caps.steps

    def spend(self, steps: int = 1) -> None:
        """Take steps off, before they are made.

        Raises
        ------
        ExhaustedError
            There are not as many left.
        """
        if steps > self.left:
            self.left = 0
            raise ExhaustedError(f"the text takes more than {self.caps.steps:,} steps to read")
        self.left -= steps

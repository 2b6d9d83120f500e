"""Grades the rewritings of a hand-in and the errors put into it, and prints what the grader makes of them.

Exit code 1 where a rewriting changed a verdict, an error was accepted, fewer than 95 % were named, or another line suffered.
Pages: `docs/accuracy.md`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "written"))

from injected import INJECTED
from rewritings import REWRITINGS
from written_outcomes import (
    ALL,
    ERROR_HEADINGS,
    FAMILIES,
    REWRITING_HEADINGS,
    counted,
    departures_of,
    error_cells,
    outcome_of,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print both tables.

    Parameters
    ----------
    arguments : sequence of str, optional
        Of the command line.

    Returns
    -------
    int
        The exit code.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth (default 1: all)")
    options = parser.parse_args(arguments)
    kept = {
        family: [not departures_of(name) for name in names[:: options.every]]
        for family, names in FAMILIES.items()
    }
    rows = [(family, str(len(found)), str(sum(found))) for family, found in kept.items()]
    whole = [one for found in kept.values() for one in found]
    print_table(REWRITING_HEADINGS, [*rows, (ALL, str(len(whole)), str(sum(whole)))])
    outcomes = [outcome_of(error) for error in INJECTED[:: options.every]]
    counts = counted(outcomes)
    print()
    print_table(
        ERROR_HEADINGS,
        [error_cells(kind, counts[kind]) for kind in sorted(counts, key=lambda kind: kind == ALL)],
    )
    print("\nNot named:\n")
    for one in outcomes:
        if one.accepted or not one.named:
            print(f"- {one.error.name}: {'ACCEPTED' if one.accepted else one.verdict}")
    assert sum(map(len, FAMILIES.values())) == len(REWRITINGS)
    return 0 if all(whole) and counts[ALL].holds else 1


def print_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table of Markdown."""
    for line in (headings, ["---"] * len(headings), *rows):
        print(f"| {' | '.join(line)} |")


if __name__ == "__main__":
    sys.exit(main())

"""Checks every wrong submission of the corpora as its student would, and prints how many are told the true cause first.

Exit code 1 where fewer than 95 % are, or where checking and marking find different first mistakes. Pages: `docs/accuracy.md`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from corpus import CORPORA
from hint_outcomes import Told, mistaken, pair, share, told

from grader.sandbox import Runner

DEMANDED = 0.95


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, then what is not told.

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
    parser.add_argument(
        "--assignment", action="append", choices=CORPORA, help="only this one; may be repeated"
    )
    options = parser.parse_args(arguments)
    found: dict[str, list[Told]] = {}
    with Runner() as runner:
        for name in options.assignment or CORPORA:
            both = pair(name)
            found[name] = [told(both, path, runner.run) for path in mistaken(both.corpus)]
    print_table(found)
    outcomes = [one for several in found.values() for one in several]
    return 0 if share(outcomes) >= DEMANDED and all(one.same_as_marking for one in outcomes) else 1


def print_table(found: dict[str, list[Told]]) -> None:
    """Print what came out, as `docs/accuracy.md` has it."""
    rows = {**{f"`{name}`": several for name, several in found.items()}, "all": list(chain(*found.values()))}
    print("| assignment | wrong submissions | told the true cause first | same first mistake as in marking |")
    print("| --- | --- | --- | --- |")
    for name, several in rows.items():
        true = sum(one.is_true_cause for one in several)
        same = sum(one.same_as_marking for one in several)
        print(f"| {name} | {len(several)} | {true} ({100 * true / len(several):.1f} %) | {same} |")
    print()
    for name, several in found.items():
        for one in several:
            if not one.is_true_cause or not one.same_as_marking:
                differs = "" if one.same_as_marking else " (another in marking)"
                print(f"{name}/{one.path}: by hand {one.expected}; told {one.first}{differs}")


if __name__ == "__main__":
    sys.exit(main())

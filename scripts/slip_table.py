"""Plants every slip that the shipped networks admit and prints what the grader makes of them.

Exit code 1 where a slip that changes a number was accepted, or fewer than 95 % were named or placed. Pages: `docs/accuracy.md`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from planted_networks import NETWORKS, UNITS, expected

from grader.validation.planting import plants
from grader.validation.slip_table import HEADINGS, Outcome, Row, outcomes, table_row


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table and what is not named.

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
    parser.add_argument("--seed", type=int, default=1, help="seed of the drawn cases (default 1)")
    parser.add_argument("--markdown", action="store_true", help="print as docs/accuracy.md has it")
    parser.add_argument(
        "--network", choices=(*NETWORKS, *UNITS), action="append", help="only this one; may be given again"
    )
    options = parser.parse_args(arguments)
    rows: list[Row] = []
    missed: list[tuple[str, Outcome]] = []
    for network in options.network or (*NETWORKS, *UNITS):
        everything = expected(network, options.seed)
        found = outcomes(everything, list(plants(everything)))
        rows.append(table_row(network, found))
        missed.extend(
            (network, entry)
            for entry in found
            if entry.changes and (entry.accepted or (entry.tells and not entry.named))
        )
    print(_table([HEADINGS, *(row.cells for row in rows)], markdown=options.markdown))
    print("\nNot named, of those that tell something:\n" if missed else "\nAll are named.")
    if missed:
        print(_table([MISSED, *(_missed_cells(*entry) for entry in missed)], markdown=options.markdown))
    return 0 if all(row.holds for row in rows) else 1


MISSED = ("network", "what is wrong", "slip", "at", "found instead")


def _missed_cells(network: str, entry: Outcome) -> tuple[str, ...]:
    found = "ACCEPTED" if entry.accepted else ", ".join(entry.found)
    return (f"`{network}`", entry.kind, f"`{entry.slip}`: {entry.text}", entry.at, found)


def _table(lines: Sequence[Sequence[str]], *, markdown: bool) -> str:
    """Lay lines out in columns, the first one as headings."""
    if markdown:
        escaped = [[cell.replace("|", "\\|") for cell in line] for line in lines]
        ruled = [escaped[0], ["---"] * len(lines[0]), *escaped[1:]]
        return "\n".join(f"| {' | '.join(line)} |" for line in ruled)
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


if __name__ == "__main__":
    sys.exit(main())

"""How long `grader check` of one file takes from a cold start, as a ratio to `python -c "import numpy"` on the same machine.

Both are run in turn, so that what else the machine does meets both; the quickest run of each counts. Compiled modules are there, as
after any first run. Exit code 1 where the ratio of wall times is above the aim.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

AIM = 6.0
"""Wall time of a check in units of an import of NumPy."""
CORPUS = Path(__file__).resolve().parent.parent / "assignments" / "skip_network" / "submissions"
FILES = {
    "right work": CORPUS / "correct" / "tuples.py",
    "a sign flipped": CORPUS / "wrong" / "sign_flipped.py",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Seconds:
    """How long a command took."""

    wall: float
    cpu: float
    """Of the process and of all that it started and waited for."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table.

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
    parser.add_argument("--rounds", type=int, default=15, help="how often each is run (default 15)")
    options = parser.parse_args(arguments)
    grader = Path(sys.executable).parent / "grader"
    commands = {"import numpy": [sys.executable, "-c", "import numpy"]}
    commands |= {name: [str(grader), "check", str(path)] for name, path in FILES.items()}
    with tempfile.TemporaryDirectory() as compiled:
        found = quickest(commands, options.rounds, compiled)
    base = found.pop("import numpy")
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {os.cpu_count()} cores")
    print(f"import numpy: {1e3 * base.wall:.0f} ms of wall time, {1e3 * base.cpu:.0f} ms of CPU time\n")
    print("| `grader check` of | wall time | ratio | CPU time | ratio |")
    print("| --- | --- | --- | --- | --- |")
    for name, one in found.items():
        wall, cpu = one.wall / base.wall, one.cpu / base.cpu
        print(f"| {name} | {1e3 * one.wall:.0f} ms | {wall:.1f} | {1e3 * one.cpu:.0f} ms | {cpu:.1f} |")
    return 0 if all(one.wall < AIM * base.wall for one in found.values()) else 1


def quickest(commands: Mapping[str, Sequence[str]], rounds: int, compiled: str) -> dict[str, Seconds]:
    """Run every command in turn, and return the shortest times of each.

    Parameters
    ----------
    commands : mapping of str to sequence of str
    rounds : int
        After one that compiles the modules.
    compiled : str
        A folder for compiled modules.

    Returns
    -------
    dict of str to Seconds
    """
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = compiled
    times: dict[str, list[Seconds]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            taken = _timed(command, environment)
            if number:
                times[name].append(taken)
    return {
        name: Seconds(wall=min(one.wall for one in several), cpu=min(one.cpu for one in several))
        for name, several in times.items()
    }


def _timed(command: Sequence[str], environment: Mapping[str, str]) -> Seconds:
    before, start = os.times(), time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    wall, after = time.perf_counter() - start, os.times()
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr.decode(errors="replace"))
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Seconds(wall=wall, cpu=cpu)


if __name__ == "__main__":
    sys.exit(main())

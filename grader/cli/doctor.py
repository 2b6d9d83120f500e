"""`doctor`: which protection from submissions is in force on this machine, what is missing, and how to get it."""

from __future__ import annotations

import os
import platform
from typing import TYPE_CHECKING, Any

import click

from grader.cli.authors import json_option
from grader.cli.screen import Screen, screen, write_json
from grader.errors import ExitCode

if TYPE_CHECKING:
    from grader.sandbox.canaries import Confirmed
    from grader.sandbox.choice import Probed

PURPOSE = {
    "memory limit": "a submission cannot take the machine's memory",
    "hidden memory": "the grader's memory, which holds the answers, cannot be read",
    "another user": "as root: jobs run as a user that owns nothing",
    "system call filter": "no processes, no network, no kernel interfaces (seccomp)",
    "sealing filter": "no file can be opened at all (seccomp)",
    "landlock": "no file but the libraries can be opened",
    "namespaces": "no file, process or network of this machine can be seen",
    "bubblewrap": "the same, where only bwrap may make namespaces",
}


@click.command(short_help="Say which isolation is in force here.")
@json_option
def doctor(*, as_json: bool) -> int:
    """Say which protection from submissions is in force on this machine, what is missing, and how to get it.

    Every probe does the forbidden thing in a throw-away process and counts only if that failed; then five attacks go
    through the sandbox as submissions do.
    """
    from grader.sandbox.advice import advise, look
    from grader.sandbox.canaries import confirm
    from grader.sandbox.choice import probe

    probed = probe()
    confirmed = confirm(probed)
    advice = advise(look(), probed, confirmed.isolation)
    report = {
        **_versions(),
        "isolation": confirmed.isolation.level.value,
        "walls": confirmed.isolation.walls.value if confirmed.isolation.walls else None,
        "probes": [
            {"name": name, "available": answer == "held", "answer": answer, "for": PURPOSE.get(name, "")}
            for name, answer in probed.answers.items()
        ],
        "given_up": list(confirmed.broken),
        "missing": [{"what": one.missing, "command": one.command} for one in advice],
    }
    if as_json:
        write_json(report)
    else:
        _show(screen(), report, probed, confirmed)
    return ExitCode.DONE


def _versions() -> dict[str, Any]:
    import numpy as np

    from grader import __version__

    return {
        "schema": 1,
        "grader": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cores": os.cpu_count(),
    }


def _show(out: Screen, report: dict[str, Any], probed: Probed, confirmed: Confirmed) -> None:
    from grader.levels import MEANING, UNTRUSTED_FROM

    level = confirmed.isolation.level
    for name in ("grader", "python", "numpy", "platform", "cores"):
        out.line(f"{name:10} {report[name]}")
    out.line()
    out.line(f"isolation  {level}", style="bold")
    out.line(f"           {MEANING[level]}")
    out.line()
    if probed.answers:
        rows = [
            (
                name,
                "yes" if answer == "held" else "no",
                PURPOSE.get(name, ""),
                "" if answer == "held" else answer,
            )
            for name, answer in probed.answers.items()
        ]
        out.table(("probe", "holds", "so that", "what came instead"), rows)
        out.line()
    for broken in confirmed.broken:
        out.line(f"given up: {broken}", style="bold red")
    for one in report["missing"]:
        out.line(f"missing: {one['what']}", style="yellow")
        out.line(f"  to get it: {one['command']}")
    if not level.reaches(UNTRUSTED_FROM):
        out.line("`grader grade` refuses here unless --trust-submissions is given.", style="yellow")
    elif not report["missing"]:
        out.line("Nothing is missing: this is the strongest level there is.", style="green")

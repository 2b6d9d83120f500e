"""Checks a file in a process of its own: what the check does to its process, it does not do to the kernel."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from grader.errors import GraderError, HostError, UsageError
from grader.notebook.shown import Looked, looked
from grader.serialize import dumps, loads


def checked_apart(path: Path, assignment: Path) -> Looked:
    """Check a file as `grader check` does.

    Parameters
    ----------
    path : Path
        A submission.
    assignment : Path
        Folder of the assignment.

    Returns
    -------
    Looked

    Raises
    ------
    UsageError
        Where there is no such file.
    HostError
        Where the process did not do its work.
    """
    done = subprocess.run(  # noqa: S603  (our own interpreter and module)
        [sys.executable, "-P", "-m", "grader.notebook.apart", str(path), str(assignment)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # otherwise a window opens on Windows
    )
    try:
        said = json.loads(done.stdout)
    except ValueError:
        raise HostError(
            f"the check of {path} did not come to its end: {done.stderr.strip()[-500:]}",
            remedy=f"run `grader check {path}` in a terminal",
        ) from None
    if "message" in said:
        raise UsageError(said["message"], remedy=said["remedy"])
    claims = {question: tuple(lines) for question, lines in said["claims"].items()}
    return Looked(grade=loads(said["grade"]), claims=claims)


def main(path: str, assignment: str) -> None:
    """Check a file, and write what came of it as JSON.

    Parameters
    ----------
    path, assignment : str
        As for `checked_apart`.
    """
    from grader import practice  # noqa: PLC0415  (only the process that checks needs it)
    from grader.assignment_file import load  # noqa: PLC0415
    from grader.submissions import find, read  # noqa: PLC0415

    try:
        found = find([Path(path)], single=True)
        what = looked(practice.check(read(found[0]), load(assignment)))
        said: dict[str, object] = {"grade": dumps(what.grade), "claims": what.claims}
    except GraderError as error:
        said = {"message": error.message, "remedy": error.remedy}
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main(*sys.argv[1:])

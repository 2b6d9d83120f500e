"""Kills a process at its first step, at its second, and so on to its last, and looks at what each left; a script.

A step is a statement to SQLite, or a file that is opened for writing or put in its place. Each process is forked, so that a
hundred take seconds. Prints one JSON document: what was found after each, in their order.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

from small_book import made, output_folder, put

from grader.decisions import Request, decide, files_follow
from grader.gradebook import Gradebook
from grader.sheet_decisions import open_sheet, take_sheet

_CONNECT = sqlite3.connect
BY = "kim"


def one_mark(out: Path) -> None:
    """Decide about one answer, as `grader mark` does."""
    with Gradebook(out / "gradebook.sqlite") as book:
        decide(book, Request(student="alice", target="why", points="1.5", comment="Good.", by=BY))
    files_follow(out)


def a_table(out: Path) -> None:
    """Decide about all answers, as `grader mark --csv` does."""
    with Gradebook(out / "gradebook.sqlite") as book:
        text, _ = open_sheet(book, "why", anonymous=False)
        take_sheet(book, text.replace(",2,,,", ",2,0.5,Short.,").encode(), "t.csv", by=BY, force=False)
    files_follow(out)


def a_regrade(out: Path) -> None:
    """Store another grade of a student who has a mark, as a run over the class does."""
    with Gradebook(out / "gradebook.sqlite") as book:
        put(book, made("alice", points=4.0))
    files_follow(out)


def marked(out: Path) -> Path:
    """Make the folder, with a mark."""
    output_folder(out)
    one_mark(out)
    return out


ACTIONS: dict[str, tuple[Callable[[Path], Path], Callable[[Path], None]]] = {
    "mark": (output_folder, one_mark),
    "table": (output_folder, a_table),
    "regrade": (marked, a_regrade),
}


def found(out: Path) -> dict[str, object]:
    """Return what the gradebook holds after a death, and the files once somebody looks after them."""
    with Gradebook(out / "gradebook.sqlite") as book:
        state = {
            "whole": book.rows("PRAGMA integrity_check"),
            "marks": {name: [mark.points for mark in marks] for name, marks in book.marks.standing().items()},
            "log": len(book.marks.log()),
            "points": [stored.grade.points for stored in book.grades()],
        }
    files_follow(out)
    with Gradebook(out / "gradebook.sqlite") as book:
        left = dict(book.marks.outdated())
    table = out / "grades.csv"
    return {**state, "left": left, "csv": table.read_text().splitlines()[1:] if table.exists() else None}


def _die_at(number: int) -> None:
    """Kill this process when it begins its step of that number."""
    steps = itertools.count(1)

    def step(*_: object) -> None:
        if next(steps) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def connect(*arguments: object, **options: object) -> sqlite3.Connection:
        connection: sqlite3.Connection = _CONNECT(*arguments, **options)  # type: ignore[call-overload]
        connection.set_trace_callback(step)
        return connection

    def heard(event: str, arguments: tuple[object, ...]) -> None:
        if event == "os.rename" or (event == "open" and arguments[1] in ("xb", "x")):
            step()

    sqlite3.connect = connect  # type: ignore[assignment]
    sys.addaudithook(heard)


def killed_at(number: int, action: Callable[[Path], None], out: Path) -> bool:
    """Run an action in a process that dies at a step; False where it came to its end before."""
    child = os.fork()
    if child == 0:
        _die_at(number)
        action(out)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    assert os.WEXITSTATUS(status) == 0, "it failed by itself"
    return False


def main(name: str, folder: Path) -> None:
    """Kill at every step."""
    prepare, action = ACTIONS[name]
    fresh = prepare(folder / "fresh")
    outcomes = []
    for number in itertools.count(1):
        out = Path(shutil.copytree(fresh, folder / str(number)))
        was_killed = killed_at(number, action, out)
        outcomes.append(found(out))
        if not was_killed:
            break
    json.dump(outcomes, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))

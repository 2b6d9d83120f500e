"""Runs a page of the documentation as its reader would: every file on it is written and every command called, in order.

A block that begins with ```` ```console ```` holds commands, each after `$ `, and below each what it prints. A line `...` stands for any
lines, and a `…` in a line for any part of it. A block of another kind is a file where a line `` `NAME`: `` stands above it, and nothing
elsewhere. A comment before a block, which readers do not see, says what a test has to know:

- `<!-- test: exit 1 -->`: the last command ends with this code; the others, and all without it, end with 0;
- `<!-- test: not run -->`: the block is left out, since it needs what a test has not.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from installed import GRADER, TIMEOUT_S, environment

DOCS = Path(__file__).resolve().parent.parent / "docs"
_BLOCK = re.compile(
    r"(?:<!-- test: (?P<said>[^>]*?) -->\n)?(?:`(?P<file>[^`\n]+)`:\n\n|[^\n]* `(?P<ending>[^`\s]+)`:\n\n)?"
    r"^```(?P<kind>\w+)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
_EXIT = re.compile(r"exit (\d+)")
_NOT_RUN = "not run"
_ANY_LINES, _ANY_TEXT = "...", "…"
_BYTE_ORDER_MARK = "\ufeff"
"""Nobody sees it on a screen."""
_PROGRESS = re.compile(r"graded \d+ of \d+, .* left\s*$")
"""Written from time to time, where a terminal shows a bar that is gone at the end."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command of a page."""

    line: str
    shown: tuple[str, ...]
    """What the page says it prints."""
    code: int = 0


@dataclass(frozen=True, kw_only=True)
class File:
    """A file that the page gives."""

    path: str
    text: str


def steps(page: str) -> Iterator[Command | File]:
    """Yield what a reader of the page does, in order."""
    for match in _BLOCK.finditer(page):
        said, file = match["said"] or "", match["file"] or match["ending"]
        if said == _NOT_RUN:
            continue
        if match["kind"] == "console":
            yield from _commands(match["text"], said)
        elif file:
            yield File(path=file, text=match["text"])


def _commands(text: str, said: str) -> Iterator[Command]:
    found = _EXIT.fullmatch(said)
    assert found or not said, f"not a word for tests: {said}"
    before, *parts = re.split(r"^\$ ", text, flags=re.MULTILINE)
    assert not before, f"no command stands above: {before}"
    for number, part in enumerate(parts, start=1):
        line, *shown = part.splitlines()
        while line.endswith("\\"):
            line, shown = f"{line}\n{shown[0]}", shown[1:]
        code = int(found[1]) if found and number == len(parts) else 0
        yield Command(line=line, shown=tuple(one for one in shown if one.strip()), code=code)


def fits(shown: tuple[str, ...], printed: str) -> bool:
    """Whether a command printed what the page shows; empty lines, blanks at the end of a line and progress do not count."""
    seen = printed.replace(_BYTE_ORDER_MARK, "")
    lines = [line.rstrip() for line in seen.splitlines() if line.strip() and not _PROGRESS.match(line)]
    pattern = "".join(r"(?:.*\n)*?" if line == _ANY_LINES else f"{_line(line)}\n" for line in shown)
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in lines)) is not None


def _line(shown: str) -> str:
    return ".*".join(re.escape(part) for part in shown.rstrip().split(_ANY_TEXT))


def run_page(page: Path, folder: Path) -> list[Command]:
    """Do all that a page says in a folder, and hold what is printed against what it shows.

    Parameters
    ----------
    page : Path
    folder : Path
        Where its reader stands: an empty folder.

    Returns
    -------
    list of Command
        Those that were run.
    """
    done = []
    for step in steps(page.read_text(encoding="utf-8")):
        if isinstance(step, File):
            target = folder / step.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(step.text, encoding="utf-8")
            continue
        code, printed = run_line(step.line, folder)
        where = f"{page.name}: $ {step.line}\n"
        assert code == step.code, f"{where}ended with {code}:\n{printed}"
        assert fits(step.shown, printed), f"{where}printed:\n{printed}\nthe page shows:\n" + "\n".join(
            step.shown
        )
        done.append(step)
    return done


def run_line(line: str, folder: Path) -> tuple[int, str]:
    """Call a line of a shell; returns its exit code, and what stands on the reader's screen."""
    path = os.pathsep.join((str(GRADER.parent), os.environ["PATH"]))
    done = subprocess.run(
        line,
        shell=True,
        cwd=folder,
        env=environment(PATH=path, USER="kim", LOGNAME="kim"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    return done.returncode, done.stdout

"""What must not be handed out: lines of the solution, paths of the author's machine, secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from grader.assignment import Assignment
from grader.errors import AssignmentError
from grader.handout import HandOut
from grader.markers import NOT_WRITTEN, has_markers, without_solution
from grader.validation.ground import solution_of
from grader.validation.proof import Proof, counted, fails, holds, not_here

NAME = "leaks"
SHORTEST = 10
"""Characters of a line that says something of a solution: `else:` and `return x` stand in any code."""
_PATH = re.compile(
    r"(?<![\w.])/(?:home|Users|root|mnt|srv)/\w[^\s\"']*|\b[A-Za-z]:\\\\?(?:Users|Documents)\b[^\s\"']*"
)
_SECRET = re.compile(
    r"(?i)\b(?:password|passwd|api[_-]?key|access[_-]?token|secret)\b\s*[:=]\s*[\"']?[\w/+-]{6,}"
)


def proof_of(assignment: Assignment, made: HandOut | AssignmentError) -> Proof:
    """Search the hand-out for what students must not get.

    Parameters
    ----------
    assignment : Assignment
    made : HandOut or AssignmentError

    Returns
    -------
    Proof
    """
    if isinstance(made, AssignmentError):
        return not_here(NAME, "there is no hand-out")
    hidden = solution_lines(assignment)
    texts = dict(_texts(made))
    details = [
        f"{name}, line {number}: {text}"
        for name, lines in texts.items()
        for number, line in enumerate(lines, start=1)
        for text in _leaks(line, hidden, assignment.folder)
    ]
    found = f"{counted(len(hidden), 'line')} of the solution, paths and secrets: searched in {counted(len(texts), 'file')}"
    if not details:
        return holds(NAME, found)
    return fails(
        NAME, found, details, remedy="take them out of the template, the task or what is outside the markers"
    )


def solution_lines(assignment: Assignment) -> frozenset[str]:
    """Return the lines that stand in the solution alone: between its markers, and nowhere outside them.

    Parameters
    ----------
    assignment : Assignment

    Returns
    -------
    set of str
        Without white space at the ends and more than one blank; none where the solution has no markers.
    """
    solution = solution_of(assignment)
    if solution is None:
        return frozenset()
    within: set[str] = set()
    outside: set[str] = set()
    texts = [(source.name, "\n".join(source.cells)) for source in solution.sources]
    texts += [(document.name, document.text) for document in solution.documents if not document.in_code]
    for name, text in texts:
        if has_markers(text):
            kept = without_solution(text, Path(name).suffix or ".py", name)
            outside.update(map(_plain, kept.splitlines()))
            within.update(map(_plain, text.splitlines()))
        else:
            outside.update(
                map(_plain, text.splitlines())
            )  # beside files with markers it is handed out as it is
    return frozenset(line for line in within - outside if len(line) >= SHORTEST and line != NOT_WRITTEN)


def _plain(line: str) -> str:
    return " ".join(line.split())


def _texts(made: HandOut) -> Iterator[tuple[str, list[str]]]:
    for source in made.sources:
        yield source.name, "\n".join(source.cells).splitlines()
    for document in made.documents:
        name = document.name if document.cell is None else f"{document.name}, cell {document.cell}"
        yield name, document.text.splitlines()
    read = {*(one.name for one in made.sources), *(one.name for one in made.documents)}
    for file in made.files:
        if file.name not in read:
            yield file.name, file.content.decode("utf-8", "replace").splitlines()


def _leaks(line: str, hidden: frozenset[str], folder: Path) -> Iterator[str]:
    plain = _plain(line)
    if plain in hidden:
        yield f"a line of the solution: {plain}"
    if (path := _PATH.search(line)) is not None:
        yield f"a path of a machine: {path[0]}"
    elif len(folder.parts) > 2 and str(folder.resolve()) in line:  # noqa: PLR2004  more than /tmp
        yield f"the path of the assignment: {folder.resolve()}"
    if (secret := _SECRET.search(line)) is not None:
        yield f"what looks like a secret: {secret[0]}"

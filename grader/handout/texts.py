"""Writes the texts of a hand-out: how to hand in and check oneself, and headings for what is answered in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.assignment import Assignment
from grader.model import Verdict

_VERDICTS = {
    Verdict.CORRECT: "the right value",
    Verdict.FOLLOWS: "not the right value, but the right step from your own earlier mistake: it keeps its points",
    Verdict.WRONG: "neither; the first one is where to look",
    Verdict.MISSING: "nothing was given",
    Verdict.INVALID: "no numbers, numbers that are not finite, or another shape",
    Verdict.UNDECIDED: "nothing can be said, mostly because of a zero or a huge number before it",
}


def points_text(points: float) -> str:
    """Return points as a heading has them: `1 point`, `0.5 points`."""
    return f"{points:g} point" if points == 1.0 else f"{points:g} points"


def answers_text(assignment: Assignment) -> str:
    """Return a text with the headings under which answers are looked for, for assignments that have none of their own.

    Parameters
    ----------
    assignment : Assignment

    Returns
    -------
    str
        Markdown; empty where nothing is answered in writing.
    """
    lines = [f"# {assignment.title}"]
    opened: tuple[str, ...] = ()
    for headings in _headings(assignment):
        path = tuple(part.strip() for part in headings[0].split(" > "))
        for depth, part in enumerate(path, start=1):
            if opened[:depth] != path[:depth]:
                lines += ["", f"{'#' * (depth + 1)} {part}"]
                opened = path[:depth]
    return "\n".join(lines) + "\n" if len(lines) > 1 else ""


def _headings(assignment: Assignment) -> Iterator[Sequence[str]]:
    for question in assignment.questions:
        part = assignment.part_of.get(question.id)
        headings = part.headings if part is not None else question.headings
        if headings:
            yield headings


def readme(assignment: Assignment, names: Sequence[str], *, student_kit: bool) -> str:
    """Return the page on how to hand in and how to check oneself.

    Parameters
    ----------
    assignment : Assignment
    names : sequence of str
        The files to fill in.
    student_kit : bool
        Whether `check.py` stands beside it.

    Returns
    -------
    str
        Markdown.
    """
    parts = [f"# {assignment.title}", "What to do stands in [task.md](task.md)."]
    parts += _to_fill_in(assignment, names)
    checks = [*_checks(assignment, names), *(_kit(names) if student_kit and assignment.units else [])]
    if checks:
        parts += ["## Check yourself", *checks]
    if assignment.known_by_name and (assignment.has_code or assignment.parts):
        parts += ["## What it says", _verdicts()]
    parts += ["## How it is marked", _marking(assignment)]
    return "\n\n".join(parts) + "\n"


def _to_fill_in(assignment: Assignment, names: Sequence[str]) -> Iterator[str]:
    yield "## What to hand in"
    modules = [name for name in names if name.endswith(".py")]
    tops = list(dict.fromkeys(name.partition("/")[0] + "/" * ("/" in name) for name in modules))
    notebooks = [name for name in names if name.endswith(".ipynb")]
    texts = [name for name in names if name.endswith((".md", ".tex", ".txt"))]
    lines = []
    if modules:
        lines.append(f"- {_listed(tops)}: the code")
    if texts:
        lines.append(f"- {_listed(texts)}: what is answered in writing")
    if notebooks:
        cells = ", with a cell for each function" if modules else ""
        lines.append(f"- {_listed(notebooks)}: all of it as a notebook{cells}")
    yield "\n".join(lines)
    if notebooks:
        yield "Write in the notebook or in the other files, as you like, and hand in what you wrote in."
    if assignment.has_code:
        yield (
            "What is not yet written raises `NotImplementedError`: replace that line by your work. Names and arguments stay as they\n"
            "are; the docstrings say which shapes go in and come out. What you leave as it is counts as not yet written, and nothing\n"
            "else suffers from it."
        )


def _checks(assignment: Assignment, names: Sequence[str]) -> Iterator[str]:
    if not assignment.known_by_name:
        return
    code = [name for name in names if name.endswith(".py")]
    texts = [name for name in names if name.endswith(".md")]
    file = "." if len(code) > 1 else (code or texts or [*names])[0]
    yield f"```console\n$ grader check {file} -a {assignment.name}\n```"
    yield (
        "It runs the case of the task and practice cases, follows your own numbers, and names the first mistake. Exit code 0 says\n"
        "that no mistake was found, 1 that something is wrong or missing."
        if assignment.has_code
        else "It shows how each line was read, and names the first mistake."
    )
    if assignment.has_code and any(name.endswith(".ipynb") for name in names):
        yield (
            'In the notebook, the cell `check("...")` behind each question does the same for what is defined in the running\n'
            "notebook. Leave these cells in when you hand it in: they are skipped in marking."
        )


def _kit(names: Sequence[str]) -> Iterator[str]:
    notebook = next((name for name in names if name.endswith(".ipynb")), None)
    yield "```console\n$ python check.py" + (f"\n$ python check.py {notebook}" if notebook else "") + "\n```"
    yield (
        "This needs nothing but NumPy: it compares your functions with the case of the task, and your gradients with central\n"
        "differences of your own forward pass."
    )


def _verdicts() -> str:
    rows = [f"| `{verdict}` | {meaning} |" for verdict, meaning in _VERDICTS.items()]
    return "\n".join(["| verdict | meaning |", "|---|---|", *rows])


def _marking(assignment: Assignment) -> str:
    text = (
        "Marking uses other cases than these checks: work that passes here by accident is found out there, and right work\n"
        "passes both. A mistake costs once: what follows correctly from it keeps its points."
    )
    if any(question.headings for question in assignment.questions):
        return f"{text}\nAnswers in words are read by a person."
    return text


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)

"""GitHub Actions: workflow commands on standard output, the job summary, and the outputs of a step.

Source: GitHub's reference of workflow commands, https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands.
The runner also obeys the old form `##[command]` wherever it stands in a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

from grader.exports.outcomes import Outcome, Remark, SubmissionOutcome
from grader.exports.plain import PRACTICE, points_sentence
from grader.reports.markdown import escape
from grader.reports.student import student_markdown
from grader.reports.text import earned_text, points_text

MOST_ANNOTATIONS = 10
"""Of each kind that one step may show; GitHub drops those behind them."""
MOST_SUMMARY_BYTES = 1024 * 1024
"""Of the summary of a step; where it is larger GitHub shows none of it."""
_ROOM = 16 * 1024
"""Bytes of the summary that are kept for its last words."""
_MOST_MESSAGE = 4_000
_MOST_TITLE = 200

_OLD_COMMAND = re.compile(r"##(?=\[)")


def error_annotations(outcomes: Sequence[SubmissionOutcome]) -> Iterator[str]:
    """Yield an error for each question that did not pass, at the student's line, that of the first mistake first.

    Parameters
    ----------
    outcomes : sequence of SubmissionOutcome

    Yields
    ------
    str
        A workflow command; ten at most.
    """
    commands = [_error(one, remark) for one in outcomes for remark in one.remarks]
    shown = commands if len(commands) <= MOST_ANNOTATIONS else commands[: MOST_ANNOTATIONS - 1]
    yield from shown
    if left := len(commands) - len(shown):
        yield command("error", f"{left} more, see the log and the summary of the job.", title="And more")


def _error(outcome: SubmissionOutcome, remark: Remark) -> str:
    spot = remark.spot
    in_cell = spot is not None and spot.cell is not None
    lines = [outcome.sentence] if remark.is_first else []
    if in_cell:
        # The lines of a notebook's file are not those that its author sees.
        lines.insert(0, f"{spot}:")
    return command(
        "error",
        "\n".join([*lines, *remark.details]) or outcome.sentence,
        file=spot.file if spot is not None else None,
        line=spot.line if spot is not None and not in_cell else None,
        title=f"{remark.title}: {_points(remark)}",
    )


def _points(remark: Remark) -> str:
    if remark.outcome is Outcome.ERROR:
        return "not decided"
    if remark.outcome is Outcome.WAITS:
        return "waits for a person"
    return f"{earned_text(remark.points, remark.max_points)} of {points_text(remark.max_points)} points"


def command(
    kind: str, message: str, *, file: str | None = None, line: int | None = None, title: str | None = None
) -> str:
    """Write an annotation as a workflow command.

    Parameters
    ----------
    kind : str
        `error`, `warning` or `notice`.
    message : str
        Any text; line feeds stay, as GitHub shows them.
    file : str, optional
        Path in the repository.
    line : int, optional
        In the file, from 1.
    title : str, optional
        Any text.

    Returns
    -------
    str
        One line without its end; nothing in it can begin another command.
    """
    properties = {"file": file, "line": line, "title": title[:_MOST_TITLE] if title else None}
    told = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items() if value)
    return f"::{kind}{' ' if told else ''}{told}::{_data(_cut(message))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _cut(message: str) -> str:
    return message if len(message) <= _MOST_MESSAGE else f"{message[:_MOST_MESSAGE]} [cut]"


def without_commands(line: str) -> str:
    """Change a line of a log so that the runner finds no command in it.

    Parameters
    ----------
    line : str
        One line of clean text.

    Returns
    -------
    str
        The same to a reader's eye.
    """
    line = _OLD_COMMAND.sub("## ", line)
    return f". {line}" if line.lstrip().startswith("::") else line


def stopped(lines: Sequence[str], token: str) -> Iterator[str]:
    """Yield lines of a log with workflow commands stopped around them, and changed so that they hold none.

    Parameters
    ----------
    lines : sequence of str
        One line of clean text each.
    token : str
        Random, so that no submission can end it.

    Yields
    ------
    str
    """
    yield f"::stop-commands::{token}"
    yield from map(without_commands, lines)
    yield f"::{token}::"


def summary(outcomes: Sequence[SubmissionOutcome], used: int = 0) -> str:
    """Write the job summary: what counts, then the report of each submission as its author may see it.

    Parameters
    ----------
    outcomes : sequence of SubmissionOutcome
    used : int
        Bytes that stand in the summary of the step already.

    Returns
    -------
    str
        GitHub-flavoured Markdown; with what is there already under 1 MiB. Of reports that do not fit a line
        is left, and of submissions whose lines do not fit their number.
    """
    head = f"{escape(PRACTICE)}\n\n"
    room = MOST_SUMMARY_BYTES - _ROOM - used - len(head.encode())
    lines = [_line_of(outcome) for outcome in outcomes]
    fitting = sum(size <= room for size in accumulate(len(line.encode()) for line in lines))
    room -= sum(len(line.encode()) for line in lines[:fitting])
    parts = [head]
    for outcome, line in zip(outcomes[:fitting], lines, strict=False):
        report = f"{student_markdown(outcome.view)}\n\n"
        more = len(report.encode()) - len(line.encode())
        parts.append(report if more <= room else line)
        room -= more if more <= room else 0
    if left := len(lines) - fitting:
        parts.append(f"{left} more have no room here; see the log of the job.\n")
    return "".join(parts)


def _line_of(outcome: SubmissionOutcome) -> str:
    """Write a submission in a line, where its report has no room."""
    return f"**{escape(f'{outcome.name}: {points_sentence(outcome)} {outcome.sentence}')}**\n\n"


def step_output(values: dict[str, str]) -> str:
    """Write outputs of a step for the file `GITHUB_OUTPUT`.

    Parameters
    ----------
    values : dict of str to str
        Of one line each.

    Returns
    -------
    str
        A line each.
    """
    assert all("\n" not in value and "\r" not in value for value in values.values())
    return "".join(f"{name}={value}\n" for name, value in values.items())

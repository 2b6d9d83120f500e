"""GitHub Actions: workflow commands on standard output, the job summary, and the outputs of a step.

Source: GitHub's reference of workflow commands, https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands.
The runner also obeys the old form `##[command]` wherever it stands in a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from grader.exports.outcomes import QuestionOutcome, SubmissionOutcome
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
        A workflow command; ten at most. Questions with one place and one message share it.
    """
    commands = list(dict.fromkeys(_error(one, group) for one in outcomes for group in _groups(one)))
    shown = commands if len(commands) <= MOST_ANNOTATIONS else commands[: MOST_ANNOTATIONS - 1]
    yield from shown
    if left := len(commands) - len(shown):
        yield command("error", f"{left} more, see the log and the summary of the job.", title="And more")


def _groups(outcome: SubmissionOutcome) -> Iterator[list[QuestionOutcome]]:
    """Yield the questions that did not pass, those together of which the same is said at the same place."""
    together: dict[tuple[str, str], list[QuestionOutcome]] = {}
    for question in outcome.first_failed:
        together.setdefault((str(question.spot), "\n".join(question.details)), []).append(question)
    yield from together.values()


def _error(outcome: SubmissionOutcome, questions: Sequence[QuestionOutcome]) -> str:
    first = questions[0]
    points = sum(question.points for question in questions)
    most = sum(question.max_points for question in questions)
    titles = ", ".join(question.title for question in questions)
    lines = [outcome.sentence] if first.is_first else []
    spot = first.spot
    if spot is not None and spot.cell is not None:
        # The lines of a notebook's file are not those that its author sees.
        lines.insert(0, f"In cell {spot.cell}{'' if spot.line is None else f', line {spot.line}'}:")
    return command(
        "error",
        "\n".join([*lines, *first.details]) or outcome.sentence,
        file=spot.file if spot is not None else None,
        line=spot.line if spot is not None and spot.cell is None else None,
        title=f"{titles}: {earned_text(points, most)} of {points_text(most)} points",
    )


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
        GitHub-flavoured Markdown; with what is there already under 1 MiB. Reports that do not fit are left out, and that is said.
    """
    head = f"{escape(PRACTICE)}\n\n"
    left = MOST_SUMMARY_BYTES - _ROOM - used - len(head.encode())
    parts = [head]
    for number, outcome in enumerate(outcomes):
        report = f"{student_markdown(outcome.view)}\n\n"
        if len(report.encode()) > left:
            report = f"**{escape(f'{outcome.name}: {points_sentence(outcome)} {outcome.sentence}')}**\n\n"
        if len(report.encode()) > left:
            parts.append(
                f"{len(outcomes) - number} more reports have no room here; see the log of the job.\n"
            )
            break
        left -= len(report.encode())
        parts.append(report)
    return "".join(parts)


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

"""`ci`: a check of the submission in a repository, shown as the continuous integration around it shows results."""

from __future__ import annotations

import os
import re
import secrets
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import Struct
from msgspec.structs import replace

from grader.cli.completion import assignment_names
from grader.cli.paths import PathOf, refuse_assignments
from grader.cli.screen import ReaderGoneError
from grader.errors import ExitCode, GraderError, HostError, UsageError

if TYPE_CHECKING:
    from grader.assignment import Assignment
    from grader.exports.outcomes import SubmissionOutcome
    from grader.practice import Checked
    from grader.repository import HandedIn

FORMS = ("github", "gitlab", "plain")
JUNIT = Path("grader-junit.xml")
_ROUNDING = 1e-9


@click.command(short_help="Check the submission in a repository, for its CI.")
@click.argument("files", nargs=-1, type=PathOf())
@click.option(
    "-a",
    "--assignment",
    shell_complete=assignment_names,
    help="The assignment; else `[tool.grader]` in pyproject.toml, else found.",
)
@click.option("--to", "form", type=click.Choice(FORMS), help="How to show it; found from the environment.")
@click.option(
    "--junit",
    type=PathOf(dir_okay=False),
    help=f"JUnit XML; on GitLab {JUNIT} without it.",
)
@click.option("--at-least", metavar="POINTS", help="Exit with 0 from so many points on: `8`, or `80%`.")
@click.option("--no-fail", is_flag=True, help="Exit with 0 whatever the work is worth.")
@click.option(
    "--for-reporter", is_flag=True, help="GitHub: leave the notices of points to Classroom's reporter."
)
def ci(
    *,
    files: tuple[Path, ...],
    assignment: str | None,
    form: str | None,
    junit: Path | None,
    at_least: str | None,
    no_fail: bool,
    for_reporter: bool,
) -> int:
    """Check the submission in a repository, for its continuous integration.

    Runs what `grader check` runs: the worked case and practice cases, and no hidden one, since whoever can edit a repository can
    edit its checks. Without FILES these are what `[tool.grader]` in pyproject.toml lists, else the files that define what the
    assignment asks for. Exit code 0 when everything is correct here, 1 when something is not.
    """
    form = form or _form_of(os.environ)
    try:
        threshold = None if at_least is None else _threshold(at_least)
        refuse_assignments(files)
        outcomes = [_outcome(asked, found) for asked, found in _handed_in(files, assignment)]
    except GraderError as error:
        if form != "github":
            raise
        return _tell_error(error)
    if form == "github":
        _to_github(outcomes, for_reporter=for_reporter)
    else:
        _write_log(outcomes)
    if junit or form == "gitlab":
        _write_junit(junit or JUNIT, outcomes)
    return _exit_code(outcomes, threshold, no_fail=no_fail)


def _form_of(environment: Mapping[str, str]) -> str:
    """Return the form that fits the system we run in."""
    if environment.get("GITHUB_ACTIONS") == "true":
        return "github"
    return "gitlab" if environment.get("GITLAB_CI") else "plain"


# --------------------------------------------------------------------------------------------------------------
# Checking


def _handed_in(files: Sequence[Path], assignment: str | None) -> list[tuple[Assignment | None, HandedIn]]:
    """Return what is to be checked: what was named, else what the repository's settings name, else what is found."""
    from grader.assignment_file import load
    from grader.repository import named, searched, settings

    told = settings(Path())
    name = assignment or told.assignment
    asked = load(name) if name else None
    paths = files or told.files
    return [(asked, found) for found in named(paths, asked)] if paths else [searched(Path(), asked)]


def _outcome(asked: Assignment | None, found: HandedIn) -> SubmissionOutcome:
    from grader import practice
    from grader.cli.screen import error_screen
    from grader.exports.outcomes import outcome_of
    from grader.hints import grade_at
    from grader.reports.view import public_view
    from grader.work import facts

    checked = practice.check(
        found.submission, asked, tell=lambda text: error_screen().line(f"running {text}", style="dim")
    )
    told = grade_at(checked.grade, checked.step())
    marked = replace(facts(checked.assignment), practice=True)
    conditions = public_view(told, "hints", facts=marked).conditions
    root = Path(os.environ.get("GITHUB_WORKSPACE") or os.environ.get("CI_PROJECT_DIR") or ".").resolve()
    return outcome_of(
        checked.assignment,
        checked.submission,
        checked.grade,
        told=told,
        view=replace(checked.view(), conditions=conditions),
        claims=_claims(checked),
        name=found.name,
        in_repository=lambda file: _inside(root, found.paths.get(file, file)),
    )


def _claims(checked: Checked) -> dict[str, tuple[str, ...]]:
    """Say by question whether gradients fit the student's own forward pass, where as much may be told."""
    from grader.gradient_check.words import lines
    from grader.hints import KIND

    if checked.step() < KIND:
        return {}
    questions = dict.fromkeys(one.question for one in checked.gradients)
    return {
        name: tuple(lines([one for one in checked.gradients if one.question == name])) for name in questions
    }


def _inside(root: Path, path: str) -> str:
    """Return a path as it is from the root of the repository, with `/`; as it is where it lies outside."""
    place = Path(path).resolve()
    return place.relative_to(root).as_posix() if place.is_relative_to(root) else path


class _Threshold(Struct, frozen=True, kw_only=True):
    """How many points are asked for."""

    amount: float
    is_percent: bool

    def is_reached(self, outcome: SubmissionOutcome) -> bool:
        """Say whether a submission has that many; what a person reads is neither in its points nor in the whole."""
        needed = self.amount / 100 * outcome.max_points if self.is_percent else self.amount
        return outcome.points >= needed - _ROUNDING


def _threshold(text: str) -> _Threshold:
    number = text.strip().removesuffix("%")
    if not re.fullmatch(r"\d{1,6}(\.\d{1,6})?", number):
        raise UsageError(f"--at-least {text} is no number of points", remedy="write `8`, or `80%`")
    return _Threshold(amount=float(number), is_percent=number != text.strip())


def _exit_code(outcomes: Sequence[SubmissionOutcome], threshold: _Threshold | None, *, no_fail: bool) -> int:
    if any(outcome.is_fault for outcome in outcomes):
        return ExitCode.INTERNAL
    if no_fail:
        return ExitCode.DONE
    if threshold is not None:
        passed = all(threshold.is_reached(outcome) for outcome in outcomes)
    else:
        passed = all(outcome.is_all_correct for outcome in outcomes)
    return ExitCode.DONE if passed else ExitCode.NOT_ALL_CORRECT


# --------------------------------------------------------------------------------------------------------------
# Showing


def _write_log(outcomes: Sequence[SubmissionOutcome]) -> None:
    from grader.exports.plain import log

    _write(log(outcomes))


def _to_github(outcomes: Sequence[SubmissionOutcome], *, for_reporter: bool) -> None:
    """Write annotations, the log, the summary of the job and the outputs of the step."""
    from grader.exports.classroom import encoded, notices, result, total
    from grader.exports.github import error_annotations, step_output, stopped, summary
    from grader.exports.plain import log

    points = result(outcomes)
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        _append(path, lambda used: summary(outcomes, used))
    if path := os.environ.get("GITHUB_OUTPUT"):
        values = {
            "result": encoded(points),
            "points": str(total(points)),
            "max-points": str(points["max_score"]),
        }
        _append(path, lambda _used: step_output(values))
    _write(
        [
            *error_annotations(outcomes),
            *([] if for_reporter else notices(points)),
            *stopped(list(log(outcomes)), secrets.token_hex(16)),
        ]
    )


def _tell_error(error: GraderError) -> int:
    """Show an error where people look, and return its exit code."""
    from grader.exports.github import command
    from grader.reports.text import clean

    told = clean(f"{error.message}\nWhat to do: {error.remedy}", 2_000)
    _write([command("error", told, title="The submission could not be checked")])
    return error.exit_code


def _write_junit(path: Path, outcomes: Sequence[SubmissionOutcome]) -> None:
    from grader.exports.junit import junit_xml

    try:
        path.write_text(junit_xml(outcomes), encoding="utf-8", newline="\n")
    except OSError as error:
        raise _not_written(path, error) from error


def _append(path: str, text: Callable[[int], str]) -> None:
    """Append to a file that GitHub reads; the text may depend on how many bytes are there."""
    try:
        with Path(path).open("ab") as file:
            file.write(text(file.tell()).encode())
    except OSError as error:
        raise _not_written(Path(path), error) from error


def _not_written(path: Path, error: OSError) -> HostError:
    return HostError(
        f"{path} cannot be written ({error.strerror})", remedy="make its folder, and give permission"
    )


def _write(lines: Iterable[str]) -> None:
    """Write lines to standard output as they are; rich would cut long ones."""
    try:
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        sys.stdout.flush()  # what goes wrong is to go wrong here, where it is told
    except BrokenPipeError as error:
        raise ReaderGoneError from error

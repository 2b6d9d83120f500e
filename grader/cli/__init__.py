"""The `grader` command: parses the call, shows what happens, and turns every error into one clear message.

Commands import what they need when they run, so that `--help` and a student's check start fast.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import click

import grader.cli.one_thread  # noqa: F401  before what imports NumPy
from grader import __version__
from grader.cli.screen import ReaderGoneError, error_screen
from grader.errors import ExitCode, GraderError, HostError

_OF_THE_MACHINE = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.ENOMEM,
    errno.EMFILE,
    errno.ENAMETOOLONG,
}
"""What the operating system says where the machine, and not the grader, must change."""


_COMMANDS = {
    "check": "students",
    "ci": "ci",
    "completion": "completion",
    "demo": "course",
    "doctor": "doctor",
    "export": "export",
    "grade": "course",
    "handout": "handout",
    "late": "late",
    "list": "authors",
    "log": "log",
    "mark": "mark",
    "new": "new",
    "report": "course",
    "schema": "schemas",
    "show": "authors",
    "validate": "validate",
}
"""The module of each command in this package; one that is not called is not loaded."""
_NAMES = {"list": "list_assignments"}
"""What a command is called in its module, where that is not its name."""


class _Commands(click.Group):
    """The commands, each loaded when it is called or listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return their names."""
        return sorted({*_COMMANDS, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return one of them; None where there is none of that name."""
        if cmd_name not in _COMMANDS:
            return super().get_command(ctx, cmd_name)
        module = import_module(f"grader.cli.{_COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, _NAMES.get(cmd_name, cmd_name))
        return command


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with `grader demo`. Exit codes: 0 done, 1 not all correct, 2 usage, 3 nothing to grade, "
    "4 internal, 5 the machine does not allow it, 130 interrupted.",
)
@click.version_option(__version__, prog_name="grader")
def cli() -> None:
    """Grade backpropagation coursework the way a person does.

    The grader recomputes each step from the student's own earlier numbers, finds the first mistake and names it.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with a code of the contract.

    Parameters
    ----------
    arguments : sequence of str, optional
        What stands behind `grader`; by default what the process was called with.
    """
    _open_what_is_closed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # What a console of cp1252 or ASCII lacks is shown as an escape: no name is worth an error.
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(arguments))


def _open_what_is_closed() -> None:
    """Let output go nowhere where there is none, as with `>&-`, cron or `pythonw`, and keep its descriptors from other files."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  (as long as the process)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; nothing is raised."""
    try:
        result = cli.main(args=None if arguments is None else list(arguments), standalone_mode=False)
    except click.exceptions.Exit as error:
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        error_screen().line("interrupted")
        return ExitCode.INTERRUPTED
    except ReaderGoneError:
        # What is left to say goes nowhere, also what Python flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.DONE
    except Exception as error:  # noqa: BLE001  the edge: never a traceback of ours on a user's screen
        return _explain(error)
    return int(result) if isinstance(result, int) else ExitCode.DONE


def _explain(error: Exception) -> int:
    """Show an error and return its exit code."""
    if isinstance(error, click.ClickException):
        error.show()
        return ExitCode.USAGE
    if isinstance(error, GraderError):
        error_screen().message(error)
        return error.exit_code
    if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:
        place = f"{error.filename}: " if error.filename is not None else ""
        what = f"{place}{error.strerror or error}"
        is_long = error.errno == errno.ENAMETOOLONG
        remedy = "choose a shorter name" if is_long else "make room or give permission, and run it again"
        error_screen().message(HostError(what, remedy=remedy))
        return ExitCode.HOST
    error_screen().internal(error)
    return ExitCode.INTERNAL

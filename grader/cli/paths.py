"""Paths on the command line."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import Any

import click

from grader.errors import UsageError


class PathOf(click.Path):
    """A path as click takes one, but never an empty one, which would be the current folder.

    Parameters
    ----------
    **options
        As for `click.Path`.
    """

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  (those of click)
        super().__init__(path_type=Path, **options)

    def convert(
        self, value: str | PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:  # noqa: ANN401  (as the base)
        """Take a path; see `click.ParamType.convert`.

        Raises
        ------
        UsageError
            For an empty one.
        """
        if value == "":
            name = "" if param is None else f" of {param.get_error_hint(ctx)}"
            raise UsageError(f"the path{name} is empty", remedy="is a variable of the command unset?")
        return super().convert(value, param, ctx)


def refuse_assignments(files: Iterable[Path]) -> None:
    """Refuse the name of an assignment among files, which other commands take first.

    Parameters
    ----------
    files : iterable of Path

    Raises
    ------
    UsageError
        Where one is no file, and the name of an assignment that ships.
    """
    for name in (str(file) for file in files if not file.exists()):
        from grader.assignment_file import shipped

        if name in shipped():
            raise UsageError(f"`{name}` is an assignment, and no file", remedy=f"write `-a {name}` for it")

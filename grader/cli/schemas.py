"""`schema`: what programs that read our JSON may rely on."""

from __future__ import annotations

import click

from grader.cli.screen import write_json


@click.command(short_help="Print the JSON Schema of results and of `--json`.")
@click.argument("name", type=click.Choice(("results", "check", "show", "list")), default="results")
def schema(*, name: str) -> None:
    """Print the JSON Schema (draft 2020-12) of results/STUDENT.json, or of what `check`, `show` or `list` print with --json."""
    from grader.schema import schema as schema_of

    write_json(schema_of(name))

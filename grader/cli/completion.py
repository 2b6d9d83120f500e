"""`completion`: lets the shell complete commands, options, assignments and files after `grader`."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem, get_completion_class

PROGRAM = "grader"
VARIABLE = "_GRADER_COMPLETE"
"""Set by the script when the shell asks; named so by click for a program of this name."""
SHELLS = ("bash", "zsh", "fish")
# \b keeps the lines as they are.
EXAMPLES = """\b
Switch it on for good:
  grader completion bash >> ~/.bashrc
  grader completion zsh >> ~/.zshrc
  grader completion fish > ~/.config/fish/completions/grader.fish
"""


@click.command(short_help="Print what makes your shell complete `grader`.", epilog=EXAMPLES)
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, /, *, shell: str) -> None:
    """Print the script that makes SHELL complete commands, options, assignments and files.

    Needs bash 4.4 or newer.
    """
    kind = get_completion_class(shell)
    assert kind is not None, "click knows the shells it is asked for"
    click.echo(kind(context.find_root().command, {}, PROGRAM, VARIABLE).source())


def assignment_names(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete an assignment: shipped names, and folders.

    Parameters
    ----------
    incomplete : str
        What stands there so far.

    Returns
    -------
    list of CompletionItem
        Folders stand first: bash takes what comes before them for done.
    """
    from grader.assignment_file import shipped

    folders = CompletionItem(incomplete, type="dir")
    names = [name for name in shipped() if name.startswith(incomplete)]
    return [folders, *map(CompletionItem, names)]

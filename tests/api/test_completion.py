"""`grader completion SHELL` makes a shell complete commands, assignments and files."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import click
import pytest
from installed import GRADER, call, environment

from grader.cli import cli
from grader.cli.completion import assignment_names


def asked(line: str, shell: str = "bash") -> list[str]:
    """Return what the command offers for a line that is not finished; its last word is completed."""
    words = line.split(" ")
    variables = {
        "_GRADER_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    return call(variables=variables).out.split("\n")[:-1]


def test_commands_are_completed() -> None:
    assert asked("grader gr") == ["plain,grade"]


def test_assignments_are_completed_by_name_and_as_folders() -> None:
    assert asked("grader grade softmax") == [
        "dir,softmax",
        "plain,softmax_cross_entropy",
        "plain,softmax_sheet",
    ]
    assert asked("grader check a.py -a two") == ["dir,two", "plain,two_layer_net"]


def test_files_are_left_to_the_shell() -> None:
    assert asked("grader check ali") == ["file,ali"]
    assert asked("grader grade skip_network sub") == ["file,sub"]


def test_every_command_that_takes_an_assignment_completes_it() -> None:
    taking = [
        (name, parameter)
        for name in cli.list_commands(click.Context(cli))
        if (command := cli.get_command(click.Context(cli), name)) is not None
        for parameter in command.params
        if parameter.name == "assignment"
    ]
    assert {"show", "grade", "check"} <= {name for name, _ in taking}
    context = click.Context(cli)
    for name, parameter in taking:
        offered = {item.value for item in parameter.shell_complete(context, "vanishing")}
        assert offered == {"vanishing", "vanishing_gradients"}, name


def test_names_that_begin_otherwise_are_not_offered(tmp_path: Path) -> None:
    context = click.Context(cli)
    [folder] = assignment_names(context, click.Argument(["assignment"]), str(tmp_path))
    assert (folder.type, folder.value) == ("dir", str(tmp_path))


@pytest.mark.parametrize(("shell", "line"), [
    ("bash", "complete -o nosort -F _grader_completion grader"),
    ("zsh", "compdef _grader_completion grader"),
    ("fish", "complete --no-files --command grader"),
])  # fmt: skip
def test_each_shell_gets_a_script_of_its_own(shell: str, line: str) -> None:
    done = call("completion", shell)
    assert done.code == 0
    assert line in done.out


def test_another_shell_is_refused_with_those_there_are() -> None:
    done = call("completion", "tcsh")
    assert done.code == 2
    assert "'bash', 'zsh', 'fish'" in done.err


def test_bash_offers_the_assignments_after_the_script_was_read(tmp_path: Path) -> None:
    """In a real bash, with the functions that the script defines."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash")
    script = (
        f'PATH="{GRADER.parent}:$PATH"; source <(grader completion bash); compopt() {{ :; }}; '
        'COMP_WORDS=(grader show skip); COMP_CWORD=2; _grader_completion grader; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        [bash, "--norc", "-c", script],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment(),
        check=False,
    )
    assert done.stdout.split() == ["skip_network", "skip_network_by_hand"], done.stderr

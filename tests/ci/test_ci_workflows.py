"""The workflow files that are ready to be copied: what they may do, and that their commands work as they stand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from installed import GRADER, TIMEOUT_S, environment
from repositories import RIGHT, WRONG, github_variables, outputs, repository, text_of

ROOT = Path(__file__).parent.parent.parent
GITHUB = ROOT / "docs" / "ci" / "github.yml"
GITLAB = ROOT / "docs" / "ci" / "gitlab.yml"
ACTION = ROOT / "action.yml"


def parsed(file: Path) -> dict[Any, Any]:
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def steps() -> list[dict[str, Any]]:
    """Return the steps of the workflow for GitHub."""
    (job,) = parsed(GITHUB)["jobs"].values()
    return list(job["steps"])


def every_step() -> Iterator[dict[str, Any]]:
    yield from steps()
    yield from parsed(ACTION)["runs"]["steps"]


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """Return a folder with the installed `grader`, and a `python` that notes what is to be installed and installs nothing."""
    folder = tmp_path / "tools"
    folder.mkdir()
    (folder / "grader").symlink_to(GRADER)
    python = folder / "python"
    python.write_text(
        f'#!/bin/sh\nif [ "$1 $2 $3" = "-m pip install" ]; then printf "%s\\n" "$@" > "{folder}/installed"; exit 0; fi\n'
        f'exec "{sys.executable}" "$@"\n'
    )
    python.chmod(0o755)
    return folder


def run(
    script: str, folder: Path, tools: Path, variables: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a script as GitHub runs one with `shell: bash`, and GitLab in its images."""
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env=environment(**{**variables, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


def test_the_workflow_for_github_may_only_read_and_ends_by_itself() -> None:
    workflow = parsed(GITHUB)
    (job,) = workflow["jobs"].values()
    assert workflow["permissions"] == {"contents": "read"}
    assert "permissions" not in job
    assert job["timeout-minutes"] <= 15
    assert "secrets" not in GITHUB.read_text(encoding="utf-8")
    checkout = next(step for step in steps() if step.get("uses", "").startswith("actions/checkout@"))
    assert checkout["with"] == {"persist-credentials": False}


def test_the_workflow_has_the_names_by_which_classroom_finds_points() -> None:
    workflow = parsed(GITHUB)
    assert workflow["name"] == "Autograding Tests"
    assert list(workflow["jobs"]) == ["run-autograding-tests"]


def test_actions_are_those_of_github_pinned_to_a_major_version() -> None:
    used = [step["uses"] for step in every_step() if "uses" in step]
    assert used
    for action in used:
        assert re.fullmatch(r"actions/[a-z-]+@v\d+", action)


def test_no_script_holds_an_expression_that_somebody_else_fills_in() -> None:
    scripts = [step["run"] for step in every_step() if "run" in step]
    assert len(scripts) == 4
    assert not any("${{" in script for script in scripts)


def test_what_pip_downloads_is_kept_where_pip_looks() -> None:
    kept = [
        step["with"]["path"] for step in every_step() if step.get("uses", "").startswith("actions/cache@")
    ]
    assert kept == ["~/.cache/pip", "${{ runner.temp }}/grader-pip"]
    install = next(
        step for step in parsed(ACTION)["runs"]["steps"] if step.get("name") == "Install the grader"
    )
    assert install["env"]["PIP_CACHE_DIR"] == kept[1]
    job = parsed(GITLAB)["check"]
    assert job["variables"]["PIP_CACHE_DIR"] == f"$CI_PROJECT_DIR/{job['cache']['paths'][0]}"


def test_the_steps_for_github_install_what_is_asked_for_and_check_the_repository(
    tmp_path: Path, tools: Path
) -> None:
    folder = repository(tmp_path / "repo", solution_py=WRONG)
    files = {name: tmp_path / name for name in ("summary", "output")}
    variables = {**parsed(GITHUB)["env"], **github_variables(folder, files)}
    install, check = [run(step["run"], folder, tools, variables) for step in steps() if "run" in step]
    assert install.returncode == 0
    assert (tools / "installed").read_text().split() == ["-m", "pip", "install", "--quiet", "backprop-grader"]
    assert check.returncode == 1
    assert check.stdout.startswith("::error file=solution.py,line=28,")
    assert "::notice title=Autograding complete::Points 9/10\n" in check.stdout
    assert text_of(files["summary"])
    assert outputs(files["output"])["points"] == "9"


@pytest.mark.slow
def test_the_scripts_for_gitlab_write_the_report_that_the_job_uploads(tmp_path: Path, tools: Path) -> None:
    job = parsed(GITLAB)["check"]
    folder = repository(tmp_path / "repo", solution_py=RIGHT)
    variables = {"GITLAB_CI": "true", "CI_PROJECT_DIR": str(folder), "GITHUB_ACTIONS": "", **job["variables"]}
    done = run("\n".join([*job["before_script"], *job["script"]]), folder, tools, variables)
    assert done.returncode == 0, done.stderr
    assert "backprop-grader" in (tools / "installed").read_text().split()
    assert (folder / job["artifacts"]["reports"]["junit"]).is_file()
    assert job["artifacts"]["when"] == "always"
    assert job["timeout"]


def action_step(name: str) -> dict[str, Any]:
    (step,) = (step for step in parsed(ACTION)["runs"]["steps"] if step.get("name") == name)
    return dict(step)


def filled(variables: Mapping[str, str], inputs: Mapping[str, str]) -> dict[str, str]:
    """Fill the inputs of the action into variables; a default stands for what is left out."""
    values = {name: one["default"] for name, one in parsed(ACTION)["inputs"].items()} | dict(inputs)
    return {
        name: re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda match: values[match[1]], text)
        for name, text in variables.items()
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ({}, 1),
        ({"at-least": "9", "assignment": "skip_network", "files": "my work.py\n"}, 0),
        ({"fail": "false", "reporter": "true", "files": "$(touch hacked)\n"}, 2),
    ],
    ids=["defaults", "all", "hostile"],
)
def test_the_action_passes_its_inputs_on_as_they_are(
    tmp_path: Path, tools: Path, inputs: dict[str, str], code: int
) -> None:
    folder = repository(tmp_path / "repo")
    (folder / "my work.py").write_text(WRONG, encoding="utf-8")
    files = {name: tmp_path / name for name in ("summary", "output")}
    step = action_step("Check")
    variables = {**filled(step["env"], inputs), **github_variables(folder, files)}
    done = run(step["run"], folder, tools, variables)
    assert done.returncode == code, done.stdout
    assert not (folder / "hacked").exists()


def test_the_action_installs_the_copy_that_it_is_a_part_of(tmp_path: Path, tools: Path) -> None:
    step = action_step("Install the grader")
    done = run(step["run"], tmp_path, tools, {"GITHUB_ACTION_PATH": "/a copy/of it"})
    assert done.returncode == 0
    assert (tools / "installed").read_text().splitlines()[-1] == "/a copy/of it"


def test_the_outputs_of_the_action_are_outputs_of_its_check() -> None:
    action = parsed(ACTION)
    assert action["runs"]["using"] == "composite"
    step = action_step("Check")
    for name, output in action["outputs"].items():
        assert output["value"] == f"${{{{ steps.{step['id']}.outputs.{name} }}}}"


def test_the_page_names_every_input_option_and_exit_code() -> None:
    page = (ROOT / "docs" / "ci" / "README.md").read_text(encoding="utf-8")
    for name in (*parsed(ACTION)["inputs"], *parsed(ACTION)["outputs"]):
        assert f"`{name}`" in page
    for option in ("--to", "--junit", "--at-least", "--no-fail", "--for-reporter", "-a"):
        assert option in page

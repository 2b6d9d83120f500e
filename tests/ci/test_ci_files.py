"""What `grader ci` takes for the work that is handed in, and where in it a remark stands."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from corpus import ASSIGNMENTS
from installed import call
from repositories import RIGHT, WRONG, lab, on_github, repository

from grader.assignment_file import load
from grader.errors import UsageError
from grader.repository import Settings, named, searched, settings

PLAIN = {"GITHUB_ACTIONS": "", "GITLAB_CI": ""}


def test_without_settings_there_are_none(tmp_path: Path) -> None:
    assert settings(tmp_path) == Settings()
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n", encoding="utf-8")
    assert settings(tmp_path) == Settings()


def test_the_settings_of_the_repository_name_assignment_and_files(tmp_path: Path) -> None:
    settings = '[tool.grader]\nassignment = "skip_network"\nfiles = ["a.py", "b.py"]\n'
    folder = repository(tmp_path, a_py=RIGHT, b_py=WRONG, old_py=WRONG, pyproject_toml=settings)
    done = call("ci", folder=folder, variables=PLAIN)
    assert done.code == 1
    titles = [line for line in done.out.splitlines() if line.startswith("A network with a skip connection: ")]
    assert [title.rpartition(" ")[2] for title in titles] == ["a.py", "b.py"]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ('assignmet = "x"', "has no key `assignmet`"),
        ("files = 3", "files is not what it should be"),
        ("assignment = 3", "assignment is not what it should be"),
        ("files = [", "pyproject.toml"),
    ],
)
def test_wrong_settings_are_told_with_what_to_write(tmp_path: Path, table: str, told: str) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.grader]\n{table}\n", encoding="utf-8")
    with pytest.raises(UsageError, match=told) as error:
        settings(tmp_path)
    assert error.value.remedy


def test_what_cannot_be_checked_is_an_error_on_github(tmp_path: Path) -> None:
    step = call("ci", folder=repository(tmp_path), variables={"GITHUB_ACTIONS": "true"})
    assert step.code == 3
    assert step.out.startswith("::error title=The submission could not be checked::there is nothing to check")
    assert "%0AWhat to do: name the files" in step.out
    assert step.err == ""


def test_a_test_of_the_course_and_a_page_are_never_graded(tmp_path: Path) -> None:
    """Both repositories hold a test that defines `backward`, and a page with a line of a derivation."""
    done = call("ci", "-a", "skip_network", folder=repository(tmp_path), variables=PLAIN)
    assert done.code == 3
    assert "not mine" not in done.out + done.err


def sources(folder: Path, assignment: str | None = None) -> list[str]:
    """Return the code files that are taken for the work in a repository."""
    _, found = searched(folder, None if assignment is None else load(assignment))
    return [source.name for source in found.submission.sources]


def test_of_two_files_that_define_the_same_none_is_guessed(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"defined in `old\.py`, `solution\.py`") as error:
        sources(repository(tmp_path, solution_py=RIGHT, old_py=WRONG))
    assert "`files` under [tool.grader]" in error.value.remedy


def test_a_file_as_it_was_handed_out_does_not_count_beside_one_that_is_written(tmp_path: Path) -> None:
    empty = "\n\n".join(
        f"def {name}(*values):\n    raise NotImplementedError('not yet written')"
        for name in ("forward", "backward", "update")
    )
    assert sources(repository(tmp_path, solution_py=RIGHT, template_py=empty)) == ["solution.py"]


def test_a_fresh_hand_out_is_not_yet_written_and_no_riddle(tmp_path: Path) -> None:
    """It holds a module and a notebook that define the same."""
    assert call("handout", "skip_network", "-o", tmp_path / "repo").code == 0
    done = call("ci", folder=tmp_path / "repo", variables=PLAIN)
    assert (done.code, done.err) == (1, "")
    assert done.out.splitlines()[0].endswith(": skip_network.py")
    assert "not yet written" in done.out


def test_of_a_half_written_library_every_file_counts(tmp_path: Path) -> None:
    """What was handed out beside it, a notebook with the same in it, is left out as a whole."""
    folder = tmp_path / "repo"
    assert call("handout", "numpy_modules", "-o", folder).code == 0
    whole = ASSIGNMENTS / "numpy_modules" / "solution" / "lib" / "activations.py"
    (folder / "lib" / "activations.py").write_bytes(whole.read_bytes())
    assert (folder / "numpy_modules.ipynb").is_file()
    found = sources(folder, "numpy_modules")
    assert {f"lib/{name}.py" for name in ("activations", "losses", "network", "network_base")} <= set(found)
    assert "numpy_modules.ipynb" not in found


def test_work_in_the_notebook_of_a_hand_out_counts_and_its_empty_modules_do_not(tmp_path: Path) -> None:
    folder = tmp_path / "repo"
    assert call("handout", "skip_network", "-o", folder).code == 0
    notebook = json.loads((folder / "skip_network.ipynb").read_text(encoding="utf-8"))
    (cell,) = (one for one in notebook["cells"] if "def loss(" in "".join(one["source"]))
    cell["source"] = "def loss(y_hat, y):\n    return abs(y - y_hat)\n"
    (folder / "skip_network.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    assert sources(folder) == ["skip_network.ipynb"]


def test_a_helper_that_the_work_imports_belongs_to_it_and_nothing_else_does(tmp_path: Path) -> None:
    folder = repository(
        tmp_path,
        lib__steps_py="from . import more\n",
        lib__more_py="x = 1\n",
        solution_py=f"from lib.steps import (\n    relu,\n)\n{WRONG}",
        plots_py="raise ValueError('do not run me')\n",
    )
    (folder / "lib" / "__init__.py").write_text("", encoding="utf-8")
    assert sources(folder) == ["lib/__init__.py", "lib/more.py", "lib/steps.py", "solution.py"]


def test_an_assignment_in_the_repository_is_no_work_and_its_cap_on_hints_holds(tmp_path: Path) -> None:
    folder = repository(
        tmp_path, solution_py=WRONG, pyproject_toml='[tool.grader]\nassignment = "course/exercise"\n'
    )
    source, course = ASSIGNMENTS / "skip_network", folder / "course" / "exercise"
    shutil.copytree(source, course, ignore=shutil.ignore_patterns("submissions"))
    text = (course / "assignment.toml").read_text(encoding="utf-8")
    assert "[marking]" not in text
    (course / "assignment.toml").write_text(f"{text}\n[marking]\nmax_hint = 0\n", encoding="utf-8")
    done = call("ci", "--junit", "report.xml", folder=folder, variables=PLAIN)
    assert (done.code, done.err) == (1, "")
    assert done.out.splitlines()[1] == "Something is not right yet."
    assert "9 of 10 points on practice cases." in done.out
    for text in (done.out, (folder / "report.xml").read_text(encoding="utf-8")):
        assert "sign" not in text
        assert "dL/dy_hat" not in text


def test_code_and_notes_that_are_named_together_are_one_submission(tmp_path: Path) -> None:
    folder = repository(tmp_path, solution_py=RIGHT)
    (found,) = named([folder / "solution.py", folder / "README.md"])
    assert found.submission.files == ("solution.py", "README.md")
    assert found.paths["README.md"] == (folder / "README.md").as_posix()


def test_a_package_of_layers_is_one_submission_with_its_mistake_in_its_file(tmp_path: Path) -> None:
    folder = lab(tmp_path / "repo", "numpy_modules/submissions/wrong/relu_mask_by_the_gradient")
    step = on_github(folder)
    assert step.done.code == 1
    # The line of `ReLU.backward`, behind that of `Sigmoid` in the same file.
    assert step.commands[0].startswith(
        "::error file=lib/activations.py,line=34,title=ReLU%3A 0 of 1 points::"
    )


def test_a_derivation_has_its_remark_at_the_wrong_line(tmp_path: Path) -> None:
    folder = repository(tmp_path / "repo")
    source = "skip_network_by_hand/submissions/wrong/activation_and_factor.md"
    (folder / "derivation.md").write_bytes((ASSIGNMENTS / source).read_bytes())
    step = on_github(folder)
    assert step.done.code == 1
    assert step.commands[0].startswith(
        "::error file=derivation.md,line=15,title=The forward and the backward pass"
    )
    assert "5 questions are read by a person" in step.done.out


def test_a_notebook_has_its_remark_in_words_since_its_file_has_other_lines(tmp_path: Path) -> None:
    folder = repository(tmp_path / "repo")
    cells: list[dict[str, object]] = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": text}
        for text in ("x = 1", WRONG)
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    (folder / "lab.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    step = on_github(folder)
    assert step.commands[0].startswith(
        "::error file=lab.ipynb,title=Gradients by backpropagation%3A 3 of 4 points::"
    )
    assert "lab.ipynb, cell 2, line 28:%0A" in step.commands[0]

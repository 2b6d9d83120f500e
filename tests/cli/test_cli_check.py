"""`check` tells students about their own file: what is wrong first, and never that everything is right."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from classes import RIGHT
from corpus import CORPUS
from installed import call

PRACTICE_SENTENCES = (
    "Practice cases pass; marking uses other cases.",
    "Practice cases were used; marking uses others.",
)


def test_right_work_passes_and_is_told_that_marking_uses_other_cases() -> None:
    """The assignment is found by the file's functions."""
    done = call("check", CORPUS / "correct" / "tuples.py")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0] == "A network with a skip connection: tuples.py"
    assert done.out.splitlines()[-1] == PRACTICE_SENTENCES[0]
    assert "all correct" not in done.out.lower()


def test_wrong_work_is_told_its_first_mistake_and_ends_with_one() -> None:
    done = call("check", CORPUS / "wrong" / "sign_flipped.py")
    assert done.code == 1
    assert done.out.splitlines()[1].startswith("First mistake: dL/dy_hat")
    assert done.out.splitlines()[-1] == PRACTICE_SENTENCES[1]


def test_the_json_of_check_has_a_result_per_file_and_no_hidden_case_of_any_class() -> None:
    done = call(
        "check", "--json", CORPUS / "correct" / "notebook.ipynb", CORPUS / "wrong" / "sign_flipped.py"
    )
    assert done.code == 1
    assert list(done.document) == ["schema", "checks"]
    right, wrong = done.document["checks"]
    assert (right["student"], right["points"], right["first_mistake"]) == ("notebook", 10.0, None)
    assert (wrong["student"], wrong["points"], wrong["first_mistake"]) == ("sign_flipped", 9.0, "dL/dy_hat")
    assert right["environment"]["seed_sha256"] == wrong["environment"]["seed_sha256"]


@pytest.mark.parametrize(
    "path",
    ["follows/square_with_its_derivative.py", "missing/only_forward.py", "unreadable/python_two.py"],
)
def test_work_that_follows_is_incomplete_or_broken_ends_with_one_and_the_practice_sentence(path: str) -> None:
    done = call("check", CORPUS / path)
    assert done.code == 1
    assert done.out.splitlines()[-1] == PRACTICE_SENTENCES[1]


@pytest.mark.parametrize("command", ["check", "ci"])
def test_an_assignment_among_the_files_is_told_from_a_file_that_is_not_there(command: str) -> None:
    """`grade` takes its name first, so that people write it here, too."""
    done = call(command, "skip_network", CORPUS / "correct" / "tuples.py")
    assert done.code == 2
    said = done.out + done.err
    assert "`skip_network` is an assignment, and no file" in said
    assert "write `-a skip_network` for it" in said


def test_a_folder_is_checked_as_one_submission() -> None:
    assert call("check", CORPUS / "correct" / "two_files").code == 0


def test_a_file_of_no_assignment_is_told_what_it_defines_and_what_is_shipped(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def backprop():\n    pass\n")
    done = call("check", tmp_path / "mine.py")
    assert done.code == 2
    assert "recognised by what it defines: `backprop`" in done.err
    assert "skip_network" in done.err


def test_with_an_assignment_named_misnamed_functions_are_an_answer_and_not_an_error(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def backprop():\n    pass\n")
    done = call("check", tmp_path / "mine.py", "-a", "skip_network")
    assert done.code == 1
    assert "no function `backward` in mine.py; found: backprop" in done.out


def test_a_broken_notebook_is_told_why_it_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "mine.ipynb").write_text("{")
    done = call("check", tmp_path / "mine.ipynb")
    assert done.code == 2
    assert "`mine.ipynb` is a broken notebook" in done.err
    assert "Traceback" not in done.err


def test_what_fits_ones_forward_and_what_is_the_tasks_are_said_apart() -> None:
    """A squared loss with its own derivative: the gradient is right for it, and it is not what the task asks."""
    done = call("check", CORPUS / "follows" / "square_with_its_derivative.py")
    lines = [line.strip() for line in done.out.splitlines()]
    assert any(
        line.startswith("your gradient fits your forward: yes (every entry on worked") for line in lines
    )
    assert "your forward is the task's: no" in lines
    assert "so the mistake is in the forward pass: put that right, and the gradient with it" in lines


def test_a_gradient_that_does_not_fit_is_told_with_both_numbers() -> None:
    """On the worked case dL/dy_hat is 1 and h0 1/2; with the sign flipped dL/dws is -1/2."""
    done = call("check", CORPUS / "wrong" / "sign_flipped_weights_only.py")
    assert "your gradient fits your forward: no" in done.out
    assert "your forward is the task's: yes" in done.out
    assert "differences of your forward give" in done.out


@pytest.mark.parametrize(
    ("hint", "told", "not_told"),
    [
        (
            "1",
            ["First mistake: dL/dz1. It is in `backward`", "--hint 2` says"],
            ["left out", "relu'", "follows"],
        ),
        ("2", ["the derivative of the ReLU (its mask) is left out", "--hint 3` says"], ["relu'(z1)"]),
        ("3", ["is left out", "The rule: dL/dz1 = dL/dh1 * relu'(z1)"], ["--hint"]),
    ],
)
def test_each_hint_tells_more_than_the_one_before(hint: str, told: list[str], not_told: list[str]) -> None:
    done = call("check", CORPUS / "wrong" / "second_mask_missing.py", "--hint", hint)
    assert done.code == 1
    assert [text for text in told if text not in done.out] == []
    assert [text for text in not_told if text in done.out] == []
    assert done.out.splitlines()[-1] == PRACTICE_SENTENCES[1]


def capped(folder: Path, most: int) -> Path:
    """Copy the assignment with a last hint of its own."""
    copied = folder / "private"
    shutil.copytree(CORPUS.parent, copied, ignore=shutil.ignore_patterns("submissions"))
    with (copied / "assignment.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[marking]\nmax_hint = {most}\n")
    return copied


def test_an_author_caps_the_hints_for_people_and_programs(tmp_path: Path) -> None:
    folder = capped(tmp_path, 1)
    path = CORPUS / "wrong" / "second_mask_missing.py"
    done = call("check", path, "-a", folder, "--hint", "3")
    assert "First mistake: dL/dz1. It is in" in done.out
    assert "Hints end at 1 in this assignment." in done.out
    assert "left out" not in done.out
    (document,) = call("check", "--json", path, "-a", folder).document["checks"]
    assert (document["first_mistake"], document["hint"]) == ("dL/dz1", 1)
    assert [question["findings"] for question in document["questions"]] == [[], [], []]


def test_an_author_may_give_no_hints_and_wrong_work_still_exits_with_one(tmp_path: Path) -> None:
    done = call("check", CORPUS / "wrong" / "second_mask_missing.py", "-a", capped(tmp_path, 0))
    assert done.code == 1
    assert done.out.splitlines()[1] == "Something is not right yet."
    assert "dL/dz1" not in done.out


def test_code_and_notes_are_one_submission_and_two_solutions_are_two(tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text(RIGHT)
    (tmp_path / "other.py").write_text(RIGHT)
    (tmp_path / "notes.md").write_text("# Notes\n\nThe loss falls.\n")
    together = call("check", "solution.py", "notes.md", folder=tmp_path)
    apart = call("check", "--json", "solution.py", "other.py", folder=tmp_path)
    assert together.code == 0
    assert together.out.splitlines()[0] == "A network with a skip connection: solution.py, notes.md"
    assert [one["submission"]["files"] for one in apart.document["checks"]] == [["solution.py"], ["other.py"]]


def test_functions_spread_over_two_files_are_one_submission(tmp_path: Path) -> None:
    first, second = RIGHT.split("def backward", 1)
    (tmp_path / "one.py").write_text(first)
    (tmp_path / "two.py").write_text(f"import numpy as np\nfrom one import *\n\n\ndef backward{second}")
    done = call("check", "one.py", "two.py", folder=tmp_path)
    assert done.out.splitlines()[0] == "A network with a skip connection: one.py, two.py"
    assert done.code == 0, done.out


def test_a_file_that_is_not_there_is_named_before_anything_runs(tmp_path: Path) -> None:
    done = call("check", "nowhere.py", folder=tmp_path)
    assert done.code == 2
    assert "nowhere.py" in done.err
    assert "Traceback" not in done.err


def test_markup_in_a_students_text_is_shown_as_it_is(tmp_path: Path) -> None:
    text = RIGHT.replace("    new = {}\n", '    raise ValueError("[bold red]\\x1b[31m no[/]")\n')
    (tmp_path / "mine.py").write_text(text)
    done = call("check", tmp_path / "mine.py")
    assert "ValueError: [bold red]" in done.out
    assert "\x1b" not in done.out


def test_check_keeps_nothing_and_leaves_no_file(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(RIGHT)
    assert call("check", "mine.py", folder=tmp_path).code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["mine.py"]

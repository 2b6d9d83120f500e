"""`check` tells students about their own file: what is wrong first, and never that everything is right."""

from __future__ import annotations

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

"""A folder is one submission of many files; links, caches and data stay out of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.model import Submission
from grader.submissions.folder import list_folder
from grader.submissions.limits import MAX_DEPTH, MAX_SOURCES
from grader.submissions.listing import without_wrapper

ReadOne = Callable[[Path], Submission]
needs_links = pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")


def fill(folder: Path, *names: str, text: str = "x = 1\n") -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_python_files_and_notebooks_are_sources_named_with_slashes(tmp_path: Path, read_one: ReadOne) -> None:
    fill(tmp_path / "alice", "main.py", "lib/layers.PY", "data.csv", "lib/weights.npz")
    fill(tmp_path / "alice", "work.ipynb", text='{"cells": [{"cell_type": "code", "source": "y = 1"}]}')

    submission = read_one(tmp_path / "alice")

    assert submission.files == ("lib/layers.PY", "main.py", "work.ipynb")
    assert [source.name for source in submission.sources] == list(submission.files)
    assert [source.is_notebook for source in submission.sources] == [False, False, True]
    assert (submission.student, submission.problem, submission.notes) == ("alice", None, ())


def test_caches_hidden_folders_and_virtual_environments_are_left_out(
    tmp_path: Path, read_one: ReadOne
) -> None:
    folder = fill(
        tmp_path / "alice",
        "main.py",
        ".hidden.py",
        "._main.py",
        "__pycache__/main.py",
        ".ipynb_checkpoints/main.py",
        ".git/hook.py",
        "node_modules/x.py",
        "__MACOSX/main.py",
        "myenv/pyvenv.cfg",
        "myenv/lib/x.py",
        "lib/site-packages/numpy.py",
    )

    assert read_one(folder).files == ("main.py",)


def test_a_folder_in_a_folder_is_the_submission(tmp_path: Path, read_one: ReadOne) -> None:
    folder = fill(tmp_path / "alice", "hw1/main.py", "hw1/lib/layers.py", "README.txt")

    assert read_one(folder).files == ("lib/layers.py", "main.py", "README.txt")


@pytest.mark.parametrize(
    ("sources", "length"),
    [
        (["main.py"], 0),
        (["a/b/main.py"], 4),
        (["a/b/main.py", "a/c/main.py"], 2),
        (["a/main.py", "b/main.py"], 0),
        (["net/__init__.py", "net/layers.py"], 0),
        (["hw/net/__init__.py", "hw/net/layers.py"], 3),
        (["mlp/losses.py", "mlp/mlp.py"], 0),
        (["hw/mlp/losses.py", "hw/mlp/mlp.py"], 3),
    ],
)
def test_only_folders_around_everything_that_are_no_package_are_wrappers(
    sources: list[str], length: int
) -> None:
    assert without_wrapper(sources) == length


@needs_links
def test_links_inside_are_not_followed_and_noted(tmp_path: Path, read_one: ReadOne) -> None:
    secret = fill(tmp_path / "secret", "solution.py")
    folder = fill(tmp_path / "alice", "main.py")
    (folder / "solution.py").symlink_to(secret / "solution.py")
    (folder / "lib").symlink_to(secret)
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "pipe.py")

    submission = read_one(folder)

    assert submission.files == ("main.py",)
    assert submission.notes == ("Links are not followed; left out: `lib`, `loop`, `pipe.py`, `solution.py`.",)


def test_a_folder_without_sources_is_a_problem_that_says_what_is_there(
    tmp_path: Path, read_one: ReadOne
) -> None:
    folder = fill(tmp_path / "alice", "report.pdf", "sub/notes.txt")

    assert read_one(folder).problem == (
        "`alice` has no Python file or notebook in it; found: `report.pdf`, `sub/notes.txt`; "
        "hand in a `.py` file or an `.ipynb` notebook."
    )


def test_an_empty_folder_is_a_problem(tmp_path: Path, read_one: ReadOne) -> None:
    (tmp_path / "alice").mkdir()

    problem = read_one(tmp_path / "alice").problem

    assert problem is not None
    assert "found: nothing" in problem


def test_folders_up_to_the_depth_limit_are_read_and_deeper_ones_are_a_problem(
    tmp_path: Path, read_one: ReadOne
) -> None:
    folder = fill(tmp_path / "alice", "main.py", "d/" * MAX_DEPTH + "deep.py")
    assert len(read_one(folder).sources) == 2

    fill(folder, "d/" * (MAX_DEPTH + 1) + "deeper.py")

    problem = read_one(folder).problem
    assert problem is not None
    assert "more than 8 deep" in problem


def test_more_sources_than_the_limit_are_a_problem(tmp_path: Path, read_one: ReadOne) -> None:
    folder = fill(tmp_path / "alice", *(f"f{number}.py" for number in range(MAX_SOURCES)))
    assert read_one(folder).problem is None

    fill(folder, "one_more.py")

    problem = read_one(folder).problem
    assert problem is not None
    assert "more than 400 Python files" in problem


@pytest.mark.parametrize("names", [("a{}.png", "sub/b{}.png"), (".hidden{}", ".more{}")])
def test_more_entries_than_the_limit_are_a_problem(
    tmp_path: Path, read_one: ReadOne, monkeypatch: pytest.MonkeyPatch, names: tuple[str, str]
) -> None:
    """Over several folders, and where all of them are hidden."""
    for module in ("folder", "listing"):
        monkeypatch.setattr(f"grader.submissions.{module}.MAX_ENTRIES", 10)
    folder = fill(tmp_path / "alice", "main.py", *(names[0].format(number) for number in range(5)))
    assert read_one(folder).problem is None

    fill(folder, *(names[1].format(number) for number in range(5)))

    problem = read_one(folder).problem
    assert problem is not None
    assert "more than 10 files" in problem


def test_more_bytes_than_the_limit_are_a_problem(tmp_path: Path, read_one: ReadOne) -> None:
    """Outputs of notebooks count as bytes, though not as text."""
    outputs = "A" * 17 * 1024 * 1024
    text = f'{{"cells": [{{"cell_type": "code", "source": "x", "outputs": ["{outputs}"]}}]}}'
    folder = fill(tmp_path / "alice", "a.ipynb", "b.ipynb", "c.ipynb", text=text)
    assert len(read_one(folder).sources) == 3

    fill(folder, "d.ipynb", text=text)

    problem = read_one(folder).problem
    assert problem is not None
    assert problem.startswith("`alice` holds more than 64 MiB of Python files and notebooks;")


def test_more_text_than_the_limit_is_a_problem(tmp_path: Path, read_one: ReadOne) -> None:
    folder = fill(tmp_path / "alice", "a.py", "b.py", text="#" * 4 * 1024 * 1024)
    assert read_one(folder).problem is None

    fill(folder, "c.py", text="#")

    problem = read_one(folder).problem
    assert problem is not None
    assert problem.startswith("`alice` holds more than 8 MiB of code")


def test_more_values_than_the_limit_are_a_problem(tmp_path: Path, read_one: ReadOne) -> None:
    """Each notebook is small enough by itself."""
    values = ",".join(["[]"] * 30_000)
    text = f'{{"cells": [{{"cell_type": "code", "source": "x", "outputs": [{values}]}}]}}'
    folder = fill(tmp_path / "alice", *(f"{number}.ipynb" for number in range(5)), text=text)

    problem = read_one(folder).problem

    assert problem is not None
    assert problem.startswith("`alice` holds more than 1,000,000 values in its notebooks;")


def test_a_file_that_cannot_be_used_is_left_out_with_a_note_beside_one_that_can(
    tmp_path: Path, read_one: ReadOne
) -> None:
    folder = fill(tmp_path / "alice", "main.py")
    fill(folder, "work.ipynb", text="{")

    submission = read_one(folder)

    assert submission.problem is None
    assert [source.name for source in submission.sources] == ["main.py"]
    assert submission.files == ("main.py", "work.ipynb")
    (note,) = submission.notes
    assert note.startswith("Left out: `work.ipynb` is a broken notebook")


@pytest.mark.parametrize("beside", [[], ["lib/__init__.py"]])
def test_files_that_cannot_be_used_are_a_problem_where_nothing_else_holds_code(
    tmp_path: Path, read_one: ReadOne, beside: list[str]
) -> None:
    """An empty `__init__.py` is no work that could be graded instead."""
    folder = fill(tmp_path / "alice", "work.ipynb", text="{")
    fill(folder, *beside, text="")

    submission = read_one(folder)

    assert submission.problem is not None
    assert submission.problem.startswith("`work.ipynb` is a broken notebook")
    assert submission.sources == ()


def test_an_empty_init_file_is_worth_no_note(tmp_path: Path, read_one: ReadOne) -> None:
    folder = fill(tmp_path / "alice", "main.py")
    fill(folder, "lib/__init__.py", "lib/empty.py", text="")

    assert read_one(folder).notes == ("`lib/empty.py` is empty.",)


def test_the_digest_changes_with_content_and_names_of_sources_alone(
    tmp_path: Path, read_one: ReadOne
) -> None:
    folder = fill(tmp_path / "alice", "main.py", "data.csv")
    before = read_one(folder).sha256

    (folder / "data.csv").write_text("changed")
    os.utime(folder / "main.py", (1.0, 1.0))
    assert read_one(folder).sha256 == before

    (folder / "main.py").rename(folder / "other.py")
    renamed = read_one(folder).sha256
    assert renamed != before

    (folder / "other.py").write_text("x = 2\n")
    assert read_one(folder).sha256 not in {before, renamed}


def test_the_digest_of_an_unusable_folder_changes_with_every_file(tmp_path: Path, read_one: ReadOne) -> None:
    folder = fill(tmp_path / "alice", "a.ipynb", "b.ipynb", text="{")
    before = read_one(folder)
    assert before.problem is not None

    (folder / "b.ipynb").write_text("[")

    assert read_one(folder).sha256 != before.sha256


def test_a_folder_that_cannot_be_listed_is_a_problem(
    tmp_path: Path, read_one: ReadOne, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The refusal is simulated, as root may list every folder."""
    folder = fill(tmp_path / "alice", "main.py")

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", refuse)

    problem = read_one(folder).problem

    assert problem is not None
    assert "permission denied" in problem


def test_listing_tells_sources_from_other_files(tmp_path: Path) -> None:
    fill(tmp_path, "b.py", "a/x.ipynb", "c.txt", "d.csv")

    listing = list_folder(tmp_path, "x")

    assert listing.sources == ("a/x.ipynb", "b.py")
    assert listing.documents == ("c.txt",)
    assert listing.others == ("d.csv",)

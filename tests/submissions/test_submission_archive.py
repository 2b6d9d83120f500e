"""An archive is read as the folder that was packed; what nobody should unpack is refused with a reason."""

from __future__ import annotations

import lzma
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from packed import COMPRESSED, HONEST, archive_of, tar_of, zip_of

from grader.model import Submission
from grader.submissions import find, read, resolve_conflicts
from grader.submissions.downloads import count_students

HandIn = Callable[[str, bytes], Submission]
ReadOne = Callable[[Path], Submission]
SUFFIXES = [".zip", *COMPRESSED]
BOTH = pytest.mark.parametrize("suffix", [".zip", ".tar.gz"])


def problem_of(submission: Submission) -> str:
    assert submission.problem is not None
    assert submission.sources == ()
    assert submission.problem.endswith(".")
    return submission.problem


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_archive_is_read_as_the_folder_in_it(hand_in: HandIn, suffix: str) -> None:
    data = zip_of(HONEST.items()) if suffix == ".zip" else COMPRESSED[suffix](tar_of(HONEST.items()))

    submission = hand_in(f"dave{suffix}", data)

    assert submission.student == "dave"
    assert submission.files == ("lib/layers.py", "main.py")
    assert [source.cells[0].encode() for source in submission.sources] == [
        HONEST["hw1/lib/layers.py"],
        HONEST["hw1/main.py"],
    ]
    assert (submission.problem, submission.notes) == (None, ())


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_digest_of_an_archive_is_that_of_the_folder(
    tmp_path: Path, hand_in: HandIn, read_one: ReadOne, suffix: str
) -> None:
    for name, data in HONEST.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    packed = zip_of(HONEST.items()) if suffix == ".zip" else COMPRESSED[suffix](tar_of(HONEST.items()))

    assert hand_in(f"dave{suffix}", packed).sha256 == read_one(tmp_path / "hw1").sha256


@pytest.mark.parametrize(
    ("name", "student"),
    [("dave.zip", "dave"), ("dave.TAR.GZ", "dave"), ("d.smith.tar.xz", "d.smith"), ("dave.rar", "dave")],
)
def test_the_student_of_an_archive_is_its_name_without_all_of_the_suffix(
    tmp_path: Path, name: str, student: str
) -> None:
    (tmp_path / name).write_bytes(b"")

    (found,) = find([tmp_path], single=False)

    assert found.student == student


def test_the_content_decides_of_which_kind_an_archive_is(hand_in: HandIn) -> None:
    assert hand_in("a.zip", COMPRESSED[".tar.gz"](tar_of(HONEST.items()))).files == (
        "lib/layers.py",
        "main.py",
    )
    assert hand_in("b.tar", zip_of(HONEST.items())).files == ("lib/layers.py", "main.py")


@pytest.mark.parametrize("name", ["a.rar", "a.7z", "a.gz", "a.tar.zst", "a.py.xz"])
def test_another_kind_of_archive_is_a_problem_that_says_what_is_read(hand_in: HandIn, name: str) -> None:
    submission = hand_in(name, b"Rar!\x1a\x07\x00")

    assert problem_of(submission) == (
        f"`{name}` is no archive of a kind that is read; "
        "hand in a `.zip` or `.tar.gz` file, or the files themselves."
    )
    assert submission.files == (name,)


@pytest.mark.parametrize("data", [b"", b"Rar!\x1a\x07\x00", b"x = 1\n", b"\0" * 10_000])
@pytest.mark.parametrize("suffix", [".zip", ".tar"])
def test_what_is_no_archive_in_spite_of_its_name_is_a_problem(
    hand_in: HandIn, suffix: str, data: bytes
) -> None:
    assert "is no archive of a kind that is read" in problem_of(hand_in(f"a{suffix}", data))


@BOTH
def test_leftovers_of_systems_and_tools_are_left_out(hand_in: HandIn, suffix: str) -> None:
    names = [
        "hw1/main.py",
        "hw1/.DS_Store",
        "hw1/._main.py",
        "__MACOSX/hw1/._main.py",
        "__MACOSX/hw1/other.py",
        "hw1/.git/hooks/hook.py",
        "hw1/__pycache__/main.cpython-311.py",
        "hw1/.ipynb_checkpoints/main.py",
        "hw1/env/pyvenv.cfg",
        "hw1/env/bin/activate_this.py",
        "hw1/env/lib/python3.11/site-packages/a/b/c/d/e/f/numpy.py",
        "hw1/lib/site-packages/numpy.py",
    ]

    submission = hand_in(f"dave{suffix}", archive_of(suffix, names))

    assert submission.files == ("main.py",)
    assert (submission.problem, submission.notes) == (None, ())


@BOTH
@pytest.mark.parametrize(
    "names",
    [["./main.py", "./lib/a.py"], ["main.py", "lib\\a.py"], ["hw//main.py", "hw/./lib/a.py"]],
    ids=["leading dot", "folders as in Windows", "empty parts"],
)
def test_names_as_odd_but_honest_programs_write_them_are_read(
    hand_in: HandIn, suffix: str, names: list[str]
) -> None:
    assert hand_in(f"dave{suffix}", archive_of(suffix, names)).files == ("lib/a.py", "main.py")


@BOTH
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("/etc/cron.py", "leads out"),
        ("../main.py", "leads out"),
        ("a/../../main.py", "leads out"),
        ("..\\main.py", "leads out"),
        ("\\\\server\\share\\main.py", "leads out"),
        ("C:\\main.py", "leads out"),
        ("c:main.py", "leads out"),
        ("../data.csv", "leads out"),
        ("__MACOSX/../../x", "leads out"),
        ("x" * 256 + ".py", "too long"),
        ("é" * 130 + ".py", "too long"),
        ("/".join(["x" * 200] * 6) + ".py", "too long"),
    ],
)
def test_a_name_that_leads_out_or_is_too_long_refuses_the_archive(
    hand_in: HandIn, suffix: str, name: str, reason: str
) -> None:
    """Wherever it stands, and be it that of a data file."""
    problem = problem_of(hand_in(f"dave{suffix}", archive_of(suffix, ["main.py", name])))

    assert problem.startswith(f"`dave{suffix}` holds a file named `")
    assert reason in problem
    assert len(problem) < 400


@BOTH
def test_names_that_cannot_be_shown_stay_apart(hand_in: HandIn, suffix: str) -> None:
    names = ["photo\u202eyp.py", "photo\u202dyp.py", "b\x1bob.py", "main.py"]

    submission = hand_in(f"dave{suffix}", archive_of(suffix, names))

    assert len({source.name for source in submission.sources}) == 4
    assert not set("".join(submission.files)) & set("\u202e\u202d\x1b")


@BOTH
@pytest.mark.parametrize(
    ("names", "what"),
    [
        (["hw/main.py", "hw/main.py"], "holds `hw/main.py` twice"),
        (["hw/main.py", "hw/./main.py"], "holds `hw/main.py` twice"),
        (["Main.py", "main.py"], "holds `Main.py` and `main.py`, which are one file on many systems"),
        (["lib/a.py", "LIB/a.py"], "which are one file on many systems"),
        (["Zoe\u0308.py", "Zo\u00eb.py"], "which are one file on many systems"),
    ],
)
def test_two_files_of_one_name_refuse_the_archive(
    hand_in: HandIn, suffix: str, names: list[str], what: str
) -> None:
    """Which of them counts would depend on the program that unpacks it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # `zipfile` warns of what it writes
        data = archive_of(suffix, names)

    assert what in problem_of(hand_in(f"dave{suffix}", data))


@BOTH
def test_data_files_may_come_twice(hand_in: HandIn, suffix: str) -> None:
    submission = hand_in(f"dave{suffix}", archive_of(suffix, ["main.py", "a.csv", "A.csv"]))

    assert (submission.files, submission.problem) == (("main.py",), None)


@BOTH
def test_an_archive_without_sources_is_a_problem_that_says_what_is_there(
    hand_in: HandIn, suffix: str
) -> None:
    assert problem_of(hand_in(f"dave{suffix}", archive_of(suffix, ["a/report.pdf", "b.txt"]))) == (
        f"`dave{suffix}` has no Python file or notebook in it; found: `a/report.pdf`, `b.txt`; "
        "hand in a `.py` file or an `.ipynb` notebook."
    )
    assert "found: nothing" in problem_of(hand_in(f"empty{suffix}", archive_of(suffix, [])))


@BOTH
def test_an_archive_in_an_archive_is_not_opened(hand_in: HandIn, suffix: str) -> None:
    inner = archive_of(".zip", ["main.py"])

    alone = hand_in(f"dave{suffix}", archive_of(suffix, ["hw.zip"], inner))
    beside = hand_in(f"erin{suffix}", archive_of(suffix, ["hw.zip", "main.py"]))

    assert "found: `hw.zip`; unpack the archives inside, and hand in" in problem_of(alone)
    assert beside.files == ("main.py",)
    assert beside.notes == ("Archives inside are not opened; left out: `hw.zip`.",)


def test_a_folder_with_nothing_but_one_archive_is_that_archive(tmp_path: Path, read_one: ReadOne) -> None:
    """So learning platforms unpack a class."""
    folder = tmp_path / "Jane Doe_123_assignsubmission_file"
    folder.mkdir()
    (folder / "hw1.zip").write_bytes(zip_of(HONEST.items()))
    (folder / "report.pdf").write_bytes(b"%PDF")

    submission = read_one(folder)

    assert submission.student == "Jane Doe"
    assert submission.files == ("lib/layers.py", "main.py")

    (folder / "hw1.tar").write_bytes(tar_of(HONEST.items()))
    assert "unpack the archives inside" in problem_of(read_one(folder))


def test_archives_beside_sources_in_a_folder_are_left_out_with_a_note(
    tmp_path: Path, read_one: ReadOne
) -> None:
    (tmp_path / "main.py").write_text("x = 1\n")
    (tmp_path / "old.zip").write_bytes(zip_of(HONEST.items()))

    submission = read_one(tmp_path)

    assert submission.files == ("main.py",)
    assert submission.notes == ("Archives inside are not opened; left out: `old.zip`.",)


@BOTH
def test_one_unusable_file_is_left_out_as_in_a_folder(hand_in: HandIn, suffix: str) -> None:
    files = [("main.py", b"x = 1\n"), ("work.ipynb", b"{"), ("big.py", b"#" * (6 * 1024 * 1024 + 1))]
    data = zip_of(files) if suffix == ".zip" else COMPRESSED[suffix](tar_of(files))

    submission = hand_in(f"dave{suffix}", data)

    assert [source.name for source in submission.sources] == ["main.py"]
    assert [note[:26] for note in submission.notes] == [
        "Left out: `big.py` is too ",
        "Left out: `work.ipynb` is ",
    ]


@BOTH
def test_folders_are_as_deep_as_on_disk(hand_in: HandIn, suffix: str) -> None:
    assert hand_in(f"a{suffix}", archive_of(suffix, ["d/" * 8 + "main.py"])).problem is None
    assert "more than 8 deep" in problem_of(hand_in(f"a{suffix}", archive_of(suffix, ["d/" * 9 + "main.py"])))


@BOTH
def test_as_many_sources_as_on_disk(hand_in: HandIn, suffix: str) -> None:
    names = [f"m{number}.py" for number in range(401)]

    assert hand_in(f"a{suffix}", archive_of(suffix, names[:400])).problem is None
    assert "more than 400 Python files" in problem_of(hand_in(f"a{suffix}", archive_of(suffix, names)))


@BOTH
def test_the_digest_of_a_refused_archive_changes_with_its_content(hand_in: HandIn, suffix: str) -> None:
    one = hand_in(f"a{suffix}", archive_of(suffix, ["../a.py"], b"x = 1\n"))
    two = hand_in(f"a{suffix}", archive_of(suffix, ["../a.py"], b"x = 2\n"))

    assert problem_of(one) == problem_of(two)
    assert one.sha256 != two.sha256


@pytest.mark.skipif(not hasattr(Path, "symlink_to"), reason="needs links")
def test_a_link_to_an_archive_is_not_followed(tmp_path: Path, read_one: ReadOne) -> None:
    (tmp_path / "a.zip").write_bytes(zip_of(HONEST.items()))
    (tmp_path / "b.zip").symlink_to(tmp_path / "a.zip")

    assert "is a link" in problem_of(read_one(tmp_path / "b.zip"))


def test_an_archive_beyond_the_limit_is_refused_unread(tmp_path: Path, read_one: ReadOne) -> None:
    with (tmp_path / "a.zip").open("wb") as file:
        file.truncate(1 << 30)

    assert "`a.zip` is too large (1024.0 MiB; the limit is 64 MiB)" in problem_of(
        read_one(tmp_path / "a.zip")
    )


def test_reading_an_archive_writes_nothing(tmp_path: Path, hand_in: HandIn) -> None:
    hand_in("a.zip", zip_of(HONEST.items()))

    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


MOODLE = "{}_{}_assignsubmission_file/main.py"
CANVAS = "{}_{}_778899_main.py"


@BOTH
@pytest.mark.parametrize(
    "names",
    [
        [MOODLE.format("Jane Doe", 1234), MOODLE.format("Li Wei", 1235)],
        ["Jane Doe_12_assignsubmission_file_a.py", "Li Wei_13_assignsubmission_file_a.py"],
        [CANVAS.format("doejane", 4711), CANVAS.format("weili_LATE", 4712)],
        [MOODLE.format("Jane Doe", 1).replace("main.py", "hw.zip"), MOODLE.format("Li Wei", 2)],
    ],
)
def test_the_download_of_a_whole_class_is_refused_with_what_to_do(
    hand_in: HandIn, suffix: str, names: list[str]
) -> None:
    assert problem_of(hand_in(f"class{suffix}", archive_of(suffix, names))) == (
        f"`class{suffix}` holds the submissions of 2 students; "
        "name it itself, or unpack it and grade the folder that comes out."
    )


@pytest.mark.parametrize(
    ("names", "count"),
    [
        ([MOODLE.format("Jane Doe", 1234), MOODLE.format("Jane Doe", 1234).replace("main", "lib")], 1),
        ([CANVAS.format("doejane", 4711), CANVAS.format("doejane", 4711).replace("7788", "7799")], 1),
        (["lab_3_1_a.py", "lab_3_2_b.py"], 0),
        ([CANVAS.format("doejane", 4711), "main.py"], 0),
        (["main.py", "lib/layers.py"], 0),
        ([], 0),
    ],
)
def test_the_work_of_one_student_is_no_class(names: list[str], count: int) -> None:
    assert count_students(names) == count


def test_an_archive_and_its_folder_side_by_side_are_two_submissions_of_one_student(tmp_path: Path) -> None:
    (tmp_path / "dave.zip").write_bytes(zip_of(HONEST.items()))
    (tmp_path / "dave").mkdir()
    (tmp_path / "dave" / "main.py").write_text("x = 1\n")

    (found,) = resolve_conflicts(find([tmp_path], single=False), latest=False)

    conflict = read(found).conflict
    assert conflict is not None
    assert conflict.startswith("two submissions of `dave`: ")


def test_the_largest_dictionary_of_xz_is_refused_before_it_takes_its_memory(hand_in: HandIn) -> None:
    data = lzma.compress(tar_of(HONEST.items()), preset=9)

    assert "Memory usage limit" in problem_of(hand_in("a.tar.xz", data))

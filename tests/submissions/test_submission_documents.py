"""What is written for people is read beside the code, and never makes the code unreadable."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from packed import tar_of, zip_of

from grader.model import Document, Submission
from grader.submissions.documents import bounded

HandIn = Callable[[str, bytes], Submission]
ReadOne = Callable[[Path], Submission]
MIB = 1024 * 1024


def fill(folder: Path, **files: bytes) -> Path:
    """Write files by name; `__` stands for a slash and `_` for the dot of the suffix."""
    for name, data in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def names(submission: Submission) -> list[str]:
    return [document.name for document in submission.documents]


def notebook(*cells: dict[str, object], **more: object) -> bytes:
    return json.dumps({"nbformat": 4, "cells": list(cells), **more}).encode()


def test_texts_beside_code_are_read_markdown_first(tmp_path: Path, read_one: ReadOne) -> None:
    folder = fill(
        tmp_path / "alice",
        main_py=b"x = 1\n",
        a_txt=b"t",
        b_tex=b"x",
        c_md=b"# m",
        docs__d_MD=b"d",
        e_rst=b"r",
    )

    submission = read_one(folder)

    assert submission.problem is None
    assert submission.notes == ()
    assert names(submission) == ["c.md", "docs/d.MD", "e.rst", "b.tex", "a.txt"]
    assert submission.documents[0] == Document(name="c.md", text="# m")
    assert submission.files == ("main.py", *names(submission))


def test_a_single_text_is_read_and_says_that_it_holds_no_code(hand_in: HandIn) -> None:
    submission = hand_in("alice.md", b"# Discussion\r\nIt falls.\r\n")

    assert submission.student == "alice"
    assert submission.documents == (Document(name="alice.md", text="# Discussion\nIt falls.\n"),)
    assert submission.sources == ()
    assert submission.problem is not None
    assert submission.problem.startswith("`alice.md` is a `.md` file;")


def test_a_folder_of_texts_alone_is_read_and_says_what_is_there(tmp_path: Path, read_one: ReadOne) -> None:
    submission = read_one(fill(tmp_path / "alice", work__report_md=b"r", work__plot_png=b"p"))

    assert names(submission) == ["report.md"]
    assert submission.unread == ("work/plot.png",)
    assert submission.problem is not None
    assert (
        "has no Python file or notebook in it; found: `work/plot.png`, `work/report.md`" in submission.problem
    )


def test_markdown_cells_are_read_with_their_number_among_all_cells(hand_in: HandIn) -> None:
    data = notebook(
        {"cell_type": "markdown", "source": ["# Title\r\n", "text"]},
        {"cell_type": "code", "source": "x = 1"},
        {"cell_type": "markdown", "source": " \n"},
        {"cell_type": "raw", "source": "raw"},
        {"cell_type": "code", "source": "y = 2"},
    )

    submission = hand_in("a.ipynb", data)

    assert submission.documents == (
        Document(name="a.ipynb", text="# Title\ntext", cell=1),
        Document(name="a.ipynb", text="raw", cell=4),
    )
    assert submission.sources[0].places == (2, 5)


def test_text_cells_of_old_notebooks_are_read(hand_in: HandIn) -> None:
    three = {
        "nbformat": 3,
        "worksheets": [
            {
                "cells": [
                    {"cell_type": "heading", "level": 2, "source": "Discussion"},
                    {"cell_type": "code", "language": "python", "input": "x = 1"},
                    {"cell_type": "markdown", "source": "It falls."},
                ]
            },
            {"cells": [{"cell_type": "code", "language": "python", "input": "y = 1"}]},
        ],
    }
    one = {"nbformat": 1, "cells": [{"cell_type": "text", "text": "old"}, {"cell_type": "code", "code": "x"}]}

    submission = hand_in("a.ipynb", json.dumps(three).encode())

    assert [(text.text, text.cell) for text in submission.documents] == [
        ("## Discussion", 1),
        ("It falls.", 3),
    ]
    assert submission.sources[0].places == (2, 4)
    assert hand_in("b.ipynb", json.dumps(one).encode()).documents[0].text == "old"


@pytest.mark.parametrize(
    "cell",
    [
        {"cell_type": "markdown", "source": 3},
        {"cell_type": "markdown", "source": ["a", 3]},
        {"cell_type": "markdown"},
        {"cell_type": ["markdown"], "source": "a"},
        {"cell_type": "heading", "level": {}, "source": 1},
    ],
)
def test_a_cell_of_text_that_is_none_is_passed_over(hand_in: HandIn, cell: dict[str, object]) -> None:
    submission = hand_in("a.ipynb", notebook(cell, {"cell_type": "code", "source": "x = 1"}))

    assert (submission.problem, submission.documents) == (None, ())
    assert len(submission.sources) == 1


def test_nul_and_half_a_surrogate_pair_in_a_markdown_cell_are_replaced(hand_in: HandIn) -> None:
    data = rb'{"cells": [{"cell_type": "markdown", "source": "a\u0000b\ud800"}]}'

    assert hand_in("a.ipynb", data).documents[0].text == "a\ufffdb\ufffd"


def test_a_text_that_is_no_utf_8_is_read_with_a_note_of_its_own(tmp_path: Path, read_one: ReadOne) -> None:
    """Of data beside code nobody wants to read a note."""
    submission = read_one(fill(tmp_path / "alice", main_py=b"x = 1\n", a_txt=b"caf\xe9"))

    (text,) = submission.documents
    assert text.text == "café"
    assert "read as Latin-1" in text.notes[0]
    assert submission.notes == ()


@pytest.mark.parametrize(
    "pasted", ["data:image/png;base64," + "A" * MIB, "data:image/svg+xml;base64," + "Zm8=" * 50]
)
def test_a_pasted_picture_is_named_in_the_place_of_its_bytes(hand_in: HandIn, pasted: str) -> None:
    submission = hand_in("a.md", f"before ![plot]({pasted.rstrip('=')}) after".encode())

    assert submission.documents[0].text == "before ![plot]([a pasted picture]) after"


@pytest.mark.parametrize("name", ["report.pdf", "report.DOCX", "photo.jpg", "work.html", "a/b.odt"])
def test_what_may_hold_an_answer_and_is_not_read_is_named(
    tmp_path: Path, read_one: ReadOne, name: str
) -> None:
    folder = fill(tmp_path / "alice", main_py=b"x = 1\n", data_csv=b"1,2", weights_npz=b"PK")
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"%PDF")

    submission = read_one(folder)

    assert submission.unread == (name,)
    assert (submission.problem, submission.notes) == (None, ())


def test_a_file_alone_that_is_not_read_is_named(hand_in: HandIn) -> None:
    assert hand_in("alice.pdf", b"%PDF").unread == ("alice.pdf",)
    assert hand_in("alice.txt", b"\0\1\2").unread == ("alice.txt",)
    assert hand_in("alice.ipynb", b"{").unread == ("alice.ipynb",)


def test_a_folder_with_nothing_but_a_scan_names_the_scan_for_a_person(
    tmp_path: Path, read_one: ReadOne
) -> None:
    submission = read_one(fill(tmp_path / "alice", scan_pdf=b"%PDF", notes__page_JPG=b"\xff\xd8"))

    assert submission.unread == ("notes/page.JPG", "scan.pdf")
    assert submission.files == ("notes/page.JPG", "scan.pdf")
    assert submission.problem is not None
    assert "no Python file or notebook" in submission.problem


def test_an_archive_with_nothing_but_scans_names_them_and_is_another_one_when_it_changes(
    hand_in: HandIn,
) -> None:
    first = hand_in("alice.zip", zip_of([("hw1/page 1.png", b"\x89PNG")]))
    second = hand_in("alice.zip", zip_of([("hw1/page 1.png", b"\x89PNG, taken again")]))

    assert first.unread == second.unread == ("hw1/page 1.png",)
    assert first.sha256 != second.sha256


def test_a_folder_with_nothing_but_data_holds_nothing_that_a_person_could_mark(
    tmp_path: Path, read_one: ReadOne
) -> None:
    submission = read_one(fill(tmp_path / "alice", digits_csv=b"1,2\n"))

    assert (submission.files, submission.unread) == ((), ())
    assert submission.problem is not None


def test_a_text_that_is_too_large_or_none_is_named_and_costs_the_code_nothing(
    tmp_path: Path, read_one: ReadOne
) -> None:
    folder = fill(
        tmp_path / "alice",
        main_py=b"x = 1\n",
        report_md=b"r",
        binary_txt=b"\0\1",
        data_txt=b"1 2\n" * MIB * 2,
    )

    submission = read_one(folder)

    assert (submission.problem, submission.notes) == (None, ())
    assert names(submission) == ["report.md"]
    assert submission.unread == ("binary.txt", "data.txt")


@pytest.mark.parametrize("suffix", ["", ".zip", ".tar.gz"])
def test_a_data_set_of_text_files_costs_the_code_nothing(
    tmp_path: Path, read_one: ReadOne, suffix: str
) -> None:
    """A hundred texts are read, and the first of them is the report."""
    files = {"main.py": b"x = 1\n", "report.md": b"r"} | {f"data/{n:03}.txt": b"1 2 3\n" for n in range(500)}
    path = tmp_path / f"alice{suffix}"
    if suffix:
        path.write_bytes(zip_of(files.items()) if suffix == ".zip" else gzip.compress(tar_of(files.items())))
    else:
        (path / "data").mkdir(parents=True)
        for name, data in files.items():
            (path / name).write_bytes(data)

    submission = read_one(path)

    assert (submission.problem, submission.notes) == (None, ())
    assert (len(submission.documents), len(submission.unread)) == (100, 401)
    assert names(submission)[0] == "report.md"


@pytest.mark.parametrize("suffix", [".zip", ".tar"])
def test_texts_in_an_archive_beyond_their_budget_are_named_and_the_code_is_read(
    tmp_path: Path, read_one: ReadOne, suffix: str
) -> None:
    """Each is as large as a text may be; eight of them are all there may be."""
    data = b"1 2\n" * (MIB // 4)
    files = [("main.py", b"x = 1\n"), *((f"{n}.txt", data) for n in range(20)), ("z.md", b"r")]
    path = tmp_path / f"alice{suffix}"
    path.write_bytes(zip_of(files) if suffix == ".zip" else tar_of(files))

    submission = read_one(path)

    assert submission.problem is None
    assert len(submission.sources) == 1
    assert len(submission.unread) == 20 + (suffix == ".tar")  # a tar is read as it comes, the small one last


def test_texts_in_an_archive_twice_are_no_reason_to_refuse_it(tmp_path: Path, read_one: ReadOne) -> None:
    path = tmp_path / "alice.tar"
    path.write_bytes(tar_of([("main.py", b"x = 1\n"), ("a.md", b"old"), ("a.md", b"new"), ("A.md", b"A")]))

    submission = read_one(path)

    assert submission.problem is None
    assert [document.text for document in submission.documents] == ["A", "new"]


def test_a_text_beside_an_archive_is_named(tmp_path: Path, read_one: ReadOne) -> None:
    folder = fill(tmp_path / "alice", report_md=b"r", scan_pdf=b"%PDF", data_csv=b"1")
    (folder / "work.zip").write_bytes(zip_of([("main.py", b"x = 1\n"), ("inner.md", b"i")]))

    submission = read_one(folder)

    assert names(submission) == ["inner.md"]
    assert submission.unread == ("report.md", "scan.pdf")


def test_a_text_outside_the_folder_that_wraps_the_code_keeps_its_path(
    tmp_path: Path, read_one: ReadOne
) -> None:
    folder = fill(
        tmp_path / "alice", hw__main_py=b"x = 1\n", hw__report_md=b"in", report_md=b"out", hw__notes_txt=b"n"
    )

    submission = read_one(folder)

    assert {document.name: document.text for document in submission.documents} == {
        "report.md": "out",
        "hw/report.md": "in",
        "notes.txt": "n",
    }


def test_texts_of_caches_and_environments_are_nobodys(tmp_path: Path, read_one: ReadOne) -> None:
    folder = fill(tmp_path / "alice", main_py=b"x = 1\n", env__pyvenv_cfg=b"", env__lib__notes_txt=b"n")
    for name in (".hidden.md", "__pycache__/x.md", "lib/site-packages/LICENSE.txt", ".git/description.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("t")

    assert read_one(folder).documents == ()


def test_the_digest_changes_with_a_text_and_with_the_name_of_what_is_not_read(
    tmp_path: Path, read_one: ReadOne
) -> None:
    folder = fill(tmp_path / "alice", main_py=b"x = 1\n", report_md=b"one")
    digests = {read_one(folder).sha256}
    fill(folder, report_md=b"two")
    digests.add(read_one(folder).sha256)
    fill(folder, scan_pdf=b"1")
    digests.add(read_one(folder).sha256)
    assert len(digests) == 3

    fill(folder, scan_pdf=b"2", data_csv=b"3")

    assert read_one(folder).sha256 in digests


def test_texts_are_kept_as_long_as_there_is_room_for_them() -> None:
    half = "x" * (128 * 1024)
    documents = [
        Document(name=name, text=text)
        for name, text in (("a", half), ("b", half + "x"), ("c", half), ("d", "x"))
    ]

    kept, unread = bounded(documents)

    assert [document.name for document in kept] == ["a", "c"]
    assert unread == ("b", "d")

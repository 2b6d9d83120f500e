"""A decision is checked before it is stored, and nobody's decision is replaced unseen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from small_book import grades_csv, made, output_folder, put

from grader.decisions import MOST_COMMENT, Request, decide, files_follow, open_gradebook
from grader.errors import UsageError
from grader.gradebook import Gradebook
from grader.outfolder import GRADEBOOK, Look, refresh_marked, stored_grade
from grader.outlock import InUseError, locked
from grader.reports.conditions import Feedback

LOOK = Look(feedback=Feedback.HINTS)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return output_folder(tmp_path / "out")


@pytest.fixture
def book(out: Path) -> Iterator[Gradebook]:
    with open_gradebook(out) as book:
        yield book


def give(book: Gradebook, points: str | None, target: str = "why", **fields: Any) -> None:
    decide(book, Request(**{"student": "alice", "target": target, "points": points, "by": "kim", **fields}))


def points_that_hold(book: Gradebook, student: str = "alice") -> tuple[float, float]:
    stored = stored_grade(book, student)
    assert stored is not None
    return stored.grade.points, stored.grade.pending_points


@pytest.mark.parametrize(
    ("target", "points", "holds"),
    [
        ("why", "1.5", (4.5, 0.0)),
        ("why", " 1,5 ", (4.5, 0.0)),
        ("why", "0", (3.0, 0.0)),
        ("gradients", "4", (4.0, 2.0)),
        ("gradients:dL/dw1", "0.25", (3.25, 2.0)),
        ("total", "6", (6.0, 0.0)),
    ],
)
def test_points_hold_wherever_they_are_given(
    book: Gradebook, target: str, points: str, holds: tuple[float, float]
) -> None:
    give(book, points, target)
    assert points_that_hold(book) == holds


@pytest.mark.parametrize("points", ["2.01", "-1", "nan", "inf", "", "two", "1 000", "1e400"])
def test_what_is_no_number_of_points_there_is_refused_with_the_range(book: Gradebook, points: str) -> None:
    with pytest.raises(UsageError, match="no number of points for `why`") as caught:
        give(book, points)
    assert caught.value.remedy == "give a number from 0 to 2"
    assert book.marks.log() == ()


def test_all_of_a_third_may_be_written_as_it_is_shown(book: Gradebook) -> None:
    """A question of 4 points for three quantities gives 1.33 each, a little less than a third of them."""
    grade = made("alice")
    first, *rest = grade.questions
    three = replace(first, quantities=first.quantities[:3], points=4.0 * 2 / 3)
    put(book, replace(grade, questions=(three, *rest)))
    give(book, "1.33", "gradients:dL/dw1")
    (mark,) = book.marks.of("alice")
    assert mark.points is not None
    assert points_that_hold(book)[0] == pytest.approx(4.0, abs=0.004)
    with pytest.raises(UsageError, match="no number of points"):
        give(book, "1.34", "gradients:dL/dw1")


@pytest.mark.parametrize(
    ("target", "remedy"),
    [
        ("nothing", "mark one of: gradients, why, total"),
        ("gradients:dL/dw9", "gradients:dL/dw1, gradients:dL/dw0, gradients:dL/dw2"),
    ],
)
def test_a_place_that_is_not_there_is_refused_with_those_that_are(
    book: Gradebook, target: str, remedy: str
) -> None:
    with pytest.raises(UsageError) as caught:
        give(book, "1", target)
    assert target in caught.value.message
    assert remedy in caught.value.remedy


def test_a_student_who_is_not_there_is_refused_with_the_nearest_names(book: Gradebook) -> None:
    with pytest.raises(UsageError, match="no grade of alicia") as caught:
        give(book, "1", student="alicia")
    assert "alice" in caught.value.remedy


def test_a_comment_has_an_end_and_a_person_has_a_name(book: Gradebook) -> None:
    give(book, "1", comment="x" * MOST_COMMENT)
    for fields in ({"comment": "x" * (MOST_COMMENT + 1)}, {"by": " "}, {"by": "a\nb"}):
        with pytest.raises(UsageError):
            give(book, "1", **fields)


def test_who_marked_may_mark_again_and_others_only_knowingly(book: Gradebook) -> None:
    give(book, "1", comment="Half.")
    give(book, "1.5")
    with pytest.raises(UsageError, match=r"kim gave 1\.5 points for `why` of alice at 20") as caught:
        give(book, "0", by="lee")
    assert "--force" in caught.value.remedy
    give(book, "1.5", by="lee")
    give(book, "0", by="max", force=True)
    assert points_that_hold(book) == (3.0, 0.0)
    assert [(row.by, row.points) for row in book.marks.log()] == [("kim", 1.0), ("kim", 1.5), ("max", 0.0)]


def test_what_is_taken_back_leaves_what_the_grader_found(book: Gradebook) -> None:
    give(book, "1.5")
    with pytest.raises(UsageError, match=r"kim gave 1\.5"):
        give(book, None, by="lee")
    give(book, None)
    assert points_that_hold(book) == (3.0, 2.0)
    with pytest.raises(UsageError, match="nobody has marked"):
        give(book, None)
    with pytest.raises(UsageError, match="nobody has marked"):
        give(book, None, "total")
    give(book, "1", by="lee")


def test_a_mark_of_what_is_no_longer_asked_can_be_taken_back(book: Gradebook) -> None:
    give(book, "1.5")
    grade = made("alice")
    put(book, replace(grade, questions=grade.questions[:1]))
    give(book, None)
    assert points_that_hold(book) == (3.0, 0.0)


# --------------------------------------------------------------------------------------------------------------
# Files


def test_the_files_follow(out: Path, book: Gradebook) -> None:
    give(book, "1.5", comment="Good <b>work</b>.")
    assert files_follow(out)
    assert grades_csv(out) == {
        "007": ",6,3,,graded",
        "alice": "4.5,6,3,1.5,graded",
        "bob": ",6,3,,graded",
    }
    html = (out / "reports" / "alice-file.html").read_text(encoding="utf-8")
    assert "Good &lt;b&gt;work&lt;/b&gt;." in html
    assert "kim" not in html
    assert not (out / "reports" / "bob-file.html").exists()


def test_the_class_page_tells_who_gave_what_and_what_must_be_looked_at_again(
    out: Path, book: Gradebook
) -> None:
    give(book, "1.5", comment="Good.", by="kim <b>")
    files_follow(out)
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "Marks by people" in page
    assert "kim &lt;b&gt;" in page
    assert "Marks to look at again" not in page
    put(book, made("alice", text="Because of the sign."))
    files_follow(out)
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "Marks to look at again" in page
    assert "The answer has changed since." in page
    give(book, "1.5", comment="Good.", by="kim <b>")
    files_follow(out)
    assert "Marks to look at again" not in (out / "index.html").read_text(encoding="utf-8")


def test_where_a_grader_is_at_work_the_decision_is_stored_and_that_grader_writes_it(
    out: Path, book: Gradebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock does not keep out a second run in the same process, so the other one is played."""

    def held(*_: object, **__: object) -> Any:
        raise InUseError("in use", remedy="wait")

    with locked(out):
        monkeypatch.setattr("grader.decisions.locked", held)
        give(book, "1.5")
        assert not files_follow(out)
        assert not (out / "grades.csv").exists()
        refresh_marked(book, out, LOOK, None)
    assert grades_csv(out)["alice"] == "4.5,6,3,1.5,graded"


def test_a_folder_without_a_gradebook_is_refused_and_left_empty(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no gradebook"):
        open_gradebook(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert not (tmp_path / GRADEBOOK).exists()

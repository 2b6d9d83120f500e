"""The gradebook keeps what people decided: nothing is lost, and nothing is replaced unseen."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from small_book import NOW, made, output_folder, put

from grader.errors import HostError, UsageError
from grader.gradebook import Decision, Gradebook
from grader.gradebook.tables import VERSIONS

ASKED = Decision(student="alice", target="why", points=1.5, comment="Good.", by="kim", basis="b1")


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Gradebook]:
    with Gradebook(output_folder(tmp_path / "out") / "gradebook.sqlite") as book:
        yield book


def held(book: Gradebook) -> dict[str, float | None]:
    return {mark.target: mark.points for mark in book.marks.of("alice")}


def test_a_mark_is_there_with_author_time_comment_and_basis(book: Gradebook) -> None:
    assert book.marks.put((ASKED,), now=NOW) == ()
    (mark,) = book.marks.of("alice")
    assert (mark.student, mark.target, mark.points, mark.comment) == ("alice", "why", 1.5, "Good.")
    assert (mark.by, mark.at, mark.basis) == ("kim", NOW, "b1")
    assert book.marks.of("bob") == ()
    assert dict(book.marks.standing()) == {"alice": (mark,)}


def test_the_last_mark_of_a_place_holds_and_the_log_has_all(book: Gradebook) -> None:
    for points in (1.5, 0.5, None, 2.0):
        book.marks.put((replace(ASKED, points=points),), now=NOW)
    book.marks.put((replace(ASKED, target="total", points=5.0),), now=NOW)
    assert held(book) == {"why": 2.0, "total": 5.0}
    assert [mark.points for mark in book.marks.log("alice")] == [1.5, 0.5, None, 2.0, 5.0]
    assert len(book.marks.log()) == 5
    assert book.marks.log("bob") == ()


def test_what_was_taken_back_holds_no_more_and_stays_in_the_log(book: Gradebook) -> None:
    book.marks.put((ASKED,), now=NOW)
    book.marks.put((replace(ASKED, points=None, comment="a slip", by="lee"),), now=NOW)
    assert held(book) == {}
    assert dict(book.marks.standing()) == {}
    assert [(mark.by, mark.points) for mark in book.marks.log()] == [("kim", 1.5), ("lee", None)]


def test_saying_the_same_again_adds_nothing_but_on_another_basis_it_does(book: Gradebook) -> None:
    later = NOW + timedelta(days=1)
    book.marks.put((ASKED,), now=NOW)
    book.marks.put((ASKED,), now=later)
    assert [mark.at for mark in book.marks.log()] == [NOW]
    book.marks.put((replace(ASKED, basis="b2"),), now=later)
    assert [mark.at for mark in book.marks.log()] == [NOW, later]
    book.marks.put((replace(ASKED, student="bob", points=None),), now=later)
    assert book.marks.log("bob") == ()


def test_what_was_decided_meanwhile_is_told_and_not_replaced(book: Gradebook) -> None:
    book.marks.put((ASKED,), now=NOW)
    other = replace(ASKED, points=0.0, by="lee", seen=0)
    (conflict,) = book.marks.put((other,), now=NOW)
    assert (conflict.decision, conflict.stored.by, conflict.stored.points) == (other, "kim", 1.5)
    assert held(book) == {"why": 1.5}
    (seen,) = book.marks.of("alice")
    assert book.marks.put((replace(other, seen=seen.number),), now=NOW) == ()
    assert book.marks.put((replace(ASKED, seen=None),), now=NOW) == ()
    assert held(book) == {"why": 1.5}


def test_a_mark_that_was_taken_back_meanwhile_is_a_conflict_too(book: Gradebook) -> None:
    book.marks.put((ASKED,), now=NOW)
    (seen,) = book.marks.of("alice")
    book.marks.put((replace(ASKED, points=None),), now=NOW)
    (conflict,) = book.marks.put((replace(ASKED, points=1.0, seen=seen.number),), now=NOW)
    assert conflict.stored.points is None


def test_the_same_decision_of_two_people_is_no_conflict(book: Gradebook) -> None:
    book.marks.put((ASKED,), now=NOW)
    assert book.marks.put((replace(ASKED, by="lee", seen=0),), now=NOW) == ()


def test_one_conflict_of_many_decisions_stores_none(book: Gradebook) -> None:
    book.marks.put((ASKED,), now=NOW)
    several = [replace(ASKED, student=name, points=0.5, seen=0) for name in ("bob", "alice", "007")]
    assert len(book.marks.put(several, now=NOW)) == 1
    assert dict(book.marks.standing()).keys() == {"alice"}


def test_a_number_is_never_used_again() -> None:
    """A row that was seen is told by its number from those that came later."""
    (marks,) = [statement for statement in VERSIONS[1] if "CREATE TABLE marks" in statement]
    assert "AUTOINCREMENT" in marks


def test_marks_stay_when_the_grade_is_made_again(book: Gradebook) -> None:
    book.marks.put((ASKED,), now=NOW)
    put(book, made("alice", text="Another one.", points=4.0))
    assert held(book) == {"why": 1.5}


def test_a_student_with_marks_whose_grade_was_made_again_has_files_to_be_written(book: Gradebook) -> None:
    put(book, made("bob", points=4.0))
    assert list(book.marks.outdated().values()) == []
    book.marks.put((ASKED,), now=NOW)
    book.marks.forget_outdated(book.marks.outdated())
    put(book, made("alice", points=4.0))
    assert list(book.marks.outdated().values()) == ["alice"]


def test_what_is_decided_while_files_are_written_is_not_forgotten(book: Gradebook) -> None:
    book.marks.put((ASKED,), now=NOW)
    notes = book.marks.outdated()
    book.marks.put((replace(ASKED, points=0.0),), now=NOW)
    book.marks.forget_outdated(notes)
    assert list(book.marks.outdated().values()) == ["alice"]


def test_comments_come_by_how_often_they_hold(book: Gradebook) -> None:
    for student, comment in (("alice", "Rare."), ("bob", "Often."), ("007", "Often.")):
        book.marks.put((replace(ASKED, student=student, comment=comment),), now=NOW)
    book.marks.put((replace(ASKED, target="total", comment="Elsewhere."),), now=NOW)
    assert book.marks.comments("why") == (("Often.", 2), ("Rare.", 1))
    book.marks.put((replace(ASKED, student="bob", comment=""),), now=NOW)
    book.marks.put((replace(ASKED, student="007", points=None, comment="Gone."),), now=NOW)
    assert book.marks.comments("why") == (("Rare.", 1),)


@pytest.mark.parametrize("text", ["\udc80", "\\udc80", "'); DROP TABLE marks; --", "nul\0", "a\nb"])
def test_any_text_is_kept_as_it_is(book: Gradebook, text: str) -> None:
    put(book, made(text))
    book.marks.put((replace(ASKED, student=text, target=text, comment=text, by=text, basis=text),), now=NOW)
    (mark,) = book.marks.of(text)
    assert (mark.student, mark.target, mark.comment, mark.by, mark.basis) == (text,) * 5
    assert list(book.marks.standing()) == [text]
    assert list(book.marks.latest()) == [(text, text)]
    assert text in book.marks.outdated().values()
    assert book.marks.comments(text) == ((text, 1),)


def test_marks_wait_for_the_disk_and_grades_do_not(book: Gradebook) -> None:
    """`synchronous` 2 is FULL: nobody can make a mark again, and the next run makes a grade again."""
    seen: list[str] = []
    book._connection.set_trace_callback(seen.append)
    book.marks.put((ASKED,), now=NOW)
    put(book, made("bob", points=4.0))
    kept = [
        text
        for text in seen
        if text.startswith(("PRAGMA sync", "INSERT INTO marks", "INSERT OR REPLACE INTO grades"))
    ]
    assert [text[:26] for text in kept] == [
        "PRAGMA synchronous = FULL",
        "INSERT INTO marks (student",
        "PRAGMA synchronous = NORMA",
        "INSERT OR REPLACE INTO gra",
    ]


def test_another_writer_is_waited_for_and_then_told(book: Gradebook) -> None:
    with Gradebook(book.path, lock_timeout_s=0.05) as second:
        with book.transaction(), pytest.raises(HostError, match="locked"):
            second.marks.put((ASKED,), now=NOW)
        assert second.marks.put((ASKED,), now=NOW) == ()
    assert held(book) == {"why": 1.5}


def test_a_gradebook_from_before_there_were_marks_is_brought_up_to_date(tmp_path: Path) -> None:
    out = output_folder(tmp_path / "out")
    path = out / "gradebook.sqlite"
    with Gradebook(path) as book:
        rows = book.rows("SELECT * FROM grades")
    path.unlink()
    old = sqlite3.connect(path)
    for statement in VERSIONS[0]:
        old.execute(statement)
    old.executemany("INSERT INTO grades VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [row[:8] for row in rows])
    old.execute("PRAGMA application_id = 0x42504752")
    old.execute("PRAGMA user_version = 1")
    old.commit()
    old.close()
    with Gradebook(path) as book:
        assert [stored.grade for stored in book.grades()] == [made(name) for name in ("007", "alice", "bob")]
        assert book.marks.put((ASKED,), now=NOW) == ()
        assert held(book) == {"why": 1.5}


@pytest.mark.parametrize("version", [0, 99])
def test_a_gradebook_of_no_version_that_is_known_is_refused_and_left_alone(
    tmp_path: Path, version: int
) -> None:
    path = output_folder(tmp_path / "out") / "gradebook.sqlite"
    with Gradebook(path) as book:
        book.rows(f"PRAGMA user_version = {version}")
    with pytest.raises(UsageError, match=f"version {version}"), Gradebook(path):
        pass
    left = sqlite3.connect(path)
    assert left.execute("PRAGMA user_version").fetchone() == (version,)
    left.close()

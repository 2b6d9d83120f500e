"""The gradebook keeps what it was given, whatever happens while it writes."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from grader.errors import HostError, UsageError
from grader.gradebook import Change, Gradebook, entry
from grader.model import Environment, Grade, Origin, Place, Platform, QuestionResult, Status

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


def made(
    student: str, points: float = 7.0, status: Status = Status.GRADED, first: str | None = "dL/dz0"
) -> Grade:
    return Grade(
        assignment="skip_network",
        student=student,
        files=("a.py",),
        sha256="ab",
        status=status,
        first_mistake=first,
        questions=(QuestionResult(id="q", title="Q", points=points, max_points=10.0, status=Status.GRADED),),
        environment=Environment(grader="0", numpy="0", isolation="process", seed_sha256="cd"),
    )


def put(book: Gradebook, student: str, grade: Grade | None = None, key: str = "k1") -> Change | None:
    return book.put(entry(f"{student}-file", key, grade or made(student)), reason="regraded", now=NOW)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gradebook.sqlite"


def test_a_grade_is_there_after_closing(path: Path) -> None:
    with Gradebook(path) as book:
        assert put(book, "alice") is None
        book.set_meta("assignment", "skip_network")
    with Gradebook(path) as book:
        stored = book.get("alice")
        assert stored is not None
        assert (stored.grade, stored.file_name, stored.key) == (made("alice"), "alice-file", "k1")
        assert stored.graded_at == NOW
        assert book.key_of("alice") == "k1"
        assert book.meta("assignment") == "skip_network"
        assert book.file_names() == {"alice": "alice-file"}


def test_a_written_answer_is_kept_with_its_place(path: Path) -> None:
    """Also where it is huge, has half a surrogate pair, or what no database likes."""
    place = Place(file="a\udc80.ipynb", cell=3, line=1, heading="Discussion")
    for text in ("It falls.", "x" * 25_000, "\udc80\0\u202e'); DROP TABLE grades; --"):
        answer = QuestionResult(
            id="q", title="Q", points=0.0, max_points=2.0, pending_points=2.0, status=Status.AWAITING, message="m",
            text=text, place=place,
        )  # fmt: skip
        with Gradebook(path) as book:
            put(book, "alice", replace(made("alice"), questions=(answer,)))
        with Gradebook(path) as book:
            stored = book.get("alice")
        assert stored is not None
        assert stored.grade.questions == (answer,)
        assert (stored.grade.pending_points, stored.grade.final) == (2.0, False)


def test_an_unknown_student_has_no_grade_and_no_key(path: Path) -> None:
    with Gradebook(path) as book:
        assert book.get("bob") is None
        assert book.key_of("bob") is None
        assert book.meta("assignment") is None


def test_all_grades_come_in_the_order_of_names_over_more_than_one_page(path: Path) -> None:
    with Gradebook(path) as book:
        for number in reversed(range(250)):
            put(book, f"s{number:03}")
        assert [stored.grade.student for stored in book.grades()] == [
            f"s{number:03}" for number in range(250)
        ]


def test_grades_may_be_put_while_going_through_them(path: Path) -> None:
    with Gradebook(path) as book:
        put(book, "a")
        put(book, "b")
        for stored in book.grades():
            put(book, stored.grade.student, made(stored.grade.student, 1.0))
        assert [stored.grade.points for stored in book.grades()] == [1.0, 1.0]


@pytest.mark.parametrize(
    "later", [made("alice", points=8.0), made("alice", status=Status.FAULT), made("alice", first=None)]
)
def test_other_points_another_status_or_first_mistake_is_a_change(path: Path, later: Grade) -> None:
    with Gradebook(path) as book:
        put(book, "alice")
        change = put(book, "alice", later)
        assert change == Change(
            student="alice",
            old_points=7.0,
            new_points=later.points,
            old_status=Status.GRADED,
            new_status=later.status,
            old_first_mistake="dL/dz0",
            new_first_mistake=later.first_mistake,
            reason="regraded",
            at=NOW,
        )
        assert book.changes() == (change,)


def test_an_equal_grade_under_another_key_is_no_change(path: Path) -> None:
    with Gradebook(path) as book:
        put(book, "alice")
        later = entry("alice-file", "k2", made("alice"))
        assert book.put(later, reason="", now=NOW + timedelta(days=1)) is None
        assert book.key_of("alice") == "k2"
        assert book.changes() == ()


def test_two_students_cannot_share_a_file_name(path: Path) -> None:
    with Gradebook(path) as book:
        put(book, "alice")
        with pytest.raises(ValueError, match="alice"):
            book.put(entry("alice-file", "k", made("bob")), reason="", now=NOW)
        assert book.file_names() == {"alice": "alice-file"}


@pytest.mark.parametrize("name", ["a\udc80b", "\\udc80", "'; DROP TABLE grades; --", "nul\0", "\\", "=x\n"])
def test_any_name_is_kept_as_it_is(path: Path, name: str) -> None:
    with Gradebook(path) as book:
        put(book, name, made(name, first=name))
        change = put(book, name, made(name, 1.0, first=None))
        assert book.file_names() == {name: f"{name}-file"}
        assert [stored.grade.student for stored in book.grades()] == [name]
        assert change is not None
        assert book.changes() == (change,)


def test_an_invalid_byte_and_its_spelling_are_two_students(path: Path) -> None:
    with Gradebook(path) as book:
        put(book, "\udc80")
        put(book, "\\udc80")
        assert len(book.file_names()) == 2


KILLED = """
import os, signal, sys
from pathlib import Path
from grader.gradebook import Gradebook
with Gradebook(Path(sys.argv[1])) as book, book.transaction() as connection:
    connection.execute("UPDATE grades SET points = 0, grade = 'half'")
    connection.execute("DELETE FROM meta")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_process_killed_inside_a_transaction_leaves_the_old_state(path: Path) -> None:
    with Gradebook(path) as book:
        put(book, "alice")
        book.set_meta("assignment", "skip_network")
    done = subprocess.run([sys.executable, "-c", KILLED, os.fspath(path)], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    with Gradebook(path) as book:
        stored = book.get("alice")
        assert stored is not None
        assert stored.grade == made("alice")
        assert book.meta("assignment") == "skip_network"
        assert put(book, "bob") is None


def test_a_put_that_fails_halfway_changes_nothing(path: Path) -> None:
    with Gradebook(path) as book:
        put(book, "alice")
        book._connection.execute(
            "CREATE TEMP TRIGGER t BEFORE INSERT ON main.changes BEGIN SELECT RAISE(ABORT, 'x'); END"
        )
        with pytest.raises(sqlite3.IntegrityError):
            put(book, "alice", made("alice", 1.0), key="k2")
        book._connection.execute("DROP TRIGGER t")
        stored = book.get("alice")
        assert stored is not None
        assert (stored.grade.points, stored.key) == (7.0, "k1")


def test_another_writer_is_waited_for_and_then_told(path: Path) -> None:
    with Gradebook(path) as book, Gradebook(path, lock_timeout_s=0.05) as second:
        put(book, "alice")
        with book.transaction():
            with pytest.raises(HostError, match="locked") as caught:
                put(second, "bob")
            assert caught.value.remedy
        assert put(second, "bob") is None


def test_a_slow_reader_holds_up_no_writer(path: Path) -> None:
    with Gradebook(path) as book, Gradebook(path, lock_timeout_s=0.05) as second:
        put(book, "a")
        put(book, "b")
        reader = book.grades()
        next(reader)
        put(second, "c")
        assert next(reader).grade.student == "b"


def test_a_full_disk_is_a_host_error_and_keeps_the_old_grade(path: Path) -> None:
    with Gradebook(path) as book:
        put(book, "alice")
        (pages,) = book._connection.execute("PRAGMA page_count").fetchone()
        book._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(HostError, match="full"):
            put(book, "alice", made("alice", first="x" * 100_000))
        stored = book.get("alice")
        assert stored is not None
        assert stored.grade == made("alice")


def test_a_file_that_may_not_be_written_is_a_host_error(path: Path) -> None:
    with Gradebook(path) as book:
        book._connection.execute("PRAGMA query_only = 1")
        with pytest.raises(HostError, match="cannot be written"):
            put(book, "alice")


@pytest.mark.parametrize("place", ["missing/gradebook.sqlite", "."])
def test_a_place_where_no_file_can_be_is_a_host_error(tmp_path: Path, place: str) -> None:
    with pytest.raises(HostError, match="cannot be written"), Gradebook(tmp_path / place):
        pass


def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path) -> None:
    path.write_text("student,points\nalice,7\n" * 100, encoding="utf-8")
    with pytest.raises(UsageError, match="not a gradebook"), Gradebook(path):
        pass
    assert path.read_text(encoding="utf-8").startswith("student,points")


def test_a_database_of_another_program_is_refused_and_left_alone(path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE theirs (x)")
    other.commit()
    other.close()
    with pytest.raises(UsageError, match="not a gradebook"), Gradebook(path):
        pass
    other = sqlite3.connect(path)
    assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]
    other.close()


def test_a_gradebook_of_another_version_is_refused(path: Path) -> None:
    with Gradebook(path) as book:
        book._connection.execute("PRAGMA user_version = 99")
    with pytest.raises(UsageError, match="version 99"), Gradebook(path):
        pass


def test_where_submissions_are_from_is_kept_and_replaced_one_by_one(path: Path) -> None:
    jane = Origin(
        platform=Platform.MOODLE, participant="123", name="Jane \udcff", late=True, submitted_at=1.5
    )
    with Gradebook(path) as book:
        assert book.origins() == {}
        book.set_origins({"Jane": jane, "Li\\": Origin(email="li@example.org", files=("a_1_2_x.py",))})
        book.set_origins({"Li\\": Origin(team="A")})
    with Gradebook(path) as book:
        assert book.origins() == {"Jane": jane, "Li\\": Origin(team="A")}


def test_a_gradebook_of_an_earlier_version_is_brought_up_to_date(path: Path) -> None:
    with Gradebook(path) as book:
        put(book, "alice")
    old = sqlite3.connect(path)
    for (table,) in old.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).fetchall():
        if table not in ("meta", "grades", "changes"):
            old.execute(f"DROP TABLE {table}")
    old.execute("PRAGMA user_version = 1")
    old.commit()
    old.close()
    with Gradebook(path) as book:
        assert book.key_of("alice") == "k1"
        assert book.origins() == {}


def test_an_empty_file_becomes_a_gradebook(path: Path) -> None:
    path.touch()
    with Gradebook(path) as book:
        put(book, "alice")
        assert book.key_of("alice") == "k1"


def test_a_commit_waits_for_no_disk_and_the_log_keeps_the_file_whole(path: Path) -> None:
    """`synchronous` 1 is NORMAL: SQLite syncs where it moves the write-ahead log into the file, not at each commit."""
    with Gradebook(path) as book:
        assert book._connection.execute("PRAGMA synchronous").fetchone() == (1,)
        assert book._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


COMMITTED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from grader.gradebook import Entry, Gradebook
from grader.model import Status
book = Gradebook(Path(sys.argv[1]))
book.open()
for number in range(50):
    new = Entry(student=f"s{number}", file_name=f"s{number}", key="k", points=1.0, status=Status.GRADED,
                first_mistake=None, text="{}")
    book.put(new, reason="new", now=datetime.now(tz=UTC))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_put_is_there_after_the_process_was_killed(path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", COMMITTED, os.fspath(path)], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    with Gradebook(path) as book:
        assert len(book.file_names()) == 50


def test_a_closed_gradebook_is_one_file(path: Path) -> None:
    with Gradebook(path) as book:
        put(book, "alice")
    assert list(path.parent.iterdir()) == [path]


def test_a_closed_gradebook_is_not_used(path: Path) -> None:
    book = Gradebook(path)
    with pytest.raises(ValueError, match="not open"):
        book.key_of("alice")


def test_answers_are_kept_with_the_grade_that_was_made_from_them(path: Path) -> None:
    """None leaves them, as when a grade was made from those that are stored; empty takes them away."""
    with Gradebook(path) as book:
        found = []
        for answers in (None, b"\0first", None, b"second", b"", None):
            made_from = entry("al\udcff-file", "k", made("al\udcff"), answers)
            book.put(made_from, reason="forced", now=NOW)
            found.append(book.answers_of("al\udcff"))
        assert found == [None, b"\0first", b"\0first", b"second", None, None]
        assert book.answers_of("somebody else") is None


def test_a_change_that_is_only_asked_for_is_that_of_put_and_is_not_stored(path: Path) -> None:
    with Gradebook(path) as book:
        put(book, "alice")
        new = entry("alice-file", "k2", replace(made("alice"), first_mistake="z1"))
        change = book.change(new, reason="submission changed", now=NOW)
        assert change is not None
        assert (change.old_first_mistake, change.new_first_mistake) == (made("alice").first_mistake, "z1")
        assert (book.changes(), book.key_of("alice")) == ((), "k1")
        assert book.put(new, reason="submission changed", now=NOW) == change

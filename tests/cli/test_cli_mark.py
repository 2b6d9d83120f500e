"""`grader mark` and `grader log`, as those use them who mark a class."""

from __future__ import annotations

import csv
import io
import shutil
import sqlite3
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from classes import RIGHT, GradedClass
from click.shell_completion import BashComplete
from installed import GRADER, Done, call, environment, once, results
from result_schema import violations
from written_class import BY_HAND

from grader.cli import cli, run

HEADING = "### 2)"


@pytest.fixture(scope="session")
def by_hand(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a class with formulas, a scan and questions that a person reads, graded into `out`. Not to be changed."""

    def make(root: Path) -> None:
        folder = root / "class"
        folder.mkdir()
        shutil.copy(BY_HAND / "correct" / "in_german.md", folder / "alice.md")
        shutil.copy(BY_HAND / "mixed" / "two_small_slips.md", folder / "bob.md")
        shutil.copy(BY_HAND / "awaiting" / "only_a_scan.pdf", folder / "007.pdf")
        done = call("grade", "skip_network_by_hand", folder, "-o", root / "out", "--seed", "7")
        assert done.code == 0, done.err

    return once(tmp_path_factory, "by_hand", make)


@pytest.fixture
def course(by_hand: Path, tmp_path: Path) -> Path:
    """Return that class, free to be changed."""
    shutil.copytree(by_hand, tmp_path / "course", symlinks=True)
    return tmp_path / "course"


def here(*arguments: str | Path) -> Done:
    """Call the command in this process, which saves the start of one for every mark."""
    out, errors = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(errors):
        code = run([*map(str, arguments)])
    return Done(code=code, out=out.getvalue(), err=errors.getvalue())


def mark(course: Path, *arguments: str | Path, by: str = "kim") -> Done:
    return here("mark", course / "out", *arguments, "--by", by)


def grade_again(course: Path) -> Done:
    done = call("grade", "skip_network_by_hand", course / "class", "-o", course / "out")
    assert done.code == 0, done.err
    return done


def table(course: Path) -> dict[str, dict[str, str]]:
    with (course / "out" / "grades.csv").open(encoding="utf-8") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def question(course: Path, student: str, name: str) -> dict[str, Any]:
    document = results(course / "out")[student]
    assert violations(document) == []
    [found] = [one for one in document["questions"] if one["id"] == name]
    return dict(found)


def test_points_comment_and_author_stand_beside_what_the_grader_found(course: Path) -> None:
    done = call(
        "mark", course / "out", "alice", "derivation", "1.5", "--comment", "<i>Which</i> step?", "--by", "kim"
    )
    assert (done.code, done.err) == (0, "")
    assert done.out == "alice: derivation 1.5 of 2 points by kim; the grader gives 2\n"
    assert table(course)["alice"]["derivation"] == "1.5"
    found = question(course, "alice", "derivation")
    assert (found["points"], found["automatic"]) == (
        1.5,
        {"points": 2.0, "pending_points": 0.0, "status": "graded"},
    )
    [made] = found["marks"]
    assert (made["points"], made["comment"], made["by"]) == (1.5, "<i>Which</i> step?", "kim")
    html = (course / "out" / "reports" / "alice.html").read_text(encoding="utf-8")
    assert "A person gave 1.5 points" in html
    assert "The grader found 2 of 2" in html
    assert "&lt;i&gt;Which&lt;/i&gt; step?" in html
    markdown = (course / "out" / "reports" / "alice.md").read_text(encoding="utf-8")
    assert "**A person gave 1.5 points.**" in markdown
    page = (course / "out" / "index.html").read_text(encoding="utf-8")
    assert "Marks by people" in page
    assert "kim" in page
    assert "kim" not in html + markdown


def test_questions_that_waited_are_final_when_all_are_marked(course: Path) -> None:
    waiting = [one["id"] for one in results(course / "out")["alice"]["questions"] if one["pending_points"]]
    assert len(waiting) == 5
    line = "  waiting for a person: {0} (answers to read: {0}); see the class page"
    assert line.format(3) in grade_again(course).out.splitlines()
    for name in waiting:
        assert table(course)["alice"]["points"] == ""
        assert mark(course, "alice", name, "0.5").code == 0
    document = results(course / "out")["alice"]
    assert (document["final"], document["points"]) == (True, 2 + 2 + 5 * 0.5)
    assert table(course)["alice"]["points"] == "6.5"
    assert line.format(2) in grade_again(course).out.splitlines()


def test_marks_are_kept_over_a_regrade_and_told_where_the_text_has_changed(course: Path) -> None:
    text = (course / "class" / "alice.md").read_text(encoding="utf-8")
    for name in ("derivation", "skip_effect"):
        mark(course, "alice", name, "0.5")
    assert "look at again" not in grade_again(course).out
    assert HEADING in text
    (course / "class" / "alice.md").write_text(text.replace(HEADING, f"{HEADING}\n\nAnd so.", 1), "utf-8")
    done = grade_again(course)
    assert "  marks by people to look at again: alice; see the class page" in done.out.splitlines()
    assert table(course)["alice"]["derivation"] == table(course)["alice"]["skip_effect"] == "0.5"
    [made] = question(course, "alice", "skip_effect")["marks"]
    assert made["look_again"] == ["The answer has changed since."]
    [made] = question(course, "alice", "derivation")["marks"]
    assert made["look_again"] == [], "the lines of the derivation are what they were"
    assert "The answer has changed since." in (course / "out" / "index.html").read_text(encoding="utf-8")
    assert "The answer has changed since." in mark(course).out
    mark(course, "alice", "skip_effect", "0.5")
    assert "look at again" not in grade_again(course).out


def test_what_is_taken_back_is_in_the_log_with_what_was_there_before(course: Path) -> None:
    mark(course, "alice", "skip_effect", "1", "--comment", "Well said.")
    done = mark(course, "alice", "skip_effect", "0", by="lee")
    assert done.code == 2
    assert "kim gave 1 points" in done.err
    assert mark(course, "alice", "skip_effect", "--remove", "--force", by="lee").code == 0
    assert table(course)["alice"]["skip_effect"] == ""
    changes = here("log", course / "out", "alice", "--json").document["changes"]
    assert [
        (one["what"], one["old_points"], one["new_points"], one["by"], one["why"]) for one in changes
    ] == [
        ("skip_effect", None, 1.0, "kim", "Well said."),
        ("skip_effect", 1.0, None, "lee", "taken back"),
    ]
    assert here("log", course / "out", "bob").out == "nothing has changed since it was graded first\n"
    assert call("log", course / "out", "nobody").code == 2


def test_the_log_has_the_changes_of_the_grader_between_those_of_people(course: Path) -> None:
    mark(course, "bob", "total", "3")
    shutil.copy(BY_HAND / "correct" / "in_german.md", course / "class" / "bob.md")
    grade_again(course)
    mark(course, "bob", "total", "5")
    changes = here("log", course / "out", "--json").document["changes"]
    assert [(one["what"], one["by"], one["new_points"]) for one in changes] == [
        ("total", "kim", 3.0),
        ("graded again", "grader", 4.0),
        ("total", "kim", 5.0),
    ]
    # Of what the grader had found at first: the first mark took its place, and the second that of the first.
    assert changes[0]["old_points"] == pytest.approx(changes[1]["old_points"], abs=1e-8)
    assert changes[2]["old_points"] == 3.0
    assert changes[1]["why"] == "submission changed"
    assert len(here("log", course / "out").out.splitlines()) == 4


def test_a_table_goes_out_without_names_and_comes_back(course: Path) -> None:
    path = course / "t.csv"
    done = call("mark", course / "out", "--csv", "skip_effect", "-o", path, "--anonymous")
    assert (done.code, done.out.splitlines()[0]) == (0, f"3 rows: {path}")
    text = path.read_text(encoding="utf-8-sig")
    assert "alice" not in text
    rows = list(csv.DictReader(text.splitlines(keepends=True)))
    assert any(row["text"] for row in rows)
    for row in rows:
        row["points"], row["comment"] = "0,5", "Too short."
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    done = mark(course, "--csv", path)
    assert (done.code, done.out) == (0, "skip_effect: 3 marked, 0 as before\n")
    assert {row["skip_effect"] for row in table(course).values()} == {"0.5"}
    assert mark(course, "--comments", "skip_effect").out.splitlines()[1].split() == ["3", "Too", "short."]
    rows[0]["points"] = "7"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    done = mark(course, "--csv", path)
    assert done.code == 2
    assert "row 2: 7 is no number of points for `skip_effect`" in done.err


@pytest.mark.parametrize("column", ["points", "comment"])
def test_a_table_that_somebody_has_begun_to_fill_in_is_not_written_over(course: Path, column: str) -> None:
    """Nor is a file of another kind; an empty table and an empty file hold nothing that could be lost."""
    path = course / "t.csv"
    write = ("--csv", "skip_effect", "-o", path)
    path.touch()
    assert [mark(course, *write).code, mark(course, *write).code] == [0, 0]
    rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines(keepends=True)))
    rows[0][column] = "1"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    before = path.read_bytes()

    done = mark(course, *write)

    assert (done.code, path.read_bytes()) == (2, before)
    assert f"{path} is there already, and is no table without points" in done.err
    assert "--force" in done.err
    assert mark(course, "--csv", "skip_effect", "-o", course / "class" / "alice.md").code == 2
    assert mark(course, *write, "--force").code == 0
    assert path.read_bytes() != before


def test_what_the_grader_left_to_a_person_is_no_zero_beside_the_mark(course: Path) -> None:
    mark(course, "alice", "skip_effect", "1")
    lines = mark(course, "alice", "skip_effect").out.splitlines()
    assert lines[0].split() == ["question", "points", "of", "the", "grader", "by", "comment"]
    assert lines[1].split() == ["skip_effect", "1", "1", "\N{EN DASH}", "kim"]


def test_the_shell_offers_the_comments_that_were_used_before(course: Path) -> None:
    mark(course, "alice", "skip_effect", "0.5", "--comment", "Too short.")
    mark(course, "bob", "total", "3", "--comment", "Elsewhere.")
    shell = BashComplete(cli, {}, "grader", "_GRADER_COMPLETE")
    words = ["mark", str(course / "out"), "bob", "skip_effect", "1", "--comment"]
    assert [one.value for one in shell.get_completions(words, "")] == ["Too short."]
    assert shell.get_completions(words, "x") == []
    assert shell.get_completions(["mark", str(course), "bob", "skip_effect", "1", "--comment"], "") == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("alice", "total", "1", "--remove"),
        ("alice", "--comment", "x"),
        ("alice", "--csv", "total"),
        ("--comments", "total", "--csv", "total"),
        ("-o", "x.csv"),
        ("--csv", "total", "--anonymous"),
        ("--remove",),
        ("--csv", "no_such_file.csv"),
    ],
)
def test_a_call_that_means_nothing_says_so(
    by_hand: Path, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["mark", str(by_hand / "out"), *arguments]) == 2
    message = capsys.readouterr().err
    assert message.startswith("error: ")
    assert "what to do: " in message


def test_without_a_student_it_says_what_waits_and_with_one_what_there_is(course: Path) -> None:
    mark(course, "alice", "skip_effect", "1", "--comment", "Well said.")
    lines = [line.split()[:3] for line in here("mark", course / "out").out.splitlines()]
    assert ["skip_effect", "2", "1"] in lines
    assert ["one_step", "3", "0"] in lines
    done = here("mark", course / "out", "alice")
    assert ["skip_effect", "1", "1", "\N{EN DASH}", "kim", "Well", "said."] in [
        line.split() for line in done.out.splitlines()
    ]


# --------------------------------------------------------------------------------------------------------------
# Two markers while the class is graded


def _marks_of_two(out: Path) -> list[Done]:
    """Have two people mark at the same time: each two answers of their own, and one that both want."""

    def one(by: str, others: tuple[str, str], points: str) -> list[Done]:
        places = [(student, "update") for student in others] + [("s0", "total")]
        return [call("mark", out, *place, points, "--by", by) for place in places]

    with ThreadPoolExecutor(2) as both:
        kim = both.submit(one, "kim", ("s0", "s1"), "1")
        lee = both.submit(one, "lee", ("s2", "s3"), "2")
        return [*kim.result(), *lee.result()]


@pytest.mark.slow
def test_two_markers_at_work_while_the_class_is_graded_again_lose_no_mark(
    small: GradedClass, tmp_path: Path
) -> None:
    folder, out = tmp_path / "class", tmp_path / "out"
    shutil.copytree(small.folder, folder)
    shutil.copytree(small.out, out)
    for number in range(4):
        # As slow as it must be for both to mark meanwhile.
        (folder / f"s{number}.py").write_text(f"import time\ntime.sleep(1.2)\n{RIGHT}")
    grading = subprocess.Popen(
        [GRADER, "grade", "skip_network", folder, "-o", out, "-j", "1", "--force"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while (out / ".lock").read_text().strip() != str(grading.pid):
        assert grading.poll() is None, grading.communicate()
        time.sleep(0.02)
    done = _marks_of_two(out)
    printed, errors = grading.communicate(timeout=120)
    assert grading.returncode == 0, errors

    refused = [one for one in done if one.code]
    assert len(refused) == 1, "both decided about one total: the later one is told"
    assert "points for `total` of s0" in refused[0].err
    assert any("a grader is at work there" in one.out for one in done)
    assert "4 graded" in printed
    with closing(sqlite3.connect(out / "gradebook.sqlite")) as book:
        rows = book.execute(
            "SELECT student, target, by, points FROM marks ORDER BY student, target"
        ).fetchall()
        [(left,)] = book.execute("SELECT COUNT(*) FROM outdated").fetchall()
    winner, points = ("kim", 1.0) if "kim gave" in refused[0].err else ("lee", 2.0)
    assert rows == [
        ("s0", "total", winner, points),
        ("s0", "update", "kim", 1.0),
        ("s1", "update", "kim", 1.0),
        ("s2", "update", "lee", 2.0),
        ("s3", "update", "lee", 2.0),
    ]
    assert left == 0
    found = results(out)
    assert [found[f"s{number}"]["points"] for number in range(4)] == [points, 8.0, 9.0, 9.0]
    lines = (out / "grades.csv").read_text().splitlines()[1:]
    assert [line.split(",")[1] for line in lines] == [f"{points:g}", "8", "9", "9"]
    assert not [text for one in found.values() for text in violations(one)]

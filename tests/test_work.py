"""The unit of work: plain values in, plain values out, files written before anybody is told, and nothing run in vain."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from corpus import ASSIGNMENTS, CORPUS
from msgspec.structs import replace

from grader.assignment_file import load
from grader.assignment_file import read as read_assignment
from grader.errors import HostError
from grader.model import CallResult, Ending, Job, Origin, Platform, RunOutcome, Status
from grader.reports.conditions import Feedback
from grader.reuse import NOTHING_RUN, asks_otherwise, key_of, reason, still_stands
from grader.sandbox import Isolation, Level
from grader.serialize import loads
from grader.session import Session, session
from grader.submissions import Found, read
from grader.submissions.found import Upload
from grader.work import Done, Opening, Terms, Unit, pack, run_nothing, unpack, work_one

Run = Callable[[Job], RunOutcome]
KEY = "submission=1;assignment=2;grader=0;seed=3;isolation=fence"


@pytest.fixture(scope="module")
def shared() -> Session:
    return session(load("skip_network"), "seed 1")


@pytest.fixture
def terms(tmp_path: Path) -> Terms:
    return Terms(out=tmp_path / "out", feedback=Feedback.HINTS, isolation=Isolation(level=Level.FENCE))


@pytest.fixture
def unit(tmp_path: Path) -> Unit:
    path = tmp_path / "alice.py"
    path.write_text((CORPUS / "correct" / "plain_dicts.py").read_text(encoding="utf-8"))
    found = Found(student="alice", path=path, modified=0.0)
    return Unit(found=found, file_name="alice-file", key=None)


def ending(kind: Ending) -> Run:
    """Stand for a sandbox in which every call ends in one way."""

    def run(job: Job) -> RunOutcome:
        calls = tuple(
            CallResult(key=call.key, function=call.function, ending=kind, message="why") for call in job.calls
        )
        return RunOutcome(ending=kind, calls=calls)

    return run


def in_turn(*kinds: Ending) -> Run:
    """Stand for a sandbox in which each job ends in its own way."""
    left = list(kinds)

    def run(job: Job) -> RunOutcome:
        return ending(left.pop(0))(job)

    return run


def never(_: Job) -> RunOutcome:
    raise AssertionError("it was run")


def files(terms: Terms) -> set[str]:
    return {path.name for path in terms.out.rglob("*") if path.is_file()}


def test_a_graded_unit_is_a_row_of_the_gradebook_and_three_files(
    shared: Session, terms: Terms, unit: Unit
) -> None:
    done = work_one(unit, session=shared, terms=terms, run=ending(Ending.RAISED))
    assert done.entry is not None
    assert (done.entry.student, done.entry.file_name, done.entry.points) == ("alice", "alice-file", 0.0)
    assert done.entry.key == done.key
    assert done.key.endswith(";isolation=fence")
    assert loads(done.entry.text).questions[0].status is Status.FAILED
    assert files(terms) == {"alice-file.json", "alice-file.html", "alice-file.md"}


def test_an_unchanged_submission_is_not_run_and_lost_files_are_reported(
    shared: Session, terms: Terms, unit: Unit
) -> None:
    first = work_one(unit, session=shared, terms=terms, run=ending(Ending.RAISED))
    again = replace(unit, key=first.key)
    assert work_one(again, session=shared, terms=terms, run=never) == Done(key=first.key, entry=None)
    (terms.out / "reports" / "alice-file.md").unlink()
    assert work_one(again, session=shared, terms=terms, run=never).files_missing


def test_a_sandbox_that_breaks_once_is_tried_again(shared: Session, terms: Terms, unit: Unit) -> None:
    done = work_one(unit, session=shared, terms=terms, run=in_turn(Ending.FAULT, Ending.RAISED))
    assert done.entry is not None
    assert done.entry.status is Status.GRADED


def test_a_sandbox_that_breaks_twice_leaves_a_fault_under_no_key(
    shared: Session, terms: Terms, unit: Unit
) -> None:
    """So that the next run tries again."""
    done = work_one(unit, session=shared, terms=terms, run=in_turn(Ending.FAULT, Ending.FAULT))
    assert done.entry is not None
    assert (done.entry.status, done.entry.key) == (Status.FAULT, "")
    assert loads(done.entry.text).pending_points == 10.0


def test_what_broke_workers_is_not_read_again(
    shared: Session, terms: Terms, unit: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.work.read", never)
    broke = replace(unit, broke="a worker process ended (signal 9), twice")
    done = work_one(broke, session=shared, terms=terms, run=never)
    assert done.entry is not None
    assert done.entry.status is Status.FAULT
    assert "a worker process ended (signal 9), twice" in (loads(done.entry.text).message or "")
    assert files(terms) == {"alice-file.json", "alice-file.html", "alice-file.md"}


def test_a_folder_that_cannot_be_written_is_nobodys_grade(shared: Session, terms: Terms, unit: Unit) -> None:
    terms.out.mkdir()
    (terms.out / "results").write_text("in the way")
    with pytest.raises(HostError, match="results"):
        work_one(unit, session=shared, terms=terms, run=ending(Ending.RAISED))


# --------------------------------------------------------------------------------------------------------------
# What a grade depends on


@pytest.mark.parametrize(
    ("before", "demanded", "stands"),
    [
        (KEY, None, True),
        (None, None, False),
        ("", None, False),
        (KEY.replace("seed=3", "seed=4"), None, False),
        (KEY.replace("grader=0", "grader=1"), None, False),
        # The isolation alone is no reason ...
        (KEY.replace("fence", "limits"), None, True),
        (KEY.replace("fence", "jail"), None, True),
        # ... unless it is weaker than what is demanded.
        (KEY.replace("fence", "limits"), Level.SEAL, False),
        (KEY.replace("fence", "seal"), Level.SEAL, True),
        (KEY.replace("fence", "jail"), Level.SEAL, True),
        (KEY.replace("fence", "of_old"), Level.PROCESS, False),
        (KEY.replace(";isolation=fence", ""), Level.PROCESS, False),
    ],
)
def test_a_grade_stands_while_all_it_depends_on_is_the_same_and_its_isolation_will_do(
    before: str | None, demanded: Level | None, stands: bool
) -> None:
    assert still_stands(before, KEY, demanded) is stands


@pytest.mark.parametrize(
    ("before", "told"),
    [
        (None, "new"),
        ("", "graded again after a fault"),
        (KEY, "forced"),
        (KEY.replace("fence", "limits"), "isolation changed"),
        (KEY.replace("grader=0", "grader=9"), "grader version changed"),
        (KEY.replace("=1", "=9").replace("=3", "=9"), "submission and seed changed"),
    ],
)
def test_the_reason_names_what_changed(before: str | None, told: str) -> None:
    assert reason(before, KEY) == told


@pytest.mark.parametrize(
    ("before", "told"),
    [
        (KEY.replace("=2", "=9"), "rtol: 1 -> 2, worked case changed"),
        (
            KEY.replace("=2", "=9").replace("=1", "=8"),
            "submission changed; rtol: 1 -> 2, worked case changed",
        ),
        # What changed before the student handed in anew, or in between, is not the reason where the assignment is the same.
        (KEY.replace("=1", "=8"), "submission changed"),
        ("", "graded again after a fault"),
    ],
)
def test_the_reason_says_what_changed_in_the_assignment_where_that_is_known(before: str, told: str) -> None:
    assert reason(before, KEY, ["rtol: 1 -> 2", "worked case changed"]) == told


@pytest.mark.parametrize(
    ("before", "asks"),
    [
        (None, False),
        ("", False),
        (KEY, False),
        (KEY.replace("submission=1", "submission=9"), False),
        (KEY.replace("assignment=2", "assignment=9"), True),
        (KEY.replace("seed=3", "seed=9"), True),
    ],
)
def test_stored_answers_are_looked_up_only_where_something_else_is_asked(
    before: str | None, asks: bool
) -> None:
    assert asks_otherwise(before, "2", "3") is asks


# --------------------------------------------------------------------------------------------------------------
# Between processes


@pytest.mark.parametrize("name", ["alice.py", "a b\n\x00.py", "al\udcff.py", "Åsa ☃ 𝄞.py", '"\\.py'])
def test_units_and_what_came_of_them_survive_the_way_between_processes(
    shared: Session, terms: Terms, unit: Unit, name: str
) -> None:
    other = Found(
        student=name,
        path=Path(name),
        modified=0.5,
        uploads=(Upload(name=name, path=Path("b")),),
        origin=Origin(platform=Platform.CANVAS, name=name, submitted_at=2.5),
    )
    found = Found(student=name, path=Path(name), modified=1.5, others=(other, other), notes=("n",))
    sent = Unit(found=found, file_name="x", key=None, broke=name, answers=b"\x00\xff")
    assert unpack(pack(sent), Unit) == sent
    done = work_one(replace(unit, broke=name), session=shared, terms=terms, run=never)
    assert unpack(pack(done), Done) == done


def test_what_comes_back_is_plain_text_and_checked() -> None:
    """No pickle: a worker that was taken over could make it run anything."""
    sent: Any = pack(Done(key="k", entry=None))
    assert sent == (
        b'{"key":"k","entry":null,"files_missing":false,"template_error":null,"ran":false,"from_stored":false}'
    )
    with pytest.raises(ValueError, match="files_missing"):
        unpack(sent.replace(b"false", b'"no"'), Done)


def test_what_a_worker_begins_with_can_be_sent_to_a_process_that_inherits_nothing(terms: Terms) -> None:
    opening = Opening(assignment=Path("somewhere"), secret="seed 1", terms=terms)
    assert pickle.loads(pickle.dumps(opening)) == opening


# --------------------------------------------------------------------------------------------------------------
# Written work: what a grade depends on, and what it does not need

BY_HAND = ASSIGNMENTS / "skip_network_by_hand"
WRITTEN = (BY_HAND / "submissions" / "correct" / "in_german.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def on_paper() -> Session:
    return session(load("skip_network_by_hand"), "seed 1")


@pytest.fixture
def sheet(tmp_path: Path) -> Unit:
    path = tmp_path / "alice.md"
    path.write_text(WRITTEN, encoding="utf-8")
    return Unit(found=Found(student="alice", path=path, modified=0.0), file_name="alice-file", key=None)


def key_with(folder: Path, old: str, new: str) -> str:
    """Return the key of a written grade under an assignment that differs in one place."""
    copy = folder / "skip_network_by_hand"
    shutil.copytree(BY_HAND, copy, ignore=shutil.ignore_patterns("submissions"), dirs_exist_ok=True)
    file = copy / "assignment.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    changed = replace(session(load("skip_network_by_hand"), "seed 1"), assignment=read_assignment(copy))
    path = BY_HAND / "submissions" / "correct" / "in_german.md"
    return key_of(changed, read(Found(student="alice", path=path, modified=0.0)), NOTHING_RUN)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x = ['x', 'x_1']", "x = ['x']"),
        ('identity = ["g_2"]', 'identity = ["f"]'),
        ("rate = ['\\alpha', '\\eta']", "rate = ['\\alpha']"),
        ('"dL/dz0", "dL/dw0"]', '"dL/dz0"]'),
        ('"Pen and paper > 1)"', '"Paper > 1)"'),
        ("drawn = 8", "drawn = 9"),
        ("x = 1.0", "x = 2.0"),
        ("schema = 1\n", "schema = 1\nmarking = { method_share = 0.25 }\n"),
    ],
)
def test_a_change_of_what_written_work_is_marked_by_is_told_by_the_key(
    tmp_path: Path, old: str, new: str
) -> None:
    same = key_with(tmp_path / "same", old, old)
    changed = key_with(tmp_path / "changed", old, new)
    assert same == key_with(tmp_path / "again", old, old)
    assert reason(same, changed) == "assignment changed"


def test_a_changed_derivation_is_graded_again_and_an_unchanged_one_is_not(
    on_paper: Session, terms: Terms, sheet: Unit
) -> None:
    first = work_one(sheet, session=on_paper, terms=terms, run=never)
    again = replace(sheet, key=first.key)
    assert work_one(again, session=on_paper, terms=terms, run=never).entry is None
    sheet.found.path.write_text(WRITTEN.replace("z_0 = w_0 x", "z_0 = w_1 x", 1), encoding="utf-8")
    changed = work_one(again, session=on_paper, terms=terms, run=never)
    assert changed.entry is not None
    assert reason(first.key, changed.key) == "submission changed"


def test_a_written_grade_says_that_nothing_was_run_and_any_isolation_is_met_by_that(
    on_paper: Session, terms: Terms, sheet: Unit
) -> None:
    done = work_one(sheet, session=on_paper, terms=replace(terms, isolation=None), run=run_nothing)
    assert done.entry is not None
    assert done.entry.status is Status.GRADED
    assert done.key.endswith(";isolation=none")
    assert still_stands(done.key, done.key, Level.JAIL)


def test_a_worker_of_written_work_opens_no_sandbox(
    on_paper: Session, terms: Terms, sheet: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> None:
        raise AssertionError("a sandbox was opened")

    monkeypatch.setattr("grader.work.Runner", refuses)
    opening = Opening(
        assignment=BY_HAND, secret="seed 1", terms=replace(terms, isolation=None), ready=on_paper
    )
    with opening(lambda: None, lambda _text: None) as serve:
        done = unpack(serve(pack(sheet)), Done)
    assert done.entry is not None
    assert done.entry.status is Status.GRADED


def test_code_that_came_to_run_without_a_sandbox_is_our_fault(
    shared: Session, terms: Terms, unit: Unit
) -> None:
    done = work_one(unit, session=shared, terms=replace(terms, isolation=None), run=run_nothing)
    assert done.entry is not None
    assert done.entry.status is Status.FAULT

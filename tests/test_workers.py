"""Worker processes answer what they are given, whatever becomes of some of them, and none outlives the one that made it."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from grader.errors import HostError
from grader.worker import Peek, Serve, Start, Tell
from grader.workers import QUEUED, SHORT, Answer, Workers

linux = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
PATIENCE_S = 30.0


def serving(serve: Serve) -> Start:
    @contextmanager
    def start(_peek: Peek, _tell: Tell) -> Iterator[Serve]:
        yield serve

    return start


@contextmanager
def upper(_peek: Peek, _tell: Tell) -> Iterator[Serve]:
    """Answer in capitals; at the top of the module, where a spawned process finds it."""
    yield bytes.upper


def collected(workers: Workers, within_s: float = PATIENCE_S) -> dict[int, Answer]:
    """Return all answers that are still to come."""
    found: dict[int, Answer] = {}
    end = time.monotonic() + within_s
    while workers.busy:
        assert time.monotonic() < end
        found.update({answer.number: answer for answer in workers.answers(0.05)})
    return found


def answered(
    serve: Serve, *requests: bytes, count: int = 1, patience_s: float = PATIENCE_S
) -> dict[int, Answer]:
    """Return the answers to a few requests, given as there is room."""
    found: dict[int, Answer] = {}
    with Workers(serving(serve), count=count, patience_s=patience_s, how="fork") as workers:
        for number, request in enumerate(requests):
            while not workers.has_room(len(request)):
                found.update({answer.number: answer for answer in workers.answers(0.05)})
            workers.give(number, request)
        found.update(collected(workers))
    return found


def text_of(answer: Answer) -> str:
    assert answer.data is not None
    return answer.data.decode()


def sleeps(request: bytes) -> bytes:
    time.sleep(60)
    return request


def is_alive(pid: int) -> bool:
    """Say whether a process runs; one that has ended and was not waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


# --------------------------------------------------------------------------------------------------------------
# Answers


def test_who_says_what_takes_long_is_heard_and_given_time_for_each_part() -> None:
    """Three parts that together take longer than a worker may be silent."""

    @contextmanager
    def start(_peek: Peek, tell: Tell) -> Iterator[Serve]:
        def slow(request: bytes) -> bytes:
            for part in ("one", "two", "three"):
                tell(part)
                time.sleep(1.0)
            return request

        yield slow

    heard: list[str] = []
    with Workers(start, count=1, patience_s=2.0, how="fork", on_note=heard.append) as workers:
        workers.give(7, b"x")
        found = collected(workers)
    assert heard == ["one", "two", "three"]
    assert found[7].data == b"x"


def test_every_request_gets_its_own_answer() -> None:
    requests = [f"request {number}".encode() for number in range(40)]
    found = answered(bytes.upper, *requests, count=3)
    assert {number: answer.data for number, answer in found.items()} == {
        number: f"REQUEST {number}".encode() for number in range(40)
    }


def test_workers_work_at_the_same_time_in_processes_of_their_own(tmp_path: Path) -> None:
    """Each waits until the other has begun."""

    def meet(request: bytes) -> bytes:
        (tmp_path / request.decode()).touch()
        end = time.monotonic() + PATIENCE_S
        while len(list(tmp_path.iterdir())) < 2 and time.monotonic() < end:
            time.sleep(0.01)
        return b"%d of %d" % (os.getpid(), len(list(tmp_path.iterdir())))

    found = answered(meet, b"one", b"two", count=2)
    pids, met = zip(*(text_of(answer).split(" of ") for answer in found.values()), strict=True)
    assert met == ("2", "2")
    assert len({*pids, str(os.getpid())}) == 3


def test_a_worker_has_one_request_at_work_and_one_waiting_and_no_more() -> None:
    with Workers(serving(bytes.upper), count=2, patience_s=PATIENCE_S, how="fork") as workers:
        for number in range(2 * QUEUED):
            assert workers.has_room()
            workers.give(number, b"x")
        assert not workers.has_room()
        with pytest.raises(ValueError, match="room"):
            workers.give(9, b"x")
        assert len(collected(workers)) == 2 * QUEUED
        assert workers.has_room()


def test_requests_and_answers_longer_than_a_pipe_hold_up_nobody() -> None:
    """Both sides would wait for the other to read, were a long request given to a worker that writes a long answer."""
    request = b"x" * (4 << 20)
    found = answered(lambda data: data * 2, *[request] * 4)
    assert [found[number].data == request * 2 for number in range(4)] == [True] * 4
    with Workers(serving(bytes.upper), count=1, patience_s=PATIENCE_S, how="fork") as workers:
        workers.give(0, b"x")
        assert workers.has_room(SHORT)
        assert not workers.has_room(SHORT + 1)
        collected(workers)


def test_workers_that_are_spawned_answer_as_well() -> None:
    """As they are made where a fork is not safe; `start` is sent to them, not inherited."""
    with Workers(upper, count=1, patience_s=PATIENCE_S, how="spawn") as workers:
        workers.give(0, b"abc")
        assert collected(workers)[0].data == b"ABC"


def test_workers_that_are_spawned_import_nothing_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be a class with a submission of that name; a new interpreter looks there first."""
    for name in ("multiprocessing", "pickle", "socket"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    with Workers(upper, count=1, patience_s=PATIENCE_S, how="spawn") as workers:
        workers.give(0, b"abc")
        assert collected(workers)[0].data == b"ABC"
    assert not (tmp_path / "ran").exists()
    assert "PYTHONSAFEPATH" not in os.environ


# --------------------------------------------------------------------------------------------------------------
# Workers that break


def killed_by(name: bytes, tries: Path | None = None) -> Serve:
    """Return a service that dies over one request; only the first time where there is a file to note that in."""

    def serve(request: bytes) -> bytes:
        if request == name and (tries is None or not tries.exists()):
            if tries is not None:
                tries.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return request.upper()

    return serve


def test_what_a_worker_died_over_is_tried_once_more_in_a_new_one(tmp_path: Path) -> None:
    found = answered(killed_by(b"b", tmp_path / "tried"), b"a", b"b", b"c")
    assert {number: answer.data for number, answer in found.items()} == {0: b"A", 1: b"B", 2: b"C"}


@pytest.mark.parametrize("count", [1, 2])
def test_what_two_workers_died_over_is_given_up_and_all_others_are_answered(count: int) -> None:
    found = answered(killed_by(b"bad"), b"a", b"bad", b"c", b"d", b"e", count=count)
    assert {number: answer.data for number, answer in found.items()} == {
        0: b"A", 1: None, 2: b"C", 3: b"D", 4: b"E",
    }  # fmt: skip
    assert found[1].why == "ended (signal 9)"


def test_a_worker_that_does_not_answer_in_time_is_replaced() -> None:
    def hang(request: bytes) -> bytes:
        while request == b"hang":
            time.sleep(1)
        return request.upper()

    started = time.monotonic()
    found = answered(hang, b"hang", b"b", patience_s=1.2)
    assert [found[number].data for number in (0, 1)] == [None, b"B"]
    assert found[0].why.startswith("did not answer within 1 s")
    assert 2.4 <= time.monotonic() - started < 15


def test_patience_is_counted_from_the_begin_of_each_request() -> None:
    """Five of 0.5 s in a row are no reason to lose patience after two."""

    def slow(request: bytes) -> bytes:
        time.sleep(0.5)
        return request

    found = answered(slow, b"a", b"b", b"c", b"d", b"e", patience_s=2.0)
    assert [answer.data for answer in found.values()] == [b"a", b"b", b"c", b"d", b"e"]


def test_an_exception_ends_a_worker_and_is_named() -> None:
    def fails(request: bytes) -> bytes:
        return request if request != b"0" else bytes([1 // int(request)])

    found = answered(fails, b"0", b"1")
    assert [found[number].data for number in (0, 1)] == [None, b"1"]
    assert found[0].why.startswith("broke: ZeroDivisionError: ")


def test_what_is_wrong_with_the_machine_is_raised_after_the_answers_that_came() -> None:
    def full(request: bytes) -> bytes:
        if request == b"full":
            raise HostError("the disk is full", remedy="make room")
        return request

    found: list[Answer] = []

    def take_all(workers: Workers) -> None:
        while True:
            found.extend(workers.answers(0.05))

    with Workers(serving(full), count=1, patience_s=PATIENCE_S, how="fork") as workers:
        workers.give(0, b"a")
        workers.give(1, b"full")
        with pytest.raises(HostError, match="the disk is full") as caught:
            take_all(workers)
    assert caught.value.remedy == "make room"
    assert [answer.data for answer in found] == [b"a"]


@linux
def test_an_idle_worker_that_is_killed_is_replaced() -> None:
    with Workers(serving(bytes.upper), count=1, patience_s=PATIENCE_S, how="fork") as workers:
        (before,) = workers.pids
        os.kill(before, signal.SIGKILL)
        workers.give(0, b"a")
        assert collected(workers)[0].data == b"A"
        (after,) = workers.pids
        assert after != before


# --------------------------------------------------------------------------------------------------------------
# Ends


def test_finishing_answers_what_is_at_work_and_begins_nothing_more(tmp_path: Path) -> None:
    def note(request: bytes) -> bytes:
        (tmp_path / request.decode()).touch()
        time.sleep(0.3)
        return request

    with Workers(serving(note), count=1, patience_s=PATIENCE_S, how="fork") as workers:
        workers.give(0, b"first")
        workers.give(1, b"second")
        workers.finish()
        assert list(collected(workers)) == [0]
    assert [path.name for path in tmp_path.iterdir()] in (["first"], ["second", "first"], ["first", "second"])


def test_a_worker_that_is_told_to_end_cleans_up_what_it_opened(tmp_path: Path) -> None:
    """In the middle of a request, and while it waits for one."""

    @contextmanager
    def start(_peek: Peek, _tell: Tell) -> Iterator[Serve]:
        mine = tmp_path / str(os.getpid())
        mine.touch()
        try:
            yield sleeps
        finally:
            mine.unlink()

    started = time.monotonic()
    with Workers(start, count=2, patience_s=PATIENCE_S, how="fork") as workers:
        workers.give(0, b"sleep")
        while len(list(tmp_path.iterdir())) < 2:
            time.sleep(0.01)
    assert list(tmp_path.iterdir()) == []
    assert time.monotonic() - started < 10


@linux
def test_after_closing_no_worker_is_left_not_even_one_that_does_not_listen() -> None:
    def deaf(_: bytes) -> bytes:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
        time.sleep(60)
        return b""

    with Workers(serving(deaf), count=2, patience_s=PATIENCE_S, how="fork") as workers:
        pids = workers.pids
        workers.give(0, b"x")
        time.sleep(0.3)
    assert not any(is_alive(pid) for pid in pids)


PARENT = """
import sys, time
from contextlib import contextmanager
from grader.workers import Workers
@contextmanager
def start(_peek, _tell):
    yield lambda request: time.sleep(600) or b""
with Workers(start, count=2, patience_s=600, how="fork") as workers:
    workers.give(0, b"x")
    print(*workers.pids, flush=True)
    time.sleep(600)
"""


@linux
def test_workers_die_with_the_process_that_made_them() -> None:
    """One at work and one that waits, after `kill -9`."""
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pids = [int(pid) for pid in parent.stdout.readline().split()]
    assert all(is_alive(pid) for pid in pids)
    parent.kill()
    parent.communicate()
    end = time.monotonic() + 2
    while any(is_alive(pid) for pid in pids) and time.monotonic() < end:
        time.sleep(0.01)
    assert not any(is_alive(pid) for pid in pids)


# --------------------------------------------------------------------------------------------------------------
# What a worker is


@linux
def test_a_worker_holds_no_descriptor_but_the_standard_streams_and_its_pipe(tmp_path: Path) -> None:
    """Neither a file of ours nor the pipes of workers that were made before it."""

    def held(_: bytes) -> bytes:
        places = []
        for link in Path("/proc/self/fd").iterdir():
            try:
                places.append(f"{link.name} {link.readlink()}")
            except OSError:  # the listing itself
                continue
        return "\n".join(places).encode()

    with (tmp_path / "ours").open("w"):
        first, second = (text_of(answer) for answer in answered(held, b"", b"", count=2).values())
    for text in (first, second):
        # `/dev/null` is what `multiprocessing` puts in the place of the standard input.
        lines = [line for line in text.splitlines() if not line.endswith("/dev/null")]
        beyond = [line for line in lines if int(line.split()[0]) > 2]
        assert "ours" not in text
        # Its end of the pipe, and the two ends by which `multiprocessing` sees that the other side has ended.
        assert len(beyond) <= 3, beyond


@linux
def test_ctrl_c_of_the_terminal_ends_no_worker() -> None:
    def interrupted(request: bytes) -> bytes:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.05)
        return request

    assert answered(interrupted, b"a")[0].data == b"a"


@linux
def test_programs_that_a_worker_starts_can_be_interrupted() -> None:
    """Had it ignored Ctrl-C for itself, they would inherit that."""

    def disposition(_: bytes) -> bytes:
        code = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
        return subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout

    assert answered(disposition, b"")[0].data == b"True\n"


@linux
def test_other_processes_of_the_user_cannot_read_the_memory_of_a_worker() -> None:
    """PR_GET_DUMPABLE (prctl(2)) is 3; 0 means that no other process may attach or read."""
    found = answered(lambda _: b"%d" % ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), b"")
    assert found[0].data == b"0"

"""A warm process forks one child per job, and is replaced when it is worn, gone or silent."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from sandbox_jobs import call, job, module, notebook, run

from grader.model import Call, Ending, Job, RunOutcome
from grader.sandbox import Isolation, Level, Runner, choose_isolation, floor, warm
from grader.sandbox.isolation import Walls
from grader.sandbox.launch import Launch
from grader.sandbox.runner import flavour_of

if not (sys.platform == "linux" and choose_isolation().warm):
    pytest.skip("this machine forks no jobs from warm processes", allow_module_level=True)


@pytest.fixture
def runner() -> Iterator[Runner]:
    with Runner() as runner:
        yield runner


def works(runner: Runner) -> bool:
    return values(runner.run(ask("def f():\n    return 7\n"))) == [7]


def ask(text: str) -> Job:
    return job(module(text), calls=(call("f"),))


def values(outcome: RunOutcome) -> list[object]:
    return [result.value for result in outcome.calls if result.ending is Ending.FINISHED]


def processes(runner: Runner) -> list[int]:
    """Return the warm processes that a runner keeps, as the system numbers them."""
    return [process._process.pid for process in runner._warm.values()]


def descendants(pid: int) -> set[int]:
    """Return all processes below one."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def gone(pids: set[int], within_s: float = 2.0) -> bool:
    end = time.monotonic() + within_s
    while any(map(alive, pids)) and time.monotonic() < end:
        time.sleep(0.01)
    return not any(map(alive, pids))


def test_jobs_are_forked_from_one_process(runner: Runner) -> None:
    assert works(runner)
    first = processes(runner)
    assert works(runner)
    assert processes(runner) == first
    assert len(first) == 1


def test_modules_and_notebooks_have_processes_of_their_own(runner: Runner) -> None:
    """So that a module never waits for what only notebooks need."""
    assert works(runner)
    asked = job(notebook("def f():\n    return 8\n"), calls=(call("f"),))
    assert values(runner.run(asked)) == [8]
    assert len(processes(runner)) == 2
    assert works(runner)
    assert len(processes(runner)) == 2


def test_a_process_that_was_killed_is_replaced_before_the_next_job(runner: Runner) -> None:
    assert works(runner)
    [pid] = processes(runner)
    os.kill(pid, signal.SIGKILL)
    assert gone({pid} | descendants(pid))
    assert works(runner)
    assert processes(runner) != [pid]


def test_a_job_whose_warm_process_is_killed_is_run_once_more(runner: Runner) -> None:
    assert works(runner)
    [pid] = processes(runner)
    threading.Timer(0.15, os.kill, (pid, signal.SIGKILL)).start()
    outcome = runner.run(ask("import time\ndef f():\n    time.sleep(0.4)\n    return 9\n"))
    assert values(outcome) == [9]
    assert processes(runner) != [pid]


def test_a_stopped_warm_process_is_replaced_and_its_job_run_once_more(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm, "FORK_S", 1.0)
    assert works(runner)
    [pid] = processes(runner)
    for each in {pid} | descendants(pid):
        os.kill(each, signal.SIGSTOP)
    assert works(runner)
    assert gone({pid})


def test_a_process_is_replaced_after_its_last_job(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm, "MAX_JOBS", floor.RUNS + 2)  # the empty jobs at its start are jobs too
    assert works(runner)
    first = processes(runner)
    assert works(runner)
    assert processes(runner) == first
    assert works(runner)
    assert processes(runner) != first


def test_hostile_work_does_not_wear_out_the_warm_process(runner: Runner) -> None:
    assert works(runner)
    first = processes(runner)
    for text in (
        "import os\ndef f():\n    os._exit(3)\n",
        "import os\ndef f():\n    os.write(3, b'nonsense')\n    os._exit(0)\n",
        "def f():\n    while True: pass\n",
        "import ctypes\ndef f():\n    ctypes.string_at(0)\n",
    ):
        [result] = runner.run(ask(text)).calls
        assert result.ending in (Ending.KILLED, Ending.TIMEOUT), text
        assert works(runner), text
    assert processes(runner) == first


def test_closing_leaves_no_process(runner: Runner) -> None:
    assert works(runner)
    [pid] = processes(runner)
    below = descendants(pid)
    runner.close()
    assert gone({pid} | below)


def test_closing_from_another_thread_ends_a_job_with_a_fault(runner: Runner) -> None:
    assert works(runner)
    threading.Timer(0.2, runner.close).start()
    outcome = runner.run(ask("import time\ndef f():\n    time.sleep(60)\n"))
    assert outcome.ending is Ending.FAULT
    assert outcome.message == "the run was stopped"


def test_a_job_is_sealed_before_it_is_handed_over() -> None:
    """The child shares the memory with us; that nobody can write to it must not rest on the child closing it."""
    fd = warm._sealed(b"12345")
    try:
        assert os.read(fd, 10) == b"12345"
        for change in (
            lambda: os.pwrite(fd, b"x", 0),
            lambda: os.ftruncate(fd, 1),
            lambda: os.ftruncate(fd, 99),
        ):
            with pytest.raises(PermissionError):
                change()
    finally:
        os.close(fd)


def test_a_warm_process_that_cannot_start_is_our_fault_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.sandbox.launch._PRELOADED", "no_such_module")
    with Runner() as runner:
        outcome = runner.run(ask("def f():\n    return 1\n"))
    assert outcome.ending is Ending.FAULT
    assert "no_such_module" in str(outcome.message)


def test_no_descriptor_is_left_open_after_many_jobs(runner: Runner) -> None:
    assert works(runner)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        assert works(runner)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_crash_costs_only_the_call_that_crashed_though_results_were_held_back(runner: Runner) -> None:
    """What quick calls gave waits for a moment before it is sent; it must not be lost with the process."""
    text = "import os\ndef f(x):\n    if x == 3: os._exit(9)\n    return x\ndef g(x):\n    return -x\n"
    calls = tuple(
        Call(key=f"{name}{number}", function=name, arguments=(number,))
        for number in range(6)
        for name in "fg"
    )
    outcome = runner.run(job(module(text), calls=calls))
    endings = {result.key: result.ending for result in outcome.calls}
    values = {result.key: result.value for result in outcome.calls if result.ending is Ending.FINISHED}
    assert values == {**{f"f{n}": n for n in range(3)}, **{f"g{n}": -n for n in range(6)}}
    assert {key for key, ending in endings.items() if ending is Ending.KILLED} == {"f3", "f4", "f5"}


def test_a_job_that_was_begun_before_its_turn_gives_what_it_would_have_given(runner: Runner) -> None:
    first, second = ask("def f():\n    return 1\n"), ask("def f():\n    return 2\n")
    runner.prepare(first)
    assert values(runner.run(first)) == [1]
    runner.prepare(first)
    assert values(runner.run(second)) == [2], "another one is run all the same"
    assert values(runner.run(first)) == [1]
    runner.prepare(first)
    runner.prepare(second)
    assert values(runner.run(second)) == [2]


def test_what_was_begun_and_never_run_is_gone_when_the_runner_is_closed(runner: Runner) -> None:
    assert works(runner)
    before = len(list(Path("/proc/self/fd").iterdir()))
    runner.prepare(ask("def f():\n    while True: pass\n"))
    [pid] = processes(runner)
    below = descendants(pid)
    runner.close()
    assert gone({pid} | below)
    assert len(list(Path("/proc/self/fd").iterdir())) < before


def test_own_code_runs_behind_the_usual_walls_without_probes_before(monkeypatch: pytest.MonkeyPatch) -> None:
    def probed() -> None:
        raise AssertionError("the probes take longer than most code")

    if choose_isolation().walls is not Walls.OWN:
        pytest.skip("the usual walls do not stand here")
    monkeypatch.setattr("grader.sandbox.runner.choose_isolation", probed)
    asked = ask("def f():\n    return 7\n")
    with Runner.for_own_code(flavour_of(asked)) as runner:
        runner.settle(asked)
        assert runner.isolation.level is Level.JAIL
        assert values(runner.run(asked)) == [7]


def test_own_code_runs_where_the_usual_walls_cannot_be_put_up(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = Isolation(level=Level.JAIL, walls=Walls.OWN, own_rooms=True, landlock=True)
    monkeypatch.setattr("grader.sandbox.runner.assumed_isolation", lambda: nowhere)
    monkeypatch.setattr("grader.sandbox.runner.choose_isolation", lambda: Isolation(level=Level.LIMITS))

    def refuse(*_: object, **__: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr("grader.sandbox.warm.WarmProcess.__init__", refuse)
    asked = ask("def f():\n    return 7\n")
    with Runner.for_own_code(flavour_of(asked)) as runner:
        runner.settle(asked)
        assert runner.isolation.level is Level.LIMITS
        assert values(runner.run(asked)) == [7]


def test_own_code_runs_where_the_usual_walls_break_while_they_are_put_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    end = [sys.executable, "-c", "raise SystemExit('no namespaces here')"]
    monkeypatch.setattr(Launch, "command", lambda *_: (end, {}))
    monkeypatch.setattr("grader.sandbox.runner.choose_isolation", lambda: Isolation(level=Level.LIMITS))
    asked = ask("def f():\n    return 7\n")
    with Runner.for_own_code(flavour_of(asked)) as runner:
        runner.settle(asked)
        assert runner.isolation.level is Level.LIMITS
        assert values(runner.run(asked)) == [7]


def test_what_runs_own_code_starts_at_once_and_one_alone() -> None:
    asked = ask("def f():\n    return 7\n")
    before = descendants(os.getpid())
    with Runner.for_own_code(flavour_of(asked)) as runner:
        started = descendants(os.getpid()) - before
        assert started
        runner.settle(asked)
        assert set(processes(runner)) <= started
        assert works(runner)


def test_own_code_that_needs_other_libraries_than_was_likely_gets_them_and_the_rest_is_ended() -> None:
    asked = ask("def f():\n    return 7\n")
    likely = replace(flavour_of(asked), imports=())
    before = descendants(os.getpid())
    with Runner.for_own_code(likely) as runner:
        unlikely = descendants(os.getpid()) - before
        runner.settle(asked)
        assert gone(unlikely)
        assert works(runner)


def test_an_error_before_own_code_is_run_leaves_no_process() -> None:
    before = descendants(os.getpid())

    def fail() -> None:
        with Runner.for_own_code(flavour_of(ask("def f():\n    return 7\n"))):
            raise ValueError("drawn badly")

    with pytest.raises(ValueError, match="drawn badly"):
        fail()
    assert gone(descendants(os.getpid()) - before)


def test_jobs_of_several_sets_of_calls_in_turn_get_each_their_own() -> None:
    """More sets than a warm process keeps."""
    text = "def f(x):\n    return 2 * x\n"
    sets = [(call("f", float(number)), call("f", float(number) + 0.5)) for number in range(6)]
    for _ in range(2):
        for number, calls in enumerate((*sets, *sets[:2], sets[5])):
            got = run(job(module(text), calls=calls))
            first = float(number if number < 6 else (0, 1, 5)[number - 6])
            assert [result.value for result in got.calls] == [2 * first, 2 * first + 1]

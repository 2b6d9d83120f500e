"""Claims on level `process`, which runs student code with what every system offers, and on the grader on Windows.

There is no Windows here: the grader's modules are made to see one (`pretended_windows`), and so is the child.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from installed import Done, call_with
from sandbox_jobs import QUICK, call, job, module, notebook

from grader.levels import Level
from grader.model import Ending, Frame, Limits, RunOutcome
from grader.sandbox import Isolation, Runner, faults
from grader.sandbox.portable import PlainProcess, _pump, exit_of, variables

ROOT = Path(__file__).resolve().parents[2]
PRETENDED = Path(__file__).with_name("pretended_windows.py")
SKIP_NETWORK = ROOT / "assignments" / "skip_network"
PLAIN = Runner(Isolation(level=Level.PROCESS))
SHORT = Limits(call_cpu_s=0.05, submission_cpu_s=2.0)

linux = pytest.mark.skipif(sys.platform != "linux", reason="leftovers are found in /proc")


def outcome(text: str, *calls: Any, limits: Limits = QUICK) -> RunOutcome:
    return PLAIN.run(job(module(text), calls=calls, limits=limits))


def left_of(folder: Path) -> set[str]:
    """Processes that runs with their folders in this one started."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"HOME={folder}/".encode() in (process / "environ").read_bytes():
                found.add(process.name)
    return found


@pytest.fixture(autouse=True)
def _nothing_is_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No process, thread, open file or folder is left behind by any of these."""
    folder = tmp_path / "runs"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    files = Path("/proc/self/fd")
    before = (len(list(files.iterdir())) if files.exists() else 0, threading.active_count())
    yield
    assert left_of(folder) == set()
    assert list(folder.iterdir()) == []
    assert (len(list(files.iterdir())) if files.exists() else 0, threading.active_count()) == before


# --------------------------------------------------------------------------------------------------------------
# Honest code


def test_values_come_back_with_what_was_printed_and_changed() -> None:
    got = outcome(
        "print('loading')\ndef f(x):\n    print('f')\n    x += 1\n    return {'z': 2 * x}\n",
        call("f", np.array([1.0, 2.0])),
    )
    assert (got.ending, got.found, got.printed, got.isolation) == (
        Ending.FINISHED,
        ("f",),
        "loading\n",
        "process",
    )
    (made,) = got.calls
    assert (made.ending, made.printed, made.changed_arguments) == (Ending.FINISHED, "f\n", (0,))
    assert isinstance(made.value, dict)
    np.testing.assert_array_equal(made.value["z"], [4.0, 6.0])


def test_nothing_is_said_of_time_and_memory_where_nothing_is_known() -> None:
    got = outcome("def f(): return sum(range(10**6))\n", call("f"))
    assert (got.cpu_s, got.peak_memory_mib) == (0.0, 0.0)


def test_a_large_result_comes_through_whole() -> None:
    got = outcome("import numpy as np\ndef f(): return np.arange(1 << 20, dtype=float)\n", call("f"))
    np.testing.assert_array_equal(got.calls[0].value, np.arange(1 << 20, dtype=float))


def test_what_is_written_past_python_is_printed_text_and_no_result() -> None:
    text = (
        "import os, subprocess, sys\n"
        "def f():\n"
        "    os.write(1, b'one ')\n"
        "    os.write(2, b'two ')\n"
        "    subprocess.run([sys.executable, '-S', '-c', 'print(\"three\")'])\n"
        "    return 4\n"
    )
    got = outcome(text, call("f"))
    assert (got.calls[0].value, got.printed) == (4, "one two three\n")


def test_an_exception_has_its_line() -> None:
    (made,) = outcome("def f(x):\n    return 1 / x\n", call("f", 0.0)).calls
    assert made.ending is Ending.RAISED
    assert made.error is not None
    assert made.error.frames == (
        Frame(source="alice.py", cell=None, line=2, function="f", text="return 1 / x"),
    )


def test_a_notebook_runs() -> None:
    cells = notebook("x = 2", "%time y = 3", "def f(): return x * y")
    assert PLAIN.run(job(cells, calls=(call("f"),), limits=Limits())).calls[0].value == 6


# --------------------------------------------------------------------------------------------------------------
# Code that does not end, or ends the process


def test_a_loop_without_end_is_stopped_at_its_line_and_other_functions_still_run() -> None:
    """The line of the main thread, whatever others do; and nobody is told what else the interpreter wrote."""
    text = (
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(99,), daemon=True).start()\n"
        "def f():\n"
        "    while True: pass\n"
        "def g(): return 3\n"
    )
    got = outcome(text, call("f"), call("g"), limits=SHORT)
    assert got.calls[0].ending is Ending.TIMEOUT
    assert got.calls[0].message == (
        "`f` did not end within 2.15 s and was stopped at alice.py, line 4; look for a loop without end, "
        "or for something it waits for"
    )
    assert (got.calls[1].value, got.printed) == (3, "")


@pytest.mark.parametrize(
    "opening",
    ["Timeout (0:00:02.150000)!\n", "Windows fatal exception: access violation\n\n"],
    ids=["watchdog", "crash on Windows"],
)
def test_the_words_of_the_interpreter_are_not_taken_for_printed_text(opening: str) -> None:
    """What `faulthandler` writes, in the words of its documentation and source."""
    threads = (
        'Thread 0x01 (most recent call first):\n  File "threading.py", line 9 in run\n\n'
        'Thread 0x02 (most recent call first):\n  File "alice.py", line 4 in f\n'
    )
    written, dump = faults.split_dump("printed\n" + opening + threads)
    assert written == "printed\n"
    assert faults.place_of_end(dump, [module("")]) == " at alice.py, line 4"


def test_a_process_that_ends_itself_is_named_and_the_others_run() -> None:
    text = (
        "import ctypes, os\n"
        "def leave(): os._exit(3)\n"
        "def crash():\n"
        "    ctypes.string_at(0)\n"
        "def stay(): return 1\n"
    )
    got = outcome(text, call("leave"), call("crash"), call("stay"))
    assert [made.ending for made in got.calls] == [Ending.KILLED, Ending.KILLED, Ending.FINISHED]
    assert "exit code 3" in str(got.calls[0].message)
    assert str(got.calls[1].message).endswith(
        "(segmentation fault; often a recursion without end) at alice.py, line 4"
    )


def test_last_words_before_the_end_are_not_lost() -> None:
    got = outcome("import os\nos.write(2, b'x' * 3000)\nos._exit(1)\n", call("f"))
    assert (got.ending, got.printed) == (Ending.KILLED, "x" * 3000)


def test_a_flood_that_comes_before_what_was_said_earlier_is_the_students(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turns = itertools.count()

    def results_are_late(*way: Any) -> None:
        if next(turns) == 0:
            time.sleep(0.2)
        _pump(*way)

    monkeypatch.setattr("grader.sandbox.portable._pump", results_are_late)
    got = outcome("import os\ndef f():\n    while True: os.write(2, b'x' * 65536)\n", call("f"))
    assert got.calls[0].ending is Ending.OUTPUT


def test_a_flood_past_python_is_stopped() -> None:
    got = outcome("import os\ndef f():\n    while True: os.write(2, b'x' * 65536)\n", call("f"))
    assert got.calls[0].ending is Ending.OUTPUT


@linux
@pytest.mark.parametrize("answer", ["os._exit(3)", "return 1"], ids=["ended", "answered"])
def test_a_process_left_behind_holds_nobody_and_is_killed(answer: str) -> None:
    """It is in a session of its own, with both ways back open."""
    text = (
        "import os, time\n"
        "def f():\n"
        "    if os.fork() == 0:\n"
        "        os.setsid()\n"
        "        time.sleep(600)\n"
        f"    {answer}\n"
    )
    began = time.monotonic()
    (made,) = outcome(text, call("f"), limits=Limits(call_cpu_s=100.0)).calls
    assert made.ending in {Ending.KILLED, Ending.FINISHED}
    assert time.monotonic() - began < 60


def test_a_runner_that_is_closed_ends_what_runs() -> None:
    runner = Runner(Isolation(level=Level.PROCESS))
    timer = threading.Timer(0.3, runner.close)
    timer.start()
    got = runner.run(job(module("import time\ntime.sleep(600)\n"), calls=(call("f"),), limits=Limits()))
    timer.join()
    assert got.ending is Ending.FAULT


def test_a_process_is_killed_as_often_as_one_likes() -> None:
    child = PlainProcess(b"", imports=(), shell=False)
    child.kill()
    assert child.wait(10.0)
    child.kill()
    first = child.close()
    child.kill()
    assert (first.signal_number, first.exit_code) == (signal.SIGKILL, None)
    assert child.close() is first


def test_a_process_whose_grader_was_killed_ends_by_itself_some_time_later() -> None:
    """Also one that took the functions away by which others would end."""
    program = (
        "import os, time\n"
        "from grader.sandbox import plain\n"
        "plain._AFTER_S = -1.8\n"
        "plain.watch({'total_cpu_s': 0.0})\n"
        "time.sleep = os._exit = None\n"
        "while True: pass\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, timeout=60, check=False)
    assert done.returncode == 1


# --------------------------------------------------------------------------------------------------------------
# The parts


def test_a_pump_holds_no_more_than_a_piece() -> None:
    """A writer is held up as long as nobody reads, and all arrives in order when somebody does."""
    reading, writing = os.pipe()
    near, far = socket.socketpair()
    os.set_blocking(writing, False)
    pump = threading.Thread(target=_pump, args=(open(reading, "rb", buffering=0), far))  # noqa: PTH123, SIM115
    pump.start()
    data = os.urandom(1 << 16)
    sent = bytearray()
    idle = 0
    while idle < 20:
        try:
            sent += data[: os.write(writing, data)]
            idle = 0
        except BlockingIOError:
            idle += 1
            time.sleep(0.01)
    assert len(sent) < 4 << 20
    os.close(writing)
    with near:
        got = b"".join(iter(lambda: near.recv(1 << 16), b""))
    pump.join(10.0)
    assert got == sent


def test_a_pump_ends_when_its_reader_is_gone() -> None:
    reading, writing = os.pipe()
    near, far = socket.socketpair()
    pump = threading.Thread(target=_pump, args=(open(reading, "rb", buffering=0), far))  # noqa: PTH123, SIM115
    pump.start()
    near.close()
    os.write(writing, b"x")
    pump.join(10.0)
    assert not pump.is_alive()
    with pytest.raises(BrokenPipeError):
        os.write(writing, b"x")
    os.close(writing)


@pytest.mark.parametrize(
    ("code", "name", "left"),
    [
        (0, None, 0),
        (3, None, 3),
        (-9, "SIGKILL", None),
        (3221225477, "SIGSEGV", None),
        (3221225725, "SIGSEGV", None),
        (3221225620, "SIGFPE", None),
        (3221226505, "SIGABRT", None),
        (3221225786, None, 3221225786),
    ],
)
def test_a_crash_is_a_signal_or_an_exit_code_of_windows(
    code: int, name: str | None, left: int | None
) -> None:
    """The decimal numbers are those that Windows users report: 0xC0000005 and so on; the last is Ctrl-C."""
    ended = exit_of(code)
    assert (ended.signal_name, ended.exit_code) == (name, left)


def test_a_child_on_windows_finds_its_home_and_shared_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", r"C:\conda\Library\bin")
    monkeypatch.setenv("SECRET", "s")
    given = variables(r"C:\Temp\x", windows=True)
    assert (given["USERPROFILE"], given["TMPDIR"]) == (r"C:\Temp\x", r"C:\Temp\x")
    assert given["PATH"] == r"C:\conda\Library\bin"
    assert "SECRET" not in given
    assert variables("/tmp/x", windows=False)["PATH"] == "/usr/bin:/bin"


# --------------------------------------------------------------------------------------------------------------
# Windows


def on_windows(tmp_path: Path, program: str) -> Done:
    file = tmp_path / "program.py"
    file.write_text(textwrap.dedent(program), encoding="utf-8")
    return call_with([sys.executable, PRETENDED, file], folder=ROOT)


def grader_on_windows(*arguments: str | Path) -> Done:
    return call_with([sys.executable, PRETENDED, "-m", "grader", *arguments], folder=ROOT)


def test_what_is_pretended_is_seen_by_the_grader(tmp_path: Path) -> None:
    """So that the claims below claim something."""
    program = """
        import socket
        from grader.sandbox import process

        one, other = socket.socketpair()
        try:
            process.read_now(one.fileno())
        except OSError as error:
            print(error.strerror)
        print(process.sys.platform, process.os.name, hasattr(process.os, "killpg"))
    """
    done = on_windows(tmp_path, program)
    assert done.out == "a socket is no file\nwin32 nt False\n", done.err


def test_on_windows_only_the_walls_of_linux_cannot_be_imported(tmp_path: Path) -> None:
    program = """
        import importlib, pkgutil, grader, reference

        for package in (grader, reference):
            for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
                if not module.name.endswith("__main__"):
                    try:
                        importlib.import_module(module.name)
                    except ModuleNotFoundError:
                        print(module.name)
    """
    done = on_windows(tmp_path, program)
    assert (done.code, done.err) == (0, "")
    refused = {name.removeprefix("grader.sandbox.") for name in done.out.split()}
    assert "limits" in refused
    assert refused <= {"confine", "enter", "limits", "probes", "warm", "zygote"} | {
        name for name in refused if name.startswith("linux.")
    }


def test_on_windows_a_student_checks_a_solution() -> None:
    done = grader_on_windows("check", SKIP_NETWORK / "solution.py", "--json")
    assert (done.code, done.err) == (0, "")
    (checked,) = done.document["checks"]
    assert (checked["status"], checked["points"], checked["environment"]["isolation"]) == (
        "graded",
        10.0,
        "process",
    )


def test_on_windows_a_student_is_told_the_first_mistake_of_a_notebook() -> None:
    done = grader_on_windows("check", SKIP_NETWORK / "submissions" / "wrong" / "second_mask_forgotten.ipynb")
    assert (done.code, done.err) == (1, "")
    assert "First mistake: dL/dz1" in done.out


def test_on_windows_unread_code_is_refused_and_wsl_is_named() -> None:
    done = grader_on_windows("doctor", "--json")
    assert done.code == 0, done.err
    assert done.document["isolation"] == "process"
    assert "WSL 2" in json.dumps(done.document["missing"])

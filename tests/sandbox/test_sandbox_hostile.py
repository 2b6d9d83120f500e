"""Claims on code that loops, floods, crashes, lies or hides, at level `limits`: it ends, it is named, nothing of it is left.

That level stands where there are no walls, as on macOS; what holds behind walls is claimed in `tests/hostile`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sandbox_jobs
from sandbox_jobs import QUICK, call, job, module, outcome, result, run

from grader.model import Ending, Limits
from grader.sandbox import Isolation, Level, Runner

LIMITED = Runner(Isolation(level=Level.LIMITS))
FOREVER = "while True: pass"


def running(folder: Path) -> set[str]:
    """Processes that runs with their folders in this one started."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"HOME={folder}/".encode() in (process / "environ").read_bytes():
                found.add(process.name)
        except OSError:
            continue
    return found


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture(autouse=True)
def _nothing_is_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No process, open file or folder is left behind by any of these."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(sandbox_jobs, "shared_runner", lambda: LIMITED)
    before = open_files()
    yield
    assert running(tmp_path) == set()
    assert list(tmp_path.iterdir()) == []
    assert open_files() == before


# --------------------------------------------------------------------------------------------------------------
# Time


def test_a_loop_without_end_is_stopped_at_its_line_and_other_functions_still_run() -> None:
    text = f"def f():\n    x = 1\n    {FOREVER}\ndef g(): return 2.0\n"
    got = outcome(text, call("f"), call("g"), call("f"), call("g"))
    assert [one.ending for one in got.calls] == [
        Ending.TIMEOUT,
        Ending.FINISHED,
        Ending.TIMEOUT,
        Ending.FINISHED,
    ]
    assert got.calls[0].message == (
        "`f` took more than 0.3 s of CPU time and was stopped at alice.py, line 3; look for a loop without end"
    )
    assert str(got.calls[2].message).startswith("not called again after an earlier call of `f`")


def test_a_loop_without_end_while_loading_ends_all_calls() -> None:
    limits = Limits(call_cpu_s=0.2, submission_cpu_s=0.6)
    got = outcome(f"def f(): pass\n{FOREVER}\n", call("f"), limits=limits)
    assert (got.ending, got.calls[0].ending) == (Ending.TIMEOUT, Ending.TIMEOUT)
    assert "loading alice.py took more than 0.3 s of CPU time" in str(got.message)


def test_the_sum_over_all_processes_is_limited() -> None:
    text = "".join(f"def f{n}():\n    {FOREVER}\n" for n in range(9))
    limits = Limits(call_cpu_s=0.3, submission_cpu_s=1.0)
    got = outcome(text, *[call(f"f{n}") for n in range(9)], limits=limits)
    assert {one.ending for one in got.calls} == {Ending.TIMEOUT}
    assert got.calls[8].message == "the submission used up its 1 s of CPU time"
    assert got.cpu_s < 3.0


def test_a_slow_function_takes_no_time_from_the_others_and_the_message_says_whose_limit_it_was() -> None:
    """Each call stays below the limit of a call; together they are above that of the submission."""
    text = """
    import time
    def f():
        end = time.process_time() + 0.3
        while time.process_time() < end:
            pass
    def g(): return 2.0
    """
    limits = Limits(call_cpu_s=0.5, submission_cpu_s=0.7)
    got = outcome(text, *[call(name) for name in "fgfgfgfg"], limits=limits)
    assert [one.ending for one in got.calls[1::2]] == [Ending.FINISHED] * 4
    assert [one.ending for one in got.calls[::2]] == [*[Ending.FINISHED] * 2, *[Ending.TIMEOUT] * 2]
    assert str(got.calls[4].message).startswith(
        "the submission used up its 0.7 s of CPU time; `f` was under way and was stopped at alice.py, line "
    )
    assert got.cpu_s < 3.0


def test_a_submission_that_waits_is_not_told_that_it_computed() -> None:
    limits = Limits(call_cpu_s=0.1, submission_cpu_s=0.2)  # so 2.3 s of waiting for a call, and 2.6 s for all
    text = "import time\ndef f():\n    time.sleep(1.6)\ndef g(): return 2.0\n"
    got = outcome(text, call("f"), call("f"), call("g"), limits=limits)
    assert [one.ending for one in got.calls] == [Ending.FINISHED, Ending.TIMEOUT, Ending.FINISHED]
    assert got.calls[1].message == (
        "the submission did not end within 2.6 s; `f` was under way and was stopped at alice.py, line 3"
    )


def test_code_that_stops_the_clock_meets_the_limit_of_the_kernel() -> None:
    text = "import signal\ndef f():\n    signal.setitimer(signal.ITIMER_PROF, 0)\n    " + FOREVER
    got = result(text, limits=Limits(call_cpu_s=0.3, submission_cpu_s=3.0))
    assert got.ending is Ending.TIMEOUT


def test_waiting_forever_is_stopped() -> None:
    limits = Limits(call_cpu_s=0.1, submission_cpu_s=2.0)  # so 3 x 0.1 + 2 s of waiting
    start = time.monotonic()
    got = result("import time\ndef f():\n    time.sleep(60)\n", limits=limits)
    assert got.ending is Ending.TIMEOUT
    assert "did not end within 2.3 s and was stopped at alice.py, line 3" in str(got.message)
    assert time.monotonic() - start < 20.0


@pytest.mark.slow
def test_code_that_ignores_every_signal_is_killed() -> None:
    text = """
    import signal, time
    def f():
        for number in (signal.SIGPROF, signal.SIGXCPU, signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
            signal.signal(number, signal.SIG_IGN)
        while True:
            try:
                while True: pass
            except BaseException: pass
    """
    got = result(text, limits=Limits(call_cpu_s=0.3, submission_cpu_s=1.0))
    assert got.ending is Ending.TIMEOUT


# --------------------------------------------------------------------------------------------------------------
# Memory and output


def test_too_much_memory_ends_the_function_and_leaves_the_others() -> None:
    text = "import numpy as np\ndef f(): return np.ones(10**9)\ndef g(): return 1.0\n"
    got = outcome(text, call("f"), call("f"), call("g"))
    assert [one.ending for one in got.calls] == [Ending.MEMORY, Ending.MEMORY, Ending.FINISHED]
    assert got.calls[0].message == "`f` needed more than 256 MiB of memory (alice.py, line 2)"


def test_too_much_memory_while_loading_ends_all_calls() -> None:
    got = outcome("def f(): pass\nx = bytearray(1 << 40)\n", call("f"))
    assert (got.ending, got.calls[0].ending) == (Ending.MEMORY, Ending.MEMORY)


@pytest.mark.parametrize(
    "body",
    [
        "while True: print('x' * 10**5)",
        "import os\n    while True: os.write(1, b'x' * 10**5)",
        "import os\n    while True: os.write(2, b'x' * 10**5)",
    ],
)
def test_printing_without_end_is_stopped(body: str) -> None:
    got = outcome(f"def f():\n    {body}\ndef g(): return 1.0\n", call("f"), call("g"), limits=Limits())
    assert [one.ending for one in got.calls] == [Ending.OUTPUT, Ending.FINISHED]
    assert len(got.printed) <= 64 * 1024


# --------------------------------------------------------------------------------------------------------------
# Ends without a result


def test_leaving_by_the_back_door_while_loading_ends_all_calls() -> None:
    got = outcome("import os\ndef f(): pass\nos._exit(0)\n", call("f"))
    assert (got.ending, got.calls[0].ending) == (Ending.KILLED, Ending.KILLED)
    assert "exit code 0" in str(got.message)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("import os; os._exit(0)", "exit code 0"),
        ("import os; os.abort()", "crashed (abort)"),
        ("import ctypes; ctypes.string_at(0)", "crashed (segmentation fault"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "killed from outside"),
        ("import os; os.closerange(0, 64)", "exit code 1"),
        (
            "import os; [os.write(n, b'garbage' * 9) for n in range(3, 64) if fine(n)]",
            "wrote into the channel",
        ),
        ("import os; [os.write(n, b'BPG1' + b'\\xff' * 99) for n in range(3, 64) if fine(n)]", "wrote into"),
    ],
)
def test_a_call_that_ends_the_process_is_killed_and_the_others_run(body: str, words: str) -> None:
    text = f"""
    import os
    def fine(n):
        try: return bool(os.fstat(n))
        except OSError: return False
    def f():
        {body}
    def g(): return 1.0
    """
    got = outcome(text, call("g"), call("f"), call("g"), call("f"))
    assert [one.ending for one in got.calls] == [
        Ending.FINISHED,
        Ending.KILLED,
        Ending.FINISHED,
        Ending.KILLED,
    ]
    assert words in str(got.calls[1].message)


def test_a_segmentation_fault_names_the_line() -> None:
    got = result("import ctypes\ndef f():\n    ctypes.string_at(0)\n")
    assert str(got.message).endswith("at alice.py, line 3")


def test_a_forged_end_ends_the_calls_and_starts_no_process_more() -> None:
    text = """
    import os, json, struct
    def f():
        header = json.dumps({"kind": "end"}).encode()
        for n in range(3, 64):
            try: os.write(n, struct.pack("<4sII", b"BPG1", len(header), 0) + header)
            except OSError: pass
        os._exit(0)
    """
    got = outcome(text, call("f"), call("f"))
    assert [one.ending for one in got.calls] == [Ending.KILLED, Ending.KILLED]


@pytest.mark.parametrize(
    "text",
    [
        "import atexit, time\natexit.register(time.sleep, 60)\n",
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()\n",
        "import time\nclass Clings:\n    def __del__(self): time.sleep(60)\nx = Clings()\n",
    ],
)
def test_what_would_hold_the_process_does_not_hold_us(text: str) -> None:
    start = time.monotonic()
    assert result(text + "def f(): return 1.0\n").value == 1.0
    assert time.monotonic() - start < 20.0


# --------------------------------------------------------------------------------------------------------------
# Other processes, the disk, the environment


@pytest.mark.parametrize("leave", ["", "os.setsid()", "os.setsid(); os.fork() and os._exit(0)"])
def test_processes_that_the_code_started_do_not_survive_it(leave: str) -> None:
    text = f"""
    import os, time
    def f():
        for _ in range(10):
            if os.fork() == 0:
                {leave or "pass"}
                time.sleep(60)
                os._exit(0)
        return 1.0
    """
    assert result(text).value == 1.0  # the fixture looks for what is left


def test_a_fork_that_answers_too_does_not_answer_twice() -> None:
    got = result("import os\ndef f():\n    os.fork()\n    return 1.0\n")
    assert got.ending in {Ending.FINISHED, Ending.KILLED}


def test_a_fork_that_holds_the_pipes_does_not_hold_us() -> None:
    start = time.monotonic()
    text = "import os, time\ndef f():\n    if os.fork() == 0: time.sleep(60)\n    os._exit(0)\n"
    assert result(text).ending is Ending.KILLED
    assert time.monotonic() - start < 20.0


@pytest.mark.slow
def test_a_folder_nested_deeper_than_the_stack_is_removed() -> None:
    text = "import os\nfor _ in range(1500):\n    os.mkdir('d')\n    os.chdir('d')\ndef f(): return 1.0\n"
    assert result(text, limits=Limits()).value == 1.0


def test_the_code_starts_in_an_empty_folder_with_a_bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADER_SECRET", "x")
    got = result("import os\ndef f(): return [os.listdir('.'), sorted(os.environ), os.read(0, 9) == b'']\n")
    assert isinstance(got.value, list)
    assert got.value[0] == []
    assert isinstance(got.value[1], list)
    assert "GRADER_SECRET" not in got.value[1]
    assert "OPENBLAS_NUM_THREADS" in got.value[1]
    assert len(got.value[1]) <= 20
    assert got.value[2] is True


def test_the_keys_of_calls_do_not_enter_the_process() -> None:
    text = """
    import gc
    def f():
        key = chr(99) + "ase/f"  # no constant of this code
        return any(isinstance(one, str) and key in one for held in gc.get_objects()
                   if isinstance(held, (list, dict, tuple))
                   for one in (held.values() if isinstance(held, dict) else held))
    """
    assert result(text).value is False


@pytest.mark.parametrize(
    "text",
    ["(" * 5000, "x = " + "-" * 200_000 + "1", "\0", "\ud800", "[" * 90 + "]" * 90],
    ids=["open", "minus", "null", "surrogate", "nested"],
)
def test_text_that_breaks_parsers_breaks_only_the_child(text: str) -> None:
    got = run(job(module(text), calls=(call("f"),), limits=Limits()))
    assert got.ending is not Ending.FAULT
    assert got.calls[0].ending is not Ending.FINISHED


def test_files_that_take_too_long_to_read_are_the_students() -> None:
    """Several files are read before the first of them is loaded."""
    files = [module("x = [" + "1," * 400_000 + "]", f"long{index}.py") for index in range(4)]
    limits = Limits(call_cpu_s=0.2, submission_cpu_s=0.6)
    got = run(job(*files, module("def f(): pass"), calls=(call("f"),), limits=limits))
    assert (got.ending, got.calls[0].ending) == (Ending.TIMEOUT, Ending.TIMEOUT)
    assert "loading long0.py, long1.py, long2.py and 2 more took more than 0.3 s of CPU time" in str(
        got.message
    )


SCRIPT = textwrap.dedent("""
    import sys
    sys.path.insert(0, sys.argv[1])
    from sandbox_jobs import *
    from grader.sandbox import Isolation, Level, Runner
    text = "import time\\ndef f(): time.sleep(60)"
    try:
        with Runner(Isolation(level=Level.LIMITS)) as runner: runner.run(job(module(text), calls=(call("f"),), limits=Limits(call_cpu_s=30)))
    except KeyboardInterrupt:
        print("interrupted", flush=True)
""")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_grader_that_is_stopped_leaves_no_process(number: signal.Signals, tmp_path: Path) -> None:
    """Ctrl-C raises KeyboardInterrupt in the caller after the child is gone; a killed grader takes it along."""
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(Path(__file__).parent)],
            env={**os.environ, "TMPDIR": folder},
            stdout=subprocess.PIPE,
            text=True,
        ) as grader,
    ):
        assert Path(folder).parent == tmp_path
        end = time.monotonic() + 10.0
        while not running(Path(folder)) and time.monotonic() < end:
            time.sleep(0.02)
        time.sleep(0.4)
        assert running(Path(folder)) != set()
        grader.send_signal(number)
        said, _ = grader.communicate()
        assert said == ("interrupted\n" if number is signal.SIGINT else "")
        end = time.monotonic() + 5.0
        while running(Path(folder)) and time.monotonic() < end:
            time.sleep(0.02)
        assert running(Path(folder)) == set()


def test_quick_limits_are_quick() -> None:
    """The limits of these tests leave honest code room: a start with NumPy is well below them."""
    assert outcome("import numpy as np\ndef f(): return 1.0", call("f")).cpu_s < QUICK.submission_cpu_s / 2


def test_an_error_on_a_line_that_no_file_has_is_an_error_of_the_student() -> None:
    """Code objects and syntax errors hold any number there; the message must not look like a forged one."""
    text = """
    def f():
        error = SyntaxError("odd")
        error.filename, error.lineno = __file__, 10**18
        raise error
    def g():
        raise ValueError("far")
    g.__code__ = g.__code__.replace(co_firstlineno=2**31 - 10)
    """
    got = outcome(text, call("f"), call("g"))
    assert [one.ending for one in got.calls] == [Ending.RAISED, Ending.RAISED]
    assert "raised SyntaxError: odd" in str(got.calls[0].message)
    assert "raised ValueError: far" in str(got.calls[1].message)


def test_a_coroutine_that_is_returned_brings_no_warning_about_our_own_lines() -> None:
    got = result("async def f():\n    return 1.0\n")
    assert "coroutine" in str(got.value)
    assert got.printed == ""

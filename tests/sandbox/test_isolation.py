"""Behind each level that this machine has, student code finds the libraries, and nothing of the grader or the machine."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sandbox_jobs import call, job, module

from grader.levels import UNTRUSTED_FROM
from grader.model import Ending, RunOutcome
from grader.sandbox import Isolation, Level, Runner
from grader.sandbox.canaries import attack, confirm
from grader.sandbox.choice import Probed, candidates, chosen, probe
from grader.sandbox.isolation import Walls
from grader.sandbox.libraries import MASKED, find_libraries, visible_paths

PROBED = probe()
STRONG = [isolation for isolation in candidates(PROBED) if isolation.level.reaches(UNTRUSTED_FROM)]
linux = pytest.mark.skipif(sys.platform != "linux", reason="walls are made of what Linux has")


@pytest.fixture(params=[*STRONG, *([] if STRONG else [None])], ids=lambda one: str(one and one.level))
def runner(request: pytest.FixtureRequest) -> Iterator[Runner]:
    if request.param is None:
        pytest.skip("this machine has no level for unread code")
    with Runner(request.param) as runner:
        yield runner


def run(runner: Runner, text: str) -> RunOutcome:
    """Run a file whose function `f` is called once."""
    return runner.run(job(module(text), calls=(call("f"),)))


def said(runner: Runner, body: str) -> object:
    """Return what `f` gave, or the type of what it raised."""
    [result] = run(runner, "import os, sys, socket\ndef f():\n" + body + "\n").calls
    if result.error is not None:
        return result.error.type_name
    return result.value if result.ending is Ending.FINISHED else result.ending


# --------------------------------------------------------------------------------------------------------------
# The order of levels, and the choice


def test_levels_are_ordered_from_process_to_jail() -> None:
    assert [level.value for level in sorted(Level, key=lambda level: level.rank)] == [
        "process",
        "limits",
        "seal",
        "fence",
        "jail",
    ]
    assert Level.JAIL.reaches(Level.SEAL)
    assert Level.SEAL.reaches(Level.SEAL)
    assert not Level.LIMITS.reaches(Level.SEAL)


HELD = ("memory limit", "hidden memory", "system call filter", "sealing filter", "landlock", "namespaces")


@pytest.mark.parametrize(
    ("missing", "level"),
    [
        ((), Level.JAIL),
        (("namespaces",), Level.FENCE),
        (("namespaces", "landlock"), Level.SEAL),
        (("landlock",), Level.JAIL),
        (("system call filter",), Level.LIMITS),
        (("memory limit",), Level.LIMITS),
        (("hidden memory",), Level.LIMITS),
        (("namespaces", "landlock", "sealing filter"), Level.LIMITS),
        (HELD, Level.LIMITS),
    ],
)
def test_the_strongest_level_whose_walls_all_hold_is_chosen(missing: tuple[str, ...], level: Level) -> None:
    answers = {name: "PermissionError: no" if name in missing else "held" for name in HELD}
    assert chosen(Probed(answers=answers)).level is level


def test_bubblewrap_makes_the_jail_where_our_own_namespaces_are_forbidden() -> None:
    answers = {**dict.fromkeys(HELD, "held"), "namespaces": "PermissionError: no", "bubblewrap": "held"}
    assert chosen(Probed(answers=answers)).walls is Walls.BUBBLEWRAP


def test_a_weaker_level_can_be_asked_for() -> None:
    answers = dict.fromkeys(HELD, "held")
    assert [chosen(Probed(answers=answers), level).level for level in Level] == list(Level)


def test_a_machine_without_any_wall_runs_trusted_code_only() -> None:
    assert not chosen(Probed(answers={})).level.reaches(UNTRUSTED_FROM)


# --------------------------------------------------------------------------------------------------------------
# Canaries


@linux
@pytest.mark.parametrize("isolation", STRONG, ids=lambda isolation: isolation.level)
def test_every_canary_is_held(isolation: Isolation) -> None:
    assert attack(isolation) == []


@linux
def test_canaries_get_through_where_there_are_no_walls() -> None:
    """Or they would prove nothing: at level `limits` files, processes and the network are open."""
    escapes = {escape.partition(":")[0] for escape in attack(Isolation(level=Level.LIMITS))}
    assert {"read_a_file", "connect", "a connection came through"} <= escapes


@linux
def test_a_level_that_a_canary_breaks_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(isolation: Isolation) -> list[str]:
        return ["fork: it gave forked"] if isolation.level is Level.JAIL else []

    monkeypatch.setattr("grader.sandbox.canaries.attack", broken)
    confirmed = confirm(Probed(answers=dict.fromkeys(HELD, "held")))
    assert confirmed.isolation.level is Level.FENCE
    assert confirmed.broken == ("jail: fork: it gave forked",)


# --------------------------------------------------------------------------------------------------------------
# What student code finds


def test_numpy_and_the_standard_library_work(runner: Runner) -> None:
    body = """
    import json, math, statistics, dataclasses, numpy.linalg, threading
    seen = []
    thread = threading.Thread(target=lambda: seen.append(1)); thread.start(); thread.join()
    import numpy as np
    a = np.arange(9.0).reshape(3, 3) + np.eye(3)
    return float(np.linalg.det(a) + np.random.default_rng(0).random() * 0 + len(seen))
"""
    # det [[1,1,2],[3,5,5],[6,7,9]] = 1(45-35) - 1(27-30) + 2(21-30) = -5; one thread ran
    assert said(runner, body) == pytest.approx(-4.0)


@pytest.mark.parametrize("name", MASKED)
def test_what_knows_the_answers_cannot_be_imported(runner: Runner, name: str) -> None:
    [result] = run(runner, f"def f():\n    import {name}\n").calls
    assert result.error is not None
    assert result.error.type_name == "ModuleNotFoundError"
    assert f"`{name}` is not available here" in result.error.message


@pytest.mark.parametrize("name", MASKED)
def test_what_knows_the_answers_cannot_be_read_from_the_disk(runner: Runner, name: str) -> None:
    body = f"""
    for folder in sys.path:
        for where in ({name!r}, {name!r} + "/__init__.py"):
            try:
                path = os.path.join(folder, where)
                os.listdir(path) if os.path.isdir(path) else open(path)
                return folder
            except OSError:
                pass
    return "nowhere"
"""
    assert said(runner, body) == "nowhere"


def test_no_file_of_the_machine_can_be_read(runner: Runner, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("tulip")
    folder = tmp_path
    while (
        folder.stat().st_uid == os.geteuid() and not folder.stat().st_mode & 0o005 and folder != folder.parent
    ):
        folder.chmod(0o755)  # what must stop the reader is the wall, not the permission
        folder = folder.parent
    assert said(runner, f"    return open({str(secret)!r}).read()") in (
        "FileNotFoundError",
        "PermissionError",
    )
    assert said(runner, "    return open('/etc/passwd').read()") in ("FileNotFoundError", "PermissionError")
    assert said(runner, "    return os.listdir('/proc/self')") in ("FileNotFoundError", "PermissionError")


@pytest.mark.parametrize(
    "body",
    [
        "    return os.fork()",
        "    os.execv('/bin/sh', ['sh'])",
        "    import subprocess; subprocess.run(['true'])",
        "    socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        "    socket.socket(socket.AF_UNIX)",
        "    os.kill(-1, 0)",
        "    os.setsid()",
    ],
)
def test_no_process_and_no_socket_can_be_made(runner: Runner, body: str) -> None:
    assert said(runner, body) in ("PermissionError", "FileNotFoundError", "ProcessLookupError")


def test_only_a_dozen_known_variables_are_in_the_environment(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_TOKEN", "tulip")
    values = said(runner, "    return sorted(os.environ)")
    assert isinstance(values, list)
    assert "COURSE_TOKEN" not in values
    assert len(values) < 20


def test_no_descriptor_but_its_own_is_open(runner: Runner) -> None:
    body = """
    def is_open(fd):
        try:
            os.get_inheritable(fd)
            return True
        except OSError:
            return False
    return [fd for fd in range(256) if is_open(fd)]
"""
    assert said(runner, body) == [0, 1, 2, 3]


def test_a_job_in_a_jail_has_a_small_folder_of_its_own(runner: Runner) -> None:
    if not runner.isolation.own_rooms:
        pytest.skip("below the jail nothing can be written")
    body = "    open('x', 'w').write('1'); return sorted(os.listdir('.'))"
    assert said(runner, body) == ["x"]
    assert said(runner, "    return sorted(os.listdir('.'))") == [], "the next job finds it empty"
    fill = "    with open('big', 'wb') as file:\n        for _ in range(64): file.write(bytes(1 << 20))"
    assert said(runner, fill) == "OSError"


def test_in_its_folder_a_job_can_do_all_and_beside_it_nothing(runner: Runner) -> None:
    if not runner.isolation.own_rooms:
        pytest.skip("below the jail nothing can be written")
    inside = """
    os.makedirs("a/b")
    open("a/file", "w").close()
    os.rename("a/file", "a/b/moved")
    os.link("a/b/moved", "linked")
    os.symlink("linked", "pointer")
    os.chmod("pointer", 0o600)
    os.truncate("linked", 5)
    os.remove("a/b/moved")
    return sorted(os.listdir("."))
"""
    assert said(runner, inside) == ["a", "linked", "pointer"]
    for change in ("os.mkdir('../x')", "open('../x', 'w')", "os.rename('.', '../x')", "open('/x', 'w')"):
        assert said(runner, f"    {change}") in ("OSError", "PermissionError"), change


def test_limits_that_every_job_inherits_are_in_force_and_cannot_be_raised(runner: Runner) -> None:
    body = """
    import resource
    kinds = ("CORE", "FSIZE", "NOFILE", "STACK", "MEMLOCK", "MSGQUEUE", "NICE", "RTPRIO", "CPU")
    numbers = [getattr(resource, "RLIMIT_" + kind) for kind in kinds]
    found = [resource.getrlimit(number) for number in numbers]
    for number, (_, hard) in zip(numbers, found):
        try:
            resource.setrlimit(number, (hard + 1, hard + 1))
            return "raised"
        except (ValueError, OSError):
            pass
    return [list(one) for one in found]
"""
    found = said(runner, body)
    assert isinstance(found, list)
    # The machine may be stricter; the CPU seconds of the job are 2, and one is added.
    most = [0, 8 << 20, 64, 8 << 20, 0, 0, 0, 0, 3]
    assert [(soft == hard <= limit) for (soft, hard), limit in zip(found, most, strict=True)] == [True] * 9


def test_what_is_drawn_without_a_seed_is_the_same_in_every_job(runner: Runner) -> None:
    text = "import random\nimport numpy as np\nDRAWN = [random.random(), np.random.rand()]\ndef f():\n    return DRAWN\n"
    first, second = (run(runner, text).calls[0].value for _ in range(2))
    assert isinstance(first, list)
    assert first == second


def test_what_one_job_leaves_in_the_interpreter_the_next_does_not_find(runner: Runner) -> None:
    poison = (
        "    import numpy as np, builtins; np.exp = builtins.sum = None; sys.modules['math'] = None; return 1"
    )
    assert said(runner, poison) == 1
    assert (
        said(runner, "    import numpy as np, math; return float(np.exp(0.0) + sum([math.sqrt(4)]))") == 3.0
    )


def test_a_loop_without_end_is_stopped_at_its_line(runner: Runner) -> None:
    started = time.monotonic()
    [result] = run(runner, "def f():\n    while True:\n        pass\n").calls
    assert result.ending is Ending.TIMEOUT
    assert "of CPU time" in str(result.message)
    assert " at alice.py, line " in str(result.message)
    assert time.monotonic() - started < 20


def test_sleep_without_end_is_stopped(runner: Runner) -> None:
    [result] = run(runner, "import time\ndef f():\n    time.sleep(1e6)\n").calls
    assert result.ending is Ending.TIMEOUT


def test_after_a_crash_the_other_functions_still_run(runner: Runner) -> None:
    text = "import ctypes\ndef f():\n    ctypes.string_at(0)\ndef g():\n    return 2\n"
    outcome = runner.run(job(module(text), calls=(call("f"), call("g"))))
    assert [result.ending for result in outcome.calls] == [Ending.KILLED, Ending.FINISHED]


# --------------------------------------------------------------------------------------------------------------
# What is shown


def test_the_libraries_of_numpy_hold_none_of_ours() -> None:
    libraries = find_libraries(("numpy", "grader", "reference"))
    for path in libraries.packages:
        assert Path(path).name not in MASKED
    for path in visible_paths(libraries):
        folder = Path(path)
        assert not any((folder / name / "__init__.py").exists() for name in MASKED), path


def test_all_of_numpy_is_visible() -> None:
    import numpy as np  # noqa: PLC0415  (where it lies is the question)

    visible = [Path(path) for path in visible_paths(find_libraries(("numpy",)))]
    inside = Path(np.__file__).resolve()
    assert any(inside.is_relative_to(path.resolve()) for path in visible)
    assert any(Path(os.__file__).resolve().is_relative_to(path.resolve()) for path in visible)

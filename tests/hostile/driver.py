"""Grades attacks one after the other as the grader would, each followed by an honest submission in the same worker.

`python driver.py JSON`, in the cage: `level`, the strongest level to choose; `attacks`, their names; `surroundings`, empty,
`docker` to load the profile of a container engine first, or `bubblewrap` for a jail made by that program. Prints one JSON
document per line: what begins, then what came of it.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

import arsenal
import docker_profile
import witnesses
from grader import assignment_file, pipeline, session
from grader.levels import Level
from grader.model import STATUS_WORST_FIRST, Grade, Job, Limits, RunOutcome, Status, Submission
from grader.sandbox import Runner
from grader.sandbox.choice import choose_isolation
from grader.sandbox.isolation import Isolation, Walls
from grader.submissions import find, read

LIMITS = {"call_cpu_s": 0.5, "submission_cpu_s": 1.5, "memory_mib": 256, "output_kib": 64}
_WORDS = 400


class Bench:
    """A runner in a course, and what is needed to try attacks on it."""

    def __init__(self, isolation: Isolation) -> None:
        self.course = witnesses.Course(Path(tempfile.mkdtemp(prefix="course-")))
        assignment = assignment_file.load("skip_network")
        limits: Limits = replace(assignment.limits, **LIMITS)
        drawn = session.session(assignment, "seed 1")
        self._session = replace(drawn, assignment=replace(assignment, limits=limits))
        self.runner = Runner(isolation)
        self.level = self.runner.isolation.level
        self._outcome: RunOutcome | None = None

    def grade(self, submission: Submission) -> tuple[Grade, RunOutcome | None]:
        """Grade one submission; the second is all that came out of its process, None where nothing ran."""
        self._outcome = None
        return pipeline.grade(self._session, submission, self._run, self.level.value), self._outcome

    def _run(self, job: Job) -> RunOutcome:
        self._outcome = self.runner.run(job)
        return self._outcome

    def attack(self, attack: arsenal.Attack) -> dict[str, Any]:
        """Try one attack, and say what came of it."""
        unfit = list(self.honest(attack.form))
        if unfit:  # nothing that is tried now would say anything about an attack
            raise RuntimeError(f"before {attack.name}: {unfit[0]}")
        before = witnesses.look(self.course)
        start = time.monotonic()
        with _submission(attack, self.course.targets()) as submission:
            grade, outcome = self.grade(submission)
        seconds = time.monotonic() - start
        problems = list(_result(attack, grade, outcome))
        problems += self.course.told(_all_text(outcome))
        problems += self.course.servers.visited()
        problems += self.honest(attack.form)
        problems += witnesses.differences(before, self.course)
        return {
            "attack": attack.name,
            "problems": problems,
            "status": _worst(grade).value,
            "points": grade.points,
            "seconds": round(seconds, 2),
            "said": (grade.printed + " | " + (_message(grade) or ""))[-_WORDS:],
        }

    def honest(self, form: str) -> Iterator[str]:
        """Grade what must have full points, and yield how it has not."""
        forms = {"module", "notebook"} if form == "notebook" else {"module"}
        for one in sorted(forms):
            attack = replace(HONEST, form=one)
            with _submission(attack, {}) as submission:
                grade, _ = self.grade(submission)
            if _worst(grade) is not Status.GRADED or grade.points != arsenal.FULL_POINTS:
                yield f"an honest {one} got {_worst(grade)}, {grade.points} points: {_message(grade)}"
            if any(word in grade.printed for word in ("poison", "hostile", "left behind", "ATTACK")):
                yield f"an honest {one} met what was left behind: {grade.printed[:_WORDS]}"


_HONEST_TEXT = '''
"""Is honest, and says what it finds where it runs."""
import builtins
import os
import sys

import numpy

try:
    found = os.listdir("."), os.listdir("/tmp") if os.path.isdir("/box") else []
except OSError:
    found = "nothing"
print(found, {**os.environ}.get("POISON"), getattr(builtins, "hostile", ""), getattr(numpy, "hostile", ""))
'''
HONEST = arsenal.Attack(
    name="honest/honest",
    path=Path("honest/honest.py"),
    text=f"# %%\n{_HONEST_TEXT}",
    results=frozenset({"graded"}),
    least_points=arsenal.FULL_POINTS,
    most_points=arsenal.FULL_POINTS,
    claimed=frozenset(),
    speaks=False,
    slow=False,
    form="module",
)


class _submission:  # noqa: N801  (used as a function)
    """Writes a submission, reads it as the grader does, and takes it away again."""

    def __init__(self, attack: arsenal.Attack, targets: Mapping[str, object]) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="submission-"))
        self._path = arsenal.write(attack, self._folder, targets)

    def __enter__(self) -> Submission:
        (found,) = find([self._path], single=True)
        return read(found)

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder)


def _worst(grade: Grade) -> Status:
    return min(
        (grade.status, *(question.status for question in grade.questions)), key=STATUS_WORST_FIRST.index
    )


def _message(grade: Grade) -> str | None:
    return grade.message or next((q.message for q in grade.questions if q.message), None)


def _all_text(outcome: RunOutcome | None) -> str:
    """Return all that came out of the process as text, whatever it came as."""
    return "" if outcome is None else repr(outcome)


def _result(attack: arsenal.Attack, grade: Grade, outcome: RunOutcome | None) -> Iterator[str]:
    """Yield how the result is not what it must be."""
    status = _worst(grade)
    if status.value not in attack.results:
        yield f"the result says {status}, not one of {sorted(attack.results)}: {_message(grade)}"
    if not attack.least_points <= grade.points <= attack.most_points:
        yield f"{grade.points} points, not {attack.least_points} to {attack.most_points}"
    text = grade.printed + _all_text(outcome)
    if "ATTACK BROKEN" in text:
        said = text[text.index("ATTACK BROKEN") :].partition("\n")[0]
        yield f"it says that it succeeded: {said[:_WORDS]}"
    elif attack.speaks and "ATTACK held" not in text:
        yield f"it never tried: {grade.printed[:_WORDS]}"


def main(settings: Mapping[str, Any]) -> None:
    """Try attacks, and print what came of each."""
    if settings["surroundings"] == "docker":
        docker_profile.load()
    isolation = choose_isolation(at_most=Level(settings["level"]))
    if settings["surroundings"] == "bubblewrap":
        isolation = replace(isolation, walls=Walls.BUBBLEWRAP)
    bench = Bench(isolation)
    _say(level=bench.level.value)
    names: Sequence[str] = settings["attacks"]
    chosen = {attack.name: attack for attack in arsenal.attacks() if attack.name in names}
    with bench.runner:
        for name in names:
            _say(begins=name)
            _say(**bench.attack(chosen[name]))
    bench.course.bystander.kill()
    bench.course.bystander.wait()
    _say(left=_left())


def _left() -> list[str]:
    """Return the processes in the cage that are neither its first one nor this one."""
    end = time.monotonic() + witnesses.SETTLE_S
    ours = {1, os.getpid()}
    while (left := list(witnesses.processes(besides=ours))) and time.monotonic() < end:
        time.sleep(0.02)
    return left


def _say(**fields: object) -> None:
    print(json.dumps(fields), flush=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))

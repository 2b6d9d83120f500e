"""Every attack is tried at every level that claims to contain it, as root and as a user, and an honest submission after each."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import arsenal
import cage

HERE = Path(__file__).parent
WHO = ("root", "user") if os.name == "posix" and os.geteuid() == 0 else ("user",)
LEVELS = ("jail", "fence", "seal")
TELLING = (
    "answers/import_without_rules",
    "answers/read_expected_from_grader_memory",
    "exit/os__exit",
    "forge/forge_answers_of_all_calls",
    "fs/link_symlink_rename",
    "fs/poison_next_job",
    "fs/read_secrets",
    "fs/write_outside",
    "kernel/namespaces_mount_chroot",
    "mem/np_ones_64GB",
    "net/unix_abstract",
    "proc/fcntl_setown_signal",
    "proc/fork_bomb",
    "proc/kill_scan_pids",
    "proc/prlimit_parent_nofile",
)
"""The fast part: one attack of most kinds, and those that hit hardest where they are not contained."""
SEEN_FROM_OUTSIDE = {
    "fs/write_outside": "file ",
    "fs/link_symlink_rename": "file ",
    "fs/read_secrets": "it told the secret of the gradebook",
    "fs/metadata_outside": "file ",
    "fs/poison_next_job": "file ",
    "mem/dev_shm_fill": "file ",
    "mem/sysv_shm_fill": "ipc shm",
    "net/tcp_connect": "it connected to the tcp server",
    "net/udp_send": "it wrote to the udp mailbox",
    "net/unix_path": "it connected to the unix server",
    "net/unix_abstract": "it connected to the abstract server",
    "proc/daemon_writes_later": "ATTACK BROKEN",
    "proc/affinity_priority_parent": "bystander's priority",
    "proc/stop_the_bystander": "bystander's life",
}
"""Attacks that succeed where nothing but limits stands in their way, and the witness that must notice."""
NUMBER_AT_LEAST = 200
SURROUNDINGS = [
    *((who, "docker", {"fence", "seal"}) for who in WHO),
    *([("user", "bubblewrap", {"jail"})] if shutil.which("bwrap") else []),
]
"""Who, what is different, and which levels may be chosen then."""


@cache
def _can_be_caged(who: str) -> bool:
    return cage.works(who)


@pytest.fixture(autouse=True)
def _outer_cage() -> None:
    """Skip where no cage can be made: an attack that is not contained would hit the machine itself."""
    if not _can_be_caged(WHO[-1]):
        pytest.skip("namespaces for an outer cage cannot be made here")


@dataclass(kw_only=True, slots=True)
class Report:
    """What a driver said."""

    level: str = "none"
    results: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    begun: list[str] = field(default_factory=list)
    left: Sequence[str] | None = None
    """Processes that were left at the end; None where it did not come to its end."""
    last_words: str = ""

    def problems(self, wanted: Sequence[str]) -> list[str]:
        """Return all that was not as it must be, one line each."""
        lines = [
            f"{name}: {problem}" for name, result in self.results.items() for problem in result["problems"]
        ]
        missing = [name for name in wanted if name not in self.results]
        if missing or self.left is None:
            lines.append(f"the driver ended in {self.begun[-1:]}, without {missing}: {self.last_words}")
        return [*lines, *(f"left at the end: {words}" for words in self.left or ())]


def _run(
    who: str, level: str, names: Sequence[str], *, surroundings: str = "", timeout_s: float = 240
) -> Report:
    """Try attacks in a fresh grader in a fresh cage."""
    settings = json.dumps({"level": level, "surroundings": surroundings, "attacks": list(names)})
    command = cage.command(who, [sys.executable, "-B", str(HERE / "driver.py"), settings])
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False)
        out, last_words = done.stdout, done.stderr[-2000:]
    except subprocess.TimeoutExpired as error:
        out, last_words = (error.stdout or b"").decode(), f"it did not end in {timeout_s} s"
    report = Report(last_words=last_words)
    for line in out.splitlines():
        said = json.loads(line)
        report.level = said.get("level", report.level)
        report.left = said.get("left", report.left)
        report.begun += [said["begins"]] if "begins" in said else []
        if "attack" in said:
            report.results[said["attack"]] = said
    return report


def _claimed(level: str, kind: str) -> list[str]:
    return [attack.name for attack in arsenal.attacks() if attack.kind == kind and level in attack.claimed]


def test_every_attack_says_what_must_come_of_it() -> None:
    attacks = arsenal.attacks()
    assert len(attacks) >= NUMBER_AT_LEAST
    assert len({attack.name for attack in attacks}) == len(attacks)
    statuses = {
        "graded",
        "failed",
        "timeout",
        "memory",
        "output",
        "killed",
        "unreadable",
        "missing",
        "awaiting",
    }
    assert all(attack.results and attack.results <= statuses for attack in attacks)
    assert all(attack.claimed and attack.claimed <= set(LEVELS) for attack in attacks)
    files = [path for path in arsenal.FOLDER.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert {attack.path for attack in attacks} == set(files)
    assert {*TELLING, *SEEN_FROM_OUTSIDE} <= {attack.name for attack in attacks if not attack.slow}


@pytest.mark.parametrize("who", WHO)
def test_the_most_telling_attacks_are_contained(who: str) -> None:
    """At the strongest level there is; the others and the rest of the attacks belong to the slow kind."""
    report = _run(who, "jail", TELLING)
    assert report.problems(TELLING) == []
    assert report.level in LEVELS


@pytest.mark.slow
@pytest.mark.parametrize("kind", arsenal.kinds())
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("who", WHO)
def test_every_attack_is_contained_at_every_level_that_claims_it(who: str, level: str, kind: str) -> None:
    names = _claimed(level, kind)
    report = _run(who, level, names)
    assert report.problems(names) == []
    assert report.level == level


@pytest.mark.slow
@pytest.mark.parametrize(("who", "surroundings", "levels"), SURROUNDINGS)
def test_attacks_are_contained_in_other_surroundings(who: str, surroundings: str, levels: set[str]) -> None:
    """`docker`: a filter allows neither namespaces nor mounts. `bubblewrap`: that program makes the jail."""
    report = _run(who, "jail", TELLING, surroundings=surroundings)
    assert report.problems(TELLING) == []
    assert report.level in levels


@pytest.mark.slow
def test_the_witnesses_notice_what_nothing_stops() -> None:
    """The test of the tests: with limits alone, run as the grader's own user, each of these attacks succeeds."""
    report = _run("user", "limits", list(SEEN_FROM_OUTSIDE))
    unnoticed = {
        name: report.results.get(name, {}).get("problems")
        for name, witness in SEEN_FROM_OUTSIDE.items()
        if not any(witness in problem for problem in report.results.get(name, {}).get("problems", ()))
    }
    assert unnoticed == {}, report.last_words

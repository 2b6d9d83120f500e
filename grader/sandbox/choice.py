"""Chooses the strongest isolation that holds on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from grader.levels import Level
from grader.sandbox import bubblewrap
from grader.sandbox.environment import environment
from grader.sandbox.isolation import Isolation, Walls
from grader.sandbox.launch import HERE
from grader.sandbox.libraries import find_libraries

_PROBE_S = 60.0
_HELD = "held"


class Probed(Struct, frozen=True, kw_only=True):
    """What came of each probe."""

    answers: Mapping[str, str]
    """`held`, or why not, by name of the probe; see `grader.sandbox.probes`."""

    def holds(self, *names: str) -> bool:
        """Say whether all of some walls hold."""
        return all(self.answers.get(name) == _HELD for name in names)


def choose_isolation(at_most: Level = Level.JAIL) -> Isolation:
    """Find the strongest isolation that holds here, by trying what it must stop.

    Parameters
    ----------
    at_most : Level
        Strongest level to choose.

    Returns
    -------
    Isolation
    """
    return chosen(probe(), at_most)


def assumed_isolation() -> Isolation | None:
    """Give the isolation that most machines have, without trying what it must stop.

    For those who run their own code and wait for it: the probes take longer than the code. Starting it shows whether it
    can be put up.

    Returns
    -------
    Isolation or None
        A jail; None where the system has none.
    """
    if sys.platform != "linux":
        return None
    from grader.sandbox.linux import calls, landlock  # noqa: PLC0415  (Linux only)

    if not calls.supported():
        return None
    return Isolation(level=Level.JAIL, walls=Walls.OWN, own_rooms=True, landlock=landlock.abi() > 0)


def probe() -> Probed:
    """Try every wall in throw-away processes.

    Returns
    -------
    Probed
        Without answers where the walls are not made for the system.
    """
    if sys.platform != "linux":
        return Probed(answers={})
    answers = _ask()
    if answers.get("namespaces") != _HELD:
        answers = {**answers, "bubblewrap": _ask_bubblewrap()}
    return Probed(answers=answers)


def chosen(probed: Probed, at_most: Level = Level.JAIL) -> Isolation:
    """Choose by what came of the probes.

    Parameters
    ----------
    probed : Probed
    at_most : Level
        Strongest level to choose.

    Returns
    -------
    Isolation
    """
    return candidates(probed, at_most)[0]


def candidates(probed: Probed, at_most: Level = Level.JAIL) -> list[Isolation]:
    """List all that may be chosen.

    Parameters
    ----------
    probed : Probed
    at_most : Level
        Strongest level to list.

    Returns
    -------
    list of Isolation
        Strongest first, at least one.
    """
    return [isolation for isolation in _holding(probed) if at_most.reaches(isolation.level)]


def _holding(probed: Probed) -> list[Isolation]:
    landlock = probed.holds("landlock")
    holding: list[Isolation] = []
    if probed.holds("system call filter", "memory limit", "hidden memory"):
        if probed.holds("namespaces"):
            holding.append(Isolation(level=Level.JAIL, walls=Walls.OWN, own_rooms=True, landlock=landlock))
        if probed.holds("bubblewrap"):
            holding.append(
                Isolation(level=Level.JAIL, walls=Walls.BUBBLEWRAP, own_rooms=True, landlock=landlock)
            )
        if landlock:
            holding.append(Isolation(level=Level.FENCE, landlock=True))
        if probed.holds("sealing filter"):
            holding.append(Isolation(level=Level.SEAL))
    if os.name == "posix":
        holding.append(Isolation(level=Level.LIMITS))
    return [*holding, Isolation(level=Level.PROCESS)]


def _ask() -> Mapping[str, str]:
    libraries = find_libraries(("numpy",))
    argument = {
        "here": str(HERE),
        "paths": libraries.search,
        "role": "probe",
        "settings": {
            "paths": {
                "folders": libraries.folders,
                "hidden": libraries.hidden,
                "packages": libraries.packages,
                "devices": libraries.devices,
            }
        },
    }
    command = [sys.executable, "-I", "-S", "-B", str(HERE / "child.py"), json.dumps(argument)]
    said = _run(command, environment("/"))
    try:
        answers = json.loads(said)
    except ValueError:
        return {"probes": said[:500] or "they said nothing"}
    return {str(name): str(answer) for name, answer in answers.items()}


def _ask_bubblewrap() -> str:
    """Start the program with the arguments that a jail would have."""
    if not bubblewrap.installed():
        return "bwrap is not installed"
    if os.geteuid() == 0:
        return "not tried: root makes namespaces without it, or not at all"
    python = str(Path(sys.executable).resolve())
    libraries = find_libraries(("numpy",))
    command = bubblewrap.command(libraries, agent=str(HERE), python=python)
    variables = {**environment("/"), **bubblewrap.variables(python)}
    said = _run([*command, python, "-I", "-S", "-c", "print('alive')"], variables)
    return _HELD if said == "alive\n" else said.strip()[-300:] or "it said nothing"


def _run(command: list[str], variables: Mapping[str, str]) -> str:
    try:
        done = subprocess.run(  # noqa: S603  (our own interpreter, or the program that makes the jail)
            command,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PROBE_S,
            cwd="/",
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{type(error).__name__}: {error}"
    return (done.stdout or done.stderr).decode("utf-8", "replace")

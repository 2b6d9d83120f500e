"""Says what keeps this machine from a stronger isolation, and the one command that would change it."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

from msgspec import Struct

from grader.levels import Level
from grader.sandbox import bubblewrap
from grader.sandbox.choice import Probed
from grader.sandbox.isolation import Isolation

_CONTAINER_MARKS = ("/.dockerenv", "/run/.containerenv")
_DOCKER = (
    "docker run --user 1000 --security-opt seccomp=unconfined --security-opt apparmor=unconfined --network none ... "
    "(the container's own filter forbids namespaces; ours is stricter)"
)
_SYSCTL = Path("/proc/sys")


class Advice(Struct, frozen=True, kw_only=True):
    """What is missing for a stronger isolation, and what to do about it."""

    missing: str
    command: str
    """One command, or what to do where no command helps."""


class Host(Struct, frozen=True, kw_only=True):
    """What is known of the machine beside the probes."""

    system: str
    """`Linux`, `Darwin`, `Windows`."""
    is_root: bool
    in_container: bool
    has_bubblewrap: bool
    sysctls: dict[str, str]
    """Settings of the kernel about user namespaces, by name; those that there are."""
    closed_folder: str | None
    """A folder above the interpreter that other users cannot enter."""


def look() -> Host:
    """Look at the machine that we run on."""
    names = (
        "kernel.apparmor_restrict_unprivileged_userns",
        "kernel.unprivileged_userns_clone",
        "user.max_user_namespaces",
    )
    sysctls = {name: text for name in names if (text := _sysctl(name)) is not None}
    return Host(
        system=platform.system(),
        is_root=hasattr(os, "geteuid") and os.geteuid() == 0,
        in_container=any(Path(mark).exists() for mark in _CONTAINER_MARKS),
        has_bubblewrap=bubblewrap.installed(),
        sysctls=sysctls,
        closed_folder=_closed_folder(Path(sys.executable).resolve()),
    )


def advise(host: Host, probed: Probed, isolation: Isolation) -> list[Advice]:
    """Say how to get a stronger isolation.

    Parameters
    ----------
    host : Host
    probed : Probed
    isolation : Isolation
        What is in force.

    Returns
    -------
    list of Advice
        The strongest gain first; empty in a jail.
    """
    if isolation.level is Level.JAIL:
        return []
    if host.system != "Linux":
        inside = "WSL 2" if host.system == "Windows" else "a Linux container or virtual machine"
        return [
            Advice(
                missing=f"{host.system} has no namespaces, Landlock or seccomp",
                command=f"run the grader in {inside}",
            )
        ]
    advice = [_about_namespaces(host, probed)]
    if isolation.level is Level.FENCE and host.is_root and host.closed_folder:
        advice.append(_about_python(host.closed_folder))
    if not probed.holds("landlock") and not isolation.level.reaches(Level.FENCE):
        advice.append(
            Advice(
                missing=f"Landlock: {probed.answers.get('landlock', 'unknown')}",
                command="use Linux 5.13 or newer with `landlock` among the security modules (kernel option lsm=)",
            )
        )
    return advice


def _about_namespaces(host: Host, probed: Probed) -> Advice:
    missing = f"namespaces: {probed.answers.get('namespaces', 'not tried')}"
    restricted = host.sysctls.get("kernel.apparmor_restrict_unprivileged_userns") == "1"
    ways = [
        (
            host.in_container or host.is_root,
            _DOCKER,
        ),
        (
            restricted and host.has_bubblewrap,
            "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        ),
        (
            host.sysctls.get("kernel.unprivileged_userns_clone") == "0",
            "sudo sysctl -w kernel.unprivileged_userns_clone=1",
        ),
        (
            host.sysctls.get("user.max_user_namespaces") == "0",
            "sudo sysctl -w user.max_user_namespaces=15000",
        ),
        (not host.has_bubblewrap, "sudo apt install bubblewrap"),
        (True, "ask for unprivileged user namespaces on this machine"),
    ]
    return Advice(missing=missing, command=next(command for holds, command in ways if holds))


def _about_python(folder: str) -> Advice:
    return Advice(
        missing=f"this Python lies below {folder}, which only its owner can enter: code of submissions, which runs as "
        "another user, can import only what was loaded before",
        command="install Python where everybody can read it, such as /usr or /opt, and make the environment there",
    )


def _sysctl(name: str) -> str | None:
    try:
        return (_SYSCTL / name.replace(".", "/")).read_text(encoding="ascii").strip()
    except OSError:
        return None


def _closed_folder(path: Path) -> str | None:
    for folder in reversed(path.parents):
        if not folder.stat().st_mode & 0o001:
            return str(folder)
    return None

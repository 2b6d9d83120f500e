"""Writes the command line of `bwrap`, for systems that let that program alone make namespaces.

Its arguments are the policy, in order: what is mounted later hides what was mounted earlier.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from grader.sandbox.libraries import Libraries
from grader.sandbox.room import BOX

PROGRAM = "bwrap"
AGENT = "/agent"
"""Where the sandbox's own modules are shown to the warm process."""


def installed() -> bool:
    """Say whether the program is there."""
    return shutil.which(PROGRAM) is not None


def command(libraries: Libraries, *, agent: str, python: str) -> list[str]:
    """Give the command line up to the command that is to run inside.

    Parameters
    ----------
    libraries : Libraries
        What is shown.
    agent : str
        Folder of the sandbox's own modules.
    python : str
        The interpreter, all links followed.

    Returns
    -------
    list of str
        All namespaces are new, no capability is left but the two with which each job gets namespaces of its own, and
        everything that is shown is read-only. There is no `/proc`: it may be masked outside, and nothing needs it.
    """
    words = [
        *(
            shutil.which(PROGRAM) or PROGRAM,
            "--unshare-user",
            "--unshare-pid",
            "--unshare-ipc",
            "--unshare-net",
        ),
        *(
            "--unshare-uts",
            "--unshare-cgroup-try",
            "--die-with-parent",
            "--new-session",
            "--hostname",
            "sandbox",
        ),
        # As root everything would be kept without the first of these.
        *("--cap-drop", "ALL", "--cap-add", "CAP_SYS_ADMIN", "--cap-add", "CAP_SETPCAP"),
    ]
    for path in libraries.folders:
        source = Path(path)
        link = source.is_symlink() and path in {"/lib", "/lib64"}
        words += ["--symlink", str(source.readlink()), path] if link else ["--ro-bind", path, path]
    for path in libraries.hidden:
        if Path(path).parts[1] not in {"lib", "lib64"} or not Path("/" + Path(path).parts[1]).is_symlink():
            words += ["--tmpfs", path]
    for path in (*libraries.packages, *_needed_to_start(python)):
        words += ["--ro-bind", path, path]
    for path in libraries.devices:
        words += ["--dev-bind", path, path]
    words += ["--ro-bind", agent, AGENT, "--dir", BOX]
    for path in libraries.hidden:
        if f"--tmpfs {path}" in " ".join(words):
            words += ["--remount-ro", path]
    return [*words, "--remount-ro", "/", "--chdir", "/", "--"]


def variables(python: str) -> dict[str, str]:
    """Give the environment variables without which an interpreter does not start where there is no `/proc`.

    Parameters
    ----------
    python : str

    Returns
    -------
    dict
        The loader finds `$ORIGIN` through `/proc/self/exe`, or, without it, through this variable (ld.so(8)).
    """
    return {"LD_ORIGIN_PATH": str(Path(python).parent)}


def _needed_to_start(python: str) -> list[str]:
    """Give the interpreter and the shared objects of its own beside it."""
    folder = Path(python).parent.parent / "lib"
    return [python, *(str(path) for path in sorted(folder.glob("libpython*.so*")))]

"""Decides about each magic of a notebook: what runs as in Jupyter, what runs once, and what is left out with a note.

What needs other programs, the network, a terminal or a person is left out, and the cell goes on without it.
"""

from __future__ import annotations

import re

_COMMAND = "other programs and downloads are not available while grading"
_PERSON = "nobody is there to answer while grading"
UNKNOWN = "it is not available while grading"
NO_FILES = "files cannot be written here while grading"
WRITING = frozenset({"writefile", "file"})
"""Cell magics that write the cell to a file."""
LOADING = frozenset({"load_ext", "reload_ext"})
"""Magics that import a package by its name."""

_COMMANDS = frozenset(
    {
        *("sx", "system", "sc", "!", "bash", "sh", "script", "cmd", "ruby", "perl", "pypy"),
        *("python", "python2", "python3", "pip", "conda", "mamba", "micromamba", "uv", "pastebin"),
        *("killbgscripts", "rehashx"),
    }
)
_PERSONS = frozenset({"debug", "edit", "ed", "load", "loadpy"})

_SILENT = frozenset(
    {
        "autoreload",
        "aimport",
        "autosave",
        "gui",
        "matplotlib",
        "logstart",
        "logon",
        "logoff",
        "logstop",
        "notebook",
    }
)
"""Without effect on what a notebook computes: no file of it changes while it runs, and no log or window is looked at."""
_SILENT_SETTINGS = ("InlineBackend", "IPCompleter", "Completer", "HistoryManager", "ZMQInteractiveShell")
"""Settings of parts that are not there: how figures are drawn, how the editor completes."""

PLAIN_BODIES = frozenset({"memit", "mprun", "lprun", "snakeviz", "pyinstrument", "scalene", "wandb"})
"""Cell magics of packages that measure: without the package, the body still defines things."""
DEFINING_BODIES = PLAIN_BODIES | {"time", "capture", "prun"}
"""Cell magics whose body is Python that defines things in the notebook."""

_ADDRESS = re.compile(r"\w+://")
_TIMEIT_OPTION = re.compile(r"\s*(-[nr]\s*\d+|-[tcqo]\b|-p\s*\d+|-v\s*\w+)\s")


def reason_to_leave_out(name: str, line: str) -> str | None:
    """Say why a magic does not run.

    Parameters
    ----------
    name : str
        The magic, without `%`.
    line : str
        What stands after it.

    Returns
    -------
    str or None
        The second half of a sentence; None where it runs.
    """
    if name in _COMMANDS or _ADDRESS.match(line.strip()):
        return _COMMAND
    if name in _PERSONS:
        return _PERSON
    return None


def reason_for_command() -> str:
    """Say why `!command` does not run."""
    return _COMMAND


def is_silent(name: str, line: str) -> bool:
    """Say whether a magic is left out without a word, because nothing that is graded depends on it.

    Parameters
    ----------
    name : str
        The magic, without `%`.
    line : str
        What stands after it.

    Returns
    -------
    bool
    """
    if name in LOADING:
        return line.strip() == "autoreload"
    if name == "config":
        return line.strip().startswith(_SILENT_SETTINGS)
    return name in _SILENT


def once(line: str) -> str:
    """Have `%timeit` measure one run: its own choice takes seconds for a number that nobody reads.

    Parameters
    ----------
    line : str
        What stands after `%timeit`.

    Returns
    -------
    str
        The same with one loop and one repetition.
    """
    kept = ["-n1", "-r1"]
    while option := _TIMEIT_OPTION.match(line):
        if not option[1].startswith(("-n", "-r")):
            kept.append(option[1])
        line = line[option.end() :]
    return " ".join([*kept, line.strip()])

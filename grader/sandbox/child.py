"""The first lines of the child process: makes the sandbox's own modules importable, and nothing else of the grader.

Run by path, as `python -I -S -B child.py ARGUMENT`. Without `site` no `.pth` file of the host runs; the folders with
NumPy and the other allowed packages come in the argument.
"""

from __future__ import annotations

import json
import sys
from types import ModuleType


def main(argument: str) -> None:
    """Serve one job and leave; never returns after student code ran.

    Parameters
    ----------
    argument : str
        JSON: `here`, the folder of this file; `paths`, all of `sys.path`; `fd`, where results go; `parent`, the
        grader's process id.
    """
    settings = json.loads(argument)
    sys.path[:] = settings["paths"]
    # Packages of the same names as in the grader, holding the modules of this folder alone.
    for name, folders in (("grader", []), ("grader.sandbox", [settings["here"]])):
        package = ModuleType(name)
        package.__path__ = folders
        sys.modules[name] = package

    from grader.sandbox import session  # noqa: PLC0415  (importable only now)

    for name in [name for name in sys.modules if name.partition(".")[0] == "grader"]:
        del sys.modules[name]
    session.serve(
        result_fd=settings["fd"],
        parent=settings["parent"],
        trusted_folders=[*settings["paths"], settings["here"]],
    )


if __name__ == "__main__":
    main(sys.argv[1])

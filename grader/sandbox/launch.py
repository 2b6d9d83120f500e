"""Says how a warm process is started: command, environment, and what it is told."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from grader.levels import Level
from grader.sandbox import bubblewrap
from grader.sandbox.environment import environment
from grader.sandbox.isolation import Isolation, Walls
from grader.sandbox.libraries import SHELL_PACKAGE, Libraries, find_libraries, visible_paths

HERE = Path(__file__).resolve().parent
_PRELOADED = """
abc collections.abc contextlib copy dataclasses enum functools inspect io itertools json math numbers operator os pathlib
random re string textwrap time traceback types typing warnings numpy.fft numpy.linalg numpy.random
"""
"""What many students import; each page of it makes every fork a little slower."""
_SEALED_IN = """
argparse array ast asyncio base64 bisect builtins calendar cmath concurrent.futures csv datetime decimal doctest fractions gc
hashlib heapq linecache logging pickle platform pprint queue secrets shutil socket statistics struct subprocess tempfile
threading timeit unittest unittest.mock uuid weakref numpy.testing numpy.typing encodings.ascii encodings.cp1252
encodings.idna encodings.latin_1 encodings.utf_16
"""
"""What else is loaded below `jail`: where nothing can be opened, nothing can be imported that is not loaded."""
_FIRST_UID = 61184
_UIDS = 4096
"""User numbers for jobs when we are root, in the range that systemd keeps for short-lived users (systemd.io/UIDS-GIDS)."""


class Flavour(Struct, frozen=True, kw_only=True):
    """What a warm process has loaded."""

    imports: tuple[str, ...]
    """Packages besides the standard library that a submission may import."""
    shell: bool
    """Whether notebooks run in it."""


class Launch(Struct, frozen=True, kw_only=True):
    """How one warm process is started."""

    isolation: Isolation
    flavour: Flavour
    python: str = field(default_factory=lambda: sys.executable)

    def command(self, control: int, position: int) -> tuple[list[str], dict[str, str]]:
        """Give the command line and the environment.

        Parameters
        ----------
        control : int
            Descriptor of the socket on which the grader is answered, inherited.
        position : int
            Descriptor of the memory in which children mark the call that is under way, inherited.

        Returns
        -------
        argv : list of str
        environment : dict
        """
        names = ("numpy", *self.flavour.imports, *((SHELL_PACKAGE,) if self.flavour.shell else ()))
        libraries = find_libraries(names)
        folder = "/" if self.isolation.level is Level.JAIL else os.devnull
        variables = environment(folder)
        in_bubble = self.isolation.walls is Walls.BUBBLEWRAP
        argument = json.dumps(
            {
                "here": bubblewrap.AGENT if in_bubble else str(HERE),
                "paths": libraries.search,
                "fd": control,
                "parent": 0 if in_bubble else os.getpid(),
                "role": "warm",
                "settings": {**self._settings(libraries), "position": position},
            }
        )
        script = f"{bubblewrap.AGENT}/child.py" if in_bubble else str(HERE / "child.py")
        inner = [self.python, "-I", "-S", "-B", script, argument]
        if in_bubble:
            inner[0] = os.path.realpath(self.python)
            return [*bubblewrap.command(libraries, agent=str(HERE), python=inner[0]), *inner], {
                **variables,
                **bubblewrap.variables(inner[0]),
            }
        return inner, variables

    def _settings(self, libraries: Libraries) -> Mapping[str, Any]:
        isolation = self.isolation
        fenced = isolation.level is Level.FENCE
        return {
            "level": isolation.level.value,
            "walls": isolation.walls.value if isolation.walls else None,
            "own_rooms": isolation.own_rooms,
            "landlock": isolation.landlock,
            "uid": _FIRST_UID + os.getpid() % _UIDS if os.geteuid() == 0 else None,
            "preload": self._preload(),
            "shell": self.flavour.shell,
            "paths": {
                "folders": libraries.folders,
                "hidden": libraries.hidden,
                "packages": libraries.packages,
                "devices": libraries.devices,
                "visible": visible_paths(libraries) if fenced else [],
            },
        }

    def _preload(self) -> Sequence[str]:
        inline = ("matplotlib_inline.backend_inline",) if self.flavour.shell else ()
        plotting = {"matplotlib": ("matplotlib.pyplot", *inline)}
        extra = [name for package in self.flavour.imports for name in plotting.get(package, (package,))]
        # At `fence` too: a job that runs as another user may not be able to enter the folder that Python lies in.
        sealed = "" if self.isolation.level is Level.JAIL else _SEALED_IN
        return [*_PRELOADED.split(), *sealed.split(), *extra]

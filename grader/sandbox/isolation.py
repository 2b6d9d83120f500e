"""Says what a level of isolation is made of in one run; which of them holds here is for `probes` to find out."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from grader.levels import Level


class Walls(Enum):
    """Who puts up the namespaces of a jail."""

    OWN = "own"
    """The warm process itself."""
    BUBBLEWRAP = "bubblewrap"
    """`bwrap`, where the system lets that program alone make namespaces."""


class Isolation(Struct, frozen=True, kw_only=True):
    """What surrounds student code in one run of the grader."""

    level: Level
    walls: Walls | None = None
    """None outside a jail."""
    own_rooms: bool = False
    """Whether each job gets a PID and a mount namespace, and a folder, of its own."""
    landlock: bool = False
    """Whether Landlock is applied, on its own (`fence`) or inside the jail."""

    @property
    def warm(self) -> bool:
        """Whether jobs are forked from a warm process; below `seal` each starts afresh."""
        return self.level.reaches(Level.SEAL)

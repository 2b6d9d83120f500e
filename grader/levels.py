"""Names the levels of isolation, and says for people what each gives."""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """How much stands between student code and the machine, weakest first."""

    PROCESS = "process"
    """A process of its own with a time limit: for trusted code."""
    LIMITS = "limits"
    """Limits on time, memory, files and output, and a bare environment."""
    SEAL = "seal"
    """System calls are filtered; none that takes a path is left."""
    FENCE = "fence"
    """System calls are filtered, and the kernel (Landlock) shows nothing but the libraries."""
    JAIL = "jail"
    """Own namespaces: no network, no processes, no files but the libraries and a small folder; and all of the above."""

    @property
    def rank(self) -> int:
        """Place in the order, 0 for the weakest."""
        return list(Level).index(self)

    def reaches(self, minimum: Level) -> bool:
        """Say whether this level is as strong as another, or stronger."""
        return self.rank >= minimum.rank


UNTRUSTED_FROM = Level.SEAL
"""From here on up, code that nobody has read may run."""

MEANING = {
    Level.JAIL: "own namespaces, no network, no files of this machine but the libraries, system calls filtered",
    Level.FENCE: "files fenced off by Landlock, no network, system calls filtered",
    Level.SEAL: "no system call that opens files, starts processes or reaches the network",
    Level.LIMITS: "limits on time, memory and output only; the code can read what this user can read",
    Level.PROCESS: "a process of its own with a time limit only; for trusted code",
}
"""What each level gives, for people."""

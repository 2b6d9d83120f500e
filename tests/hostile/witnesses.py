"""What must be the same after an attack as before it, seen from outside: files, processes, connections, the kernel's tables."""

from __future__ import annotations

import hashlib
import os
import re
import resource
import secrets
import socket
import subprocess
import sysconfig
import time
from collections import Counter
from collections.abc import Container, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import grader

ROOT = Path(__file__).resolve().parents[2]
SETTLE_S = 2.0
"""Seconds that the dead may take to be buried."""

_TEMPORARY = (Path("/tmp"), Path("/dev/shm"))
_OWN_FOLDERS = re.compile(r"/tmp/backprop-grader-\w+.*")
_CAGE = ("/", "/proc", "/tmp", "/dev/shm")
_IPC = ("shm", "sem", "msg")


class Course:
    """A course with something to steal and to break: files, servers, a bystander, and secrets in the grader.

    Parameters
    ----------
    folder : Path
        Where there is nothing yet.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.secrets: dict[str, str] = {}
        """What no submission may ever say, by where it is kept."""
        for name, path in {
            "gradebook": folder / "gradebook.sqlite",
            "reference": folder / "reference" / "solution.py",
            "other": folder / "submissions" / "other.py",
        }.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            filler = "# " + "x" * secrets.randbelow(5000) + "\n"
            path.write_text(f"# {name} {self._secret(name)}\n{filler}", encoding="utf-8")
            path.chmod(0o600)
        # The attacker is told the mark backwards, so that only the grader's memory has it this way round.
        self._mark = f"expected-{secrets.token_hex(4)}"
        self.memory = f"{self._mark}={self._secret('memory')}".encode()
        os.environ["COURSE_TOKEN"] = self._secret("environment")
        self._open = (folder / "open.txt").open("w+", encoding="utf-8")
        self._open.write(self._secret("descriptor"))
        self._open.flush()
        self.servers = Servers(folder)
        self.bystander = subprocess.Popen(["/bin/sleep", "1000"], cwd="/")

    def _secret(self, name: str) -> str:
        self.secrets[name] = f"SECRET{secrets.token_hex(12)}"
        return self.secrets[name]

    def targets(self) -> Mapping[str, object]:
        """Return what the attacker is told: where all of it is, and nothing of what is in it."""
        return {
            "course": str(self.folder),
            "gradebook": str(self.folder / "gradebook.sqlite"),
            "reference": str(self.folder / "reference" / "solution.py"),
            "other": str(self.folder / "submissions" / "other.py"),
            "project": str(ROOT),
            "package": str(Path(grader.__file__).parent),
            "site_packages": sysconfig.get_path("purelib"),
            "grader": os.getpid(),
            "bystander": self.bystander.pid,
            "memory_mark": self._mark[::-1],
            **self.servers.addresses,
        }

    def told(self, said: str) -> Iterator[str]:
        """Yield which secrets stand in what came out of a submission."""
        yield from (
            f"it told the secret of the {name}" for name, secret in self.secrets.items() if secret in said
        )


class Servers:
    """Listens in every way that code could talk to, and remembers that nobody may.

    Parameters
    ----------
    folder : Path
        Where the socket with a path lies.
    """

    def __init__(self, folder: Path) -> None:
        abstract = f"hostile-{os.getpid()}"
        self._listeners = {
            "tcp": socket.create_server(("127.0.0.1", 0)),
            "unix": socket.socket(socket.AF_UNIX),
            "abstract": socket.socket(socket.AF_UNIX),
        }
        self._mailboxes = {
            "udp": socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
            "abstract datagrams": socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM),
        }
        self._listeners["unix"].bind(str(folder / "server.sock"))
        self._listeners["abstract"].bind(f"\0{abstract}")
        self._mailboxes["udp"].bind(("127.0.0.1", 0))
        self._mailboxes["abstract datagrams"].bind(f"\0{abstract}-post")
        (folder / "server.sock").chmod(0o777)
        for listener in self._listeners.values():
            listener.listen()
        for one in (*self._listeners.values(), *self._mailboxes.values()):
            one.setblocking(False)
        self.addresses: Mapping[str, object] = {
            "tcp": self._listeners["tcp"].getsockname()[1],
            "udp": self._mailboxes["udp"].getsockname()[1],
            "unix": str(folder / "server.sock"),
            "abstract": abstract,
        }

    def visited(self) -> Iterator[str]:
        """Yield who was connected or written to since the last time."""
        for name, listener in self._listeners.items():
            with suppress(BlockingIOError):
                listener.accept()[0].close()
                yield f"it connected to the {name} server"
        for name, mailbox in self._mailboxes.items():
            with suppress(BlockingIOError):
                mailbox.recv(1)
                yield f"it wrote to the {name} mailbox"


View = Mapping[str, object]
"""What the machine looks like, by what was looked at."""


def look(course: Course) -> View:
    """Look at all that must not change.

    Parameters
    ----------
    course : Course

    Returns
    -------
    mapping
    """
    return {
        **{f"file {name}": state for name, state in _files()},
        "processes": processes(),
        **{f"mount on {point}": state for point, state in _mounts()},
        **{f"ipc {kind}": _ipc(kind) for kind in _IPC},
        "queues": _names(Path("/dev/mqueue")),
        **{f"bystander's {name}": state for name, state in _state(course.bystander.pid).items()},
        **{f"grader's {name}": state for name, state in _state(os.getpid()).items()},
    }


def differences(before: View, course: Course) -> list[str]:
    """Say what is not as before; what is only late in going gets its time.

    Parameters
    ----------
    before : mapping
        From `look`.
    course : Course

    Returns
    -------
    list of str
        One sentence for each; empty where all is well.
    """
    end = time.monotonic() + SETTLE_S
    while (changed := _compared(before, look(course))) and time.monotonic() < end:
        time.sleep(0.02)
    return changed


def _compared(before: View, after: View) -> list[str]:
    return [
        f"{name}: {_short(before.get(name))} became {_short(after.get(name))}"
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name) and not _somebody_else_unmounted(name, after)
    ]


def _somebody_else_unmounted(name: str, after: View) -> bool:
    """Say whether a mount that the cage did not make is gone: so it is in all copies when its folder is removed."""
    return name.startswith("mount on ") and name not in after and name[9:] not in _CAGE


def _short(value: object) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= 600 else text[:600] + "…"


def _files() -> Iterator[tuple[str, object]]:
    """Yield every file of the folders that somebody could write to, with all that tells it from another."""
    own = Counter[str]()
    for folder in _TEMPORARY:
        for above, folders, files in os.walk(folder):
            # The interpreter may be mounted in there: that is read-only, and large.
            folders[:] = [name for name in folders if not os.path.ismount(f"{above}/{name}")]
            for name in [*folders, *files]:
                path = Path(above, name)
                if _OWN_FOLDERS.fullmatch(str(path)):
                    # The grader's own: how many there are must stay, their names are new each time.
                    own["folders of the grader"] += path.is_dir()
                    continue
                if str(path).startswith("/tmp/submission-"):
                    continue
                with suppress(FileNotFoundError):
                    yield str(path), _one_file(path)
    yield from own.items()


def _one_file(path: Path) -> object:
    status = path.lstat()
    content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    when = status.st_mtime_ns if path.is_file() else 0
    return oct(status.st_mode), status.st_uid, status.st_nlink, status.st_size, when, content[:16]


def _mounts() -> Iterator[tuple[str, str]]:
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        words = line.split()
        yield words[4], " ".join(words[3:])


def processes(*, besides: Container[int] = ()) -> Counter[str]:
    """Count the processes by their command lines, numbers left out: a replaced worker is no stranger."""
    found = Counter[str]()
    for folder in Path("/proc").glob("[0-9]*"):
        if int(folder.name) in besides:
            continue
        with suppress(OSError):
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            found[re.sub(r"\d+", "#", words)[:150] or "a process that is over"] += 1
    return found


def _ipc(kind: str) -> str:
    path = Path("/proc/sysvipc", kind)
    return path.read_text(encoding="ascii") if path.exists() else ""


def _names(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(path.name for path in folder.iterdir())) if folder.is_dir() else ()


def _state(pid: int) -> Mapping[str, object]:
    """Return whether a process lives and runs, and what it may use; nothing of it for one that is gone."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return {"life": "over"}
    letter = stat.read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    return {
        "life": "stopped" if letter in "TtZX" else "runs or sleeps",
        "limits": [resource.prlimit(pid, kind) for kind in range(resource.RLIM_NLIMITS)]
        if hasattr(resource, "RLIM_NLIMITS")
        else [resource.prlimit(pid, kind) for kind in range(16)],
        "processors": tuple(sorted(os.sched_getaffinity(pid))),
        "priority": (os.getpriority(os.PRIO_PROCESS, pid), os.sched_getscheduler(pid)),
    }

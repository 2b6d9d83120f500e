"""The warm process: has the libraries loaded and the walls up, and forks one child per job.

It holds nothing worth stealing: no expected value, no grade, no path of the host. It is single-threaded, answers the grader
over one socket, and waits for one job at a time; the grader holds all deadlines.
"""

from __future__ import annotations

import array
import gc
import importlib
import json
import mmap
import os
import signal
import socket
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from grader.sandbox import confine, rehearsal, session, wire
from grader.sandbox.linux import landlock, mounts, namespaces, pidfd, process
from grader.sandbox.planned import PlannedCall, read_calls
from grader.sandbox.results import POSITION
from grader.sandbox.room import ABOVE_BOX, BOX, build_room

MAX_MESSAGE = 1 << 12
_FDS_PER_JOB = 3
_FDS_OF_PLAN = 1
_READY = b'{"is":"ready"}'
_FORKED = b'{"is":"forked"}'
_ENDED = b'{"is":"ended","status":%d,"cpu_s":%.6f,"peak_memory_mib":%.6f}'
"""Written in advance: what this process writes to while its child lives is copied for both."""
_BROKEN = 91
"""Exit code of a child whose walls did not stand."""


def serve(*, control_fd: int, trusted_folders: Sequence[str], settings: Mapping[str, Any]) -> NoReturn:
    """Become the warm process, and fork a child for every message until the grader hangs up.

    Parameters
    ----------
    control_fd : int
        A `SOCK_SEQPACKET` socket. A message brings three descriptors: job, results, output; or the number of a plan, the
        calls of all jobs from now on, and with a plan that is new here the descriptor of its frame. With that it also says
        how large this process is, which it cannot see itself where there is no `/proc`. The answers are JSON: `ready` once, with a descriptor of this process; then per job `forked`, with one of
        the child, and `ended`.
    trusted_folders : sequence of str
        Where the interpreter and its packages lie.
    settings : mapping
        See `grader.sandbox.worker`.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the grader decides what Ctrl-C means
    control = socket.socket(fileno=control_fd)
    confine.reserve_numbers()
    for name in settings["preload"]:
        importlib.import_module(name)
    prepared = _put_up(settings)
    _Zygote(control=control, prepared=prepared, trusted=trusted_folders, settings=settings).run()


def _put_up(settings: Mapping[str, Any]) -> confine.Prepared:
    """Put up what stands around all jobs, and prepare what each puts around itself."""
    paths = settings["paths"]
    in_jail = settings["level"] == "jail"
    if in_jail and settings["walls"] == "own":
        build_room(**{name: paths[name] for name in ("folders", "hidden", "packages", "devices")})
    if settings["own_rooms"]:
        process.drop_bounding_set()
        mounts.make_private()  # the namespaces of jobs are copies of this one: what they mount stays theirs
    rules = None
    if settings["landlock"] and in_jail:
        # A rule for the folder itself would not cover what a job mounts on it: looking for one, the kernel goes from the root
        # of a mount to the folder above (`is_access_to_paths_allowed` in `security/landlock/fs.c`).
        rules = landlock.ruleset(read=["/"], write=["/dev/null", ABOVE_BOX])
    elif settings["landlock"]:
        rules = landlock.ruleset(read=paths["visible"], write=["/dev/null"])
    process.hide_memory()
    walls = confine.Walls(
        box=BOX if settings["own_rooms"] else None,
        uid=settings["uid"],
        counts_processes=settings["uid"] is not None or in_jail,
        rules=rules,
        sealed=settings["level"] == "seal",
        private_files=in_jail,
    )
    return confine.prepare(walls)


class _Zygote:
    """The loop, and what it needs."""

    def __init__(
        self,
        *,
        control: socket.socket,
        prepared: confine.Prepared,
        trusted: Sequence[str],
        settings: Mapping[str, Any],
    ) -> None:
        self._control = control
        self._prepared = prepared
        self._trusted = trusted
        self._die_with_parent = process.prepare_die_with_parent()
        self._own_rooms: bool = settings["own_rooms"]
        self._plans: dict[int, Sequence[PlannedCall]] = {}
        self._calls: Sequence[PlannedCall] = ()
        self._address_space = 0
        # Shared with the grader and all children: which call is under way, to be seen even where a child says no more.
        self._position = mmap.mmap(settings["position"], POSITION.size)
        os.close(settings["position"])
        self._me = pidfd.open_self()

    def run(self) -> NoReturn:
        """Fork a child for every message; return never."""
        rehearsal.rehearse(trusted_folders=self._trusted, mark=self._mark)
        gc.collect()
        gc.freeze()  # objects that the collector never looks at are never copied into a child by it
        self._say(_READY, fd=self._me)
        while True:
            message, fds = self._receive()
            if len(fds) == _FDS_PER_JOB:
                self._serve_job(fds)
            elif message:
                self._choose_plan(json.loads(message), fds)
            else:
                os._exit(0)

    def _choose_plan(self, told: Mapping[str, Any], fds: Sequence[int]) -> None:
        if len(fds) == _FDS_OF_PLAN:
            self._address_space = told["address_space"]
            self._plans[told["plan"]] = _read_calls(fds[0])
            gc.freeze()
        self._calls = self._plans[told["plan"]]

    def _serve_job(self, fds: Sequence[int]) -> None:
        try:
            pid = namespaces.fork_in_new_pid_namespace(self._me) if self._own_rooms else os.fork()
        except OSError as error:
            _close(fds)
            self._say(json.dumps({"is": "failed", "reason": str(error)[:200]}).encode("ascii"))
            return
        if pid == 0:
            self._become_child(fds)
        _close(fds)
        handle = os.pidfd_open(pid)
        self._say(_FORKED, fd=handle)
        os.close(handle)
        _, status, usage = os.wait4(pid, 0)
        peak_memory_mib = usage.ru_maxrss / 1024  # KiB on Linux: man getrusage
        self._say(_ENDED % (status, usage.ru_utime + usage.ru_stime, peak_memory_mib))

    def _become_child(self, fds: Sequence[int]) -> NoReturn:
        job, result, output = fds
        try:
            self._die_with_parent()
            rules = self._prepared.walls.rules
            confine.take_over(result, output, keep=[job] if rules is None else [job, rules])
            session.serve(
                job_fd=job,
                result_fd=confine.RESULT_FD,
                trusted_folders=self._trusted,
                calls=self._calls,
                mark=self._mark,
                restrain=self._restrain,
            )
        except BaseException as error:  # noqa: BLE001  (the edge: what breaks here must not become a second warm process)
            os.write(2, f"{type(error).__name__}: {error}\n"[:500].encode())
        finally:
            os._exit(_BROKEN)

    def _restrain(self, job: Mapping[str, Any]) -> confine.GraderClock:
        return confine.confine(self._prepared, job, address_space=self._address_space)

    def _mark(self, index: int) -> None:
        POSITION.pack_into(self._position, 0, index)

    def _receive(self) -> tuple[bytes, list[int]]:
        """Give the message and the descriptors of the next job; none when the grader has hung up."""
        message, ancillary, _, _ = self._control.recvmsg(MAX_MESSAGE, socket.CMSG_SPACE(4 * _FDS_PER_JOB))
        fds = array.array("i")
        for level, kind, data in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                fds.frombytes(data[: len(data) - len(data) % fds.itemsize])
        return message, list(fds)

    def _say(self, answer: bytes, *, fd: int | None = None) -> None:
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))] if fd is not None else []
        try:
            self._control.sendmsg([answer], rights)
        except OSError:  # the grader is gone
            os._exit(0)


def _read_calls(fd: int) -> Sequence[PlannedCall]:
    """Read the calls here, once: what a child does not have to decode it does not have to copy either."""
    with open(fd, "rb") as file:
        [frame] = wire.own_frames(file.read())
    return read_calls(frame)


def _close(fds: Sequence[int]) -> None:
    for fd in fds:
        os.close(fd)

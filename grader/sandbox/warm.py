"""The grader's end of a warm process: starts it, hands it jobs, and replaces it when it is worn or broken."""

from __future__ import annotations

import array
import contextlib
import fcntl
import json
import mmap
import os
import resource
import select
import signal
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from grader.sandbox.launch import Launch
from grader.sandbox.linux import pidfd
from grader.sandbox.process import BrokenError, Exit, pipe, read_now
from grader.sandbox.results import POSITION

START_S = 60.0
"""Seconds of waiting for a warm process; a busy machine must not look like a fault."""
FORK_S = 10.0
"""Seconds in which it must say that it has forked a child, which takes it milliseconds."""
ANSWER_S = 2.0
"""Seconds in which a warm process must say that a child it forked is over, once that child was killed."""
MOST_PLANS = 4
"""How many sets of calls a warm process keeps decoded: those of units, of compositions alone, of experiments."""
MAX_JOBS = 2000
"""Jobs after which a warm process is replaced: whatever grew in it is gone then."""
_NOWHERE = -1
_MAX_ANSWER = 4096
_SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE


class _Answer(Struct, frozen=True, kw_only=True):
    """One message of the warm process."""

    what: str
    fields: Mapping[str, Any]
    fd: int | None


class WarmProcess:
    """One warm process; one job at a time. It begins to start when it is made, and `wait_until_ready` comes before its first job.

    Parameters
    ----------
    launch : Launch
        How it is started.

    Raises
    ------
    OSError
        When the machine gives no process.
    """

    def __init__(self, launch: Launch) -> None:
        self.jobs = 0
        self._plans: list[bytes] = []
        """Frames of calls that it knows, by number."""
        self._plan = -1
        """The number of the one in force."""
        self.broken = False
        self._address_space = 0
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        said, saying = os.pipe()
        self._said = open(said, "rb", buffering=0)  # noqa: PTH123, SIM115  (a descriptor, not a path; open until it is ready)
        marks = os.memfd_create("position", os.MFD_CLOEXEC)
        os.truncate(marks, POSITION.size)
        self._position = mmap.mmap(marks, POSITION.size)
        with theirs, ours:
            argv, environment = launch.command(theirs.fileno(), marks)
            try:
                self._process = subprocess.Popen(  # noqa: S603  (our own interpreter and file)
                    argv,
                    stdin=subprocess.DEVNULL,
                    stdout=saying,
                    stderr=saying,
                    pass_fds=(theirs.fileno(), marks),
                    cwd="/",
                    env=environment,
                )
            finally:
                os.close(saying)
                os.close(marks)
            self._control = ours.dup()
        self._control.settimeout(0)

    def wait_until_ready(self) -> None:
        """Wait until it can take jobs; it takes a while to start, in which there may be else to do.

        Raises
        ------
        BrokenError
            When it does not start; with what it said. It is closed then.
        """
        with self._said as words:
            os.set_blocking(words.fileno(), False)
            try:
                ready = self._answer(START_S)
            except BrokenError as error:
                last = (words.read(1 << 14) or b"").decode("utf-8", "replace").strip()
                self.close()
                raise BrokenError(f"{error}: {last[-300:] or 'it said nothing'}") from None
        if ready.what != "ready" or ready.fd is None:
            self.close()
            raise BrokenError(f"it said {ready.what!r} first")
        try:
            self._address_space = _address_space(pidfd.pid_of(ready.fd))
        finally:
            os.close(ready.fd)

    @property
    def worn(self) -> bool:
        """Whether it is to be replaced before the next job."""
        return self.broken or self.jobs >= MAX_JOBS or self._process.poll() is not None

    def fork(self, calls: bytes, job: bytes) -> ForkedChild:
        """Have a child forked for one job.

        Parameters
        ----------
        calls : bytes
            The frame of all calls; handed over when it is another than before.
        job : bytes
            The frame of the rest.

        Returns
        -------
        ForkedChild

        Raises
        ------
        BrokenError
            When there is no child; the warm process is of no more use then.
        """
        self.jobs += 1
        POSITION.pack_into(self._position, 0, _NOWHERE)
        self._choose_plan(calls)
        with contextlib.ExitStack() as undo:
            sealed = _sealed(job)
            undo.callback(os.close, sealed)
            keep = contextlib.ExitStack()
            result, result_end = pipe(keep)
            output, output_end = pipe(keep)
            undo.push(keep)
            rights = array.array("i", [sealed, result_end, output_end])
            try:
                self._control.sendmsg([b"job"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
                answer = self._answer(FORK_S)
            except OSError as error:
                self.broken = True
                raise BrokenError(f"the warm process is gone: {error}") from error
            if answer.what != "forked" or answer.fd is None:
                self.broken = True
                raise BrokenError(f"no child was forked: {answer.fields.get('reason', answer.what)}")
            keep.pop_all()
        for end in (result_end, output_end):
            os.close(end)
        return ForkedChild(self, result=result, output=output, handle=answer.fd)

    def _choose_plan(self, calls: bytes) -> None:
        """Put the calls of the next job in force, and hand them over where they are new."""
        known = next((number for number, plan in enumerate(self._plans) if plan is calls), None)
        if known is not None and known == self._plan:
            return
        with contextlib.ExitStack() as undo:
            rights: list[tuple[int, int, array.array[int]]] = []
            told = {"plan": known}
            if known is None:
                sealed = _sealed(calls)
                undo.callback(os.close, sealed)
                rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [sealed]))]
                told = {"plan": self._free_number(), "address_space": self._address_space}
            try:
                self._control.sendmsg([json.dumps(told).encode("ascii")], rights)
            except OSError as error:
                self.broken = True
                raise BrokenError(f"the warm process is gone: {error}") from error
        self._plan = told["plan"] if told["plan"] is not None else self._plan
        if known is None:
            self._plans[self._plan : self._plan + 1] = [calls]

    def _free_number(self) -> int:
        """Return where a new plan goes: behind the others, or in the place of the one that is not in force and came next."""
        return len(self._plans) if len(self._plans) < MOST_PLANS else (self._plan + 1) % MOST_PLANS

    def wait_for_end(self, seconds: float) -> Exit | None:
        """Wait until the child is over.

        Returns
        -------
        Exit or None
            None when it is not over by then.
        """
        try:
            answer = self._answer(seconds)
        except TimeoutError:
            return None
        except BrokenError:
            self.broken = True
            raise
        fields = answer.fields
        code = os.waitstatus_to_exitcode(int(fields["status"]))
        return Exit(
            signal_number=-code if code < 0 else None,
            exit_code=code if code >= 0 else None,
            cpu_s=float(fields["cpu_s"]),
            peak_memory_mib=float(fields["peak_memory_mib"]),
        )

    @property
    def position(self) -> int:
        """What the child marked last; hostile."""
        return int(POSITION.unpack_from(self._position)[0])

    def _answer(self, seconds: float) -> _Answer:
        if not select.select([self._control], [], [], max(0.0, seconds))[0]:
            raise TimeoutError("it does not answer")
        try:
            data, ancillary, _, _ = self._control.recvmsg(_MAX_ANSWER, socket.CMSG_SPACE(4))
        except ConnectionResetError:
            data, ancillary = b"", []
        if not data:
            raise BrokenError("it ended")
        fds = array.array("i")
        for level, kind, rights in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                fds.frombytes(rights[: len(rights) - len(rights) % fds.itemsize])
        # Only ever written by our own code: the socket is closed in a child before student code exists.
        fields = json.loads(data)
        return _Answer(what=fields.pop("is"), fields=fields, fd=fds[0] if fds else None)

    def close(self) -> None:
        """Kill it, and with it its child."""
        self._process.kill()
        self._process.wait()
        self._control.close()
        self._position.close()
        self._said.close()


class ForkedChild:
    """One job in a child of a warm process; see `grader.sandbox.process.Child`."""

    def __init__(self, warm: WarmProcess, *, result: int, output: int, handle: int) -> None:
        self._warm = warm
        self._handle = handle
        self._exit: Exit | None = None
        self._pid: int | None = None
        self.result = result
        self.output = output

    def read(self, fd: int) -> bytes | None:
        """Read what has come on one of the two descriptors: empty at its end, None where nothing is there yet."""
        return read_now(fd)

    def cpu_s(self) -> float | None:
        """Give the CPU seconds used so far; None when it is over."""
        try:
            self._pid = self._pid or pidfd.pid_of(self._handle)
            return pidfd.cpu_seconds(self._pid)
        except OSError:
            return None

    def position(self) -> int | None:
        """Give the index of the call that it has marked as under way."""
        return self._warm.position

    def wait(self, seconds: float) -> bool:
        """Wait until it is over; say whether it is."""
        if self._exit is None:
            self._exit = self._warm.wait_for_end(seconds)
        return self._exit is not None

    def interrupt(self) -> None:
        """Ask it to say where it is."""
        self._signal(signal.SIGPROF)

    def kill(self) -> None:
        """Kill it; may be called from any thread and any number of times."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(OSError):
            pidfd.send_signal(self._handle, number)

    def close(self) -> Exit:
        """Kill what is left, and clean up.

        Returns
        -------
        Exit
            How it ended.

        Raises
        ------
        BrokenError
            When the warm process does not say.
        """
        try:
            self.kill()
            if not self.wait(ANSWER_S) or self._exit is None:
                self._warm.broken = True
                raise BrokenError("the warm process does not say how its child ended")
            return self._exit
        finally:
            # A signal of a later moment must not reach whatever has this number by then.
            handle, self._handle = self._handle, -1
            for fd in (self.result, self.output, handle):
                os.close(fd)


def _address_space(pid: int) -> int:
    """Give the bytes of address space that a process has: the first field of proc_pid_statm(5), in pages."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[0])
    return pages * resource.getpagesize()


def _sealed(job: bytes) -> int:
    """Put a job into memory that nobody can change any more: the child shares it with us."""
    fd = os.memfd_create("job", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        view = memoryview(job)
        while view:
            view = view[os.write(fd, view) :]
        os.lseek(fd, 0, os.SEEK_SET)
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, _SEALS)
    except BaseException:
        os.close(fd)
        raise
    return fd

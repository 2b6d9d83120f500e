"""The sentences on what happened to a student's code: what, where, and what to do."""

from __future__ import annotations

import signal
from collections.abc import Sequence

from grader.model import Frame, Job, StudentError
from grader.sandbox.events import FunctionState

# By name: not every system has all of them.
_SIGNALS = {
    "SIGSEGV": "crashed (segmentation fault; often a recursion without end)",
    "SIGBUS": "crashed (bus error)",
    "SIGFPE": "crashed (arithmetic fault)",
    "SIGILL": "crashed (illegal instruction)",
    "SIGABRT": "crashed (abort)",
    "SIGKILL": "was killed from outside (often because the machine ran out of memory)",
    "SIGTERM": "was terminated",
    "SIGXFSZ": "was ended because it wrote too large a file",
}
_SHOWN_NAMES = 12
_SHOWN_FILES = 3


def files(job: Job) -> str:
    """Name the files of a job.

    Returns
    -------
    str
        `alice.py`, or `a.py, b.py, c.py and 2 more`.
    """
    names = [source.name for source in job.sources]
    more = f" and {len(names) - _SHOWN_FILES} more" if len(names) > _SHOWN_FILES else ""
    return (", ".join(names[:_SHOWN_FILES]) or "the submission") + more


def place(frames: Sequence[Frame]) -> str:
    """Say where an exception happened.

    Returns
    -------
    str
        ` (alice.py, line 3)`, or empty where no frame is the student's.
    """
    if not frames:
        return ""
    last = frames[-1]
    cell = f", cell {last.cell}" if last.cell is not None else ""
    return f" ({last.source}{cell}, line {last.line})"


def error(problem: StudentError) -> str:
    """Say which exception it was and where.

    Returns
    -------
    str
        `ValueError: no (alice.py, line 3)`.
    """
    text = f"{problem.type_name}: {problem.message}" if problem.message else problem.type_name
    return text + place(problem.frames)


def raised(function: str, problem: StudentError) -> str:
    """Say that a call raised."""
    return f"`{function}` raised {error(problem)}"


def stopped(source: str, cell: int | None, problem: StudentError, *, unreadable: bool) -> str:
    """Say that a file or cell ended early."""
    where = source if cell is None else f"{source}, cell {cell}"
    if unreadable:
        return f"{where} is not valid Python: {error(problem)}"
    rest = "the rest of the file was not run" if cell is None else "the rest of the cell was not run"
    return f"{where} stopped with {error(problem)}; {rest}"


def not_ready(function: str, state: FunctionState, *, found: Sequence[str], job: Job) -> str:
    """Say why a function cannot be called."""
    if state.state == "conflict":
        both = " and in ".join(f"`{name}`" for name in state.files)
        return f"`{function}` is defined in {both}, and the files differ; hand in one of them, or name it solution.py"
    if state.state == "not-callable":
        return f"`{function}` in {files(job)} is not a function but of type {state.type_name}"
    if state.error is not None and state.state == "unreadable":
        return f"`{function}` cannot be read: the file is not valid Python: {error(state.error)}"
    if state.error is not None:
        return f"`{function}` is not defined, because the code before it raised {error(state.error)}"
    return _absent(function, found, job)


def _absent(function: str, found: Sequence[str], job: Job) -> str:
    sentence = f"no {'class' if function[:1].isupper() else 'function'} `{function}` in {files(job)}"
    if not found:
        return f"{sentence}; no functions were found"
    names = sorted(found)
    more = f" and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else ""
    sentence += f"; found: {', '.join(names[:_SHOWN_NAMES])}{more}"
    from difflib import get_close_matches  # noqa: PLC0415  (only for what is misspelt)

    close = get_close_matches(function, names, n=1, cutoff=0.6)
    return f"{sentence} (did you mean `{close[0]}`?)" if close else sentence


def cpu(what: str, seconds: float, where: str) -> str:
    """Say that the CPU limit was reached."""
    return (
        f"{what} took more than {seconds:g} s of CPU time and was stopped{where}; look for a loop without end"
    )


def wall(what: str, seconds: float, where: str) -> str:
    """Say that the limit of waiting was reached."""
    return (
        f"{what} did not end within {seconds:g} s and was stopped{where}; "
        "look for a loop without end, or for something it waits for"
    )


def total_cpu(seconds: float) -> str:
    """Say that the limit over all calls was reached."""
    return f"the submission used up its {seconds:g} s of CPU time"


def total_wall(seconds: float) -> str:
    """Say that the limit of waiting over all calls was reached."""
    return f"the submission did not end within {seconds:g} s"


def stopped_with_all(total: str, what: str, where: str) -> str:
    """Say what was under way when a limit over all calls was reached."""
    return f"{total}; {what} was under way and was stopped{where}"


def memory(what: str, mib: int) -> str:
    """Say that the memory limit was reached."""
    return f"{what} needed more than {mib} MiB of memory"


def output(what: str) -> str:
    """Say that the output limit was reached."""
    return f"{what} printed or returned more than the limits allow and was stopped"


def channel(what: str) -> str:
    """Say that the process spoiled the way back to the grader."""
    return f"{what} ended without a result: it wrote into the channel that carries results to the grader"


def killed(what: str, *, signal_number: int | None, exit_code: int | None) -> str:
    """Say that the process ended without a result."""
    if signal_number is None:
        return f"{what} ended the process (exit code {exit_code}) without giving a result; do not call `os._exit`"
    try:
        number = signal.Signals(signal_number)
    except ValueError:
        return f"{what} ended with signal {signal_number}"
    return f"{what} {_SIGNALS.get(number.name, f'was ended by signal {number.name}')}"


def again(message: str, function: str) -> str:
    """Say that a function was not called once more after what happened before."""
    return f"not called again after an earlier call of `{function}`: {message}"

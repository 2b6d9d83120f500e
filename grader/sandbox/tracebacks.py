"""Describes an exception of student code by the student's own lines alone."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from types import TracebackType

MAX_MESSAGE = 500
MAX_FRAMES = 10
MAX_LINE = 9_999_999
"""Code objects and syntax errors hold any number there; what is larger would be no message to the other side."""

Place = tuple[int, int | None]
"""Index of the source in the job, and the number of the cell from 1 for a notebook."""


def describe(error: BaseException, places: Mapping[str, Place]) -> dict[str, object]:
    """Describe an exception as a header has it.

    Parameters
    ----------
    error : BaseException
        What was raised.
    places : mapping of str to Place
        The student's code by the file name it was compiled with.

    Returns
    -------
    dict
        `type`, `message` and `frames`, a list of source, cell, line and function, outermost first.
    """
    frames = _frames(error.__traceback__, places)
    place = places.get(str(error.filename)) if isinstance(error, SyntaxError) else None
    if isinstance(error, SyntaxError) and place is not None and type(error.lineno) is int:
        source, cell = place
        frames.append([source, cell, _line(error.lineno), "<module>"])
    if len(frames) > MAX_FRAMES:  # a recursion: how it began and how it ended
        frames = frames[: MAX_FRAMES // 2] + frames[-MAX_FRAMES // 2 :]
    return {"type": _type_name(error), "message": _message(error), "frames": frames}


def _type_name(error: BaseException) -> str:
    return str(type(error).__name__)[:100]


def _message(error: BaseException) -> str:
    try:
        message = error.msg if isinstance(error, SyntaxError) else str(error)
        message = str(message)
    except BaseException:  # noqa: BLE001  (the edge to student code: `__str__` is theirs)
        return "(the exception cannot be shown as text)"
    return message if len(message) <= MAX_MESSAGE else message[: MAX_MESSAGE - 1] + "…"


def _frames(trace: TracebackType | None, places: Mapping[str, Place]) -> list[list[object]]:
    frames: list[list[object]] = []
    for frame, line in traceback.walk_tb(trace):
        place = places.get(frame.f_code.co_filename)
        if place is not None:
            frames.append([place[0], place[1], _line(line or 1), frame.f_code.co_name[:100]])
    return frames


def _line(number: int) -> int:
    return min(max(1, number), MAX_LINE)

"""Where a student's code stopped, with the lines around it: from what the sandbox tells and what was handed in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from grader.model import CallResult, Excerpt, Frame, Source, StudentError, Traceback

AROUND = 3
"""Lines shown before and after one that failed."""
MOST_TRACEBACKS = 3
MOST_FRAMES = 4
MOST_LETTERS = 160
"""Of one line."""
_MOST_SPLIT = 1 << 20
"""Letters of a file or cell that are taken apart: it may be of any size, and which line is meant the student's process says."""
_MOST_FRAMES_READ = 20
# What ends a line for Python; `str.splitlines` also breaks at form feeds and more.
_LINE_END = re.compile(r"\r\n|\r|\n")


def tracebacks(results: Iterable[CallResult], sources: Sequence[Source]) -> tuple[Traceback, ...]:
    """Return where calls stopped, each place once.

    Parameters
    ----------
    results : iterable of CallResult
        Of one question, or of a submission.
    sources : sequence of Source
        What was handed in.

    Returns
    -------
    tuple of Traceback
        At most three, of at most four frames each: the outermost and the last ones. None for an exception that did not pass
        a line of the student's.
    """
    found: dict[tuple[object, ...], Traceback] = {}
    for result in results:
        error = result.error
        if error is None or not error.frames:
            continue
        frames = _frames(error)
        # The same line may stop with other words on other cases: told once.
        place = (error.type_name, *((frame.source, frame.cell, frame.line) for frame in frames))
        if place not in found:
            found[place] = Traceback(
                function=result.function,
                error=f"{error.type_name}: {error.message}" if error.message else error.type_name,
                frames=tuple(_excerpt(frame, sources) for frame in frames),
            )
        if len(found) == MOST_TRACEBACKS:
            break
    return tuple(found.values())


def _frames(error: StudentError) -> list[Frame]:
    """Return the frames that are shown: no recursion more than once, and of a long way its ends."""
    frames = list(_changing(error.frames[-_MOST_FRAMES_READ:]))
    return frames if len(frames) <= MOST_FRAMES else [frames[0], *frames[1 - MOST_FRAMES :]]


def _changing(frames: Iterable[Frame]) -> Iterator[Frame]:
    before = None
    for frame in frames:
        if frame != before:
            yield frame
        before = frame


def _excerpt(frame: Frame, sources: Sequence[Source]) -> Excerpt:
    lines = _lines(frame, sources)
    first = max(1, frame.line - AROUND)
    shown = lines[first - 1 : frame.line + AROUND] if frame.line <= len(lines) else []
    return Excerpt(
        file=frame.source,
        cell=frame.cell,
        line=frame.line,
        function=frame.function,
        first=first,
        lines=tuple(line if len(line) <= MOST_LETTERS else f"{line[:MOST_LETTERS]}…" for line in shown),
    )


def _lines(frame: Frame, sources: Sequence[Source]) -> list[str]:
    source = next((one for one in sources if one.name == frame.source), None)
    number = (frame.cell or 1) - 1
    if source is None or number >= len(source.cells):
        return []
    return _LINE_END.split(source.cells[number][:_MOST_SPLIT])

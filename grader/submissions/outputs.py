"""Takes the outputs out of a notebook's bytes before anything is parsed; decodes nothing.

Outputs hold pictures of tens of megabytes. Parsed with the rest they would take several times their size in memory,
and longer than all other work on a submission.
"""

from __future__ import annotations

import io
import re

from grader.submissions.limits import KIB, MAX_CELLS, MAX_TEXT, MIB, UnusableError
from grader.submissions.names import quoted

SMALL = 256 * KIB
"""Bytes of a notebook that is cheaper to parse as it is."""

_MAX_HEAVY_VALUES = 4 * MAX_CELLS

# A quote without a backslash before it ends a string. The second way is right for all strings, and six times slower.
_STRING = rb'"(?:[^"]*+(?<!\\)"|[^"\\]*+(?:\\.[^"\\]*+)*+")'
# Pictures pasted into text, and the state of sliders, are as large as outputs and as little read.
_HEAVY_KEY = rb'"(?:outputs|attachments|widgets)"\s*+:\s*+'
_KEPT = re.compile(rb'(?:[^"]++|(?!' + _HEAVY_KEY + rb")" + _STRING + rb")*+", re.DOTALL)
_KEY = re.compile(_HEAVY_KEY)
_UP_TO_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|' + _STRING + rb")*+(?:([\[{])|[\]}])", re.DOTALL)
_PLAIN_VALUE = re.compile(_STRING + rb"|[^\[\]{},\s]*+", re.DOTALL)


def count_values(data: bytes) -> int:
    """Return how many strings a notebook holds, or what takes as long to go through.

    Parameters
    ----------
    data : bytes
        JSON.

    Returns
    -------
    int
        A list or mapping counts for eight strings, a backslash for an eighth; quotes inside strings count as well.
    """
    return data.count(b'"') // 2 + 8 * (data.count(b"[") + data.count(b"{")) + data.count(b"\\") // 8


def without_outputs(name: str, data: bytes) -> bytes:
    """Return the JSON of a notebook with `null` for its outputs and attachments.

    Parameters
    ----------
    name : str
        The notebook in messages.
    data : bytes
        Its content, in an encoding that has ASCII in it; any bytes.

    Returns
    -------
    bytes
        As given where it is small.

    Raises
    ------
    UnusableError
        If it ends within an output, or holds too much besides.
    """
    if len(data) <= SMALL:
        return data
    view = memoryview(data)
    kept = io.BytesIO()
    start = 0
    for _ in range(_MAX_HEAVY_VALUES):
        end = _end(_KEPT, data, start)
        # Without a key here the text ends, or a string begins that does not end; the parser will say so.
        key = _KEY.match(data, end)
        _keep(name, kept, view[start : key.end() if key else None])
        if key is None:
            return kept.getvalue()
        start = _end_of_value(name, data, key.end())
        # Lines keep their numbers, for what the parser may have to say.
        _keep(name, kept, memoryview(b"null" + b"\n" * data.count(b"\n", key.end(), start)))
    raise UnusableError(
        f"{quoted(name)} holds more than {MAX_CELLS:,} cells; hand in only what is asked for."
    )


def _keep(name: str, kept: io.BytesIO, part: memoryview) -> None:
    if kept.tell() + len(part) > MAX_TEXT:
        raise UnusableError(
            f"{quoted(name)} holds more than {MAX_TEXT // MIB} MiB besides its outputs; "
            "take out data and pasted pictures and hand it in again."
        )
    kept.write(part)


def _end_of_value(name: str, data: bytes, start: int) -> int:
    if not data.startswith((b"[", b"{"), start):
        return _end(_PLAIN_VALUE, data, start)
    end, depth = start + 1, 1
    while depth:
        bracket = _UP_TO_BRACKET.match(data, end)
        if bracket is None:  # the end, or a string that does not end
            raise UnusableError(
                f"{quoted(name)} is a broken notebook: it is cut off; "
                "open and save it in Jupyter, or download it again."
            )
        depth += 1 if bracket.lastindex else -1
        end = bracket.end()
    return end


def _end(pattern: re.Pattern[bytes], data: bytes, start: int) -> int:
    match = pattern.match(data, start)
    return match.end() if match else start

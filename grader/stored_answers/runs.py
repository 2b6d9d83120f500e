"""Packs what came out of the runs of a submission into one compressed blob, and reads it back; nothing is ever unpickled."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import msgspec

from grader.model import CallResult, Ending, Job, RunOutcome, StudentError
from grader.stored_answers.values import node_of, value_of

MOST_BYTES = 1 << 20
"""Of the runs of one submission, compressed; more is not stored."""
MOST_UNPACKED = 16 << 20
"""Before they are compressed, and after they are unpacked."""
_QUICK = 1
"""Level of compression: a better one takes three times as long for a tenth less."""


class _Result(msgspec.Struct, array_like=True, frozen=True):
    """What came of one call; its key and function are those of the job's call in the same place."""

    ending: Ending
    value: Any
    error: StudentError | None
    message: str | None
    printed: str
    changed_arguments: tuple[int, ...]


class StoredRun(msgspec.Struct, array_like=True, frozen=True):
    """What came out of one run."""

    key: bytes
    """Of the job, see `grader.stored_answers.keys`."""
    ending: Ending
    message: str | None
    results: tuple[_Result, ...]
    found: tuple[str, ...]
    notes: tuple[str, ...]
    printed: str
    cpu_s: float
    peak_memory_mib: float
    isolation: str

    def outcome(self, job: Job) -> RunOutcome:
        """Return what the run of a job gave.

        Parameters
        ----------
        job : Job
            One whose key is that of this run.

        Returns
        -------
        RunOutcome

        Raises
        ------
        ValueError
            Where it is damaged.
        """
        return RunOutcome(
            ending=self.ending,
            message=self.message,
            calls=tuple(
                CallResult(
                    key=call.key,
                    function=call.function,
                    ending=result.ending,
                    value=value_of(result.value),
                    error=result.error,
                    message=result.message,
                    printed=result.printed,
                    changed_arguments=result.changed_arguments,
                )
                for call, result in zip(job.calls, self.results, strict=True)
            ),
            found=self.found,
            notes=self.notes,
            printed=self.printed,
            cpu_s=self.cpu_s,
            peak_memory_mib=self.peak_memory_mib,
            isolation=self.isolation,
        )


_writer = msgspec.msgpack.Encoder()
_reader = msgspec.msgpack.Decoder(tuple[StoredRun, ...])


def packed(runs: Mapping[bytes, RunOutcome]) -> bytes:
    """Write the runs of a submission.

    Parameters
    ----------
    runs : mapping of bytes to RunOutcome
        By the key of their job.

    Returns
    -------
    bytes
        Empty where they cannot be stored: they take more than `MOST_BYTES`, or hold text that is no Unicode (from the name of a file).
    """
    try:
        data = _writer.encode([_stored(key, outcome) for key, outcome in runs.items()])
    except (UnicodeEncodeError, TypeError):
        return b""
    if len(data) > MOST_UNPACKED:
        return b""
    small = zlib.compress(data, _QUICK)
    return small if len(small) <= MOST_BYTES else b""


def _stored(key: bytes, outcome: RunOutcome) -> StoredRun:
    return StoredRun(
        key,
        outcome.ending,
        outcome.message,
        tuple(
            _Result(
                result.ending,
                node_of(result.value),
                result.error,
                result.message,
                result.printed,
                result.changed_arguments,
            )
            for result in outcome.calls
        ),
        outcome.found,
        outcome.notes,
        outcome.printed,
        outcome.cpu_s,
        outcome.peak_memory_mib,
        outcome.isolation,
    )


def unpacked(data: bytes | None) -> Mapping[bytes, StoredRun]:
    """Read what `packed` wrote.

    Parameters
    ----------
    data : bytes or None
        Anything at all, since a file can be damaged.

    Returns
    -------
    mapping of bytes to StoredRun
        By the key of their job; empty where nothing is stored or it cannot be read: then the code is run again.
    """
    if not data:
        return {}
    try:
        opened = zlib.decompressobj()
        content = opened.decompress(data, MOST_UNPACKED)
        if not opened.eof:
            return {}
        return {run.key: run for run in _reader.decode(content)}
    except (zlib.error, msgspec.DecodeError, ValueError, RecursionError):
        return {}

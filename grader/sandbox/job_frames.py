"""Writes what a child reads: the calls, which all submissions of a class share, and what is this submission's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from msgspec import Struct, field

from grader.memo import Memo
from grader.model import Call, Job
from grader.sandbox import wire
from grader.sandbox.decode import decode_value
from grader.sandbox.encode import encode_value
from grader.sandbox.events import Returned, remembered

MOST_PLANS = 4
"""How many are kept: those of units, of compositions alone, of experiments."""


class Plan(Struct, frozen=True, kw_only=True, eq=False):
    """The calls of a job, which all submissions of a class share, and what is kept for as long as they come."""

    calls: tuple[Call, ...]
    collect: str
    frame: bytes
    """What a child reads."""
    memory: Memo[Returned] = field(default_factory=remembered)
    """What they gave before."""


class Plans:
    """Makes the plan of a job, once for as long as the same few come."""

    def __init__(self) -> None:
        self._kept: dict[int, Plan] = {}
        """By the identity of the calls, which are kept with it; the one asked for longest ago comes first."""

    def of(self, job: Job) -> Plan:
        """Give the plan of a job.

        Parameters
        ----------
        job : Job
            All submissions of a class come with the same tuple of calls.

        Returns
        -------
        Plan
        """
        calls, collect = job.calls, job.collect
        kept = self._kept.pop(id(calls), None)
        if kept is None or kept.calls is not calls or kept.collect != collect:
            kept = Plan(calls=calls, collect=collect, frame=calls_frame(calls, collect))
        self._kept[id(calls)] = kept
        for oldest in list(self._kept)[:-MOST_PLANS]:
            del self._kept[oldest]
        return kept


def calls_frame(calls: Sequence[Call], collect: str = "") -> bytes:
    """Write the calls; their keys, which tell drawn cases from the worked one, stay here.

    Parameters
    ----------
    calls : sequence of Call
    collect : str
        Text of the collectors' file.

    Returns
    -------
    bytes

    Raises
    ------
    TypeError
        When an argument cannot be sent as it is.
    """
    entries: list[dict[str, object]] = []
    blobs: list[bytes] = []
    end = 0
    for index, call in enumerate(calls):
        tree, blob = encode_value(call.arguments)
        decode_value(tree, blob, opaque=_refuse_argument)
        blobs.append(blob)
        start, end = end, end + len(blob)
        fields = {
            "index": index,
            "function": call.function,
            "needed": call.needed,
            "collector": call.collector,
            "attributes": call.attributes,
        }
        entries.append({**fields, "arguments": tree, "start": start, "end": end})
    return wire.encode_frame({"calls": entries, "collect": collect}, b"".join(blobs))


def job_frame(
    job: Job, *, remaining: Sequence[int], cpu_left_s: float, characters_left: int, eager: bool
) -> bytes:
    """Write what is a submission's own.

    Parameters
    ----------
    job : Job
    remaining : sequence of int
        Indices of the calls that are still to be made.
    cpu_left_s : float
        CPU seconds for all of them.
    characters_left : int
        Of printed text.
    eager : bool
        Whether each result is sent at once: after a process died with some that it held back.

    Returns
    -------
    bytes
    """
    limits = job.limits
    header = {
        "sources": [
            {"name": source.name, "cells": source.cells, "is_notebook": source.is_notebook}
            for source in job.sources
        ],
        "functions": job.functions,
        "parts": [{"name": source.name, "cells": source.cells} for source in job.parts],
        "replaced": job.replaced,
        "remaining": remaining,
        "eager": eager,
        "imports": limits.imports,
        "memory_mib": limits.memory_mib,
        "total_cpu_s": cpu_left_s,
        "load_cpu_s": limits.load_cpu_s,
        "call_cpu_s": limits.call_cpu_s,
        "output_characters": characters_left,
    }
    return wire.encode_frame(header)


def _refuse_argument(type_name: str, reason: str) -> NoReturn:
    raise TypeError(f"an argument of type {type_name} cannot be sent: it is {reason}")

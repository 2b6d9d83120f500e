"""Makes the calls of a job: fresh arguments, seeded chance, and what came of each as a value or an exception."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from grader.sandbox import wire
from grader.sandbox.collecting import view
from grader.sandbox.encode import encode_value
from grader.sandbox.planned import PlannedCall
from grader.sandbox.printing import Printed
from grader.sandbox.standins import REASON, StandIn
from grader.sandbox.tracebacks import Place, describe

MAX_RESULT_BYTES = 64 << 20
"""Bytes of arrays that a process returns over all calls."""
_REFUSED: Mapping[type, str] = {StandIn: REASON}

# Taken before student code exists, so that a patched module does not change what is seeded.
_seed_random = random.seed
_seed_numpy = np.random.seed


class Clock(Protocol):
    """Limits the CPU time of one step after the other."""

    def allow(self, seconds: float) -> None:
        """Start a step that may take so many CPU seconds."""


class Sink(Protocol):
    """Takes what calls give; see `grader.sandbox.results`."""

    def begin(self, index: int) -> None:
        """Hear that a call begins."""

    def add(self, kind: str, blob: bytes = b"", **fields: object) -> None:
        """Take what a call gave."""


class Calling:
    """Makes calls of functions, in this process.

    Parameters
    ----------
    calls : sequence of PlannedCall
        All calls of the job.
    functions : mapping of str to callable
        The student's, by name, those that can be had.
    results : Sink
    clock : Clock
    call_cpu_s : float
        CPU seconds that each call may take.
    printed : Printed
        Where what the functions print is kept.
    places : mapping of str to Place
        The student's code by the file name it was compiled with.
    draws : bool
        Whether the code may draw random numbers: seeding takes as long as a small call, and is done once where it does not.
    passes : tuple of exception types
        What is no result of a call, and ends them all.
    """

    def __init__(
        self,
        *,
        calls: Sequence[PlannedCall],
        functions: Mapping[str, Callable[..., object]],
        results: Sink,
        clock: Clock,
        call_cpu_s: float,
        printed: Printed,
        places: Mapping[str, Place],
        draws: bool = True,
        passes: tuple[type[BaseException], ...] = (),
    ) -> None:
        self._calls = calls
        self._functions = functions
        self._student = view(functions)
        self._results = results
        self._clock = clock
        self._call_cpu_s = call_cpu_s
        self._printed = printed
        self._places = places
        self._draws = draws
        self._passes = passes
        self._seeded = False
        self._bytes_left = MAX_RESULT_BYTES

    def make(self, indices: Iterable[int]) -> None:
        """Make calls in order; a function that ran out of memory, or of time, is not called again.

        Parameters
        ----------
        indices : iterable of int
            Of the calls to make; those whose function cannot be had are left out.

        Raises
        ------
        BaseException
            What passes.
        """
        spent: set[str] = set()
        for index in indices:
            call = self._calls[index]
            if call.function in spent or any(name not in self._functions for name in call.needed):
                continue
            if not self.one(call):
                spent.add(call.function)

    def one(self, call: PlannedCall) -> bool:
        """Make one call.

        Parameters
        ----------
        call : PlannedCall

        Returns
        -------
        bool
            Whether its function may be called again.
        """
        index, collect = call.index, call.collect
        self._results.begin(index)
        self._clock.allow(self._call_cpu_s)
        arguments = call.fresh()
        if self._draws or not self._seeded:
            _seed_random(index)
            _seed_numpy(index)
            self._seeded = True
        try:
            if collect is None:
                value = self._functions[call.function](*arguments)
            else:
                value = collect(self._student, *arguments)
            tree, data = encode_value(
                value,
                attributes=call.attributes,
                refused=_REFUSED,
                max_bytes=min(wire.MAX_BLOB_BYTES, self._bytes_left),
            )
            changed = call.changed(arguments)
        except BaseException as error:  # the edge to student code
            if issubclass(type(error), self._passes):
                raise
            memory = isinstance(error, MemoryError)
            described = describe(error, self._places)
            self._results.add("raised", index=index, error=described, memory=memory, **self._output())
            return not memory
        self._bytes_left -= len(data)
        self._results.add("returned", data, index=index, value=tree, changed=changed, **self._output())
        return True

    def _output(self) -> dict[str, Any]:
        text, cut = self._printed.take()
        return {"printed": text, "cut": cut}

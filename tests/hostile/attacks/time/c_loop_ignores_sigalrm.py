# mypy: ignore-errors
# result: timeout
"""Ignores every signal, stops every timer, and stays in C code."""
import itertools
import signal

for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
for timer in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF):
    signal.setitimer(timer, 0)
sum(itertools.repeat(1, 10**14))

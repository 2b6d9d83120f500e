# mypy: ignore-errors
# result: graded failed killed timeout
# points: at most 10
"""Raises out of a timer at random moments, also in code that is not its own."""
import signal


def storm(number, frame):
    raise RuntimeError("storm")


signal.signal(signal.SIGALRM, storm)
signal.setitimer(signal.ITIMER_REAL, 0.002, 0.0007)

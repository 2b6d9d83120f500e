"""Says how long the grader waits for work of some CPU seconds; both sides of the border to student code know it."""

from __future__ import annotations


def wall_s(cpu_s: float) -> float:
    """Give the seconds of waiting for some CPU seconds: on a shared machine they take longer, and sleep is no work.

    Parameters
    ----------
    cpu_s : float

    Returns
    -------
    float
    """
    return 3 * cpu_s + 2

# mypy: ignore-errors
# result: graded
"""Makes other processes slow."""
import os


@attempt
def priority():
    hit = []
    for pid in others():
        try:
            os.setpriority(os.PRIO_PROCESS, pid, 19)
        except OSError:
            continue
        hit.append(pid)
    return f"made {hit} nice" if hit else None


@attempt
def affinity():
    hit = []
    for pid in others():
        try:
            os.sched_setaffinity(pid, [min(os.sched_getaffinity(pid))])
        except OSError:
            continue
        hit.append(pid)
    return f"bound {hit}" if hit else None


@attempt
def everybody_of_this_user():
    os.setpriority(os.PRIO_USER, os.getuid(), 19)
    return "made this user nice"

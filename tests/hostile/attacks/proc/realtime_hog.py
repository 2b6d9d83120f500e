# mypy: ignore-errors
# result: graded
"""Asks to run before everybody else."""
import os


@attempt
def realtime():
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    return "runs in real time"


@attempt
def nice():
    os.nice(-5)
    return "runs before others"

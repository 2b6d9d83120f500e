# mypy: ignore-errors
# result: graded
"""Leaves a process that writes when this submission is long graded."""
import os
import time


@attempt
def daemon():
    if os.fork():
        return "left a daemon"
    os.setsid()
    time.sleep(0.5)
    with open(TARGETS["course"] + "/late", "w") as file:
        file.write("late")
    os._exit(0)

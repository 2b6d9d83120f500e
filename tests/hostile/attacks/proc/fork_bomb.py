# mypy: ignore-errors
# result: graded
"""Starts processes until nothing more starts; two hundred are proof enough."""
import os
import time


@attempt
def bomb():
    for count in range(200):
        if os.fork() == 0:
            time.sleep(30)
            os._exit(0)
    return "started 200 processes"


@attempt
def one():
    if os.fork() == 0:
        time.sleep(30)
        os._exit(0)
    return "started a process"

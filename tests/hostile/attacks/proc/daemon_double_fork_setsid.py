# mypy: ignore-errors
# result: graded
"""Leaves a process in a session of its own, which nobody waits for."""
import os
import time


@attempt
def daemon():
    if os.fork():
        os.wait()
        return "left a daemon"
    os.setsid()
    if os.fork():
        os._exit(0)
    time.sleep(60)
    os._exit(0)

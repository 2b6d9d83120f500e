# mypy: ignore-errors
# result: graded
"""Stops somebody who has nothing to do with it."""
import os
import signal


@attempt
def stop():
    os.kill(TARGETS["bystander"], signal.SIGSTOP)
    return "stopped a bystander"

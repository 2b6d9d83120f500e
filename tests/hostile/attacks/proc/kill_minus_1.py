# mypy: ignore-errors
# result: graded
"""Kills all that it may kill."""
import os
import signal


@attempt
def kill():
    try:
        os.kill(-1, signal.SIGKILL)
    except ProcessLookupError:
        return None
    return "killed all there is"

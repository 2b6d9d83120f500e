# mypy: ignore-errors
# result: graded killed
# points: at most 10
"""Kills its own group of processes."""
import os
import signal


@attempt
def kill():
    os.killpg(0, signal.SIGKILL)

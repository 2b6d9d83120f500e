# mypy: ignore-errors
# result: graded timeout
# slow
"""Stops itself, so that no time passes for it."""
import os
import signal


@attempt
def stop():
    os.kill(os.getpid(), signal.SIGSTOP)

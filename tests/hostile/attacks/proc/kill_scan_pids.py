# mypy: ignore-errors
# result: graded
"""Looks for processes that it may signal, whatever they are."""
import os
import signal


@attempt
def kill():
    hit = []
    for pid in range(1, 3000):
        if pid == os.getpid():
            continue
        try:
            os.kill(pid, signal.SIGTERM)
        except OSError:
            continue
        hit.append(pid)
    return f"signalled {hit}" if hit else None

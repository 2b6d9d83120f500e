# mypy: ignore-errors
# result: graded
"""Leaves a thread that never ends."""
import threading
import time


@attempt
def outlive():
    threading.Thread(target=time.sleep, args=(10**6,)).start()

# mypy: ignore-errors
# result: timeout
# slow
"""Leaves the session and the group by which it would be killed, and stays."""
import os
import time

for leave in (lambda: os.setpgid(0, 0), os.setsid):
    try:
        leave()
    except OSError:
        pass
time.sleep(10**6)

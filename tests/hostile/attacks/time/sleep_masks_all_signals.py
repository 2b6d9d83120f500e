# mypy: ignore-errors
# result: timeout
# slow
"""Sleeps with all signals masked."""
import signal
import time

signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
time.sleep(10**6)

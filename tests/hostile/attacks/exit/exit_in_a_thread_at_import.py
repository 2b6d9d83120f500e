# mypy: ignore-errors
# result: killed missing failed
"""Ends the process from a thread while the file is loaded."""
import os
import threading
import time

threading.Thread(target=lambda: os._exit(0)).start()
time.sleep(5)

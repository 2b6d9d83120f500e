# mypy: ignore-errors
# result: graded killed
# points: at most 6
"""Has a thread that talks on when the grader listens to somebody else."""
import threading
import time

backward = wrong_backward


def talk():
    while True:
        write_everywhere(frame({"kind": "note", "text": "10/10"}))
        time.sleep(0.001)


threading.Thread(target=talk, daemon=True).start()

# mypy: ignore-errors
# result: graded
"""Has the kernel send a signal of its choice to others, when a pipe of its own can be read."""
import fcntl
import os
import signal

F_SETOWN, F_SETSIG = 8, 10


@attempt
def send():
    sent = []
    for pid in others():
        reading, writing = os.pipe()
        try:
            fcntl.fcntl(reading, F_SETSIG, signal.SIGKILL)
            fcntl.fcntl(reading, F_SETOWN, pid)
            fcntl.fcntl(reading, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
            os.write(writing, b"x")
        except OSError:
            continue
        sent.append(pid)
    # That nothing refused it is no harm yet: who is alive is seen from outside.
    print("asked for signals to", len(sent))

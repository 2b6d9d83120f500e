# mypy: ignore-errors
# result: killed timeout
"""Ends itself by a signal that looks like a limit."""
import os
import signal


def backward(x, y, w0, w1, w2, ws):
    for number in (signal.SIGXCPU, signal.SIGPROF, signal.SIGXFSZ, signal.SIGSEGV, signal.SIGKILL):
        signal.signal(number, signal.SIG_DFL) if number != signal.SIGKILL else None
        os.kill(os.getpid(), number)
    os._exit(137)

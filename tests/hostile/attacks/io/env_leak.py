# mypy: ignore-errors
# result: graded
"""Prints the environment, as Python and as the C library have it."""
import os
import sys


@attempt
def show():
    print(dict(os.environ), sys.argv, sys.orig_argv, sys.flags, sys.executable)
    loud = [name for name in os.environ if any(word in name for word in ("TOKEN", "SECRET", "KEY", "PASS", "SSH", "AWS"))]
    return f"sees {loud}" if loud else None


@attempt
def show_as_started():
    import ctypes

    libc = ctypes.CDLL(None)
    libc.getenv.restype = ctypes.c_char_p
    return (libc.getenv(b"COURSE_TOKEN") or b"").decode()


@attempt
def show_the_stack():
    import ctypes

    environ = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
    words, index = [], 0
    while environ[index] and index < 200:
        words.append(environ[index].decode())
        index += 1
    print(words)

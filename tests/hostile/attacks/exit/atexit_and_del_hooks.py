# mypy: ignore-errors
# result: graded
# says: nothing
"""Leaves hooks behind that never end."""
import atexit
import sys
import threading
import weakref


def endless(*_):
    while True:
        pass


class Last:
    def __del__(self):
        endless()


keep = Last()
atexit.register(endless)
weakref.finalize(keep, endless)
threading._register_atexit(endless)
sys.exitfunc = endless

# mypy: ignore-errors
# result: failed
"""Has the lines of its own source told by a loader that never stops."""
import linecache
import sys


class Loader:
    def get_source(self, name):
        while True:
            pass


__loader__ = Loader()
linecache.cache.clear()
linecache.getlines = lambda *values: ["::error::x\n"] * 10**6
__file__ = "\x00\n" * 100


def backward(x, y, w0, w1, w2, ws):
    raise ValueError("x")

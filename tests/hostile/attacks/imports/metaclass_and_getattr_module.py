# mypy: ignore-errors
# result: graded failed missing
# points: at most 6
"""Is a module that answers to every name, and whose functions are called by being looked at."""
import sys


class Everything(type(sys)):
    def __getattribute__(self, name):
        if name == "__dict__":
            return {"backward": wrong_backward}
        return object.__getattribute__(self, name)


backward = wrong_backward
sys.modules[__name__].__class__ = Everything

# mypy: ignore-errors
# result: graded failed killed missing timeout
# points: at most 6
"""Forbids all that Python reports before it is done."""
import sys

backward = wrong_backward


def forbid(event, arguments):
    if not event.startswith("object."):
        raise RuntimeError(event)


sys.addaudithook(forbid)

# mypy: ignore-errors
# result: graded timeout
# slow
# points: at most 10
"""Opens what blocks for ever."""
import os


@attempt
def block():
    os.mkfifo("fifo")
    open("fifo").read()

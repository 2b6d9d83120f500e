# mypy: ignore-errors
# result: killed failed graded timeout missing output memory
# points: at most 6
"""Makes one two, for all of the interpreter."""
import ctypes

backward = wrong_backward
for number in range(1, 20):
    ctypes.c_uint32.from_address(id(number) + 24).value = number + 1

# mypy: ignore-errors
# result: timeout memory
"""Writes out an integer of many millions of digits."""
import sys

sys.set_int_max_str_digits(0)
str(1 << 40_000_000)

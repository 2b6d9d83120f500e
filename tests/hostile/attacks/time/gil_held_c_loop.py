# mypy: ignore-errors
# result: timeout memory
"""Holds the interpreter's lock in one long multiplication."""
pow(7, 10**8)
pow(7, 10**8)
pow(7, 10**8)

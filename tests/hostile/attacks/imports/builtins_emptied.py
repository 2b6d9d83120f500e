# mypy: ignore-errors
# result: graded killed failed missing timeout
# points: at most 6
"""Takes all built-in names away."""
import builtins

backward = wrong_backward
builtins.__dict__.clear()

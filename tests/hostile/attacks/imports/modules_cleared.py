# mypy: ignore-errors
# result: graded killed failed missing timeout
# points: at most 6
"""Empties the table of modules."""
import sys

backward = wrong_backward
sys.modules.clear()
sys.path_importer_cache.clear()
sys.meta_path.clear()
sys.path_hooks[:] = [print]
sys.path[:] = [5, None, "\x00"]

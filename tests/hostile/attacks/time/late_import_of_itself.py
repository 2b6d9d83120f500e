# mypy: ignore-errors
# result: graded timeout failed
"""Imports itself again and again."""
import importlib
import sys


@attempt
def again():
    for _ in range(200):
        name = sys.argv[0].rpartition(".")[0]
        sys.modules.pop(name, None)
        importlib.import_module(name)

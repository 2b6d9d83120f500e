# mypy: ignore-errors
# result: killed
"""Ends the process while it is loaded, as if all went well."""
import os

os._exit(0)

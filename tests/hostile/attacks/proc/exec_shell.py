# mypy: ignore-errors
# result: graded
"""Becomes a shell."""
import os


@attempt
def become():
    os.execv("/bin/sh", ["sh", "-c", "echo ATTACK BROKEN; touch " + TARGETS["course"] + "/by_shell"])

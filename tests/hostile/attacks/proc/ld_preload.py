# mypy: ignore-errors
# result: graded
"""Has a library of its own loaded into programs that are started later."""
import os


@attempt
def preload():
    os.environ["LD_PRELOAD"] = TARGETS["course"] + "/evil.so"
    os.environ["PYTHONSTARTUP"] = os.environ["PYTHONPATH"] = TARGETS["course"]
    with open("evil.so", "wb") as file:
        file.write(b"\x7fELF")
    import ctypes

    ctypes.CDLL(os.path.abspath("evil.so"))
    return "loaded a library of its own"


@attempt
def execute():
    import sys

    os.execve(sys.executable, ["python", "-c", "print('ATTACK BROKEN')"], dict(os.environ))

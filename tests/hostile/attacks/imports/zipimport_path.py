# mypy: ignore-errors
# result: graded
"""Imports from an archive that it writes itself, and from a URL."""
import sys


@attempt
def archive():
    import zipfile

    with zipfile.ZipFile("own.zip", "w") as file:
        file.writestr("numpy.py", "PWNED = True")
    sys.path.insert(0, "own.zip")
    sys.modules.pop("numpy", None)
    import numpy

    # In a room of its own it may fool itself; that the next one is not fooled is seen from outside.
    print(hasattr(numpy, "PWNED"))


@attempt
def install():
    import subprocess

    return subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, text=True).stdout

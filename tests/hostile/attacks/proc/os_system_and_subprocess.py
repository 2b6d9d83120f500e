# mypy: ignore-errors
# result: graded
"""Runs commands, the usual ways."""
import os


@attempt
def system():
    status = os.system("touch " + TARGETS["course"] + "/by_system")
    return "ran a shell" if status == 0 else None


@attempt
def popen():
    import subprocess

    return subprocess.run(["/bin/echo", "ran"], capture_output=True, text=True).stdout


@attempt
def spawn():
    return f"spawned {os.posix_spawn('/bin/true', ['true'], {})}"

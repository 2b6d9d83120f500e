# mypy: ignore-errors
# result: graded
"""Writes to files of the course and of the machine."""
import os
import tempfile


@attempt
def write():
    written = []
    for path in (
        TARGETS["gradebook"],
        TARGETS["reference"],
        TARGETS["other"],
        TARGETS["course"] + "/written",
        "/tmp/written",
        "/var/tmp/written",
        "/dev/shm/written",
        "/usr/written",
        "/etc/passwd",
        TARGETS["package"] + "/__init__.py",
        TARGETS["site_packages"] + "/hostile.pth",
    ):
        try:
            with open(path, "a") as file:
                file.write("hostile")
        except OSError:
            continue
        written.append(path)
    return f"wrote {written}" if set(written) - {"/tmp/written"} else None


@attempt
def leave_in_temporary_folders():
    for _ in range(3):
        os.close(tempfile.mkstemp(prefix="hostile")[0])

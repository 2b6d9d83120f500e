# mypy: ignore-errors
# result: graded
"""Lists folders of the machine."""
import os

PUBLIC = {"/etc/localtime", "/etc/ld.so.cache"}


@attempt
def walk():
    seen = []
    for path in ("/etc", "/home", "/var", "/proc", "/sys", "/dev/shm", "/run", "/boot", TARGETS["course"]):
        try:
            seen += [f"{path}/{name}" for name in os.listdir(path)[:3]]
        except OSError:
            continue
    seen = [path for path in seen if path not in PUBLIC]
    return f"sees {seen}" if seen else None


@attempt
def walk_the_project():
    # Its folder may be there, as a place to mount what may be seen.
    seen = []
    for folder in (TARGETS["project"], TARGETS["project"] + "/grader", TARGETS["package"]):
        try:
            seen += [name for name in os.listdir(folder) if name in ("assignments", "reference", "marking", "gradebook.py")]
        except OSError:
            continue
    return f"sees {seen}" if seen else None

# mypy: ignore-errors
# result: graded
"""Changes who may read the files of the course, and when they seem to have been written."""
import os

WAYS = {
    "chmod": lambda: os.chmod(TARGETS["gradebook"], 0o777),
    "chown": lambda: os.chown(TARGETS["gradebook"], os.getuid(), os.getgid()),
    "utime": lambda: os.utime(TARGETS["gradebook"], (0, 0)),
    "setxattr": lambda: os.setxattr(TARGETS["gradebook"], "user.hostile", b"x"),
    "truncate": lambda: os.truncate(TARGETS["other"], 0),
    "chmod of the folder": lambda: os.chmod(TARGETS["course"], 0o700),
}


@attempt
def change():
    done = []
    for name, way in WAYS.items():
        try:
            way()
        except OSError:
            continue
        done.append(name)
    return f"did {done}" if done else None

# mypy: ignore-errors
# result: graded
"""Links, renames and removes files of the course."""
import os

WAYS = {
    "link": lambda: os.link(TARGETS["gradebook"], TARGETS["course"] + "/linked"),
    "symlink": lambda: os.symlink(TARGETS["gradebook"], TARGETS["course"] + "/symlinked"),
    "rename": lambda: os.rename(TARGETS["other"], TARGETS["other"] + ".gone"),
    "unlink": lambda: os.unlink(TARGETS["reference"]),
    "mkdir": lambda: os.mkdir(TARGETS["course"] + "/made"),
    "mkfifo": lambda: os.mkfifo(TARGETS["course"] + "/fifo"),
    "rmdir": lambda: os.rmdir(os.path.dirname(TARGETS["other"])),
    "link here": lambda: os.link(TARGETS["gradebook"], "here"),
    "read through a link": lambda: (os.symlink(TARGETS["gradebook"], "to"), open("to").read()),
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

# mypy: ignore-errors
# result: graded
"""Reads what the kernel tells about other processes."""
import os


@attempt
def read():
    seen = []
    for pid in [*others(), 1]:
        if pid == os.getpid():
            continue
        for name in ("environ", "maps", "mem", "stack", "fd", "cwd", "root", "task"):
            path = f"/proc/{pid}/{name}"
            try:
                seen.append(f"{path}: {os.listdir(path) if name in ('fd', 'cwd', 'root', 'task') else open(path, 'rb').read(2000)}")
            except OSError:
                continue
    return " ".join(seen)[:3000]

# mypy: ignore-errors
# result: graded
"""Looks for open files that are not its own."""
import os
import stat


@attempt
def look():
    found = []
    for descriptor in range(256):
        try:
            status = os.fstat(descriptor)
        except OSError:
            continue
        kind = stat.S_IFMT(status.st_mode)
        if kind == stat.S_IFDIR or kind == stat.S_IFSOCK or kind == stat.S_IFBLK:
            found.append((descriptor, oct(kind)))
        if kind == stat.S_IFREG:
            print(descriptor, os.pread(descriptor, 10**6, 0))
    return f"has {found}" if found else None

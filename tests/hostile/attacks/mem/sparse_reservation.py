# mypy: ignore-errors
# result: graded
"""Reserves a terabyte of nothing, in ways that are not counted."""
import mmap


@attempt
def reserve():
    managed = []
    for size in (1 << 44, 1 << 40, 1 << 36, 1 << 33):
        for flags in (mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS | 0x4000):
            try:
                mmap.mmap(-1, size, flags=flags, prot=mmap.PROT_READ)
            except (OSError, OverflowError):
                continue
            managed.append(size)
    return f"reserved {managed}" if managed else None

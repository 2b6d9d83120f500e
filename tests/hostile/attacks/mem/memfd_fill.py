# mypy: ignore-errors
# result: graded
"""Fills files that exist in memory alone."""
import os


@attempt
def fill():
    megabytes = 0
    descriptors = []
    try:
        for _ in range(60):
            descriptors.append(os.memfd_create("x"))
            for _ in range(7):
                megabytes += os.write(descriptors[-1], bytes(1 << 20)) >> 20
    except OSError:
        pass
    for descriptor in descriptors:
        os.close(descriptor)
    return f"wrote {megabytes} MB" if megabytes > 64 else None

# mypy: ignore-errors
# result: graded
"""Takes shared memory page after page."""
@attempt
def take():
    import mmap

    taken = []
    try:
        while len(taken) < 200:
            taken.append(mmap.mmap(-1, 4 << 20))
            taken[-1].write(bytes(4 << 20))
    except OSError:
        pass
    megabytes = 4 * len(taken)
    for one in taken:
        one.close()
    return f"took {megabytes} MB" if megabytes > 400 else None

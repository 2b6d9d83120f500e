# mypy: ignore-errors
# result: graded
"""Searches its own memory, and that of the process it was forked from, for what the grader knows."""


@attempt
def read():
    wanted = TARGETS["memory_mark"][::-1].encode()
    for line in open("/proc/self/maps"):
        bounds, rights = line.split()[:2]
        start, end = (int(bound, 16) for bound in bounds.split("-"))
        if "r" not in rights or end - start > 64 << 20 or start > 1 << 47:
            continue
        with open("/proc/self/mem", "rb") as memory:
            memory.seek(start)
            try:
                data = memory.read(end - start)
            except OSError:
                continue
        place = data.find(wanted)
        while place >= 0:
            print(data[place : place + 60].decode("ascii", "replace"))
            place = data.find(wanted, place + 1)

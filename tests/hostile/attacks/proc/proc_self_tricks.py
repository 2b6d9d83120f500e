# mypy: ignore-errors
# result: graded
"""Goes through the kernel's view of the process itself."""
import os


@attempt
def look():
    found = []
    for path in ("/proc/self/root", "/proc/1/root", "/proc/self/cwd/..", "/proc/thread-self/root", "/proc/self/map_files"):
        try:
            names = os.listdir(path)
        except OSError:
            continue
        found += [f"{path}: {name}" for name in names if name in ("work", "etc", "tmp")]
    return ", ".join(found)


@attempt
def read_canaries():
    seen = []
    for start in ("/proc/self/root", "/proc/1/root", f"/proc/{TARGETS['grader']}/root", "/proc/self/fd/0/../../../.."):
        try:
            seen.append(open(start + TARGETS["gradebook"]).read())
        except OSError:
            continue
    return " ".join(seen)


@attempt
def switches():
    opened = []
    for path in ("/proc/self/mem", "/proc/self/coredump_filter", "/proc/self/oom_score_adj", "/proc/sys/kernel/core_pattern"):
        try:
            os.close(os.open(path, os.O_WRONLY))
        except OSError:
            continue
        opened.append(path)
    return f"may write {opened}" if "/proc/sys/kernel/core_pattern" in opened else None

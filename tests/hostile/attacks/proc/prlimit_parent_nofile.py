# mypy: ignore-errors
# result: graded
"""Takes the right to open files from other processes."""
import resource


@attempt
def limit():
    hit = []
    for pid in others():
        try:
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (1, 1))
        except OSError:
            continue
        hit.append(pid)
    return f"limited {hit}" if hit else None

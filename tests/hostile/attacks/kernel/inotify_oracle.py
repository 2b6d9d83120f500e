# mypy: ignore-errors
# result: graded
"""Watches folders of the course, to see who is graded when."""


@attempt
def watch():
    watcher = system_call(294, 0)
    if watcher < 0:
        return None
    seen = system_call(254, watcher, TARGETS["course"].encode() + b"\0", 0xFFF)
    return "watches the course" if seen >= 0 else None

# mypy: ignore-errors
# result: graded
"""Opens files without a path: handles, descriptors of folders above, and new calls."""
import os


@attempt
def climb():
    managed = []
    for path in (".", "/", "/usr", "/box"):
        try:
            folder = os.open(path, os.O_PATH | os.O_DIRECTORY)
        except OSError:
            continue
        for name in ("../../../../.." + TARGETS["gradebook"], TARGETS["gradebook"].lstrip("/"), "../.." + TARGETS["reference"]):
            try:
                descriptor = os.open(name, os.O_RDONLY, dir_fd=folder)
                managed.append(os.read(descriptor, 100))
            except OSError:
                continue
    how = (0).to_bytes(24, "little")
    if (descriptor := system_call(437, -100, TARGETS["gradebook"].encode(), how, 24)) >= 0:
        managed.append(os.read(descriptor, 100))
    handle = bytearray((128).to_bytes(4, "little") + bytes(132))
    if system_call(303, -100, TARGETS["gradebook"].encode(), bytes(handle), bytes(8), 0) >= 0:
        managed.append("a handle")
    if system_call(304, -100, bytes(handle), 0) >= 0:
        managed.append("opened by handle")
    return f"read {managed}" if managed else None

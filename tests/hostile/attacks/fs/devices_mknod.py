# mypy: ignore-errors
# result: graded
"""Opens and makes devices."""
import os
import stat


@attempt
def open_devices():
    opened = []
    for name in ("mem", "kmsg", "port", "sda", "vda", "loop0", "tty", "console", "ptmx", "fuse", "net/tun"):
        try:
            os.close(os.open(f"/dev/{name}", os.O_RDWR))
        except OSError:
            continue
        opened.append(name)
    return f"opened {opened}" if opened else None


@attempt
def make():
    made = []
    for path in ("device", "/dev/shm/device", "/tmp/device"):
        try:
            os.mknod(path, stat.S_IFBLK | 0o666, os.makedev(8, 0))
        except OSError:
            continue
        made.append(path)
    return f"made {made}" if made else None

# mypy: ignore-errors
# result: graded
"""Makes a world of its own, in which it may do all."""
import os

NEW = {"user": 0x10000000, "mount": 0x00020000, "pid": 0x20000000, "net": 0x40000000, "ipc": 0x08000000}


@attempt
def unshare():
    made = [name for name, flag in NEW.items() if system_call(272, flag) == 0]
    return f"has its own {made}" if made else None


@attempt
def mount():
    done = [
        what
        for what, call in {
            "mount": (165, b"none\0", b"/\0", b"tmpfs\0", 0, 0),
            "remount": (165, b"none\0", b"/\0", 0, 32 | 4096, 0),
            "umount": (166, b"/\0", 2),
            "pivot_root": (155, b"/\0", b"/\0"),
            "fsopen": (430, b"tmpfs\0", 0),
            "open_tree": (428, -100, b"/\0", 1),
        }.items()
        if system_call(*call) >= 0
    ]
    return f"did {done}" if done else None


@attempt
def chroot():
    os.chroot("/")
    return "changed its root"


@attempt
def enter():
    hit = []
    for pid in others():
        handle = system_call(434, pid, 0)
        if handle >= 0 and system_call(308, handle, 0x00020000 | 0x40000000) == 0:
            hit.append(pid)
    return f"entered the world of {hit}" if hit else None

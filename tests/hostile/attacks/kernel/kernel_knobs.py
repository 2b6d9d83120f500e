# mypy: ignore-errors
# result: graded
"""Opens the kernel's switches for writing; turning them is left out."""
import os

SWITCHES = (
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/kernel/modprobe",
    "/proc/sysrq-trigger",
    "/sys/kernel/uevent_helper",
    "/sys/fs/cgroup/release_agent",
    "/sys/fs/cgroup/memory/release_agent",
    "/sys/fs/cgroup/cgroup.procs",
    "/sys/kernel/debug",
    "/dev/kmsg",
    "/dev/mem",
    "/dev/port",
    "/dev/fuse",
    "/dev/kvm",
    "/dev/ptmx",
)


@attempt
def reach():
    opened = []
    for path in SWITCHES:
        try:
            os.close(os.open(path, os.O_WRONLY))
        except OSError:
            continue
        opened.append(path)
    return f"may write {opened}" if opened else None

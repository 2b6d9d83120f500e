# mypy: ignore-errors
# result: graded
"""Reads what the kernel tells of the machine and of others."""
import glob
import os


@attempt
def look():
    found = []
    for path in (
        "/proc/1/environ", "/proc/1/cmdline", "/proc/self/environ", "/proc/self/maps", "/proc/self/mountinfo", "/proc/net/tcp",
        "/proc/kallsyms", "/proc/kcore", "/proc/keys", "/proc/locks", "/proc/sched_debug", "/sys/kernel/notes",
        "/sys/class/net/lo/address", "/sys/fs/cgroup/cgroup.procs", "/dev/kmsg", "/dev/mem", "/run/docker.sock", "/root/.ssh",
        f"/proc/{TARGETS['grader']}/environ", f"/proc/{TARGETS['grader']}/mem", f"/proc/{TARGETS['grader']}/fd/3",
        f"/proc/{TARGETS['bystander']}/maps", "/dev/tty", "/dev/ptmx", "/dev/fuse", "/dev/kvm", "/dev/net/tun",
    ):
        try:
            with open(path, "rb") as file:
                found.append((path, file.read(100)))
        except OSError:
            continue
    found += glob.glob("/proc/[0-9]*") + glob.glob("/sys/*")
    return f"read {found[:5]}" if found else None

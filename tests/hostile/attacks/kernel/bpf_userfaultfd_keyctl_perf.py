# mypy: ignore-errors
# result: graded
"""Uses parts of the kernel that no homework needs."""

CALLS = {
    "userfaultfd": (323, 1),
    "keyctl get session": (250, 0, -3, 1),
    "perf_event_open": (298, b"\x01\x00\x00\x00\x70\x00\x00\x00" + bytes(104), 0, -1, -1, 0),
    "bpf": (321, 0, b"\x02\x00\x00\x00\x04\x00\x00\x00\x08\x00\x00\x00\x01\x00\x00\x00" + bytes(100), 116),
    "memfd_secret": (447, 0),
    "fanotify_init": (300, 0, 0),
    "open_by_handle_at": (304, -100, b"\x08\x00\x00\x00\x01\x00\x00\x00" + bytes(8), 0),
    "kcmp": (312, 1, 1, 0, 0, 0),
    "add_key": (248, b"user\0", b"hostile\0", b"x", 1, -4),
    "personality": (135, 0x0040000),
    "quotactl": (179, 0, 0, 0, 0),
    "settimeofday": (164, 0, 0),
    "syslog": (103, 3, bytes(64), 64),
    "landlock_create_ruleset": (444, b"\x01" + bytes(7), 8, 0),
}


@attempt
def use():
    served = [name for name, call in CALLS.items() if system_call(*call) >= 0]
    harmless = {"landlock_create_ruleset", "personality"}
    return f"the kernel serves {served}" if set(served) - harmless else None

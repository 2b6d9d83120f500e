# mypy: ignore-errors
# result: graded
"""Tries system calls that change the machine, or open new ways into it."""

CALLS = {
    "fsopen": (430, b"tmpfs", 0), "open_tree": (428, -100, b"/", 1), "move_mount": (429, -1, b"", -100, b"/tmp", 0),
    "mount_setattr": (442, -100, b"/", 0x8000, bytes(32), 32), "pivot_root": (155, b"/", b"/"), "swapon": (167, b"/tmp/x", 0),
    "umount2": (166, b"/", 2), "quotactl": (179, 0, b"", 0, 0), "fanotify_init": (300, 0, 0), "perf_event_open": (298, bytes(128), 0, -1, -1, 0),
    "userfaultfd": (323, 0), "bpf": (321, 0, bytes(128), 128), "keyctl": (250, 0, -3, 1), "add_key": (248, b"user", b"hostile", b"x", 1, -3),
    "memfd_create": (319, b"x", 0), "memfd_secret": (447, 0), "io_uring_setup": (425, 8, bytes(120)), "io_setup": (206, 8, bytes(8)),
    "kcmp": (312, 1, 1, 0, 0, 0), "setns": (308, 0, 0), "unshare": (272, 0x10000000), "chroot": (161, b"/"), "ptrace": (101, 0, 0, 0, 0),
    "process_vm_readv": (310, 1, bytes(16), 1, bytes(16), 1, 0), "pidfd_open": (434, 1, 0), "iopl": (172, 3), "ioperm": (173, 0, 1, 1),
    "sethostname": (170, b"x", 1), "settimeofday": (164, bytes(16), 0), "reboot": (169, 0xFEE1DEAD, 672274793, 0, 0),
    "init_module": (175, b"", 0, b""), "finit_module": (313, 0, b"", 0), "kexec_load": (246, 0, 0, 0, 0), "acct": (163, b"/tmp/x"),
    "syslog": (103, 3, bytes(100), 100), "name_to_handle_at": (303, -100, b"/", bytes(136), bytes(8), 0), "vhangup": (153,),
    "shmget": (29, 0x1234, 4096, 0o1666), "msgget": (68, 0x1234, 0o1666), "semget": (64, 0x1234, 1, 0o1666), "mq_open": (240, b"x", 0o102, 0o666, 0),
    "move_pages": (279, 1, 0, 0, 0, 0, 0), "clone3": (435, bytes(88), 88), "seccomp_notify": (317, 1, 8, bytes(16)), "timer_signal_other": (297, 1, 1, 9, bytes(128)),
    "inotify_init": (253,), "process_madvise": (440, 0, 0, 0, 0, 0), "landlock_add": (445, -1, 1, bytes(16), 0),
}


@attempt
def call():
    kept = [name for name, values in CALLS.items() if system_call(*values) >= 0]
    return f"the kernel took {kept}" if kept else None

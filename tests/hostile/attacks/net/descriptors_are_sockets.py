# mypy: ignore-errors
# result: graded
"""Takes every descriptor for a socket, and asks for more through it."""
import array
import os
import socket


@attempt
def ask():
    managed = []
    for descriptor in range(256):
        try:
            one = socket.socket(fileno=os.dup(descriptor))
        except OSError:
            continue
        for way in (
            lambda: one.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0]))]),
            lambda: one.recvmsg(100, 1000, socket.MSG_DONTWAIT),
            lambda: one.connect(("127.0.0.1", TARGETS["tcp"])),
            lambda: one.getpeername(),
            lambda: one.listen(),
        ):
            try:
                managed.append(str(way())[:50])
            except (OSError, TypeError):
                continue
    return f"talked {managed}" if managed else None

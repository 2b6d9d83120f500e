# mypy: ignore-errors
# result: graded
"""Passes open files through sockets of its own."""
import array
import os
import socket


@attempt
def pass_on():
    # A pair of its own is no network; a control socket of the sandbox that it could write to would be.
    hit = []
    for descriptor in range(3, 64):
        try:
            with socket.socket(fileno=os.dup(descriptor)) as link:
                link.sendmsg([b"{}"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0]))])
        except (OSError, ValueError):
            continue
        hit.append(descriptor)
    return f"talks to {hit}" if hit else None

# mypy: ignore-errors
# result: graded
"""Connects to a server."""
import socket


@attempt
def connect():
    with socket.create_connection(("127.0.0.1", TARGETS["tcp"]), timeout=1) as link:
        link.sendall(b"answers")
    return "connected"


@attempt
def connect_over_ipv6():
    with socket.create_connection(("::1", TARGETS["tcp"]), timeout=1) as link:
        link.sendall(b"answers")
    return "connected"

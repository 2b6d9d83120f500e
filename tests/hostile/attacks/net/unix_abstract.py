# mypy: ignore-errors
# result: graded
"""Connects to a server on this machine by a name that is no path."""
import socket


@attempt
def connect():
    with socket.socket(socket.AF_UNIX) as link:
        link.connect("\0" + TARGETS["abstract"])
        link.sendall(b"answers")
    return "connected"


@attempt
def send():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as post:
        post.sendto(b"answers", "\0" + TARGETS["abstract"] + "-post")
    return "sent"

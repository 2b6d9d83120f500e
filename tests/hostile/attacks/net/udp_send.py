# mypy: ignore-errors
# result: graded
"""Sends a datagram."""
import socket


@attempt
def send():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as post:
        post.sendto(b"answers", ("127.0.0.1", TARGETS["udp"]))
    return "sent"

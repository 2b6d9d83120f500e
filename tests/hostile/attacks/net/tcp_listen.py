# mypy: ignore-errors
# result: graded
"""Waits for connections."""
import socket


@attempt
def listen():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        return f"listens on {server.getsockname()}"

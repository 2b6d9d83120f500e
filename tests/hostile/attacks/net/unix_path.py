# mypy: ignore-errors
# result: graded
"""Connects to a server on this machine by its path."""
import socket


@attempt
def connect():
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(TARGETS["unix"])
        link.sendall(b"answers")
    return "connected"


@attempt
def connect_to_services():
    for path in ("/run/docker.sock", "/var/run/docker.sock", "/run/dbus/system_bus_socket", "/run/systemd/private"):
        with socket.socket(socket.AF_UNIX) as link:
            if link.connect_ex(path) == 0:
                return f"connected to {path}"
    return None

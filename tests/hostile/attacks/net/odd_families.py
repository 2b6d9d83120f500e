# mypy: ignore-errors
# result: graded
"""Opens sockets of families that one forgets: packets, netlink, virtual machines, Bluetooth, the kernel's ciphers."""
import socket

FAMILIES = {"packet": 17, "netlink": 16, "vsock": 40, "bluetooth": 31, "alg": 38, "can": 29, "tipc": 30, "xdp": 44, "raw": 2}


@attempt
def open_them():
    opened = []
    for name, family in FAMILIES.items():
        for kind in (1, 2, 3, 5):
            try:
                socket.socket(family, 3 if name == "raw" else kind).close()
            except OSError:
                continue
            opened.append(name)
            break
    return f"opened {opened}" if opened else None

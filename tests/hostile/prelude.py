# mypy: ignore-errors
"""An honest submission; stands above every attack, so that the rest of a submission is graded as ever."""


def relu(z):
    return z if z > 0 else 0.0


def slope(z):
    return 1.0 if z > 0 else 0.0


def sign(z):
    return (z > 0) - (z < 0)


def forward(x, w0, w1, w2, ws):
    z0 = w0 * x
    h0 = relu(z0)
    z1 = w1 * h0
    h1 = relu(z1)
    z2 = ws * h0 + w2 * h1
    return {"z0": z0, "h0": h0, "z1": z1, "h1": h1, "z2": z2, "y_hat": z2}


def loss(y_hat, y):
    return abs(y - y_hat)


def backward(x, y, w0, w1, w2, ws):
    nodes = forward(x, w0, w1, w2, ws)
    d_y_hat = sign(nodes["y_hat"] - y)
    d_h1 = d_y_hat * w2
    d_z1 = d_h1 * slope(nodes["z1"])
    d_h0 = d_y_hat * ws + d_z1 * w1
    d_z0 = d_h0 * slope(nodes["z0"])
    return {"w0": d_z0 * x, "w1": d_z1 * nodes["h0"], "w2": d_y_hat * nodes["h1"], "ws": d_y_hat * nodes["h0"]}


def update(weights, gradients, lr):
    return {name: weights[name] - lr * gradients[name] for name in weights}


def wrong_backward(x, y, w0, w1, w2, ws):
    return {"w0": 41.0, "w1": 42.0, "w2": 43.0, "ws": 44.0}


def step(x, y, w0, w1, w2, ws, lr):
    weights = {"w0": w0, "w1": w1, "w2": w2, "ws": ws}
    return update(weights, backward(x, y, **weights), lr)


def attempt(attack):
    """Try an attack now; what it returns is what it managed."""
    try:
        managed = attack()
    except Exception as error:
        print(f"ATTACK held {type(error).__name__}: {str(error)[:120]}")
    else:
        # Put together here, so that showing this text is not yet a success.
        print("ATTACK", f"BROKEN {managed}" if managed else "held")
    return attack


def others():
    """Processes that must not feel anything: the grader, a bystander, and whoever started us."""
    import os

    return [pid for pid in (TARGETS["grader"], TARGETS["bystander"], os.getppid()) if pid > 1 and pid != os.getpid()]


def system_call(number, *arguments):
    """Make a system call past all libraries; -1 where it was refused."""
    import ctypes
    import platform

    if platform.machine() != "x86_64":
        raise NotImplementedError("the numbers are those of x86-64")
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])


def frame(header, blob=b""):
    """Write one message as the sandbox writes them."""
    import json
    import struct

    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<4sII", b"BPG1", len(text), len(blob)) + text + blob


def write_everywhere(data):
    """Write to every descriptor past the standard ones."""
    import os

    for descriptor in range(3, 256):
        try:
            os.write(descriptor, data)
        except OSError:
            pass

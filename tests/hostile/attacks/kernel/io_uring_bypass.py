# mypy: ignore-errors
# result: graded
"""Opens files and sockets through a ring of requests, past filters of system calls."""


@attempt
def ring():
    import ctypes

    parameters = ctypes.create_string_buffer(120)
    return "has a ring" if system_call(425, 4, parameters) >= 0 else None

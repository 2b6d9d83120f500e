# mypy: ignore-errors
# result: graded
"""Leaves named shared memory and a named queue for an accomplice."""


@attempt
def leave():
    from multiprocessing import shared_memory

    shared_memory.SharedMemory(name="hostile", create=True, size=4096)
    return "left a block of shared memory"


@attempt
def queue():
    import ctypes

    number = system_call(240, ctypes.c_char_p(b"hostile"), 0o102, 0o666, 0)
    return "left a message queue" if number >= 0 else None

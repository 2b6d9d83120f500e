# mypy: ignore-errors
# result: killed failed
"""Breaks the heap and the stack."""


def backward(x, y, w0, w1, w2, ws):
    import ctypes

    here = ctypes.c_long(0)
    ctypes.memset(ctypes.addressof(here) - 4096, 0x41, 65536)
    ctypes.CDLL(None).free(ctypes.c_void_p(0x41414141))
    ctypes.string_at(0x41414141)

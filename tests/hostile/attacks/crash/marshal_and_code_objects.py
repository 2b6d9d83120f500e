# mypy: ignore-errors
# result: killed failed timeout
"""Runs bytes that are no program."""


def backward(x, y, w0, w1, w2, ws):
    code = backward.__code__.replace(co_code=b"\x64\xff" * 40 + b"\x53\x00", co_consts=(), co_stacksize=1)
    return eval(code)

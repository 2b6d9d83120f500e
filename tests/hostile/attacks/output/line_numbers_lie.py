# mypy: ignore-errors
# result: failed
"""Claims to have failed on lines that are not there, in functions of odd names."""


def at_fault():
    raise ValueError("x")


at_fault.__code__ = at_fault.__code__.replace(
    co_firstlineno=2**31 - 10, co_name="\x1b[31m\r\n::error::\udcff" * 50, co_qualname="<script>"
)


def backward(x, y, w0, w1, w2, ws):
    at_fault()

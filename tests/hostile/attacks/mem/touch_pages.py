# mypy: ignore-errors
# result: memory
"""Takes page after page."""


def backward(x, y, w0, w1, w2, ws):
    pages = [bytearray(8 << 20) for _ in range(200)]
    return {"w0": len(pages)}

# mypy: ignore-errors
# result: failed
"""Claims that the line at fault is in a file of the course, so that its text is shown."""

FILES = [TARGETS["reference"], TARGETS["gradebook"], TARGETS["other"], "/etc/passwd", "../" * 30 + "etc/passwd"]


def backward(x, y, w0, w1, w2, ws):
    name = FILES[int(abs(x) * 10) % len(FILES)]
    exec(compile("raise ValueError('look there')", name, "exec"))

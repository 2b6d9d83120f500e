# mypy: ignore-errors
# result: failed
"""Raises an error whose class, name, text, cause and traceback are not what they should be."""


class Meta(type):
    __name__ = property(lambda cls: "\x1b[2J\r\n##[error]" + "x" * 10000)
    __module__ = 5
    __qualname__ = "<script>alert(1)</script>"


class Lie(Exception, metaclass=Meta):
    __class__ = property(lambda self: KeyboardInterrupt)

    def __str__(self):
        return 5

    def with_traceback(self, trace):
        return None


def backward(x, y, w0, w1, w2, ws):
    first, second = Lie("a"), Lie("b")
    first.__cause__, second.__cause__ = second, first
    raise first

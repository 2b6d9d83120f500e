# mypy: ignore-errors
# result: graded
# says: nothing
"""Raises a syntax error on a line that is not there, while it is loaded."""


class Text(str):
    def __str__(self):
        raise ValueError


error = SyntaxError(Text("odd"), (__file__, 10**18, -(10**18), None))
error.filename = __file__
error.lineno = 10**18
error.text = 5
raise error

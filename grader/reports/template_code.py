"""How our own templates are compiled: as Jinja does it, but for what a report does a thousand times."""

from __future__ import annotations

from functools import lru_cache

import markupsafe
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup

_MOST_SHORT = 32
"""Characters of a text whose escaped form is remembered: words of ours, names, numbers."""


def escape(value: object) -> Markup:
    """Escape a value for HTML, as `markupsafe.escape` does, but give back what is escaped already as the object it is.

    Parameters
    ----------
    value : object

    Returns
    -------
    Markup
    """
    if type(value) is Markup:
        return value
    return _short(value) if type(value) is str and len(value) <= _MOST_SHORT else markupsafe.escape(value)


_short = lru_cache(4096)(markupsafe.escape)


class OwnCode(CodeGenerator):
    """Compiles templates that we wrote and tested; see `jinja2.Environment.code_generator_class`.

    Never an instructor's: there, what Jinja looks up and checks at each name is wanted.
    """

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802  (Jinja's name)
        """Write the module, in which our `escape` takes the place of Jinja's: its functions look the name up when they are called."""
        super().visit_Template(node, frame)
        self.writeline(f"from {__name__} import {escape.__name__}")

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802
        """Write `value.name` as Python means it, without Jinja's look for an item of that name."""
        self.write("(")
        self.visit(node.node, frame)
        self.write(f").{node.attr}")

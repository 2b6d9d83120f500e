"""The two Jinja environments: HTML with autoescape, Markdown with its own escape on every expression."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from operator import attrgetter
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from grader.reports import markdown

_row: Callable[[object], tuple[object, ...]] = attrgetter(
    "name", "verdict", "required", "first_mistake", "actual", "expected", "error", "case", "reason"
)


def rows(quantities: Iterable[object]) -> list[tuple[object, ...]]:
    """Take the quantities of a table apart, for templates: each attribute they look up costs a search of its own.

    Parameters
    ----------
    quantities : iterable of QuantityView
        The rows.

    Returns
    -------
    list of tuple
        Of each row `name, verdict, required, first_mistake, actual, expected, error, case, reason`.
    """
    return [_row(one) for one in quantities]


class SafeMarkdown(str):
    """Markdown that was escaped already, so that it is not escaped twice."""

    __slots__ = ()


@cache
def html_environment() -> Environment:
    """Make the environment of the HTML templates; every expression is escaped.

    Returns
    -------
    Environment
        One for the process.
    """
    environment = Environment(
        loader=PackageLoader("grader.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        # The templates are part of the package: nobody changes them while it runs.
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["rows"] = rows
    environment.filters["path"] = lambda text: quote(text, safe="", errors="replace")
    return environment


@cache
def markdown_environment() -> Environment:
    """Make the environment of the Markdown templates; every expression is escaped unless a filter here wrote it.

    Returns
    -------
    Environment
        One for the process.
    """
    environment = Environment(
        loader=PackageLoader("grader.reports"),
        # Markdown needs another escape than HTML: `finalize` below is its autoescape.
        autoescape=False,  # noqa: S701
        finalize=_finalize,
        undefined=StrictUndefined,
        # The templates are part of the package: nobody changes them while it runs.
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["rows"] = rows
    environment.filters["code"] = lambda text: SafeMarkdown(markdown.code(text))
    environment.filters["fence"] = lambda text: SafeMarkdown(markdown.fence(text))
    return environment


def _finalize(value: object) -> str:
    return value if isinstance(value, SafeMarkdown) else markdown.escape(str(value))

"""The two Jinja environments: HTML with autoescape, Markdown with its own escape on every expression."""

from __future__ import annotations

from functools import cache
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from grader.reports import markdown


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
    environment.filters["code"] = lambda text: SafeMarkdown(markdown.code(text))
    environment.filters["fence"] = lambda text: SafeMarkdown(markdown.fence(text))
    return environment


def _finalize(value: object) -> str:
    return value if isinstance(value, SafeMarkdown) else markdown.escape(str(value))

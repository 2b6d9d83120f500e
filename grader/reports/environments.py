"""The two Jinja environments: HTML with autoescape, Markdown with its own escape on every expression."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from functools import cache, lru_cache
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from grader.reports import markdown
from grader.reports.drawing import network_svg
from grader.reports.lines import SideView
from grader.reports.networks import NetworkView
from grader.reports.phrases import VERDICT_MEANINGS
from grader.reports.shapes import SHAPES

_PARTS = 2_048
"""Pieces of reports that are remembered, each of about a kilobyte at most. Most are the same for a whole class: how it was
marked is, and so are the rows of right answers and of those that the same mistake leads to."""


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
    environment.globals["part"] = _html_part
    environment.globals["parts"] = _html_parts
    environment.globals["verdict_shapes"] = SHAPES
    environment.globals["meanings"] = VERDICT_MEANINGS
    environment.filters["formula"] = _formula
    environment.filters["drawing"] = _drawing
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
    environment.globals["part"] = _markdown_part
    environment.globals["parts"] = _markdown_parts
    environment.filters["code"] = lambda text: SafeMarkdown(markdown.code(text))
    environment.filters["formula"] = lambda text: SafeMarkdown(markdown.formula(text))
    environment.filters["fence"] = lambda text: SafeMarkdown(markdown.fence(text))
    return environment


def _html_parts(macro: str, each: Iterable[Hashable], *values: Hashable) -> Markup:
    """Call a macro for one value after the other."""
    # Joined as texts: each is escaped already, and would be looked at once more.
    return Markup("".join([_html_part(macro, one, *values) for one in each]))  # noqa: S704


def _markdown_parts(macro: str, each: Iterable[Hashable], *values: Hashable) -> SafeMarkdown:
    """Call a macro for one value after the other."""
    return SafeMarkdown("".join([_markdown_part(macro, one, *values) for one in each]))


@lru_cache(_PARTS)
def _html_part(macro: str, *values: Hashable) -> Markup:
    """Call a macro, or give what it gave for the same values before."""
    made: Markup = getattr(html_environment().get_template("macros.html.j2").module, macro)(*values)
    return made


@lru_cache(_PARTS)
def _markdown_part(macro: str, *values: Hashable) -> SafeMarkdown:
    """Call a macro, or give what it gave for the same values before."""
    return SafeMarkdown(getattr(markdown_environment().get_template("macros.md.j2").module, macro)(*values))


def _formula(side: SideView) -> Markup:
    """Return a formula as it is: our own MathML, and looked through when the view was made."""
    return Markup(side.mathml)  # noqa: S704 (of a student's text it holds what was escaped)


def _drawing(view: NetworkView) -> Markup:
    """Draw a network: our own SVG, in which every text is escaped."""
    said = ", ".join(f"{count} {verdict}" for verdict, count in view.tally)
    name = f"The network {view.name}" if view.name else "The network"
    first = f"; first mistake: {view.first_mistake}" if view.first_mistake is not None else ""
    return Markup(network_svg(view, f"{name}: {said}{first}. The tables below say the same."))  # noqa: S704


def _finalize(value: object) -> str:
    return value if isinstance(value, SafeMarkdown) else markdown.escape(str(value))

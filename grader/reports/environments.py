"""The two Jinja environments: HTML with autoescape, Markdown with its own escape on every expression."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from grader.reports import markdown
from grader.reports.drawing import network_svg
from grader.reports.lines import LineView, SideView
from grader.reports.networks import NetworkView
from grader.reports.phrases import VERDICT_MEANINGS
from grader.reports.shapes import SHAPES
from grader.reports.template_code import OwnCode
from grader.reports.typeset import mathml
from grader.reports.view import QuestionView

_PARTS = 2_048
"""Pieces of reports that are remembered, each of about a kilobyte at most. Most are the same for a whole class: how it was
marked is, and so are the rows of right answers and of those that the same mistake leads to."""
_WHOLES = 512
"""Whole questions that are remembered, each of some kilobytes: right answers look alike, and so do those with the usual
mistakes. None is among them that holds what one student or one person wrote at length."""
_NETWORKS = 256
"""Networks that are remembered with their drawings, each of some kilobytes, as many as there are drawings."""

SHIPPED = "shipped"
"""Where templates of an instructor find ours: `{% include "shipped/style.css" %}`."""


class SafeMarkdown(str):
    """Markdown that was escaped already, so that it is not escaped twice."""

    __slots__ = ()


@cache
def html_environment(templates: Path | None = None) -> Environment:
    """Make the environment of the HTML templates; every expression is escaped.

    Parameters
    ----------
    templates : Path, optional
        A folder whose templates stand for ours of the same name.

    Returns
    -------
    Environment
        One for the process and each folder.
    """
    environment = _environment(templates, autoescape=True)
    environment.globals["part"] = partial(_html_part, templates)
    environment.globals["parts"] = partial(_html_parts, templates)
    # As filters: Jinja calls them ten times as fast as functions, and tables have many rows.
    environment.filters["part"] = lambda value, macro: _html_part(templates, macro, value)
    environment.filters["line"] = partial(_html_line, templates)
    environment.filters["whole"] = partial(_html_question, templates)
    environment.filters["network"] = lambda view, macro: _html_network(templates, macro, view)
    environment.globals["verdict_shapes"] = SHAPES
    environment.globals["meanings"] = VERDICT_MEANINGS
    environment.filters["formula"] = _formula
    environment.filters["drawing"] = _drawing
    environment.filters["mathml"] = lambda text: mathml(text) or ""
    environment.filters["path"] = lambda text: quote(text, safe="", errors="replace")
    return environment


@cache
def markdown_environment(templates: Path | None = None) -> Environment:
    """Make the environment of the Markdown templates; every expression is escaped unless a filter here wrote it.

    Parameters
    ----------
    templates : Path, optional
        A folder whose templates stand for ours of the same name.

    Returns
    -------
    Environment
        One for the process and each folder.
    """
    # Markdown needs another escape than HTML: `finalize` is its autoescape.
    environment = _environment(templates, autoescape=False, finalize=_finalize)
    environment.globals["part"] = partial(_markdown_part, templates)
    environment.globals["parts"] = partial(_markdown_parts, templates)
    environment.filters["part"] = lambda value, macro: _markdown_part(templates, macro, value)
    environment.filters["line"] = partial(_markdown_line, templates)
    environment.filters["whole"] = partial(_markdown_question, templates)
    environment.filters["code"] = lambda text: SafeMarkdown(markdown.code(text))
    environment.filters["formula"] = lambda text: SafeMarkdown(markdown.formula(text))
    environment.filters["typeset"] = lambda text: SafeMarkdown(markdown.typeset(text))
    environment.filters["fence"] = lambda text: SafeMarkdown(markdown.fence(text))
    return environment


def _environment(
    templates: Path | None, *, autoescape: bool, finalize: Callable[..., object] | None = None
) -> Environment:
    """Make an environment of our templates, or a sandboxed one in which those of a folder come first."""
    options: dict[str, Any] = {
        "autoescape": autoescape,
        "finalize": finalize,
        "undefined": StrictUndefined,
        # The templates are read once: nobody changes them while a class is graded.
        "auto_reload": False,
        "trim_blocks": True,
        "lstrip_blocks": True,
    }
    ours = PackageLoader("grader.reports")
    if templates is None:
        own = Environment(loader=ours, **options)  # noqa: S701  (each caller says how it escapes)
        own.code_generator_class = OwnCode
        return own
    loaders: list[BaseLoader] = [FileSystemLoader(templates), ours, PrefixLoader({SHIPPED: ours})]
    environment = ImmutableSandboxedEnvironment(loader=ChoiceLoader(loaders), **options)
    # What students write must stay text, whatever a template says.
    del environment.filters["safe"]
    return environment


def _html_parts(templates: Path | None, macro: str, each: Iterable[Hashable], *values: Hashable) -> Markup:
    """Call a macro for one value after the other."""
    # Joined as texts: each is escaped already, and would be looked at once more.
    return Markup("".join([_html_part(templates, macro, one, *values) for one in each]))  # noqa: S704


def _markdown_parts(
    templates: Path | None, macro: str, each: Iterable[Hashable], *values: Hashable
) -> SafeMarkdown:
    """Call a macro for one value after the other."""
    return SafeMarkdown("".join([_markdown_part(templates, macro, one, *values) for one in each]))


def _html_piece(templates: Path | None, macro: str, *values: Hashable) -> Markup:
    """Call a macro, whose piece depends on nothing but these values."""
    made: Markup = _html_macro(templates, macro)(*values)
    return made


def _markdown_piece(templates: Path | None, macro: str, *values: Hashable) -> SafeMarkdown:
    """Call a macro, whose piece depends on nothing but these values."""
    return SafeMarkdown(_markdown_macro(templates, macro)(*values))


# Or what they gave for the same values before.
_html_part, _html_whole = lru_cache(_PARTS)(_html_piece), lru_cache(_WHOLES)(_html_piece)
_html_network = lru_cache(_NETWORKS)(_html_piece)
_markdown_part, _markdown_whole = lru_cache(_PARTS)(_markdown_piece), lru_cache(_WHOLES)(_markdown_piece)


def _html_line(templates: Path | None, line: LineView) -> Markup:
    """Write what is said of a line, wherever it stands."""
    return (_html_part if line.is_short else _html_piece)(templates, "line", line.anywhere)


def _markdown_line(templates: Path | None, line: LineView) -> SafeMarkdown:
    """Write what is said of a line, wherever it stands."""
    return (_markdown_part if line.is_short else _markdown_piece)(templates, "line", line.anywhere)


def _html_question(templates: Path | None, question: QuestionView, *values: Hashable) -> Markup:
    """Write a section on a question."""
    make = _html_piece if question.is_personal else _html_whole
    return make(templates, "question", question, *values)


def _markdown_question(templates: Path | None, question: QuestionView, *values: Hashable) -> SafeMarkdown:
    """Write a section on a question."""
    make = _markdown_piece if question.is_personal else _markdown_whole
    return make(templates, "question", question, *values)


@cache
def _html_macro(templates: Path | None, macro: str) -> Callable[..., Any]:
    made: Callable[..., Any] = getattr(
        html_environment(templates).get_template("macros.html.j2").module, macro
    )
    return made


@cache
def _markdown_macro(templates: Path | None, macro: str) -> Callable[..., Any]:
    made: Callable[..., Any] = getattr(
        markdown_environment(templates).get_template("macros.md.j2").module, macro
    )
    return made


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

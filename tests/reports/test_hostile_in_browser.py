"""Hostile text in a real browser and through the command: it is shown as text, no script of it runs, and nothing is asked for."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import opened, started
from installed import Done, call, once
from markdown_it import MarkdownIt
from samples import hostile, written

from grader.reports.class_rows import class_row
from grader.reports.course import class_html
from grader.reports.student import student_html, student_markdown
from grader.reports.view import public_view

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

SCRIPT = "window.canary=1"
ATTACKS = (
    f"<script>{SCRIPT}</script>",
    f'<img src=x onerror="{SCRIPT}">',
    f'"><svg onload={SCRIPT}>',
    f"</style></title></pre></code></svg></math><script>{SCRIPT}</script>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={SCRIPT}>",
    f"--><script>{SCRIPT}</script>]]>",
    f"[x](javascript:{SCRIPT})",
    f"<a href='javascript:{SCRIPT}' autofocus onfocus={SCRIPT}>x</a>",
    "![x](http://example.org/x.png)",
    f"```\n<iframe srcdoc='<script>parent.{SCRIPT}</script>'></iframe>\n",
)
NAME = f"<img src=x onerror={SCRIPT}>"
"""A file's name, and so a student's."""
FORMULA = '=HYPERLINK("x")'
CODE = f"""
'''{ATTACKS[3]}'''
print({ATTACKS[0]!r}, "[bold red]rich[/bold red]")


def forward(x, w0, w1, w2, ws):
    return {{{ATTACKS[1]!r}: 1.0, "[bold]z0[/bold]": 2.0, "z0": {ATTACKS[2]!r}}}


def loss(y_hat, y):
    return "{FORMULA.replace('"', "'")}"


def backward(*values):
    raise ValueError({ATTACKS[1]!r} + "[link=http://example.org]x[/link]")
"""
ANSWER = "\n\n".join(
    ["# 1)", *ATTACKS, rf"$$\frac{{dL}}{{d\text{{{ATTACKS[0]}}}}} = \href{{javascript:{SCRIPT}}}{{x}}$$"]
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started() as browser:
        yield browser


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Grade what is hostile wherever a student writes: names, code, a notebook, an answer on paper."""
    return once(tmp_path_factory, "hostile-in-browser", _grade)


def _grade(folder: Path) -> None:
    code, paper = folder / "code", folder / "paper"
    code.mkdir()
    paper.mkdir()
    (code / f"{NAME.replace('/', '')}.py").write_text(CODE, encoding="utf-8")
    (code / f"{FORMULA}.py").write_text(CODE, encoding="utf-8")
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ANSWER},
        {"cell_type": "code", "metadata": {}, "source": CODE, "outputs": [], "execution_count": None},
    ]
    notebook = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}
    (code / "notebook.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    (paper / "answer.md").write_text(ANSWER, encoding="utf-8")
    for name, handed_in in (("skip_network", code), ("skip_network_by_hand", paper)):
        done: Done = call("grade", name, handed_in, "-o", folder / f"{name}-out", "--seed", "1")
        assert done.code == 0, done.err


def runs(browser: Browser, page: Path) -> list[str]:
    """Return what a page ran, asked for or complained of."""
    with opened(browser, page, 1280) as seen:
        seen.page.wait_for_timeout(50)
        canary = seen.page.evaluate("() => window.canary")
        return [*seen.requests, *seen.complaints, *([] if canary is None else ["a script ran"])]


@pytest.mark.parametrize("text", ATTACKS)
def test_no_text_of_a_submission_runs_in_any_page(text: str, tmp_path: Path, browser: Browser) -> None:
    """In every field of a grade: the student's page, the class page, and Markdown where raw HTML is let through."""
    rendered = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    views = [public_view(one, "full") for one in (hostile(text), written(text))]
    pages = {
        "student": student_html(views[0]),
        "written": student_html(views[1]),
        "class": class_html([class_row("a", hostile(text)), class_row("b", hostile(text))], assignment=text),
        "markdown": "".join(rendered.render(student_markdown(view)) for view in views),
    }
    found = {}
    for name, html in pages.items():
        page = tmp_path / f"{name}.html"
        # Without the policy that forbids scripts, which is the second wall: here the first one must hold alone.
        page.write_text(html.replace("Content-Security-Policy", "x-none"), encoding="utf-8")
        found[name] = runs(browser, page)
    assert found == {name: [] for name in pages}


def test_no_page_of_a_hostile_class_runs_anything(graded: Path, browser: Browser) -> None:
    pages = [*graded.glob("*-out/reports/*.html"), *graded.glob("*-out/index.html")]
    assert len(pages) == 6
    assert {page.name: found for page in pages if (found := runs(browser, page))} == {}


def test_what_was_printed_and_raised_is_read_as_it_is(graded: Path, browser: Browser) -> None:
    (page,) = graded.glob("skip_network-out/reports/notebook.html")
    with opened(browser, page, 1280) as seen:
        text = seen.page.evaluate("() => document.body.textContent")
    assert ATTACKS[0] in text
    assert ATTACKS[1] in text
    assert "[bold red]rich[/bold red]" in text


def test_no_cell_of_the_table_of_grades_is_a_formula(graded: Path) -> None:
    rows = list(csv.reader((graded / "skip_network-out" / "grades.csv").read_text().splitlines()))
    cells = [cell for row in rows for cell in row]
    assert any(FORMULA in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_a_terminal_shows_marks_of_rich_as_text(graded: Path) -> None:
    told = call("check", graded / "code" / "notebook.ipynb", "-a", "skip_network")
    assert "[link=http://example.org]x[/link]" in told.out
    assert "\x1b" not in told.out + told.err


def test_a_script_that_runs_is_seen(tmp_path: Path, browser: Browser) -> None:
    page = tmp_path / "bad.html"
    page.write_text(f"<!doctype html><title>x</title>{ATTACKS[0]}{ATTACKS[8]}", encoding="utf-8")
    assert runs(browser, page) == ["a script ran"]

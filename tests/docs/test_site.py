"""The site as `make docs` builds it: every page is there and found from the first one, no link is broken, nothing comes from a network."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from installed import TIMEOUT_S, environment, once

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("site")]

ROOT = Path(__file__).resolve().parents[2]
SEEN = (
    "index.html",
    "docs/lecturer.html",
    "docs/glossary.html",
    "docs/api.html",
    "docs/slips/path-dropped.html",
)
"""Pages of every kind: with pictures, commands, wide tables, signatures and code."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site as the Makefile does, into a folder of its own."""
    pytest.importorskip("furo")
    return once(tmp_path_factory, "site", _build)


def _build(folder: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    [options] = re.findall(r"-m sphinx (.*) build/site$", makefile, re.MULTILINE)
    told = options.replace("build/doctrees", str(folder / "doctrees")).split()
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *told, str(folder / "html")],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


class _Links(HTMLParser):
    """What a page refers to, and what may be referred to in it."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "link":
            self.loaded.append(given.get("href", ""))
        if "src" in given:
            self.loaded.append(given["src"])
        if "srcset" in given:
            self.loaded.extend(part.split()[0] for part in given["srcset"].split(","))
        self.names.update(given[name] for name in ("id", "name") if name in given)


@cache
def parsed(page: Path) -> _Links:
    links = _Links()
    links.feed(page.read_text(encoding="utf-8"))
    return links


def _pages(folder: Path) -> list[Path]:
    return sorted((folder / "html").rglob("*.html"))


def _inside(page: Path, link: str) -> tuple[Path, str] | None:
    """Return the file and the place in it that a link leads to; None where it leaves the site."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return None
    return ((page.parent / unquote(parts.path)).resolve() if parts.path else page, unquote(parts.fragment))


def test_every_page_of_the_repository_is_on_the_site(site: Path) -> None:
    sources = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("assignments/*/task.md")]
    wanted = {path.relative_to(ROOT).with_suffix(".html") for path in sources}
    assert len(wanted) > 80
    assert wanted <= {path.relative_to(site / "html") for path in _pages(site)}


def test_every_page_is_reached_from_the_first_one(site: Path) -> None:
    """By links in texts and in the margin; the search is a form, and the index of functions stands beside it."""
    first = (site / "html" / "index.html").resolve()
    reached, open_pages = {first}, [first]
    while open_pages:
        page = open_pages.pop()
        targets = {found[0] for link in parsed(page).links if (found := _inside(page, link))}
        new = {one for one in targets if one.suffix == ".html" and one.is_file()} - reached
        reached |= new
        open_pages.extend(new)
    beside = {"search.html", "genindex.html"}
    missed = [page for page in _pages(site) if page.resolve() not in reached and page.name not in beside]
    assert missed == []


def test_no_link_is_broken(site: Path) -> None:
    broken = []
    for page in _pages(site):
        for link in (*parsed(page).links, *parsed(page).loaded):
            found = _inside(page, link)
            if found is None:
                continue
            target, place = found
            if not target.is_file():
                broken.append(f"{page.name}: {link}")
            elif place and target.suffix == ".html" and place not in parsed(target).names:
                broken.append(f"{page.name}: {link} (no such place)")
    assert broken == []


def test_a_page_loads_nothing_from_elsewhere(site: Path) -> None:
    elsewhere = {
        f"{page.name}: {link}"
        for page in _pages(site)
        for link in parsed(page).loaded
        if urlsplit(link).netloc
    }
    assert elsewhere == set()


def test_the_margin_has_a_page_for_each_reader_and_each_page_once(site: Path) -> None:
    text = (site / "html" / "index.html").read_text(encoding="utf-8")
    [margin] = re.findall(r'<div class="sidebar-tree">(.*?)</div>', text, re.DOTALL)
    links = re.findall(r'href="([^"#]+)"', margin)
    readers = [f"docs/{name}.html" for name in ("lecturer", "student", "assistant", "authoring", "developer")]
    assert links[:5] == readers
    assert len(links) == len(set(links))
    assert not [link for link in links if "decisions" in link or "assignments" in link]


def test_the_public_functions_stand_with_their_parameters(site: Path) -> None:
    text = (site / "html" / "docs" / "api.html").read_text(encoding="utf-8")
    for name in ("inputs", "mark", "result_document", "Grade", "GraderError"):
        assert f'id="grader.{name}"' in text
    assert text.count("Parameters") >= 3


# --------------------------------------------------------------------------------------------------------------
# In a browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("no Chromium on the PATH")
    pytest.importorskip("playwright")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  (an extra)

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_a_page_fits_its_window_and_follows_its_colours(
    site: Path, browser: Browser, width: int, scheme: str
) -> None:
    """And asks for no file that is not the site's, and complains of nothing."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(error.message))
    for name in SEEN:
        page.goto((site / "html" / name).as_uri(), wait_until="load")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        levels = [int(part) for part in re.findall(r"\d+", ground)[:3]]
        assert dark == (scheme == "dark")
        assert (max(levels) < 80) if dark else (min(levels) > 200), (name, ground)
    context.close()
    assert complaints == []
    assert [url for url in asked if not url.startswith((site.as_uri(), "data:"))] == []

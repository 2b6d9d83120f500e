"""Every kind of page in a real browser: nothing overflows or overlaps, nothing is fetched or run, and axe-core has no objection."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import A4_PX, opened, started
from corpus import CORPORA
from installed import call, once
from msgspec.structs import replace
from samples import all_correct, derived, raised, sign_flipped, written

from grader.assignment_file import load
from grader.model import Grade
from grader.notebook.shown import looked, shown
from grader.practice import check
from grader.reports.class_rows import class_row
from grader.reports.course import class_html
from grader.reports.student import student_html
from grader.reports.view import public_view
from grader.submissions import find, read

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

STUDENTS = {
    "wrong": ("skip_network", "wrong/sign_flipped.py"),
    "all correct": ("skip_network", "correct/tuples.py"),
    "unreadable": ("skip_network", "unreadable/half_a_function.py"),
    "timeout": ("skip_network", "timeout/endless_loop_in_backward.py"),
    "raises": ("skip_network", "failed/raises_in_backward.py"),
    "hostile": ("skip_network", "hostile/script_in_messages.py"),
    "markup": ("skip_network", "hostile/rich_markup.py"),
    "lab": ("mlp_lab", "wrong/relu_mask_missing.py"),
    "on paper": ("skip_network_by_hand", "hostile/markup_and_bombs.md"),
}
PAGES = (*STUDENTS, "derivation", "class", "cell")
WINDOWS = ((390, "light"), (390, "dark"), (1280, "light"), (1280, "dark"))
LOADED_MS = 4_000
"""Four times what is promised: other tests run beside this one."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started() as browser:
        yield browser


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a page of each kind, through the command where a class has it."""
    return once(tmp_path_factory, "pages-in-browser", _make_pages)


def _make_pages(folder: Path) -> None:
    for name in dict.fromkeys(name for name, _ in STUDENTS.values()):
        files = [CORPORA[name].folder / path for one, path in STUDENTS.values() if one == name]
        done = call("grade", name, *files, "-o", folder / name, "--seed", "1")
        assert done.code == 0, done.err
    for kind, (name, path) in STUDENTS.items():
        page = folder / name / "reports" / f"{Path(path).stem}.html"
        page.rename(folder / f"{kind}.html")
    (folder / "skip_network" / "index.html").rename(folder / "class.html")
    (folder / "derivation.html").write_text(student_html(public_view(derived())), encoding="utf-8")
    (folder / "cell.html").write_text(_cell(), encoding="utf-8")


def _cell() -> str:
    """Return what a notebook shows of a check, in the page of a notebook."""
    (found,) = find([CORPORA["skip_network"].folder / "wrong" / "sign_flipped.py"], single=True)
    checked = check(read(found), load("skip_network"))
    output = shown(checked.assignment, looked(checked), checked.assignment.questions, notes=("A note.",))
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>A notebook</title>'
        '<meta name="color-scheme" content="light dark"><meta name="viewport" content="width=device-width">'
        "<style>body{background:#fff;color:#111}@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}}</style>"
        f"<main><h1>A</h1><h2>B</h2><h3>C</h3>{output._repr_html_()}</main></html>"
    )


@pytest.mark.parametrize("kind", PAGES)
def test_a_page_fits_its_window_and_no_text_stands_on_another(
    kind: str, pages: Path, browser: Browser
) -> None:
    """On a phone and a desk, light and dark; nothing is asked for, and nothing stands on the console."""
    for width, scheme in WINDOWS:
        with opened(browser, pages / f"{kind}.html", width, scheme) as seen:
            assert seen.outside() == [], (width, scheme)
            assert seen.overlaps() == [], (width, scheme)
            assert seen.requests == []
            assert seen.complaints == []


@pytest.mark.parametrize("kind", PAGES)
def test_axe_finds_nothing_serious(kind: str, pages: Path, browser: Browser) -> None:
    """Contrast in both schemes, names, landmarks, tables, and that what scrolls is reached by keys."""
    for width, scheme in ((390, "dark"), (1280, "light")):
        with opened(browser, pages / f"{kind}.html", width, scheme) as seen:
            assert seen.violations() == [], (width, scheme)


@pytest.mark.parametrize("kind", PAGES)
def test_a_page_prints_on_a4(kind: str, pages: Path, browser: Browser) -> None:
    """What is wider than the paper would be shrunk with all the rest; what is folded is printed, too."""
    with opened(browser, pages / f"{kind}.html", A4_PX) as seen:
        seen.page.emulate_media(media="print")
        assert seen.outside() == []
        assert seen.overlaps() == []
        pdf = seen.page.pdf(format="A4")
    assert pdf.startswith(b"%PDF-")
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 12


@pytest.mark.parametrize("kind", PAGES)
def test_all_that_scrolls_sideways_is_reached_by_keys(kind: str, pages: Path, browser: Browser) -> None:
    script = """() => [...document.querySelectorAll("main *")].filter(one =>
        one.checkVisibility() && one.scrollWidth > one.clientWidth + 1 && one.clientWidth
        && ["auto", "scroll"].includes(getComputedStyle(one).overflowX) && one.tabIndex < 0
    ).map(one => one.outerHTML.slice(0, 100))"""
    with opened(browser, pages / f"{kind}.html", 390) as seen:
        assert seen.page.evaluate(script) == []


def test_letters_of_a_drawing_are_large_enough_on_a_phone(pages: Path, browser: Browser) -> None:
    """At least 10 pixels, as they are drawn."""
    script = """() => { const svg = document.querySelector(".bpg-net");
        return 11 * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width }"""
    with opened(browser, pages / "wrong.html", 390) as seen:
        assert seen.page.evaluate(script) >= 10


def test_the_page_of_a_class_of_a_thousand_is_there_at_once(tmp_path: Path, browser: Browser) -> None:
    """Loaded and laid out as navigation timing says, fitting a phone and a desk."""
    kinds = (all_correct, sign_flipped, raised, written)
    students: list[Grade] = [
        replace(kinds[number % 4](), student=f"student-{number}") for number in range(1_000)
    ]
    page = tmp_path / "index.html"
    rows = [class_row(one.student, one) for one in students]
    page.write_text(class_html(rows, assignment="skip_network"), encoding="utf-8")

    for width in (390, 1280):
        with opened(browser, page, width) as seen:
            took = seen.page.evaluate("() => performance.getEntriesByType('navigation')[0].loadEventEnd")
            assert 0 < took < LOADED_MS
            assert seen.page.get_by_text("student-999", exact=True).count() >= 1
            assert seen.outside() == []
            assert seen.requests == []


# --------------------------------------------------------------------------------------------------------------
# The measurements themselves


def test_what_overflows_overlaps_asks_or_complains_is_seen(tmp_path: Path, browser: Browser) -> None:
    page = tmp_path / "bad.html"
    page.write_text(
        "<!doctype html><title>x</title><body><div style='width:2000px'>wide</div>"
        "<p style='position:absolute;top:90px'>one text</p><p style='position:absolute;top:92px'>another</p>"
        "<img src='http://example.org/x.png'><script>console.error('no')</script>",
        encoding="utf-8",
    )
    with opened(browser, page, 390) as seen:
        assert any(found.startswith("DIV") for found in seen.outside())
        assert seen.overlaps() == ["one text | another"]
        assert seen.requests == ["http://example.org/x.png"]
        assert "no" in seen.complaints
        assert any(found.startswith("image-alt") for found in seen.violations())

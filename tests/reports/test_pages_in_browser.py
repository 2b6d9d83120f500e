"""The pages of a class in a real browser: nothing overflows on a phone or a desk, nothing is fetched, no script is needed."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from samples import derived

from grader.reports.student import student_html
from grader.reports.view import public_view

pytestmark = pytest.mark.slow

BROWSER = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
SUBMISSIONS = Path(__file__).parents[2] / "assignments" / "skip_network" / "submissions"
SAMPLES = (
    "wrong/sign_flipped.py",
    "hostile/script_in_messages.py",
    "hostile/rich_markup.py",
    "failed/imports_torch.py",
)
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small class with a wrong, a hostile and a failing submission."""
    out = tmp_path_factory.mktemp("class") / "graded"
    files = [str(SUBMISSIONS / name) for name in SAMPLES]
    grader = Path(sys.executable).with_name("grader")
    subprocess.run(
        [grader, "grade", "skip_network", *files, "-o", out, "--seed", "1"], check=True, capture_output=True
    )
    return out


def measured(page: Path, width: int, folder: Path) -> tuple[int, int]:
    """Return how wide a page's content is in a frame of some width, and how many of its elements would run or load."""
    if BROWSER is None:
        pytest.skip("no Chromium on the PATH")
    frame = folder / f"frame-{width}.html"
    script = (
        "f.onload = () => { const d = f.contentDocument;"
        "const active = d.querySelectorAll('script, iframe, object, embed, [src], link[href]').length;"
        "document.title = d.documentElement.scrollWidth + ' ' + active; }"
    )
    # The frame's text stands in the page itself: a file may not look into another file.
    frame.write_text(
        f'<iframe id="f" width="{width}" height="900" style="border:0" '
        f'srcdoc="{html.escape(page.read_text(encoding="utf-8"))}"></iframe>'
        f"<script>const f = document.getElementById('f'); {script}</script>",
        encoding="utf-8",
    )
    shown = subprocess.run(
        [
            BROWSER,
            *QUIET,
            f"--user-data-dir={folder / 'profile'}",
            "--virtual-time-budget=4000",
            "--dump-dom",
            frame.as_uri(),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout
    title = re.search(r"<title>(\d+) (\d+)</title>", shown)
    assert title is not None, "the page was not measured"
    return int(title[1]), int(title[2])


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_of_a_class_is_wider_than_its_window_or_loads_anything(
    graded: Path, tmp_path: Path, width: int
) -> None:
    """Every report and the class page fit, and hold no element that runs or fetches."""
    pages = [*sorted((graded / "reports").glob("*.html")), graded / "index.html"]

    sizes = {page.name: measured(page, width, tmp_path) for page in pages}

    assert {name: size for name, size in sizes.items() if size[0] > width or size[1]} == {}


@pytest.mark.parametrize("width", [390, 1280])
def test_a_derivation_with_a_long_formula_is_not_wider_than_its_window(tmp_path: Path, width: int) -> None:
    """What is too long goes on in a box of its own."""
    page = tmp_path / "derivation.html"
    page.write_text(student_html(public_view(derived())), encoding="utf-8")

    wide, active = measured(page, width, tmp_path)
    assert wide <= width
    assert active == 0

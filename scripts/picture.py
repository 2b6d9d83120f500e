"""Makes the pictures of the README: a student's report and the class page, on a wide screen and on a phone, light and dark.

Grades part of the submissions that ship, as a class with made-up names, and photographs the pages. Needs Chromium on the PATH
(`chromium`, `chromium-browser` or `google-chrome`) and the extra `dev`.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PIL import Image
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
SUBMISSIONS = ROOT / "assignments" / "skip_network" / "submissions"
TARGET = ROOT / "docs" / "pictures"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = ("--no-sandbox", "--disable-gpu", "--hide-scrollbars")
COLOURS = 96
"""Of a picture's palette: more than a page has, with some for the edges of letters."""
KINDS = ("correct", "follows", "wrong", "missing", "failed")
"""Folders of submissions that end quickly."""
SHOWN = "wrong/skip_path_dropped.py"
"""The submission whose report is photographed."""
NAMES = (
    *(
        "Ada",
        "Alan",
        "Amina",
        "Anouk",
        "Barbara",
        "Bjorn",
        "Chen",
        "Clara",
        "Dario",
        "Edsger",
        "Elif",
        "Emmy",
        "Farid",
    ),
    *(
        "Grace",
        "Hana",
        "Hedy",
        "Ines",
        "Ivan",
        "Joan",
        "Jonas",
        "Kaito",
        "Katherine",
        "Lea",
        "Leon",
        "Lin",
        "Maria",
    ),
    *(
        "Mateo",
        "Mei",
        "Milan",
        "Nadia",
        "Noam",
        "Olga",
        "Omar",
        "Paul",
        "Priya",
        "Radia",
        "Rosa",
        "Samir",
        "Sofia",
    ),
    *("Tariq", "Tim", "Ursula", "Wei", "Xenia", "Yara", "Yusuf", "Zoe"),
)
STUDENT = "Alice"


@dataclass(frozen=True, kw_only=True)
class Screen:
    """A screen that pages are shown on."""

    width: int
    height: int
    scale: int
    """Dots of the picture for each of its pixels."""


SCREENS = (Screen(width=1280, height=1300, scale=1), Screen(width=390, height=1400, scale=2))
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def main(arguments: Sequence[str]) -> None:
    """Write all pictures.

    Parameters
    ----------
    arguments : sequence of str
        A folder for them; by default the one that the README shows them from.
    """
    for picture in make(Path(arguments[0]) if arguments else TARGET):
        print(f"wrote {picture}, {picture.stat().st_size // 1000} kB")


def make(target: Path) -> list[Path]:
    """Grade the class and photograph its pages.

    Parameters
    ----------
    target : Path
        A folder for the pictures; made where there is none.

    Returns
    -------
    list of Path
        One picture for each page, screen and scheme: `report-1280-dark.png`.
    """
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        sys.exit("no Chromium on the PATH: install the package `chromium`")
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        graded = _graded(Path(folder))
        pages = {"report": graded / "reports" / f"{STUDENT}.html", "class": graded / "index.html"}
        started = driver.chromium.launch(executable_path=browser, args=list(QUIET))
        pictures = list(_photographed(started, pages, target))
        started.close()
    return pictures


def _graded(work: Path) -> Path:
    """Grade the class in a folder, and return where its pages are."""
    handed_in = work / "submissions"
    handed_in.mkdir()
    shutil.copy(SUBMISSIONS / SHOWN, handed_in / f"{STUDENT}.py")
    for name, file in zip(NAMES, _spread(), strict=False):
        shutil.copy(file, handed_in / f"{name}{file.suffix}")
    grader = Path(sys.executable).with_name("grader")
    call = [str(grader), "grade", "skip_network", str(handed_in), "-o", str(work / "graded"), "--seed", "1"]
    subprocess.run(call, cwd=work, check=True, stdout=subprocess.DEVNULL)
    return work / "graded"


def _spread() -> Iterator[Path]:
    """Yield submissions so that a class looks like one: half of them right, most of the others with one mistake."""
    files = {
        kind: sorted(path for path in (SUBMISSIONS / kind).iterdir() if path.is_file()) for kind in KINDS
    }
    queues = {kind: iter(found) for kind, found in files.items()}
    for kind in (
        "correct",
        "wrong",
        "correct",
        "follows",
        "correct",
        "wrong",
        "correct",
        "wrong",
        "missing",
        "failed",
    ) * 9:
        file = next(queues[kind], None)
        if file is not None:
            yield file


def _photographed(browser: Browser, pages: dict[str, Path], target: Path) -> Iterator[Path]:
    for screen in SCREENS:
        for scheme in SCHEMES:
            view = browser.new_page(
                viewport={"width": screen.width, "height": screen.height},
                device_scale_factor=screen.scale,
                color_scheme=scheme,
            )
            for name, page in pages.items():
                view.goto(page.as_uri())
                shot = Image.open(io.BytesIO(view.screenshot()))
                picture = target / f"{name}-{screen.width}-{scheme}.png"
                few = shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
                few.save(picture, optimize=True)
                yield picture
            view.close()


if __name__ == "__main__":
    main(sys.argv[1:])

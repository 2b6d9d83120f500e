"""The pictures of the README are there, small, and made by a script that still works."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from browser import executable

ROOT = Path(__file__).resolve().parent.parent.parent
PICTURES = ROOT / "docs" / "pictures"
NAMES = {
    f"{page}-{width}-{scheme}.png"
    for page in ("report", "class")
    for width in (390, 1280)
    for scheme in ("light", "dark")
}
MOST_BYTES = 150_000
PALETTE = 3
"""Colour type of a picture with a palette (PNG, 3rd edition, section 11.2.1)."""


def _width_and_colours(picture: Path) -> tuple[int, int]:
    head = picture.read_bytes()[:26]
    assert head.startswith(b"\x89PNG\r\n\x1a\n")
    (width,) = struct.unpack(">I", head[16:20])
    return width, head[25]


def test_the_readme_shows_each_page_on_both_screens_in_light_and_dark() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"docs/pictures/([\w.-]+)", readme)) == NAMES
    assert {path.name for path in PICTURES.iterdir()} == NAMES
    for light in re.findall(r'src="docs/pictures/(\S+)-light\.png"', readme):
        assert f'media="(prefers-color-scheme: dark)" srcset="docs/pictures/{light}-dark.png"' in readme


def test_every_picture_in_the_readme_says_what_it_shows() -> None:
    images = re.findall(r"<img[^>]*>", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(images) == len(NAMES) / 2
    assert all(re.search(r'alt="[^"]{20,}"', image) for image in images)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_picture_is_small_and_as_wide_as_its_name_says(name: str) -> None:
    picture = PICTURES / name
    width, colours = _width_and_colours(picture)
    assert picture.stat().st_size < MOST_BYTES
    assert colours == PALETTE
    # On a phone a pixel has two dots.
    assert width == (1280 if "-1280-" in name else 2 * 390)


@pytest.mark.slow
def test_the_script_makes_every_picture(tmp_path: Path) -> None:
    if executable() is None:
        pytest.skip("no Chromium on the PATH")
    for module in ("playwright", "PIL"):
        pytest.importorskip(module)
    call = [sys.executable, str(ROOT / "scripts" / "picture.py"), str(tmp_path)]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in tmp_path.iterdir()} == NAMES
    for name in NAMES:
        assert _width_and_colours(tmp_path / name) == _width_and_colours(PICTURES / name)
        assert (tmp_path / name).stat().st_size < MOST_BYTES

"""A page in the Chromium of this machine: what it asked for, what it complained of, and where its text stands."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Page, Route

A4_PX = 673
"""Width of an A4 page between margins of 16 mm, at 96 pixels an inch."""

_OUTSIDE = """() => {
  const wide = document.documentElement.clientWidth, found = [];
  if (document.documentElement.scrollWidth > wide) found.push(`page: ${document.documentElement.scrollWidth}`);
  for (const one of document.body.querySelectorAll("*")) {
    if (!one.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true})) continue;
    const box = one.getBoundingClientRect();
    if (!box.width || box.right <= wide + 1) continue;
    let above = one.parentElement;
    while (above && getComputedStyle(above).overflowX === "visible") above = above.parentElement;
    if (!above || above === document.documentElement) found.push(`${one.tagName}.${one.getAttribute("class")}: ${box.right}`);
  }
  return found;
}"""
"""What reaches over the right edge, unless it is in a box that scrolls."""

_OVERLAPS = """() => {
  const seen = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement;
    if (!node.data.trim() || parent.closest("style, title, math")) continue;
    if (!parent.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true})) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const line of range.getClientRects()) {
      let [left, top, right, bottom] = [line.left, line.top, line.right, line.bottom];
      for (let above = parent; above; above = above.parentElement) {
        if (getComputedStyle(above).overflowX === "visible") continue;
        const box = above.getBoundingClientRect();
        left = Math.max(left, box.left); right = Math.min(right, box.right);
        top = Math.max(top, box.top); bottom = Math.min(bottom, box.bottom);
      }
      // Letters are lower than their line.
      const slack = (line.bottom - line.top) * 0.2;
      if (right - left > 2 && bottom - top > 2 * slack + 2 && right > 0)
        seen.push({left: left + 1, right: right - 1, top: top + slack, bottom: bottom - slack, text: node.data.trim().slice(0, 40)});
    }
  }
  seen.sort((a, b) => a.top - b.top);
  const found = [];
  seen.forEach((one, i) => {
    for (let j = i + 1; j < seen.length && seen[j].top < one.bottom; j++)
      if (seen[j].left < one.right && one.left < seen[j].right) found.push(`${one.text} | ${seen[j].text}`);
  });
  return found;
}"""
"""Pairs of texts of which one stands on the other."""


@dataclass(kw_only=True)
class Shown:
    """A page in the browser."""

    page: Page
    requests: list[str] = field(default_factory=list)
    """What it asked for besides itself; nothing of it was let through."""
    complaints: list[str] = field(default_factory=list)
    """What stood on the console, and errors and dialogs of scripts."""

    def outside(self) -> list[str]:
        """Return what is wider than the page."""
        return list(self.page.evaluate(_OUTSIDE))

    def overlaps(self) -> list[str]:
        """Return texts that stand on each other."""
        return list(self.page.evaluate(_OVERLAPS))

    def violations(self) -> list[str]:
        """Return what axe-core finds that is serious or critical."""
        from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415  (an extra)

        found: list[dict[str, Any]] = Axe().run(self.page).response["violations"]
        return [
            f"{one['id']}: {node['html'][:120]}"
            for one in found
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"]
        ]


@cache
def executable() -> str | None:
    """Return the browser of this machine."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


@contextmanager
def started() -> Iterator[Browser]:
    """Start the browser; skips the test where there is none, or nothing to drive it."""
    if executable() is None:
        pytest.skip("no Chromium on the PATH")
    pytest.importorskip("playwright")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  (an extra)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable(), args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, path: Path, width: int, scheme: str = "light") -> Iterator[Shown]:
    """Open a page of the disk in a window of some width, in the colours of a scheme."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
    )
    shown = Shown(page=context.new_page())

    def refuse(dialog: Dialog) -> None:
        shown.complaints.append(dialog.message)
        dialog.dismiss()

    shown.page.on("console", lambda message: shown.complaints.append(message.text))
    shown.page.on("pageerror", lambda error: shown.complaints.append(error.message))
    shown.page.on("dialog", refuse)

    def answer(route: Route) -> None:
        if route.request.url == path.as_uri():
            route.continue_()
        else:
            shown.requests.append(route.request.url)
            route.abort()

    context.route("**/*", answer)
    shown.page.goto(path.as_uri(), wait_until="load")
    try:
        yield shown
    finally:
        context.close()

"""Every named mistake has a page, and the example on it is graded and gives that mistake."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from installed import call
from slip_pages import FOLDER, HEADINGS, SlipPage, pages

from grader.slips import SLIPS

PAGES = {page.name: page for page in pages()}
WITHOUT_COST = ("input-changed",)
"""Mistakes that are told, and take no points."""
QUICK = ("path-dropped", "miscalculated")
"""One of code and one of a written line: the others are slow tests."""


def graded(chosen: list[SlipPage], folder: Path) -> dict[str, Any]:
    """Grade the examples of some pages, one class for each assignment; the results by page."""
    classes: dict[str, list[SlipPage]] = defaultdict(list)
    for page in chosen:
        classes[page.assignment].append(page)
    results = {}
    for assignment, members in classes.items():
        place, out = folder / assignment, folder / f"{assignment}-graded"
        place.mkdir()
        for page in members:
            (place / page.file_name).write_text(page.submission(), encoding="utf-8")
        done = call("grade", assignment, place, "-o", out, "--seed", "1", "--trust-submissions", "-j", "2")
        assert done.code in (0, 1, 3), done.err
        for page in members:
            path = out / "results" / f"{page.name}.json"
            results[page.name] = json.loads(path.read_text(encoding="utf-8"))
    return results


def not_as_said(page: SlipPage, result: Any) -> list[str]:
    """Say in what a result departs from what the page says."""
    findings = [finding for question in result["questions"] for finding in question["findings"]]
    if not findings:
        return [f"{page.name}.md: the grader finds no mistake ({result['status']}: {result['message']})"]
    first = findings[0]
    departures = []
    if first["slip"] != page.slip:
        departures.append(f"{page.name}.md: the grader finds {first['slip']} at {first['at']}")
    if first["text"] != page.said:
        departures.append(f"{page.name}.md: the grader says: {first['text']}")
    if page.slip not in WITHOUT_COST and result["points"] >= result["max_points"]:
        departures.append(f"{page.name}.md: the example has all points")
    return departures


def test_every_slip_has_a_page_and_every_page_a_slip() -> None:
    assert sorted(PAGES) == sorted(SLIPS)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_the_name_and_phrase_of_its_slip_and_all_its_parts(name: str) -> None:
    page = PAGES[name]
    assert page.slip == name
    assert page.phrase == SLIPS[name].phrase
    assert page.headings == HEADINGS


def test_the_list_of_pages_has_each_with_its_phrase_in_the_order_of_preference() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[`([a-z-]+)`\]\(([a-z-]+)\.md\) \| (.+) \|$", text, re.MULTILINE)
    assert rows == [(name, name, slip.phrase) for name, slip in SLIPS.items()]


def test_the_examples_of_a_code_page_and_of_a_written_one_give_their_mistakes(tmp_path: Path) -> None:
    chosen = [PAGES[name] for name in QUICK]
    results = graded(chosen, tmp_path)
    assert [line for page in chosen for line in not_as_said(page, results[page.name])] == []


def test_an_example_that_gives_another_mistake_is_told(tmp_path: Path) -> None:
    page = PAGES["path-dropped"]
    wrong = SlipPage(**{**vars(page), "slip": "sign-flipped", "said": "Nothing."})
    [slip, text] = not_as_said(wrong, graded([page], tmp_path)["path-dropped"])
    assert "finds path-dropped at dL/dh0" in slip
    assert "the grader says: At dL/dh0" in text


def test_both_reports_name_the_page_and_ask_no_network_for_it(tmp_path: Path) -> None:
    graded([PAGES["path-dropped"]], tmp_path)
    reports = tmp_path / "skip_network-graded" / "reports"
    html = (reports / "path-dropped.html").read_text(encoding="utf-8")
    assert "the page <code>path-dropped</code> in <code>docs/slips</code>" in html
    assert "http" not in html.replace("http-equiv", "").replace("http://www.w3.org/", "")
    assert "the page `path-dropped` in `docs/slips`" in (reports / "path-dropped.md").read_text(
        encoding="utf-8"
    )


@pytest.mark.slow
def test_the_example_of_every_page_gives_its_mistake_in_the_words_of_the_page(tmp_path: Path) -> None:
    results = graded(list(PAGES.values()), tmp_path)
    assert [line for page in PAGES.values() for line in not_as_said(page, results[page.name])] == []

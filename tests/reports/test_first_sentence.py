"""Every report on a corpus says the right first mistake, as it was worked out by hand, where its reader looks first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from corpus import CORPORA
from installed import once
from parsed import Page, markdown_text
from test_corpus import QUICK, grader_of

FIRST = "First mistake: "


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the reports on what is quick of each corpus; those of the test of grades, where both run."""
    graded = grader_of(QUICK, "quick", tmp_path_factory)

    def reports_on(name: str) -> Path:
        graded(name)
        return once(tmp_path_factory, f"quick-{name}", lambda _: None) / "reports"

    return reports_on


def openings(folder: Path, student: str) -> tuple[str, str]:
    """Return the opening of a page and of its Markdown: what stands before the first table or drawing."""
    page = " ".join(Page((folder / f"{student}.html").read_text(encoding="utf-8")).text.split())
    markdown = (folder / f"{student}.md").read_text(encoding="utf-8").split("\n\n")[1]
    return page, " ".join(markdown_text(markdown).split())


@pytest.mark.parametrize("name", CORPORA)
def test_every_report_says_the_first_mistake_first(name: str, reports: Callable[[str], Path]) -> None:
    corpus, folder = CORPORA[name], reports(name)
    wrong = []
    for path in (path for one, path in QUICK if one == name):
        page, markdown = openings(folder, corpus.student(path))
        first = corpus.expected[path]["first_mistake"]
        for text in (page, markdown):
            said = text.partition(FIRST)[2]
            right = said.startswith(first) and not said[len(first) : len(first) + 1].isalnum()
            if (bool(said) != bool(first)) or (first and not right):
                wrong.append((path, first, text[:200]))
    assert wrong == []


def test_a_report_on_exchanged_results_says_so_and_not_that_all_is_well(
    reports: Callable[[str], Path],
) -> None:
    """Labels are no first mistake, and cost points all the same."""
    page, markdown = openings(reports("skip_network"), "keys_exchanged")
    for text in (page, markdown):
        assert "each has the value of another." in text
        assert "No mistake" not in text


def test_a_report_on_an_answer_of_a_wrong_shape_says_that_it_cannot_be_compared(
    reports: Callable[[str], Path],
) -> None:
    _, markdown = openings(reports("skip_network"), "two_numbers_for_one")
    assert "First mistake: dL/dw0 \N{EM DASH} what was given cannot be compared." in markdown

"""What a hand-in says is marked, not how it is set: rewritings of one document leave every verdict and every point."""

from __future__ import annotations

import pytest
from rewritings import ANSWERS_LOST, DOCUMENT, REWRITINGS
from written_outcomes import as_it_stands, departures_of

from grader.model import Status


@pytest.mark.parametrize("name", REWRITINGS)
def test_a_rewriting_that_keeps_the_meaning_keeps_every_verdict_and_every_point(name: str) -> None:
    assert departures_of(name) == []


def test_there_are_more_than_sixty_rewritings_and_each_one_changes_the_text() -> None:
    assert len(REWRITINGS) > 60
    assert [name for name, rewriting in REWRITINGS.items() if rewriting(DOCUMENT) == DOCUMENT] == []
    assert REWRITINGS.keys() > ANSWERS_LOST


def test_the_document_that_is_rewritten_has_right_lines_slips_of_the_pen_and_a_mistake() -> None:
    """Else a rewriting that loses everything would go unseen."""
    before = as_it_stands()

    assert before.status is Status.GRADED
    assert before.first_mistake == "dL/dw0"
    assert 0.0 < before.points < before.max_points - before.pending_points

"""What the captions of maps say: how many entries are off, what a cell stands for, and no size where none may be told."""

from __future__ import annotations

import pytest

from grader.model import ErrorMap
from grader.reports.error_maps import map_view

SIZES = "100 % is the root mean square of what is expected."


def _caption(
    *rows: str,
    shape: tuple[int, ...],
    differing: int,
    worst: tuple[int, int] | None = None,
    sizes: bool = True,
) -> str:
    found = ErrorMap(shape=shape, dtype="float64", rows=rows, worst=worst, differing=differing)
    return map_view(found, with_sizes=sizes).caption


@pytest.mark.parametrize(
    ("rows", "differing", "said"),
    [
        (("10", "00"), 1, "1 of 4 entries is off."),
        (("12", "00"), 2, "2 of 4 entries are off."),
        (("12", "34"), 4, "All 4 entries are off."),
        (("x0", "00"), 1, "1 of 4 entries is off or not finite."),
        (("xx", "xx"), 4, "All 4 entries are off or not finite."),
    ],
)
def test_a_caption_counts_what_is_off(rows: tuple[str, ...], differing: int, said: str) -> None:
    assert _caption(*rows, shape=(2, 2), differing=differing).startswith(said)


def test_sizes_are_explained_where_they_are_shown_alone() -> None:
    assert _caption("10", shape=(1, 2), differing=1) == f"1 of 2 entries is off. {SIZES}"
    assert _caption("10", shape=(1, 2), differing=1, sizes=False) == "1 of 2 entries is off."
    assert _caption("x0", shape=(1, 2), differing=1) == "1 of 2 entries is off or not finite."


def test_an_array_of_more_than_two_axes_says_which_runs_across() -> None:
    said = "The last axis runs across, the others down."
    assert said in _caption("10", "00", "00", "00", shape=(2, 2, 2), differing=1)
    assert said not in _caption("10", "00", shape=(2, 2), differing=1)


def test_a_cell_of_a_large_array_stands_for_several_entries() -> None:
    said = "Each cell stands for several entries and shows the worst."
    assert said in _caption("10", "00", shape=(48, 48), differing=3)
    assert said not in _caption("10", "00", shape=(2, 2), differing=1)


def test_the_frame_is_mentioned_where_one_is_drawn() -> None:
    found = ErrorMap(shape=(1, 2), dtype="float64", rows=("40",), worst=(0, 0), differing=1)
    drawn, bare = map_view(found, with_sizes=True), map_view(found, with_sizes=False)
    assert drawn.picture_caption == f"{drawn.caption} The frame marks the worst."
    assert bare.picture_caption == bare.caption
    assert "The frame" not in drawn.caption


def test_a_shape_is_written_with_times_signs() -> None:
    found = ErrorMap(shape=(2, 3, 4), dtype="float32", rows=("0" * 4,) * 6, worst=None, differing=0)
    assert map_view(found, with_sizes=True).shape == "2 \N{MULTIPLICATION SIGN} 3 \N{MULTIPLICATION SIGN} 4"

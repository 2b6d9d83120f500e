"""Where an array is off, as a small picture that is read without colour: the larger the mark, the larger the difference."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby

from markupsafe import Markup, escape
from msgspec import Struct

from grader.model import ErrorMap

OFF = "+"
"""The letter of a cell that is off where it is not told by how much."""
WORDS = {
    "0": "as expected",
    "1": "off by less than 1 %",
    "2": "off by 1 to 10 %",
    "3": "off by 10 to 100 %",
    "4": "off by 100 % or more",
    OFF: "off",
    "x": "not finite",
}
"""What the letters of a map mean, smallest first: shares of the root mean square of what is expected."""
_SIGNS = {"0": "·", "1": "░", "2": "▒", "3": "▓", "4": "█", OFF: "■", "x": "\N{MULTIPLICATION SIGN}"}
_NAMES = {"0": "ok", "1": "1", "2": "2", "3": "3", "4": "4", OFF: "off", "x": "lost"}
_CROSS = "m-.3-.3l.6.6m0-.6l-.6.6"
_WIDEST, _LARGEST_CELL, _SMALLEST_CELL = 168, 20, 7
"""Pixels."""
_MANY = 512
_AXES = 2


class MapView(Struct, frozen=True, kw_only=True):
    """Where an array is off."""

    rows: tuple[str, ...]
    """One text per row, one letter of `WORDS` per cell."""
    worst: tuple[int, int] | None
    """Row and column of the worst cell; None where it is not told."""
    shape: str
    """`4 x 3`."""
    dtype: str
    caption: str
    """What is seen, in a sentence or two."""

    @property
    def svg(self) -> Markup:
        """The picture; its rules are in `pictures.css`."""
        return _svg(self)

    @property
    def picture_caption(self) -> str:
        """What is seen where the picture is drawn; among letters nothing has a frame."""
        return self.caption if self.worst is None else f"{self.caption} The frame marks the worst."

    @property
    def text(self) -> str:
        """The picture as lines of signs, for where no picture can be shown."""
        return "\n".join(" ".join(_SIGNS[cell] for cell in row) for row in self.rows)

    @property
    def key(self) -> tuple[tuple[Markup, str], ...]:
        """What its marks mean: each as a picture of one cell, with words."""
        return tuple((_sample(cell), words) for cell, words in WORDS.items() if self._has(cell))

    @property
    def text_key(self) -> tuple[tuple[str, str], ...]:
        """What the signs of `text` mean."""
        return tuple((_SIGNS[cell], words) for cell, words in WORDS.items() if self._has(cell))

    def _has(self, cell: str) -> bool:
        return any(cell in row for row in self.rows)


@lru_cache(_MANY)
def map_view(found: ErrorMap, *, with_sizes: bool) -> MapView:
    """Take from a map what may be shown.

    Parameters
    ----------
    found : ErrorMap
    with_sizes : bool
        Whether it may be told how large the differences are, and which is the worst: beside the student's own value that
        tells the expected one roughly. That an entry is off says no more than its verdict does.

    Returns
    -------
    MapView
    """
    rows = found.rows
    if not with_sizes:
        rows = tuple(row.translate(_WITHOUT_SIZE) for row in rows)
    return MapView(
        rows=rows,
        worst=found.worst if with_sizes else None,
        shape=" \N{MULTIPLICATION SIGN} ".join(str(length) for length in found.shape),
        dtype=found.dtype,
        caption=_caption(found, with_sizes=with_sizes),
    )


_WITHOUT_SIZE = str.maketrans("1234", OFF * 4)


def _caption(found: ErrorMap, *, with_sizes: bool) -> str:
    size = 1
    for length in found.shape:
        size *= length
    is_lost = any("x" in row for row in found.rows)
    how = "off or not finite" if is_lost else "off"
    many = f"All {size} entries are" if found.differing == size else _some(found.differing, size)
    sentences = [f"{many} {how}."]
    if len(found.shape) > _AXES:
        sentences.append("The last axis runs across, the others down.")
    if size > len(found.rows) * len(found.rows[0]):
        sentences.append("Each cell stands for several entries and shows the worst.")
    if with_sizes and any(cell in row for row in found.rows for cell in "1234"):
        sentences.append("100 % is the root mean square of what is expected.")
    return " ".join(sentences)


def _some(differing: int, size: int) -> str:
    return f"{differing} of {size} entries {'is' if differing == 1 else 'are'}"


# --------------------------------------------------------------------------------------------------------------
# Drawing: one unit is one cell, and the middle of each has whole numbers


@lru_cache(_MANY)
def _svg(view: MapView) -> Markup:
    rows, columns = len(view.rows), len(view.rows[0])
    pixels = max(_SMALLEST_CELL, min(_LARGEST_CELL, _WIDEST // max(rows, columns)))
    drawn = "".join(_marks(view.rows, cell) for cell in WORDS if view._has(cell))  # noqa: SLF001  (ours)
    title = f"Where it is off, {view.shape}. {view.picture_caption}"
    worst = "" if view.worst is None else _ring(*view.worst)
    return Markup(  # noqa: S704  (numbers, our own names, and what was escaped)
        f'<svg class="map" role="img" viewBox="-.6 -.6 {columns + 0.2:g} {rows + 0.2:g}" '
        f'width="{(columns + 0.2) * pixels:.0f}" height="{(rows + 0.2) * pixels:.0f}"><title>{escape(title)}</title>'
        f'<rect class="m-ground" x="-.5" y="-.5" width="{columns}" height="{rows}"/>{drawn}{worst}</svg>'
    )


def _marks(rows: tuple[str, ...], cell: str) -> str:
    """Draw all cells of one class: a stroke over each stretch of them, which its dashes take apart again."""
    if cell == "x":
        path = "".join(f"M{x + one} {y}{_CROSS}" for x, y, n in _stretches(rows, cell) for one in range(n))
    else:
        # A little over the last dash, which has no length of its own.
        path = "".join(f"M{x} {y}h{n - 1 or ''}.1" for x, y, n in _stretches(rows, cell))
    return f'<path class="m-{_NAMES[cell]}" d="{path}"/>'


def _stretches(rows: tuple[str, ...], cell: str) -> Iterator[tuple[int, int, int]]:
    """Yield column, row and length of each stretch of one class."""
    for y, row in enumerate(rows):
        x = 0
        for letter, group in groupby(row):
            length = len(list(group))
            if letter == cell:
                yield x, y, length
            x += length


def _ring(row: int, column: int) -> str:
    return f'<rect class="m-worst" x="{column - 0.5}" y="{row - 0.5}" width="1" height="1"/>'


@lru_cache(len(WORDS))
def _sample(cell: str) -> Markup:
    drawn = _marks((cell,), cell)
    return Markup(  # noqa: S704  (our own names)
        f'<svg class="map m-key" aria-hidden="true" viewBox="-.5 -.5 1 1" width="14" height="14">'
        f'<rect class="m-ground" x="-.5" y="-.5" width="1" height="1"/>{drawn}</svg>'
    )

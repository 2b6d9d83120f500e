"""The check as a student has it: cells of a notebook in a real IPython shell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from installed import once
from live_code import SKIP_NETWORK
from shells import Cell, run_cells

from grader.submissions import find, read

BEGIN = 'from grader.notebook import Check\ncheck = Check("skip_network")'
WRONG = "def backward(x, y, w0, w1, w2, ws):\n    n = 0\n    return {'w0': '<b>' + 1 // n}"
CELLS = (
    BEGIN,
    SKIP_NETWORK,
    "check()",
    'check("gradients")',
    WRONG,
    'check("gradients")',
    'check("gradient")',
    "check",
    'check.file("mine.py")',
    "from IPython.display import display\ndef loss(y_hat, y):\n    display('a picture')\n    raise ValueError('<script>alert(1)</script>')",
    'check("forward")',
)


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> list[Cell]:
    def make(folder: Path) -> None:
        (folder / "mine.py").write_text(SKIP_NETWORK.replace("def update(", "def other("), encoding="utf-8")
        done = run_cells(folder, *CELLS)
        (folder / "cells.json").write_text(json.dumps([[one.shown, one.data, one.error] for one in done]))

    folder = once(tmp_path_factory, "notebook-shell", make)
    found = json.loads((folder / "cells.json").read_text())
    return [Cell(shown=shown, data=data, error=error) for shown, data, error in found]


def test_the_value_of_a_cell_shows_itself_as_html_and_as_text(cells: list[Cell]) -> None:
    assert set(cells[2].data) == {"text/plain", "text/html"}
    assert "No mistake was found" in cells[2].text
    assert "No mistake was found" in cells[2].html


def test_the_html_has_the_network_with_a_verdict_on_every_gradient(cells: list[Cell]) -> None:
    assert cells[3].html.count('<svg class="bpg-net"') == 1
    assert "dL/dw0: correct" in cells[3].html


def test_a_cell_that_is_run_again_is_what_is_checked(cells: list[Cell]) -> None:
    assert "No mistake was found" in cells[3].text
    assert "`backward` raised ZeroDivisionError" in cells[5].text


def test_an_exception_is_placed_by_the_name_that_the_notebook_gives_the_cell(cells: list[Cell]) -> None:
    """The fifth cell, its third line."""
    assert "(In[5], line 3)" in cells[5].text
    assert "(In[5], line 3)" in cells[5].html


def test_a_wrong_call_is_told_without_a_traceback(cells: list[Cell]) -> None:
    assert cells[6].error == "UsageError"
    assert cells[6].shown.startswith(
        "error: skip_network has no question `gradient` (did you mean `gradients`?)\n"
    )
    assert "Traceback" not in cells[6].shown
    assert "what to do" in cells[6].shown


def test_the_check_itself_says_what_can_be_asked(cells: list[Cell]) -> None:
    assert 'check("forward"), check("gradients"), check("update")' in cells[7].shown


def test_a_saved_file_is_checked_apart_from_the_notebook(cells: list[Cell]) -> None:
    assert "no function `update` in mine.py" in cells[8].text
    assert "from top to bottom" in cells[8].text


def test_what_functions_show_does_not_flood_the_cell(cells: list[Cell]) -> None:
    assert "a picture" not in cells[10].shown


def test_hostile_text_of_an_exception_is_no_markup(cells: list[Cell]) -> None:
    assert "<script" not in cells[10].html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in cells[10].html


def test_the_html_needs_no_script_and_no_network(cells: list[Cell]) -> None:
    for cell in (cells[2], cells[5], cells[10]):
        rest = cell.html.replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert not [
            word
            for word in ("<script", "http", "javascript:", "url(", "@import", " on")
            if word in rest and word != " on"
        ]


def test_a_notebook_with_check_cells_is_still_read_as_a_submission(tmp_path: Path) -> None:
    nbformat = pytest.importorskip("nbformat").v4
    made = nbformat.new_notebook(cells=[nbformat.new_code_cell(text) for text in CELLS[:4]])
    (tmp_path / "mine.ipynb").write_text(nbformat.writes(made), encoding="utf-8")
    submission = read(find([tmp_path / "mine.ipynb"], single=True)[0])
    assert submission.problem is None
    assert submission.sources[0].is_notebook

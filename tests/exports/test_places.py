"""Remarks stand at the student's line: where a function is defined, or where an error says it happened."""

from __future__ import annotations

import pytest

from grader.exports.places import Spot, definition, said
from grader.model import Source

LAYERS = '''"""Layers.

def delta(self): in a text is no definition.
"""
import numpy as np
def forward(x):
    def backward(g):
        return g
    return x


class ReLULayer:
    size = 3

    def __init__(self):
        self.x = 0

    @staticmethod
    def delta(g):
        return g


class SoftmaxLayer:
    def delta(self, g):
        return g


def forward(x):
    return 2 * x
'''


def module(text: str) -> Source:
    return Source(name="layers.py", cells=(text,))


@pytest.mark.parametrize(
    ("name", "line"),
    [("ReLULayer.delta", 19), ("SoftmaxLayer.delta", 24), ("ReLULayer", 12), ("SoftmaxLayer.forward", 23)],
)
def test_a_method_is_found_in_its_class_and_one_that_is_not_there_at_its_class(name: str, line: int) -> None:
    assert definition([module(LAYERS)], [name]) == Spot(file="layers.py", line=line)


def test_of_a_function_that_is_defined_twice_the_last_one_counts() -> None:
    assert definition([module(LAYERS)], ["forward"]) == Spot(file="layers.py", line=28)


def test_a_function_inside_another_or_in_a_text_is_no_definition() -> None:
    assert definition([module(LAYERS)], ["backward"]) is None
    assert definition([module(LAYERS)], ["delta"]) is None


def test_the_first_name_that_is_there_is_taken() -> None:
    assert definition([module(LAYERS)], ["step", "forward"]) == Spot(file="layers.py", line=28)


def test_a_file_with_a_wrong_line_is_read_up_to_it() -> None:
    text = "def forward(x):\n    return x\n\n\ndef backward(x:\n    return {\n"
    assert definition([module(text)], ["forward"]) == Spot(file="layers.py", line=1)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 20_000,
        "if 1:\n" + "".join(f"{' ' * depth}if 1:\n" for depth in range(1, 200)),
        "\x00def",
        "'''",
        "\\",
        "\ufeff\x0cdef",
        "def",
        "def \n",
    ],
    ids=["brackets", "indents", "nul", "quotes", "backslash", "marks", "def", "nameless"],
)
def test_hostile_text_has_no_definition_and_does_no_harm(text: str) -> None:
    assert definition([module(text)], ["forward"]) is None


def test_in_a_notebook_the_cell_is_counted_as_the_kernel_counts() -> None:
    notebook = Source(
        name="lab.ipynb",
        cells=("%matplotlib inline", "x = 1", "!ls\n\ndef forward(x):\n    return x"),
        is_notebook=True,
    )
    spot = definition([notebook], ["forward"])
    assert spot == Spot(file="lab.ipynb", line=3, cell=3)
    assert str(spot) == "lab.ipynb, cell 3, line 3"


def test_a_message_that_names_a_line_leads_to_it() -> None:
    message = "`backward` raised KeyError: 'z_1' (layers.py, line 7)"
    assert said([module(LAYERS)], message) == Spot(file="layers.py", line=7)


def test_a_message_that_names_a_cell_leads_to_it() -> None:
    notebook = Source(name="lab.ipynb", cells=("x = 1\ny = 2", "z = 3"), is_notebook=True)
    assert said([notebook], "it stopped (lab.ipynb, cell 1, line 2)") == Spot(
        file="lab.ipynb", line=2, cell=1
    )
    assert said([notebook], "it stopped (lab.ipynb, cell 9, line 2)") is None


@pytest.mark.parametrize(
    "place", ["other.py, line 1", "layers.py, line 0", "layers.py, line 4000", "layers.py"]
)
def test_a_message_leads_to_no_line_that_there_is_not(place: str) -> None:
    assert said([module(LAYERS)], f"it stopped ({place})") is None


def test_what_a_student_wrote_into_a_message_does_not_outdo_the_place_at_its_end() -> None:
    message = "`backward` raised ValueError: (layers.py, line 1) (layers.py, line 7)"
    assert said([module(LAYERS)], message) == Spot(file="layers.py", line=7)

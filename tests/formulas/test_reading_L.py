r"""Formulas are read however a page sets them: in arrays, tables, code, beside words and numbers outside of the dollars."""

from __future__ import annotations

import pytest
from formula_names import read, sources

Z0 = ["z_0", "= w_0 x"]
H0 = ["h_0", "= 3"]


@pytest.mark.parametrize(
    "text",
    [
        r"$$\begin{array}{rcl} z_0 &=& w_0 x \\ h_0 &=& 3 \end{array}$$",
        r"$$\begin{array}{l} z_0 = w_0 x \\ h_0 = 3 \end{array}$$",
        r"$\begin{array}[t]{ll} z_0 = w_0 x & h_0 = 3 \end{array}$",
        r"\begin{array}{l} z_0 = w_0 x \\ h_0 = 3 \end{array}",
        r"$$\begin{cases} z_0 = w_0 x \\ h_0 = 3 \end{cases}$$",
        r"$$\left\{\begin{array}{l} z_0 = w_0 x \\ h_0 = 3 \end{array}\right.$$",
        r"\begin{alignat}{2} z_0 &= w_0 x &\quad& \text{as told} \\ h_0 &= 3 \end{alignat}",
        r"$$\begin{alignedat}{2} z_0 &= w_0 x &\quad h_0 &= 3 \end{alignedat}$$",
        r"\begin{align} z_0 &= w_0 x & h_0 &= 3 \end{align}",
        r"\begin{align} z_0 &= w_0 x && h_0 = 3 \end{align}",
        r"$$\begin{aligned}[t] z_0 &= w_0 x \\ h_0 &= 3 \end{aligned}$$",
    ],
)
def test_equations_in_arrays_and_columns_are_lines_of_their_own(text: str) -> None:
    assert sources(text) == [Z0, H0]


def test_rows_of_an_array_go_on_with_the_row_above() -> None:
    assert sources(r"$$\begin{array}{l} z_0 = w_0 x \\ = 3 \\ = 4 \end{array}$$") == [
        ["z_0", "= w_0 x", "= 3", "= 4"]
    ]


@pytest.mark.parametrize(
    "value",
    [
        r"\begin{array}{c} 1 \\ 2 \end{array}",
        r"\left\{\begin{array}{ll} 1 & x = 2 \\ 0 & x > 2 \end{array}\right.",
        r"\begin{cases} 1 & x = 2 \\ 0 & \text{otherwise} \end{cases}",
        r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}",
    ],
)
def test_an_array_that_says_what_a_value_is_stays_one_value(value: str) -> None:
    (line,) = read(f"$$s = {value}$$").lines

    assert [side.source for side in line.sides] == [
        "s",
        value.replace(r"\left\{", "").replace(r"\right.", ""),
    ]
    assert all(side.tree is not None for side in line.sides)


def test_equations_that_hold_in_one_case_only_are_unread() -> None:
    (line,) = read(r"$$\begin{cases} h_0 = z_0 & z_0 > 0 \\ h_0 = 0 & \text{otherwise} \end{cases}$$").lines

    assert [side.tree for side in line.sides] == [None]


def test_a_second_column_that_begins_no_equation_stays_with_the_first() -> None:
    assert sources(r"\begin{align} z_0 &= w_0 x & + 1 \end{align}") == [["z_0", "= w_0 x & + 1"]]


def test_back_ticks_within_dollar_signs_are_no_part_of_a_formula() -> None:
    assert sources("$`z_0 = w_0 x`$ and $`h_0 = 3`$") == [Z0, H0]

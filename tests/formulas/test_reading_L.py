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


HEAD = "| quantity | formula | value |\n|---|---|---|\n"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (
            "| | formula | value |\n|---|---|---|\n| $h_0$ | $\\max(0, z_0)$ | 0.5 |",
            ["h_0", r"= \max(0, z_0)", "= 0.5"],
        ),
        ("| a | Value |\n|---|---|\n| $z_0$ | $0.5 \\cdot 1 = 0.5$ |", ["z_0", r"= 0.5 \cdot 1", "= 0.5"]),
        (HEAD + r"| \(z_0\) | \(w_0 x\) | \(0.5\) |", ["z_0", "= w_0 x", "= 0.5"]),
        (HEAD + "| $z_0$ | $z_0 = w_0 x$ | **0.5** |", ["z_0", "= w_0 x", "= 0.5"]),
        (HEAD + "| 1 | $z_0$ | 0.5 |", ["z_0", "= 0.5"]),
        ("quantity | value\n---|---\n$z_0$ | 0.5", ["z_0", "= 0.5"]),
        ("| what | value |\n|---|---|\n| first unit $z_0$ | 0.5 |", ["z_0", "= 0.5"]),
        (
            "<table><tr><th>what</th><th>value</th></tr><tr><td>$z_0$</td><td>0.5</td></tr></table>",
            ["z_0", "= 0.5"],
        ),
        (
            "\\begin{tabular}{l|l|l}\nwhat & formula & value \\\\ \\hline\n$z_0$ & $w_0 x$ & $0.5$ \\\\\n\\end{tabular}",
            ["z_0", "= w_0 x", "= 0.5"],
        ),
    ],
)
def test_a_row_of_any_table_is_an_equation(table: str, said: list[str]) -> None:
    assert sources(table) == [said]


def test_values_below_their_names_are_equations() -> None:
    table = "| $z_0$ | $h_0$ |\n|---|---|\n| 0.5 | $w_0 x = 0.5$ |"

    lines = read(table).lines

    assert [[side.source for side in line.sides][1:] for line in lines] == [["0.5"], ["w_0 x", "0.5"]]
    assert [line.sides[0].tree for line in lines] == [
        read(f"${name} = 1$").lines[0].sides[0].tree for name in ("z_0", "h_0")
    ]


def test_columns_of_gradients_and_new_values_are_equations_of_their_own() -> None:
    table = "| weight | value | gradient | new |\n|---|---|---|---|\n| $w_0$ | 0.5 | 0.75 | -0.25 |"

    firsts = [line.sides[0].tree for line in read(table).lines]

    said = (r"$w_0 = 1$", r"$\partial L/\partial w_0 = 1$", r"$w_0^{new} = 1$")
    assert firsts == [read(one).lines[0].sides[0].tree for one in said]


@pytest.mark.parametrize(
    "table",
    [
        "| what | first epoch |\n|---|---|\n| $z_0$ | 0.5 |",
        "| what | gradient | formula |\n|---|---|---|\n| $w_0$ | 0.75 | $z_0$ |",
        "| what | value |\n|---|---|\n| $z_0$ | 0.5 for $x=1$ |",
        "| what | value |\n|---|---|\n| $z_0$ | 0.5 | 0.25 |",
        "| epoch | $z_0$ | $h_0$ |\n|---|---|---|\n| 1 | 0.5 | |",
        "With the wrong sign we would get:\n\n| what | value |\n|---|---|\n| $z_0$ | 0.5 |",
    ],
)
def test_a_row_that_is_not_clear_is_unread_and_keeps_its_name(table: str) -> None:
    (line,) = (line for line in read(table).lines if line.sides[0].source != "x")

    assert line.sides[0].tree is not None
    assert all(side.problem for side in line.sides[1:])


@pytest.mark.parametrize(
    "table",
    [
        "| learning rate | loss after 10 steps |\n|---|---|\n| 0.1 | 0.03 |",
        "| what | value |\n|---|---|\n| test accuracy | 0.93 |",
        "| name | meaning |\n|---|---|\n| $z_0$ | the first unit |",
        "```\n| $z_0$ | 0.5 |\n```",
        "| a | b |\n|---|---|\n| ~~$z_0$~~ | ~~0.5~~ |",
    ],
)
def test_tables_that_say_nothing_of_the_task_are_no_lines(table: str) -> None:
    assert all(line.withdrawn for line in read(table).lines)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- Loss $L$ = 3.375", ["L", "= 3.375"]),
        ("- $L$ = **0.25**, as told", ["L", "= 0.25"]),
        ("- $L$ is 0.5", ["L", "= 0.5"]),
        ("- $L$: 0.5", ["L", "= 0.5"]),
        ("- $L =$ 0.75.", ["L", "= 0.75"]),
        ("so $L$ = $z_0$ = 1", ["L", "= z_0", "= 1"]),
        ("so $L$ $= z_0$ $= 1$", ["L", "= z_0", "= 1"]),
        (r"$L = |y - x|$ = |-3 - 0.375| = 3.375", ["L", "= |y - x|", "= |-3 - 0.375|", "= 3.375"]),
        ("**dL/dw2:** $z_0 h_1 = 3$", ["dL/dw2", "= z_0 h_1", "= 3"]),
        ("z0 = $w_0 x$", ["z0", "= w_0 x"]),
        ("#### $L$\n\n$$= z_0 = 3$$", ["L", "= z_0", "= 3"]),
        ("**dL/dw2:**\n\n$$z_0 h_1 = 3$$", ["dL/dw2", "= z_0 h_1", "= 3"]),
        ("#### $L$\n\n$$\\begin{aligned} &= z_0 \\\\ &= 3 \\end{aligned}$$", ["L", "= z_0", "= 3"]),
        ("so `z0 = w0 * x` holds", ["z0", "= w0 * x"]),
    ],
)
def test_what_stands_beside_a_formula_is_read_with_it(text: str, said: list[str]) -> None:
    assert sources(text) == [said]


@pytest.mark.parametrize(
    "text",
    [
        "the input of $z_1$ is $h_0$ and so on",
        "where $w_0$: weight, $z_0$: the first unit",
        "the value of $z_0$ is 3 times higher",
        "$z_0$ and $h_0$ are values",
        "set `foo = 3` there, `z0 = model(x)`",
        "our code has a loop in which `w0 = w0 - lr * dw0` is done for each sample",
        "### $z_0$\n\nit is large",
        "`$z_0 = 3$` is how it is typed",
    ],
)
def test_prose_with_values_in_it_makes_no_lines(text: str) -> None:
    assert sources(text) == []


def test_a_label_above_a_display_that_has_its_own_is_none() -> None:
    assert sources("### $z_0$\n\n$$h_0 = 3$$") == [H0]
    assert sources("**z0:** $h_0 = 3$") == [H0]


@pytest.mark.parametrize(
    "text",
    ["since $z_1$ = 0.25 > 0 we", "if $z_0$ = 0.5, then", "we get $z_0$ = something", "$z_0$ = 0.5 + rest"],
)
def test_a_relation_behind_a_formula_that_is_not_understood_is_unread(text: str) -> None:
    (line,) = read(text).lines

    assert line.sides[0].tree is not None
    assert all(side.problem for side in line.sides[1:])


def test_words_before_a_value_say_that_its_gradient_is_meant() -> None:
    (line,) = read("Derivative w.r.t. $w_2$: $z_0 h_1$").lines

    assert line.sides[0].tree == read(r"$\partial L/\partial w_2 = 1$").lines[0].sides[0].tree


@pytest.mark.parametrize(
    "text",
    [
        "$$z_0 = w_0$$\n\n$$\\cdot x$$",
        "$$z_0 = w_0 \\cdot$$\n\n$$x$$",
        "$$z_0 = w_0$$ times the other factor: $$\\cdot x$$",
    ],
)
def test_a_display_goes_on_where_only_a_sign_between_factors_joins_it(text: str) -> None:
    (line,) = read(text).lines

    assert [side.tree for side in line.sides] == [
        side.tree for side in read(r"$z_0 = w_0 \cdot x$").lines[0].sides
    ]


def test_a_display_that_begins_with_a_minus_goes_on_only_right_behind() -> None:
    assert sources("$$z_0 = w_0$$\n$$- x$$") == [["z_0", "= w_0$$\n$$- x"]]
    assert sources("$$z_0 = w_0$$\nNow what is taken off is\n$$- x$$") == [["z_0", "= w_0"]]
    assert sources("$$h_0 = z_0^+$$\n$$h_1 = (z_1)_+$$") == [["h_0", "= z_0^+"], ["h_1", "= (z_1)_+"]]
    assert sources("$$z_0 = w_0$$\n$$- x = h_0$$") == [["z_0", "= w_0"], ["- x", "= h_0"]]


@pytest.mark.parametrize(
    "text",
    [
        r"$$(3)\quad z_0 = w_0 x$$",
        r"$$z_0 = w_0 x \quad (3)$$",
        r"$$(3) z_0 = w_0 x$$",
        r"$$z_0 = w_0 x \tag*{(3)}$$",
        r"\begin{align} z_0 &= w_0 x & (3) \end{align}",
        r"$$\text{first unit: } z_0 = w_0 x$$",
        r"$$\text{unit}: z_0 = w_0 x$$",
        r"$$\text{further } z_0 = w_0 x$$",
    ],
)
def test_numbers_of_equations_and_words_before_them_are_no_part_of_them(text: str) -> None:
    reading = read(text)
    (line,) = reading.lines

    assert [side.tree for side in line.sides] == [side.tree for side in read("$z_0 = w_0 x$").lines[0].sides]
    assert reading.notes == ()


@pytest.mark.parametrize("side", ["(3)", r"(3) \cdot x", "(3)(x)", "w_0 (3)"])
def test_numbers_in_brackets_that_are_values_stay(side: str) -> None:
    assert sources(f"$${side} = 3$$") == [[side, "= 3"]]
    assert sources(f"$$z_0 = {side}$$") == [["z_0", f"= {side}"]]


def test_the_point_in_brackets_behind_a_gradient_is_left_out_and_a_factor_is_not() -> None:
    at_point, factor, plain = (
        read(rf"$\frac{{\partial L}}{{\partial z_0}}{behind} = 3$").lines[0].sides[0].tree
        for behind in ("(x=1, y=-3)", "(x+1)", "")
    )

    assert at_point == plain
    assert factor != plain


def test_a_relation_with_nothing_before_it_is_told() -> None:
    reading = read("$$= 3$$\n\n# Next\n\n$$= 4$$")

    assert reading.lines == ()
    assert len(reading.notes) > 0


def test_a_number_in_front_of_a_formula_is_no_heading_where_numbers_stand_alone() -> None:
    text = "### 1)\n\n(1) $z_0 = w_0 x$\n\n(2) $h_0 = 3$\n\n### 2)\n\n$L = 3$"
    paths = [line.path for line in read(text, headings=("1)", "2)")).lines]

    assert paths == [("1)",), ("1)",), ("2)",)]
    inline = [line.path for line in read("1) $z_0 = w_0 x$\n\n2) $h_0 = 3$", headings=("1)", "2)")).lines]
    assert len(set(inline)) == 2

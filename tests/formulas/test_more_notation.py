"""Rarer ways of writing are read, noted where they could mean something else, and catch nothing beside them."""

from __future__ import annotations

import pytest
from formula_names import parsed, read, tree

from grader.formulas import Meaning, Name, SymbolTable, symbol_table
from grader.formulas.documents.lex import lex
from grader.formulas.limits import Budget, Caps
from grader.formulas.parsing.parse import ParsedSide, parse_side
from grader.formulas.tokens import NoteKind
from grader.formulas.tree import (
    Application,
    Call,
    Cases,
    Condition,
    Derivative,
    Fraction,
    Indicator,
    Listing,
    Node,
    Norm,
    Number,
    Ones,
    Power,
    Product,
    Symbol,
    Times,
    Unknown,
    walk,
)

L, X, Y, Y_HAT = (Symbol(name=one) for one in ("L", "x", "y", "y_hat"))
W0, Z0, Z1, Z2 = (Symbol(name=one) for one in ("w0", "z0", "z1", "z2"))
ZERO, ONE, TWO = (Number(text=one) for one in "012")
DL_DW0 = Derivative(of=L, by=W0)
POSITIVE = Condition(operands=(Z0, ZERO), comparisons=(">",))

PLAIN_NAMES = [
    Name(name="w", spellings=("w",), is_parameter=True),
    Name(name="z", spellings=("z",), inputs=frozenset({"w"})),
    Name(name="L", spellings=("L",), inputs=frozenset({"w", "z", "d"})),
]
SMALL = symbol_table([*PLAIN_NAMES, Name(name="d", spellings=("d",))])
"""In which `d` is a value, and no name has a number in brackets above it."""
BARRED = symbol_table(
    [*PLAIN_NAMES, Name(name="z", spellings=(r"\bar{z}", r"\dot{z_1}"), meaning=Meaning.GRADIENT)]
)
SUBSCRIPTED = symbol_table(
    [*PLAIN_NAMES, Name(name="p", spellings=("p",)), Name(name="Lp", spellings=("L_p",))]
)


def parsed_with(table: SymbolTable, tex: str) -> ParsedSide:
    """Return what comes of one side with other names."""
    budget = Budget(Caps())
    return parse_side(lex(tex, 0, len(tex), budget).tokens, table, budget)


def is_unread(tex: str) -> bool:
    """Whether a side has no tree, or one with a name that nobody knows."""
    found = parsed(tex).tree
    return found is None or "Unknown(" in repr(found)


@pytest.mark.parametrize(
    "tex",
    [
        r"\partial_{w_0} L",
        r"\partial_{w_0} \mathcal L",
        "D_{w_0} L",
        r"\frac{\text{d} L}{\text{d} w_0}",
        r"\frac{\mathrm{d}L}{\mathrm{d}w_0}",
        r"\frac{\partial\, L}{\partial\, w_0}",
        r"\frac{\partial L}{\partial {w_0}}",
        r"\dv{L}{w_0}",
        r"\pdv{L}{w_0}",
        r"\left.\frac{dL}{dw_0}\right|_{w_0=1}",
        r"\frac{\partial L}{\partial w_0}\Big|_{x = 1, y = -3}",
        "L'(w_0)",
        "\N{PARTIAL DIFFERENTIAL}L/\N{PARTIAL DIFFERENTIAL}\N{GREEK SMALL LETTER OMEGA}\N{SUBSCRIPT ZERO}",
    ],
)
def test_a_derivative_is_read_in_rarer_notations(tex: str) -> None:
    assert tree(tex) == DL_DW0


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        (
            r"\frac{\partial L}{\partial z_2}\Big|_{x=1} x",
            Product(factors=(Derivative(of=L, by=Z2), X), signs=(Times.ADJACENT,)),
        ),
        (
            r"\frac{\partial \mathcal{L}(\hat y, y)}{\partial \hat y}",
            Derivative(of=Application(of=L, arguments=(Y_HAT, Y)), by=Y_HAT),
        ),
        ("|x|", tree("|x|")),
    ],
)
def test_a_bar_or_an_argument_takes_no_more_than_itself(tex: str, expected: Node) -> None:
    assert tree(tex) == expected


@pytest.mark.parametrize(
    "tex", [r"\frac{dL}{dw_0}|_{x=1}", "L'(w_0)", "L_{w_0}", r"\left.\frac{dL}{dw_0}\right|_{w_0 = 1}"]
)
def test_a_derivative_that_could_be_something_else_is_noted(tex: str) -> None:
    assert [note.kind for note in parsed(tex).notes] == [NoteKind.READING]


@pytest.mark.parametrize(
    "tex",
    [
        r"\frac{\partial^2 L}{\partial w_0^2}",
        r"\frac{\partial^2 L}{\partial w_0 \partial w_1}",
        r"\frac{d^2 L}{d w_0^2}",
        r"\partial^2 L",
        r"\nabla_{w_0}^2 L",
    ],
)
def test_a_second_derivative_is_refused(tex: str) -> None:
    problem = parsed(tex).problem

    assert problem is not None
    assert problem.reason == "A derivative of a higher order is not read."


@pytest.mark.parametrize(
    "tex",
    [
        r"\nabla L",
        "L_p",
        "L_y",
        "D_{w_0} x",
        r"|x|_{y=1}",
        r"\mathbb{1}(z_0)",
        r"x \pm 1",
        r"\lg x",
        r"\theta(z_0)",
        "H(z_0)",
        r"\tilde w_0",
        r"\bar z_0",
        r"\dot y",
        r"\langle x",
        r"\langle x \rangle",
        "z_0 > 0",
        "x = ",
        r"z_0 > 0 \;?\; 1",
        r"\sqrt[k]{x}",
        r"\log_k x",
        "1,125",
        "w_0^{(1)}",
    ],
)
def test_what_can_mean_several_things_is_not_read_as_one(tex: str) -> None:
    """A tree without an unknown name would be evaluated, and could be called wrong."""
    assert is_unread(tex)


@pytest.mark.parametrize("tex", ["L'(x + y)", "w_0'(x)", "L''(w_0)", r"\frac{dL}{dw_0}(x)", "x'(w_0)"])
def test_a_prime_derives_the_loss_by_one_name_and_nothing_else(tex: str) -> None:
    assert not isinstance(tree(tex), Derivative)


def test_the_whole_spelling_of_a_name_comes_first() -> None:
    assert parsed_with(SUBSCRIPTED, "L_p").tree == Symbol(name="Lp")
    assert parsed_with(SUBSCRIPTED, "L_w").tree == Derivative(of=L, by=Symbol(name="w"))


@pytest.mark.parametrize("tex", [r"\frac{dL}{dw}", "dL/dw", r"\frac{d z}{d w}"])
def test_a_mark_that_is_also_a_name_derives_what_depends_on_it(tex: str) -> None:
    """`d` is a value of that task; the quotient of two products with it in both would be absurd, and it is noted."""
    found = parsed_with(SMALL, tex)

    assert isinstance(found.tree, Derivative)
    assert [note.kind for note in found.notes] == [NoteKind.READING]


@pytest.mark.parametrize("tex", [r"\frac{d w}{d z}", r"\frac{w}{d z}", r"\frac{d L}{w}", "d L", "w + d"])
def test_a_name_that_could_be_a_mark_stays_a_name(tex: str) -> None:
    found = parsed_with(SMALL, tex)

    assert "Derivative(" not in repr(found.tree)
    assert Symbol(name="d") in _nodes(found.tree)
    assert found.notes == ()


def _nodes(node: Node | None) -> list[Node]:
    return list(walk(node)) if node else []


@pytest.mark.parametrize("tex", [r"\bar z", r"\bar{z}", r"\overline{z}", r"\dot{z}_1", r"\dot{z_1}"])
def test_an_accent_is_a_gradient_where_the_task_says_so(tex: str) -> None:
    assert parsed_with(BARRED, tex).tree == Derivative(of=L, by=Symbol(name="z"))
    assert isinstance(parsed_with(SMALL, tex).tree, Unknown)


@pytest.mark.parametrize(
    "tex",
    [
        "w_0^{neu}",
        r"w_{\text{new},0}",
        "w_{new,0}",
        r"w^{\text{new}}_0",
        r"w_{0,\text{new}}",
        "w_0^{*}",
        r"w_0^\star",
        "w_0^{(k+1)}",
        "w_0^{n+1}",
        r"\mathrm{w_0}'",
    ],
)
def test_a_parameter_after_the_step_is_read_in_rarer_notations(tex: str) -> None:
    assert tree(tex) == Symbol(name="w0", updated=True)


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        ("w_0^2", Power(base=W0, exponent=TWO)),
        ("w_0^{(k)}", W0),
        ("z_0^{(1)}", Symbol(name="z0", sample="<1>")),
    ],
)
def test_an_exponent_or_a_sample_is_no_step(tex: str, expected: Node) -> None:
    assert tree(tex) == expected


def test_a_number_in_brackets_above_a_parameter_is_a_step_where_it_is_no_layer() -> None:
    new, old = parsed_with(SMALL, "w^{(1)}"), parsed_with(SMALL, "w^{(0)}")

    assert (new.tree, old.tree) == (Symbol(name="w", updated=True), Symbol(name="w"))
    assert [note.kind for note in (*new.notes, *old.notes)] == [NoteKind.READING] * 2
    assert isinstance(tree("w_0^{(1)}"), Unknown), "there is a W^{(1)} in that task"


@pytest.mark.parametrize(
    "tex",
    [
        r"\chi_{z_0>0}",
        r"\chi_{\{z_0>0\}}",
        r"\textbf{1}_{z_0>0}",
        r"\mathrm{1}_{z_0>0}",
        r"{\bf 1}_{z_0>0}",
        r"\mathbb 1\{z_0>0\}",
        r"\mathbf{1}_{[z_0>0]}",
        r"1\{z_0>0\}",
    ],
)
def test_an_indicator_is_read_in_rarer_notations(tex: str) -> None:
    assert tree(tex) == Indicator(condition=POSITIVE)


def test_ones_without_a_condition_are_no_indicator() -> None:
    assert tree(r"\mathbf{1}_{N}") == Ones()
    assert isinstance(tree(r"\chi_0"), Unknown)


@pytest.mark.parametrize(
    "tex",
    [
        r"\begin{cases}1 & \text{falls } z_0>0\\0 & \text{sonst}\end{cases}",
        r"\begin{cases}1 & \text{si } z_0>0\\0 & \text{sinon}\end{cases}",
        r"\begin{cases}1 \text{ wenn } z_0>0\\0 \text{ andernfalls}\end{cases}",
        r"z_0 > 0 \;?\; 1 : 0",
        r"(z_0 > 0 ? 1 : 0)",
    ],
)
def test_a_choice_is_read_in_other_languages(tex: str) -> None:
    found = tree(tex)

    assert isinstance(found, Cases)
    assert [(one.value, one.condition) for one in found.branches] == [(ONE, POSITIVE), (ZERO, None)]


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        (r"\max\{0, z_0\}", Call(function="max", arguments=(ZERO, Z0))),
        ("(z_0)_+", Call(function="relu", arguments=(Z0,))),
        ("[z_0]_+", Call(function="relu", arguments=(Z0,))),
        (r"{g_1}'(z_1)", Call(function="relu", arguments=(Z1,), primes=1)),
        (r"\operatorname{sgn}(x)", Call(function="sign", arguments=(X,))),
        (r"\operatorname{diag}(s)", Call(function="diag", arguments=(Symbol(name="s"),))),
        (r"\text{softmax}(s)", Call(function="softmax", arguments=(Symbol(name="s"),))),
        (r"\langle s, t\rangle", Call(function="inner", arguments=(Symbol(name="s"), Symbol(name="t")))),
        (
            "\N{MATHEMATICAL LEFT ANGLE BRACKET}s, t\N{MATHEMATICAL RIGHT ANGLE BRACKET}",
            Call(function="inner", arguments=(Symbol(name="s"), Symbol(name="t"))),
        ),
        (r"\left\| s \right\|", Norm(operand=Symbol(name="s"))),
        (r"\sqrt[3]{x}", Power(base=X, exponent=Fraction(top=ONE, bottom=Number(text="3")))),
        (r"\sqrt[2]{x}", Call(function="sqrt", arguments=(X,))),
        (
            r"\log_2 x",
            Fraction(top=Call(function="log", arguments=(X,)), bottom=Call(function="log", arguments=(TWO,))),
        ),
        (r"\log_e x", Call(function="log", arguments=(X,))),
        (r"50\%", Fraction(top=Number(text="50"), bottom=Number(text="100"))),
        ("\uff11\uff12\uff0e\uff15", Number(text="12.5")),
        ("1.5e-3", Number(text="1.5e-3")),
        (r"\textbf{x}", X),
        ("0,75", Number(text="0.75")),
        (r"\frac{0,75}{2}", Fraction(top=Number(text="0.75"), bottom=TWO)),
        ("0,125", Number(text="0.125")),
        ("(0,75)", Listing(items=(ZERO, Number(text="75")))),
        (r"\max(0,75)", Call(function="max", arguments=(ZERO, Number(text="75")))),
        (r"\max\{0,5\}", Call(function="max", arguments=(ZERO, Number(text="5")))),
        ("W_{1,2}", Symbol(name="W", index=(ONE, TWO))),
    ],
)
def test_functions_and_numbers_are_read_in_rarer_notations(tex: str, expected: Node) -> None:
    assert tree(tex) == expected


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("$z_0 = 0,5$", ["z_0", "0,5"]),
        ("$f(0,5) = x$", ["f(0,5)", "x"]),
        (r"$\langle s, t\rangle = x$", [r"\langle s, t\rangle", "x"]),
    ],
)
def test_a_comma_that_separates_no_statements_cuts_none(text: str, sides: list[str]) -> None:
    (line,) = read(text).lines

    assert [side.source for side in line.sides] == sides


def test_a_decimal_comma_is_noted_and_a_comma_before_three_figures_is_not_read() -> None:
    (line, other) = read("$z_0 = 0,5$ $z_0 = 1,125$").lines

    assert [note.kind for note in line.sides[1].notes] == [NoteKind.READING]
    assert other.sides[1].tree is None


def test_a_number_that_is_compared_is_that_number_and_says_so() -> None:
    (line, other) = read("$z_0 = 0.5 > 0$ $h_0 = z_0 > 0$").lines

    assert line.sides[1].tree == Number(text="0.5")
    assert [note.kind for note in line.sides[1].notes] == [NoteKind.READING]
    assert other.sides[1].tree is None, "this may be an indicator without its brackets"


@pytest.mark.parametrize(
    "text",
    [
        r"$w_0 \to w_0 - \eta x = -0.25$",
        r"$w_0 \mapsto -0.25$",
        r"$$w_s \to 0$$",
        r"$w_0 = w_0 - \eta x$",
        r"$w_0 := w_0 + \eta x$",
        r"$w_0 \leftarrow 1$",
    ],
)
def test_a_step_gives_a_parameter_its_new_value(text: str) -> None:
    (line,) = read(text).lines
    first = line.sides[0].tree

    assert isinstance(first, Symbol)
    assert first.updated
    assert len(line.sides[0].notes) == (r"\leftarrow" not in text)


@pytest.mark.parametrize(
    "text",
    [
        r"as $w_0 \to 0$ it grows",
        r"as $w_0 \to 1$ it grows",
        r"$x \to 0$",
        r"$x \to z_0 \to h_0$",
        r"$w_0 \to z_0$",
        r"$w_0 = 0.5$",
        r"$w_0 \to z_0 = w_0 x$",
        r"$z_0 = w_0 x \to h_0 = 1$",
        r"$z_0 = z_0 - 1$",
        r"$z_0 \leftarrow x$",
        r"$w_0 = x + w_0$",
        r"$w_0 = w_0$",
    ],
)
def test_an_arrow_or_an_equation_is_a_step_only_where_it_can_be_nothing_else(text: str) -> None:
    firsts = [line.sides[0].tree for line in read(text).lines]

    assert not any(isinstance(one, Symbol) and one.updated for one in firsts)


def test_words_beside_a_formula_are_left_out_and_noted() -> None:
    (line,) = read(r"$\text{the first value is } z_0 = 0.5 \text{ as you see}$").lines

    assert [side.tree for side in line.sides] == [Z0, Number(text="0.5")]
    assert [note.kind for side in line.sides for note in side.notes] == [NoteKind.READING] * 2


@pytest.mark.parametrize(
    "text", [r"$\text{if } z_0 = 0$", r"$\text{if we had } z_0 = 0$", r"$z_0 = 0 \text{ is wrong}$"]
)
def test_what_is_only_supposed_is_no_claim(text: str) -> None:
    (line,) = read(text).lines

    assert any("Unknown(" in repr(side.tree) for side in line.sides)


def test_a_name_in_text_behind_a_sign_is_no_prose() -> None:
    (line,) = read(r"$z_0 = x \cdot \text{ws}$").lines

    assert line.sides[1].tree == Product(factors=(X, Symbol(name="ws")), signs=(Times.DOT,))


def test_lines_of_a_display_are_rows_where_each_is_an_equation_of_its_own() -> None:
    lines = read("$$\nz_0 = 0.5\nh_0 = 0.5\n$$").lines

    assert [[side.source for side in line.sides] for line in lines] == [["z_0", "0.5"], ["h_0", "0.5"]]
    assert [note.kind for note in lines[0].sides[0].notes] == [NoteKind.READING]


@pytest.mark.parametrize(
    "text",
    [
        "$$\n\\frac{dL}{dw_0} = \\frac{dL}{dz_0}\n\\frac{dz_0}{dw_0} = x\n$$",
        "$$\nz_0\n= w_0 x\n$$",
        "$$\nz_0 = w_0\n+ x = 1\n$$",
        "$$\nz_0 = w_0 +\nx = 1\n$$",
        "$$\nz_0 = \\frac{1\n}{2}\n$$",
    ],
)
def test_lines_of_a_display_that_go_on_are_one(text: str) -> None:
    assert len(read(text).lines) == 1


@pytest.mark.parametrize(
    ("tex", "read_sides", "withdrawn"),
    [
        (r"z_0 = \cancel{0.7} = 0.5", ["0.5"], False),
        (r"z_0 = \cancel{0.7}", ["0.7"], True),
        (r"z_0 = \frac{\cancel{2} x}{\cancel{2}}", [r"\frac{2 x}{2}"], False),
        (r"z_0 = \cancel{x} y \frac{1}{\cancel{x}}", [r"x y \frac{1}{x}"], False),
    ],
)
def test_a_strike_over_a_side_takes_it_back_and_one_that_cancels_does_not(
    tex: str, read_sides: list[str], withdrawn: bool
) -> None:
    (line,) = read(f"${tex}$").lines

    assert [side.tree for side in line.sides[1:]] == [tree(one) for one in read_sides]
    assert bool(line.withdrawn) is withdrawn


def test_a_strike_before_another_number_leaves_the_side_to_a_person() -> None:
    (line,) = read(r"$z_0 = \cancel{0.7} 0.5$").lines

    assert line.sides[1].tree is None

"""Every way of writing that students use becomes the tree it means."""

from __future__ import annotations

import pytest
from formula_names import parsed, tree

from grader.formulas.parsing.cursor import Options
from grader.formulas.tokens import NoteKind
from grader.formulas.tree import (
    Absolute,
    Application,
    Call,
    Cases,
    Condition,
    Constant,
    Derivative,
    Entry,
    Extreme,
    Fraction,
    Function,
    Index,
    Indicator,
    Kronecker,
    Listing,
    Matrix,
    Negative,
    Node,
    Norm,
    Number,
    Ones,
    Over,
    Power,
    Product,
    Sum,
    Symbol,
    Times,
    Transpose,
    Unknown,
)

L, X, Y, Y_HAT = (Symbol(name=one) for one in ("L", "x", "y", "y_hat"))
W0, Z0, Z1, Z2, H0 = (Symbol(name=one) for one in ("w0", "z0", "z1", "z2", "h0"))
ZERO, ONE, TWO = (Number(text=one) for one in "012")
AT_I, K = Index(name="i"), Index(name="k")
DL_DW0 = Derivative(of=L, by=W0)
Z0_POSITIVE = Indicator(condition=Condition(operands=(Z0, ZERO), comparisons=(">",)))


def is_read(tex: str, expected: Node) -> None:
    assert tree(tex) == expected


@pytest.mark.parametrize(
    "tex",
    [
        r"\frac{\partial L}{\partial w_0}",
        r"\frac{\partial \mathcal{L}}{\partial \omega_{0}}",
        r"\dfrac{\mathrm{d} L}{\mathrm{d} w_0}",
        r"\frac{dL}{dw_0}",
        r"\frac{dL}{dw0}",
        r"\frac{\delta L}{\delta w_0}",
        r"\frac{\partial}{\partial w_0} L",
        r"\frac{\partial}{\partial w_0}(L)",
        r"\partial L / \partial w_0",
        r"\delta L/\delta w_0",
        "dL/dw_0",
        "dL/dw0",
        "∂L/∂ω₀",
        r"\nabla_{w_0} L",
        r"\nabla_{\omega_0}\mathcal{L}",
        "L_{w_0}",
    ],
)
def test_a_derivative_is_read_in_every_notation(tex: str) -> None:
    is_read(tex, DL_DW0)


@pytest.mark.parametrize(
    "tex",
    [
        r"\mathbb{1}[z_0 > 0]",
        r"\mathbb{1}_{z_0>0}",
        r"\mathbf{1}_{\{z_0 > 0\}}",
        r"\mathbb{I}(z_0 > 0)",
        r"\mathds 1\{z_0 > 0\}",
        "1_{z_0>0}",
        r"1\left[z_0 > 0\right]",
        "[z_0 > 0]",
        "(z_0 \\gt 0)",
        "I(z_0>0)",
    ],
)
def test_an_indicator_is_read_in_every_notation(tex: str) -> None:
    is_read(tex, Z0_POSITIVE)


@pytest.mark.parametrize(
    "tex",
    [
        r"\omega_{0_{new}}",
        r"\omega_0^{new}",
        r"\omega_{0,\text{new}}",
        r"w_0^{\mathrm{new}}",
        "w_0'",
        r"w_0^\prime",
        "w_0^+",
        "w_0^{(t+1)}",
    ],
)
def test_a_parameter_after_the_step_is_read_in_every_notation(tex: str) -> None:
    is_read(tex, Symbol(name="w0", updated=True))


@pytest.mark.parametrize("tex", ["w_0^{old}", r"w_0^{\text{old}}", "w_0^{(t)}", r"\omega_{0,old}"])
def test_a_parameter_before_the_step_is_itself(tex: str) -> None:
    is_read(tex, W0)


@pytest.mark.parametrize(
    "tex",
    [
        r"\begin{cases} 1, & \text{if } z_0 > 0 \\ 0, & \text{otherwise} \end{cases}",
        r"\begin{cases} 1 & z_0 > 0 \\ 0 & \text{else} \end{cases}",
        r"\begin{cases} 1 & \text{if z_0 > 0} \\ 0 & \end{cases}",
        r"\begin{cases} 1, \quad \text{if } z_0 > 0 \\ 0, \quad \text{otherwise.} \end{cases}",
        r"\left\{\begin{array}{ll} 1 & \mbox{for } z_0 > 0 \\ 0 & \mbox{else}\end{array}\right.",
    ],
)
def test_cases_are_read_in_every_notation(tex: str) -> None:
    read = tree(tex)

    assert isinstance(read, Cases)
    assert [one.value for one in read.branches] == [ONE, ZERO]
    assert [one.condition for one in read.branches] == [Z0_POSITIVE.condition, None]


@pytest.mark.parametrize(
    "tex", ["ŷ", r"\hat y", r"\hat{y}", r"\widehat{y}", r"{\hat{y}}", r"\mathbf{\hat{y}}", "y\u0302"]
)
def test_an_accent_is_read_in_every_spelling(tex: str) -> None:
    is_read(tex, Y_HAT)


@pytest.mark.parametrize(
    "tex", ["W^T", r"W^\top", r"W^{\mathsf{T}}", r"W^{(1)\top}", r"W^{[1]T}", r"{W}^\intercal", "Wᵀ"]
)
def test_a_transpose_is_read_in_every_spelling(tex: str) -> None:
    is_read(tex, Transpose(operand=Symbol(name="W")))


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        ("w_0 x", Product(factors=(W0, X), signs=(Times.ADJACENT,))),
        (r"w_0 \cdot x", Product(factors=(W0, X), signs=(Times.DOT,))),
        (r"w_0 \odot x", Product(factors=(W0, X), signs=(Times.ENTRYWISE,))),
        ("w_0 * x", Product(factors=(W0, X), signs=(Times.STAR,))),
        (r"x \cdot -1", Product(factors=(X, Negative(operand=ONE)), signs=(Times.DOT,))),
        ("-x y", Negative(operand=Product(factors=(X, Y), signs=(Times.ADJACENT,)))),
        ("x - y - 1", Sum(terms=(X, Negative(operand=Y), Negative(operand=ONE)))),
        ("x - (y - 1)", Sum(terms=(X, Negative(operand=Sum(terms=(Y, Negative(operand=ONE))))))),
        ("x^2", Power(base=X, exponent=TWO)),
        (r"\frac12", Fraction(top=ONE, bottom=TWO)),
        (r"|y - \hat{y}|", Absolute(operand=Sum(terms=(Y, Negative(operand=Y_HAT))))),
        (r"\left\lvert x \right\rvert y", Product(factors=(Absolute(operand=X), Y), signs=(Times.ADJACENT,))),
        (r"\|s\|_1", Norm(operand=Symbol(name="s"), order="1")),
        (r"\mathcal{L}(\hat{y}, y_1)", Application(of=L, arguments=(Y_HAT, Y))),
        ("f(x)", Application(of=Unknown(name="f"), arguments=(X,))),
        (
            r"\hat{y}(1 - x)",
            Product(factors=(Y_HAT, Sum(terms=(ONE, Negative(operand=X)))), signs=(Times.ADJACENT,)),
        ),
        ("ReLU(z_0)", Call(function="relu", arguments=(Z0,))),
        (r"\operatorname{ReLU}(z_0)", Call(function="relu", arguments=(Z0,))),
        (r"\text{ReLU}'(z_0)", Call(function="step", arguments=(Z0,))),
        ("g_0'(z_0)", Call(function="relu", arguments=(Z0,), primes=1)),
        ("ReLU", Function(name="relu")),
        (r"\max(0, z_0)", Call(function="max", arguments=(ZERO, Z0))),
        (r"\log p_k", Call(function="log", arguments=(Symbol(name="p", index=(K,)),))),
        ("e^{s_k}", Call(function="exp", arguments=(Symbol(name="s", index=(K,)),))),
        (r"\delta_{ik}", Kronecker(left=AT_I, right=K)),
        (r"\delta{ik}", Kronecker(left=AT_I, right=K)),
        (r"\delta^{(2)}", Derivative(of=L, by=Z2)),
        ("W_{ij}", Symbol(name="W", index=(AT_I, Index(name="j")))),
        (
            "(W s)_i",
            Entry(
                operand=Product(factors=(Symbol(name="W"), Symbol(name="s")), signs=(Times.ADJACENT,)),
                index=(AT_I,),
            ),
        ),
        ("s'_k", Symbol(name="s", index=(K,), primes=1)),
        (r"\mathbf{1}^\top", Transpose(operand=Ones())),
        (r"\begin{pmatrix} x & y \\ 0 & 1 \end{pmatrix}", Matrix(rows=((X, Y), (ZERO, ONE)))),
        (r"(s_1, \dots)", Listing(items=(Symbol(name="s", index=(ONE,)),), has_dots=True)),
        (r"\underbrace{x}_{\text{input}}", X),
        (r"\boxed{x}", X),
        (r"\sqrt{x}", Call(function="sqrt", arguments=(X,))),
        ("0{,}5", Number(text="0.5")),
        ("\uff08x\uff09\N{MULTIPLICATION SIGN}2", Product(factors=(X, TWO), signs=(Times.DOT,))),
        (r"\pi x", Product(factors=(Constant(name="pi"), X), signs=(Times.ADJACENT,))),
    ],
)
def test_a_formula_becomes_the_tree_it_means(tex: str, expected: Node) -> None:
    is_read(tex, expected)


def test_a_sum_has_its_bounds_and_takes_one_term() -> None:
    total = Over(
        kind=Extreme.SUM,
        indices=("k",),
        body=Symbol(name="s", index=(K,)),
        lower=ONE,
        upper=Unknown(name="K"),
    )
    found = parsed(r"\sum_{k=1}^K s_k + 1")

    assert found.tree == Sum(terms=(total, ONE))
    assert [note.kind for note in found.notes] == [NoteKind.READING]


def test_a_sum_takes_all_terms_where_that_reading_is_asked_for() -> None:
    found = parsed(r"\sum_{k} s_k + 1", Options(sum_takes_all=True))

    assert isinstance(found.tree, Over)
    assert found.tree.body == Sum(terms=(Symbol(name="s", index=(K,)), ONE))


def test_a_condition_below_a_sum_is_kept() -> None:
    found = tree(r"\sum_{i \neq k} s_i")

    assert isinstance(found, Over)
    assert found.indices == ("i",)
    assert found.conditions == (Condition(operands=(AT_I, K), comparisons=("!=",)),)


@pytest.mark.parametrize(
    ("tex", "rest"),
    [
        ("(x y", "x y"),
        ("x y)", "x y"),
        (r"\hat{y} (w_2 u(z_1) h_0", r"\hat{y} w_2 u(z_1) h_0"),
        ("[x", "x"),
        ("|x", "x"),
    ],
)
def test_a_stray_bracket_is_left_out_and_reported(tex: str, rest: str) -> None:
    found = parsed(tex)

    assert found.tree == tree(rest)
    assert [note.kind for note in found.notes] == [NoteKind.REPAIR]


@pytest.mark.parametrize(
    "tex",
    [
        "1 / 2 x",
        r"\log x y",
        r"\frac{\delta L}{\delta x}",
        "L_{w_0}",
    ],
)
def test_a_choice_between_readings_is_said(tex: str) -> None:
    found = parsed(tex)

    assert found.tree is not None
    assert [note.kind for note in found.notes] == [NoteKind.READING]


@pytest.mark.parametrize(
    ("tex", "reason", "start"),
    [
        ("", "There is nothing on this side.", 0),
        ("x +", "The formula ends where a value is expected.", 3),
        (r"x + \arg y", r"`\arg` cannot be read.", 4),
        ("x + !", "`!` cannot be read here.", 4),
        (r"\nabla L", "A gradient without what it is taken by cannot be read.", 0),
        (r"\sum x", "A sum needs its index below the sign.", 0),
        ("x^{100}", "The exponent is too large.", 2),
        ("x^{9^{9}}", "The exponent is too large.", 3),
        ("W_{ij} + s_k + t_l", "There are 4 free indices.", 0),
        (r"W^{-T}", "An inverse is not read.", 3),
        (r"\frac{}{2}", "Something is missing between two braces.", 5),
    ],
)
def test_what_cannot_be_read_stops_with_a_reason_and_a_place(tex: str, reason: str, start: int) -> None:
    problem = parsed(tex).problem

    assert problem is not None
    assert (problem.reason, problem.start) == (reason, start)

"""Trees as MathML: well-formed, escaped, bounded, and with brackets that leave one way to read them."""

from __future__ import annotations

import inspect
import re
import sys
import xml.etree.ElementTree as ET
from typing import Any, cast, get_args

import pytest
from formula_names import tree
from hypothesis import given, settings
from msgspec.structs import replace
from test_round_trips import trees

from grader.formulas import Meaning, Name
from grader.formulas.display import mathml as module
from grader.formulas.display.glyphs import glyph, leaf, scripted, spelled
from grader.formulas.display.mathml import first_spellings, mathml
from grader.formulas.tree import (
    Branch,
    Call,
    Cases,
    Condition,
    Derivative,
    Extreme,
    Index,
    Listing,
    Negative,
    Node,
    Norm,
    Number,
    Over,
    Primed,
    Sum,
    Symbol,
    Times,
    Tree,
    Unknown,
)

SPELLINGS = {
    "w0": r"\omega_0",
    "ws": r"\omega_s",
    "y_hat": r"\hat{y}",
    "relu": "ReLU",
    "step": "u",
    "lr": r"\alpha",
}
SIGNS = {
    "\N{INVISIBLE TIMES}": " ",
    "\N{FUNCTION APPLICATION}": "",
    "\N{MINUS SIGN}": "-",
    "\N{ASTERISK OPERATOR}": "*",
    "\N{DOWN TACK}": r"\top ",
    "\N{PRIME}": "'",
    "\N{GREEK SMALL LETTER ALPHA}": r"\alpha ",
    "\N{GREEK SMALL LETTER OMEGA}": r"\omega ",
    "\N{GREEK SMALL LETTER DELTA}": r"\delta ",
    "\N{PARTIAL DIFFERENTIAL}": r"\partial ",
    "\N{N-ARY SUMMATION}": r"\sum ",
}
FORMS = {
    "mfrac": r"\frac{%s}{%s}",
    "msub": "%s_{%s}",
    "msup": "%s^{%s}",
    "msubsup": "%s_{%s}^{%s}",
    "munder": "%s_{%s}",
    "munderover": "%s_{%s}^{%s}",
    "mtd": "%s &",
    "mtr": r"%s \\",
    "msqrt": r"\sqrt{%s}",
}


def tex(element: ET.Element) -> str:
    """Write MathML as TeX; knows elements and characters, and nothing of how we write trees."""
    inner = [tex(one) for one in element]
    if element.tag == "mover":
        return rf"\hat{{{inner[0]}}}"
    if element.tag in FORMS:
        count = FORMS[element.tag].count("%s")
        return FORMS[element.tag] % (tuple(inner) if count > 1 else "".join(inner))
    text = element.text or ""
    return SIGNS.get(text, text) + "".join(inner)


def shown(node: Node, spellings: dict[str, str] | None = None) -> str:
    """Return what a tree looks like, in TeX."""
    return " ".join(tex(ET.fromstring(written(node, spellings=SPELLINGS | (spellings or {})))).split())


def written(node: Node, **options: Any) -> str:
    """Return the MathML of a tree."""
    return mathml(cast("Tree", node), **options)


def marked(source: str, begin: int, end: int) -> list[str]:
    """Return what is marked as wrong."""
    element = ET.fromstring(written(tree(source), mark=(begin, end), spellings=SPELLINGS))
    return [tex(one) for one in element.iter("mrow") if one.get("class") == "wrong"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"0.50", "0.50"),
        (r"\omega_0 x", r"\omega _{0} x"),
        (r"\hat y", r"\hat{y}"),
        (r"dL/d\omega_s", r"\frac{\partial L}{\partial \omega _{s}}"),
        (r"\delta^{(2)}", r"\frac{\partial L}{\partial z_{2}}"),
        (r"\frac{d(x^2 + 1)}{dx}", r"\frac{\partial }{\partial x}(x^{2}+1)"),
        (r"\omega_{0_{new}}", r"\omega _{0}^{new}"),
        (r"s'_k", "s_{k}^{'}"),
        (r"x^{(i)}", "x^{(i)}"),
        (r"\eta x", r"\alpha x"),
        (r"g_0(z_1)", "ReLU(z_{1})"),
        (r"\exp(-s_k)", "e^{-s_{k}}"),
        (r"\sqrt{x}", r"\sqrt{x}"),
        (r"\ln(x)", "log(x)"),
        (r"\mathbb{1}[z_1 > 0]", "1_{z_{1}>0}"),
        (r"\delta_{ik}", r"\delta _{ik}"),
        (r"|x - y|", "|x-y|"),
        (r"\|W\|_F", "\N{DOUBLE VERTICAL LINE}W\N{DOUBLE VERTICAL LINE}_{F}"),
        (r"W^T s", r"W^{\top } s"),
        (r"W s \circ t", "W s\N{CIRCLED DOT OPERATOR}t"),
        (r"\sum_{k=1}^{K} t_k s_k", r"\sum _{k=1}^{K}t_{k} s_{k}"),
        (r"\sum_{j \neq k} s_j", "\\sum _{j\N{NOT EQUAL TO}k}s_{j}"),
        (r"(s_1, \dots, s_K)", "(s_{1},\N{HORIZONTAL ELLIPSIS},s_{K})"),
        (r"\begin{cases} 1, & x > 0 \\ 0 & \text{else} \end{cases}", r"{1 &if x>0 & \\0 &otherwise & \\"),
        (r"\begin{bmatrix} 1 & x \\ 0 & 1 \end{bmatrix}", r"[1 &x & \\0 &1 & \\]"),
        (r"L(\hat{y}, y)", r"L(\hat{y},y)"),
        (r"ReLU(s)_k", "ReLU(s)_{k}"),
    ],
)  # fmt: skip
def test_a_formula_looks_as_a_book_has_it(source: str, expected: str) -> None:
    """Names are those of the task, and numbers stand as they were written."""
    assert shown(tree(source)) == expected


def test_every_kind_of_tree_can_be_written() -> None:
    assert set(module._WRITERS) == set(get_args(Tree))


def test_indices_that_are_numbers_have_commas_between_them() -> None:
    assert shown(Symbol(name="W", index=(Number(text="1"), Number(text="2")))) == "W_{1,2}"
    assert shown(Symbol(name="W", index=(Index(name="i"), Index(name="j")))) == "W_{ij}"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("(x + y) z_1", "(x+y) z_{1}"),
        ("x - (y - z_1)", "x-(y-z_{1})"),
        ("x - (-y)", "x-(-y)"),
        (r"sign(x) \cdot -1", "sign(x)\N{MIDDLE DOT}(-1)"),
        ("(-x) y", "(-x) y"),
        ("-x y", "-x y"),
        ("(x y)^2", "(x y)^{2}"),
        ("(x^2)^2", "(x^{2})^{2}"),
        (r"(\frac{x}{y})^2", r"(\frac{x}{y})^{2}"),
        ("(e^x)^2", "(e^{x})^{2}"),
        ("W_{new}^T", r"(W^{new})^{\top }"),
        ("x / (y z_1)", "x/(y z_{1})"),
        ("x / y / z_1", "x/y/z_{1}"),
        (r"(\sum_k s_k) + x", r"(\sum _{k}s_{k})+x"),
        (r"\sum_k s_k + x", r"(\sum _{k}s_{k})+x"),
        (r"x + y \sum_k s_k", r"x+y \sum _{k}s_{k}"),
        (r"x \sum_k s_k + y", r"(x \sum _{k}s_{k})+y"),
        (r"(\sum_k s_k) x", r"(\sum _{k}s_{k}) x"),
        (r"\sum_k (s_k + x)", r"\sum _{k}(s_{k}+x)"),
        ("(2)(3)", "2\N{MIDDLE DOT}3"),
        (r"\hat{y}(1 - \hat{y})", "\\hat{y}\N{MIDDLE DOT}(1-\\hat{y})"),
        (r"t \odot s(x + y)", "t\N{CIRCLED DOT OPERATOR}(s\N{MIDDLE DOT}(x+y))"),
        (r"t \odot W s", "t\N{CIRCLED DOT OPERATOR}W s"),
        (r"\left|x \left|y\right|\right|", "|x\N{MIDDLE DOT}|y||"),
    ],
)
def test_brackets_stand_where_the_tree_needs_them(source: str, expected: str) -> None:
    """A name before brackets is multiplied by them, which a dot says; what a sum takes stands behind it or in brackets."""
    assert shown(tree(source)) == expected


def test_a_name_with_a_label_above_it_is_raised_in_brackets() -> None:
    assert shown(tree("(W^{(1)})^2"), {"W": "W^{(1)}"}) == "(W^{(1)})^{2}"


def with_dots(node: Any) -> Any:
    """Return a tree with a dot for every product of adjacent factors, which is what it is shown as in places."""
    if isinstance(node, tuple):
        return tuple(map(with_dots, node))
    if node is Times.ADJACENT:
        return Times.DOT
    if not isinstance(node, Node):
        return node
    return replace(node, **{name: with_dots(getattr(node, name)) for name in node.__struct_fields__})


@settings(max_examples=250)
@given(trees)
def test_what_is_shown_is_read_back_as_the_tree(drawn: Tree) -> None:
    """The brackets leave one way to read it: that of the grader's own reader, to which it is given as TeX."""
    assert with_dots(tree(shown(drawn))) == with_dots(drawn)


def test_the_marked_part_alone_is_wrapped() -> None:
    source = r"-sign(y - \hat{y}) \omega_s u(z_0)"
    begin = source.index(r"\omega_s")
    assert marked(source, begin, begin + len(r"\omega_s")) == [r"\omega _{s}"]


def test_the_largest_part_in_the_mark_is_wrapped_once() -> None:
    assert marked("x + (y - z_1) x", 0, 15) == ["x+(y-z_{1}) x"]


def test_each_factor_in_a_mark_over_several_is_wrapped() -> None:
    assert marked(r"x y z_1", 0, 3) == ["x", "y"]


def test_a_leading_sign_is_marked_with_its_term() -> None:
    assert marked("-x + y", 0, 2) == ["-x"]


@pytest.mark.parametrize("mark", [None, (50, 60), (0, 0), (1, 2)])
def test_nothing_is_marked_where_no_part_lies_in_the_mark(mark: tuple[int, int] | None) -> None:
    assert "wrong" not in written(tree("x + y"), mark=mark)


HOSTILE = (
    "<script>alert(1)</script>",
    '" onclick="x',
    "&lt;",
    "</math>",
    "\x00\u202e\udc80",
    "a" * 10_000,
    "'''",
    "",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_student_becomes_markup(text: str) -> None:
    """In every place that holds a text, it is well-formed, printable and short, and has the elements that it has for `x`."""
    for build in (
        lambda one: Number(text=one),
        lambda one: Unknown(name=one),
        lambda one: Symbol(name="x", sample=one),
        lambda one: Symbol(name=one),
        lambda one: Index(name=one),
        lambda one: Norm(operand=Number(text="1"), order=one),
        lambda one: Condition(operands=(Number(text="1"), Number(text="2")), comparisons=(one,)),
        lambda one: Call(function=one, arguments=(Number(text="1"),)),
        lambda one: Over(kind=Extreme.SUM, indices=(one,), body=Number(text="1")),
    ):
        made = written(build(text))
        allowed = r'</?m[a-z]+(?: (?:displaystyle|accent)="true"| (?:stretchy)="false"| form="(?:infix|prefix|postfix)")?>'
        assert not {"<", ">", '"'} & set(re.sub(allowed, "", made))
        assert not {"\x00", "\u202e", "\udc80"} & set(made)
        assert len(made) < 6_000
        ET.fromstring(made)


def test_a_tree_that_is_too_deep_or_too_large_is_an_ellipsis() -> None:
    deep: Tree = Number(text="1")
    for _ in range(5_000):
        deep = Primed(operand=deep)
    wide = Sum(terms=tuple(Number(text="1") for _ in range(2_001)))
    for one in (deep, wide):
        assert tex(ET.fromstring(written(one))) == "\N{HORIZONTAL ELLIPSIS}"


@pytest.mark.parametrize("level", [Sum, Listing, Cases])
def test_the_deepest_tree_that_is_written_leaves_room_on_the_stack(level: type[Node]) -> None:
    """Thirty levels or more, of what takes the most calls, in six hundred frames of the thousand that there are."""
    deep: Any = Number(text="7")
    for _ in range(29):
        if level is Cases:
            deep = Cases(branches=(Branch(value=deep, condition=None),))
        elif level is Sum:
            deep = Sum(terms=(Number(text="2"), Negative(operand=deep)))
        else:
            deep = Listing(items=(Listing(items=(deep,)),))
    limit = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(len(inspect.stack(0)) + 600)
        made = written(deep)
    finally:
        sys.setrecursionlimit(limit)
    assert "<mn>7</mn>" in made


def test_names_of_a_task_without_a_spelling_are_taken_apart() -> None:
    names = {"w0": "w_{0}", "y_hat": r"\hat{y}", "lr": "lr", "W^<1>": "W^{(1)}", "hat(y)_1": r"\hat{y}_{1}"}
    names |= {"omega_0new": r"\omega _{0new}", "g'": "g^{'}"}
    assert {name: tex(ET.fromstring(scripted(glyph(name)))) for name in names} == names


def test_what_is_no_name_stands_in_one_piece() -> None:
    assert scripted(glyph("a_b_c")) == "<mtext>a_b_c</mtext>"
    assert leaf("mi", "<") == "<mi>&lt;</mi>"


def test_a_spelling_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="spelling"):
        spelled("1 + 1")


def test_the_first_spelling_of_a_value_is_shown_and_none_of_a_gradient() -> None:
    names = (
        Name(name="z2", spellings=(r"\delta^{(2)}",), meaning=Meaning.GRADIENT),
        Name(name="z2", spellings=("z_2", "z^{(2)}")),
        Name(name="relu", spellings=("g_0",), meaning=Meaning.FUNCTION),
    )
    assert first_spellings(names) == {"z2": "z_2", "relu": "g_0"}


def test_a_second_derivative_has_its_operand_in_brackets() -> None:
    inner = Derivative(of=Symbol(name="L"), by=Symbol(name="x"))
    assert (
        shown(Derivative(of=inner, by=Symbol(name="x")))
        == r"\frac{\partial }{\partial x}(\frac{\partial L}{\partial x})"
    )


def test_an_index_is_counted_once_below_a_sum() -> None:
    unequal = Condition(operands=(Index(name="j"), Index(name="k")), comparisons=("!=",))
    both = Over(kind=Extreme.SUM, indices=("i", "j"), body=Number(text="1"), conditions=(unequal,))
    assert shown(both) == "\\sum _{i,j\N{NOT EQUAL TO}k}1"

"""Random trees, printed in random spellings, are read back as the same trees."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from formula_names import tree
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.formulas.tree import (
    Absolute,
    Call,
    Condition,
    Derivative,
    Extreme,
    Fraction,
    Index,
    Indicator,
    Kronecker,
    Negative,
    Node,
    Number,
    Over,
    Power,
    Product,
    Sum,
    Symbol,
    Times,
    Transpose,
    Tree,
)

Drawn = TypeVar("Drawn")
SPELLINGS = {
    "x": ["x", "x_1", "x_{1}", "{x}", r"\mathbf{x}"],
    "w0": [r"\omega_0", r"\omega_{0}", "w_0", r"\boldsymbol{\omega}_0", "ω₀", "w_{0}^{old}"],
    "z0": ["z_0", "z_{0}", "z0"],
    "y_hat": [r"\hat{y}", r"\hat y", "ŷ", r"\widehat{y}"],
    "W": ["W", "W^{(1)}", "W^{[1]}", r"\mathbf{W}"],
    "s": ["s", r"\vec{s}", r"\boldsymbol{s}"],
}
FRACTIONS = [r"\frac", r"\dfrac", r"\tfrac"]
LOSSES = ["L", r"\mathcal{L}", r"\mathcal L"]
MARKS = [r"\partial", r"\delta", "d", r"\mathrm{d}", "∂"]
SIGNS = {
    Times.ADJACENT: [" ", r"\,", r"\;"],
    Times.DOT: [r"\cdot ", r"\times ", "·", "\N{MULTIPLICATION SIGN}"],
    Times.ENTRYWISE: [r"\odot ", r"\circ ", "⊙"],
    Times.STAR: ["*", r"\ast "],
}
BRACKETS = [("(", ")"), (r"\left(", r"\right)"), ("[", "]"), (r"\bigl(", r"\bigr)"), (r"\{", r"\}")]

symbols = st.sampled_from([Symbol(name=one) for one in ("x", "w0", "z0", "y_hat", "W", "s")])
leaves: st.SearchStrategy[Tree] = st.one_of(
    symbols,
    st.sampled_from([Number(text=one) for one in ("1", "2", "0.5", "12")]),
    st.sampled_from(
        [Symbol(name="s", index=(Index(name="k"),)), Kronecker(left=Index(name="i"), right=Index(name="k"))]
    ),
    symbols.map(lambda by: Derivative(of=Symbol(name="L"), by=by)),
)


def _products(parts: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    signs = st.sampled_from([(Times.DOT,), (Times.ENTRYWISE,), (Times.ADJACENT,), (Times.STAR, Times.DOT)])
    return signs.flatmap(
        lambda one: st.tuples(*([parts] * (len(one) + 1))).map(
            lambda found: Product(factors=found, signs=one)
        )
    )


def _grown(parts: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    return st.one_of(
        st.lists(parts, min_size=2, max_size=3).map(lambda found: Sum(terms=tuple(found))),
        _products(parts),
        parts.map(lambda one: Negative(operand=one)),
        parts.map(lambda one: Absolute(operand=one)),
        parts.map(lambda one: Transpose(operand=one)),
        st.tuples(parts, parts).map(lambda two: Fraction(top=two[0], bottom=two[1])),
        parts.map(lambda one: Power(base=one, exponent=Number(text="2"))),
        st.tuples(st.sampled_from(["relu", "sign", "step"]), parts).map(
            lambda two: Call(function=two[0], arguments=(two[1],))
        ),
        parts.map(lambda one: Over(kind=Extreme.SUM, indices=("k",), body=one)),
        parts.map(
            lambda one: Indicator(condition=Condition(operands=(one, Number(text="0")), comparisons=(">",)))
        ),
    )


trees = st.recursive(leaves, _grown, max_leaves=8)


class Printer:
    """Writes a tree in TeX and chooses among spellings."""

    def __init__(self, choose: Callable[[list[str]], str]) -> None:
        self.choose = choose

    def bracketed(self, node: Node) -> str:
        """Write a part that is not a leaf in brackets; of an indicator they are its own."""
        text = self.text(node)
        if isinstance(
            node, Symbol | Number | Kronecker | Absolute | Fraction | Call | Derivative | Indicator
        ):
            return text
        opener = self.choose([one for one, _ in BRACKETS])
        return f"{opener} {text} {dict(BRACKETS)[opener]}"

    def text(self, node: Node) -> str:  # noqa: C901, PLR0911 (one case for each kind of node)
        """Write a tree."""
        match node:
            case Number(text=text):
                return text
            case Symbol(name=name, index=index):
                return f"{self.choose(SPELLINGS[name])}{'_k' if index else ''}" if not index else "s_{k}"
            case Kronecker():
                return self.choose([r"\delta_{ik}", r"\delta_{i,k}", r"\delta_{i k}"])
            case Derivative(by=by):
                mark = self.choose(MARKS)
                return rf"\frac{{{mark} {self.choose(LOSSES)}}}{{{mark} {self.text(by)}}}"
            case Sum(terms=terms):
                return self._sum(terms)
            case Product(factors=factors, signs=signs):
                return self._product(factors, signs)
            case Negative(operand=operand):
                return f"- {self.bracketed(operand)}"
            case Absolute(operand=operand):
                return (
                    rf"\left| {self.text(operand)} \right|"
                    if not _has_bars(operand)
                    else self._nested_bars(operand)
                )
            case Transpose(operand=operand):
                return f"( {self.text(operand)} )" + self.choose(["^T", r"^\top", r"^{\top}", "ᵀ"])
            case Fraction(top=top, bottom=bottom):
                return f"{self.choose(FRACTIONS)}{{{self.text(top)}}}{{{self.text(bottom)}}}"
            case Power(base=base):
                return f"( {self.text(base)} )" + self.choose(["^2", "^{2}", "²"])
            case _:
                return self._others(node)

    def _others(self, node: Node) -> str:
        match node:
            case Call(function=function, arguments=(argument,)):
                names = {
                    "relu": ["ReLU", r"\mathrm{ReLU}", "g_0"],
                    "sign": ["sign", r"\text{sign}"],
                    "step": ["u"],
                }
                return f"{self.choose(names[function])}({self.text(argument)})"
            case Over(body=body):
                return rf"\sum_{{k}} {self.bracketed(body)}"
            case Indicator(condition=Condition(operands=(left, right))):
                inner = f"{self.text(left)} > {self.text(right)}"
                return self.choose([rf"\mathbb{{1}}[{inner}]", f"({inner})", rf"\mathbf{{1}}\{{{inner}\}}"])
        raise AssertionError(node)

    def _nested_bars(self, operand: Node) -> str:
        return f"| ( {self.text(operand)} ) |"

    def _sum(self, terms: tuple[Tree, ...]) -> str:
        first, *rest = terms
        text = self._term(first)
        for term in rest:
            if isinstance(term, Negative):
                text += f" - {self.bracketed(term.operand)}"
            else:
                text += f" + {self._term(term)}"
        return text

    def _term(self, term: Tree) -> str:
        return self.bracketed(term) if isinstance(term, Sum | Over | Negative) else self.text(term)

    def _product(self, factors: tuple[Tree, ...], signs: tuple[Times, ...]) -> str:
        text = self._factor(factors[0])
        for sign, factor in zip(signs, factors[1:], strict=True):
            text += self.choose(SIGNS[sign]) + self._factor(factor)
        return text

    def _factor(self, factor: Tree) -> str:
        """Write a factor: a number in brackets, or two of them in a row were one; so is `1` before brackets."""
        return f"( {self.text(factor)} )" if isinstance(factor, Number) else self.bracketed(factor)


def _has_bars(node: Node) -> bool:
    return isinstance(node, Absolute) or "Absolute(" in repr(node)


@settings(max_examples=250)
@given(trees, st.data())
def test_a_tree_in_any_spelling_is_read_back(expected: Tree, data: st.DataObject) -> None:
    text = Printer(lambda options: data.draw(st.sampled_from(options))).text(expected)

    assert tree(text) == expected, text

"""A layer may stand in the index, an entry behind brackets, a function in bare letters; none of them where a name fits better."""

from __future__ import annotations

import pytest
from formula_names import parsed

from grader.formulas import Caps, Meaning, Name, symbol_table
from grader.formulas.documents.lex import lex
from grader.formulas.limits import Budget
from grader.formulas.parsing.parse import ParsedSide, parse_side
from grader.formulas.tokens import NoteKind
from grader.formulas.tree import (
    Call,
    Derivative,
    Entry,
    Extreme,
    Index,
    Kronecker,
    Number,
    Over,
    Product,
    Symbol,
    Tree,
    Unknown,
)

J, K = (Index(name=one) for one in "jk")
L = Symbol(name="L")
Z2, H = (Symbol(name=one, index=(K,)) for one in ("z2", "h"))
W2 = Symbol(name="W2", index=(K, J))
LAYERS = symbol_table(
    [
        Name(name="W1", spellings=("W_1", "W^{(1)}"), axes=2, is_parameter=True),
        Name(name="W2", spellings=("W_2", "W^{(2)}"), axes=2, is_parameter=True),
        Name(name="b2", spellings=("b_2",), axes=1, is_parameter=True),
        Name(name="z1", spellings=("z^{(1)}",), axes=1),
        Name(name="z2", spellings=("z_2", "z"), axes=1),
        Name(name="h", spellings=("h",), axes=1),
        Name(name="X", spellings=("X",), axes=2),
        Name(name="X1", spellings=("X_1",), axes=1),
        Name(name="L", spellings=("L",), inputs=frozenset({"z2", "W2", "b2", "h"})),
        Name(name="z2", spellings=(r"\delta_2",), meaning=Meaning.GRADIENT),
        Name(name="softmax", spellings=("softmax",), meaning=Meaning.FUNCTION),
    ]
)


def side(tex: str) -> ParsedSide:
    """Read a side of a task with layers."""
    budget = Budget(Caps())
    return parse_side(lex(tex, 0, len(tex), budget).tokens, LAYERS, budget)


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        ("z_{2,k}", Z2),
        ("z_{2k}", Z2),
        ("z_{2_k}", Z2),
        ("W_{2,kj}", W2),
        ("W_{2,k,j}", W2),
        ("W_{2_{kj}}", W2),
        ("z_{1,j}", Symbol(name="z1", index=(J,))),
        ("b_{2,1}", Symbol(name="b2", index=(Number(text="1"),))),
        (r"\delta_{2,k}", Derivative(of=L, by=Z2)),
        (r"\frac{\partial L}{\partial W_{2,kj}}", Derivative(of=L, by=W2)),
    ],
)
def test_layer_and_entry_may_stand_in_one_script(tex: str, expected: Tree) -> None:
    assert side(tex).tree == expected


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        ("X_{1,k}", Symbol(name="X", index=(Number(text="1"), K))),
        (r"\delta_{2k}", Kronecker(left=Number(text="2"), right=K)),
        ("z_{3,k}", Unknown(name="z", index=(Number(text="3"), K))),
        ("W_{2,k}", Unknown(name="W", index=(Number(text="2"), K))),
        ("z_{2,kj}", Unknown(name="z", index=(Number(text="2"), K, J))),
        ("z_k", Z2),
    ],
)
def test_a_number_that_is_no_layer_stays_an_index(tex: str, expected: Tree) -> None:
    assert side(tex).tree == expected


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        ("(z_2)_k", Z2),
        ("[z_2]_k", Z2),
        ("(W^{(2)})_{kj}", W2),
        (r"\left(\frac{\partial L}{\partial W_2}\right)_{kj}", Derivative(of=L, by=W2)),
        (r"\left[\nabla_{W_2} L\right]_{kj}", Derivative(of=L, by=W2)),
        (r"\frac{\partial L}{\partial (W_2)_{kj}}", Derivative(of=L, by=W2)),
        (r"\frac{\partial L}{\partial [z_2]_k}", Derivative(of=L, by=Z2)),
        (r"\partial L / \partial (z_2)_k", Derivative(of=L, by=Z2)),
        (r"\frac{\partial (z_2)_k}{\partial h_k}", Derivative(of=Z2, by=H)),
        (r"\nabla_{(z_2)_k} L", Derivative(of=L, by=Z2)),
    ],
)
def test_an_entry_of_what_stands_in_brackets_is_that_entry(tex: str, expected: Tree) -> None:
    assert side(tex).tree == expected


@pytest.mark.parametrize(
    "tex", ["(W_2^T)_{jk}", "(h(1-h))_k", r"(W_2)_k", r"\left(\frac{\partial z_2}{\partial h}\right)_{kj}"]
)
def test_an_entry_of_anything_else_is_taken_of_its_value(tex: str) -> None:
    assert isinstance(side(tex).tree, Entry)


@pytest.mark.parametrize(
    "tex",
    [
        r"\frac{\partial L}{\partial (h - z_2)}",
        r"\frac{\partial L}{\partial (h_k)_k}",
        r"\frac{\partial L}{\partial (W_2)_k}",
    ],
)
def test_what_is_derived_by_in_brackets_is_one_name_with_one_index(tex: str) -> None:
    assert not isinstance(side(tex).tree, Derivative)


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        ("log z_k", Call(function="log", arguments=(Z2,))),
        ("logz_k", Call(function="log", arguments=(Z2,))),
        ("ln(z_k)", Call(function="log", arguments=(Z2,))),
        ("exp(z_k)", Call(function="exp", arguments=(Z2,))),
        ("tanh(h_k)", Call(function="tanh", arguments=(H,))),
        ("max(0, z_k)", Call(function="max", arguments=(Number(text="0"), Z2))),
        ("max_k z_k", Over(kind=Extreme.MAX, indices=("k",), body=Z2)),
        ("diag(h)", Call(function="diag", arguments=(Symbol(name="h"),))),
        ("softmax(z)_k", Call(function="softmax", arguments=(Symbol(name="z2"),), index=(K,))),
    ],
)
def test_a_function_may_be_written_in_bare_letters(tex: str, expected: Tree) -> None:
    assert side(tex).tree == expected


def test_reading_letters_as_a_function_is_noted() -> None:
    assert [note.kind for note in side("log z_k").notes] == [NoteKind.READING]


@pytest.mark.parametrize("tex", ["l o g(h)", "logzh", "maxz", "diag h", "h log", "mean h", "tr h"])
def test_letters_that_make_no_applied_function_are_factors(tex: str) -> None:
    assert isinstance(side(tex).tree, Product)


def test_letters_that_the_task_has_a_name_for_are_that_name() -> None:
    budget = Budget(Caps())
    table = symbol_table([Name(name="log", spellings=("log",)), Name(name="z", spellings=("z",))])
    tree = parse_side(lex("log(z)", 0, 6, budget).tokens, table, budget).tree
    assert tree == Product(factors=(Symbol(name="log"), Symbol(name="z")), signs=parsed("xy").tree.signs)  # type: ignore[union-attr]

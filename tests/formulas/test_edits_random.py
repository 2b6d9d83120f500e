"""Whatever a formula is, its edits are finite in number, in place, each once, and none is the formula itself."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.formulas.edits.search import SPECIAL_FIRST, Surroundings, edits, explain
from grader.formulas.tree import (
    Absolute,
    Branch,
    Call,
    Cases,
    Condition,
    Derivative,
    Entry,
    Extreme,
    Fraction,
    Index,
    Indicator,
    Kronecker,
    Listing,
    Matrix,
    Negative,
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
    Tree,
    Unknown,
)

NAMES = {"x": (), "h": (4, 1), "p": (5, 1), "W": (5, 4)}
LETTERS = st.sampled_from("ijk").map(lambda letter: Index(name=letter, start=0, end=1))
INDICES = st.lists(LETTERS, max_size=2).map(tuple)


def _products(parts: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    factors = st.lists(parts, min_size=2, max_size=3)
    signs = st.lists(st.sampled_from(Times), min_size=2, max_size=2)
    return st.builds(
        lambda these, between: Product(factors=tuple(these), signs=tuple(between[: len(these) - 1])),
        factors,
        signs,
    )


def _grown(parts: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    conditions = st.builds(
        lambda one, two: Condition(operands=(one, two), comparisons=(">",), end=1), parts, parts
    )
    return st.one_of(
        st.builds(Sum, terms=several),
        _products(parts),
        st.builds(Negative, operand=parts),
        st.builds(Fraction, top=parts, bottom=parts),
        st.builds(Power, base=parts, exponent=parts),
        st.builds(Transpose, operand=parts),
        st.builds(Absolute, operand=parts),
        st.builds(Norm, operand=parts),
        st.builds(Entry, operand=parts, index=INDICES),
        st.builds(
            Call,
            function=st.sampled_from(["relu", "step", "sign", "log", "f"]),
            arguments=several,
            primes=st.integers(0, 1),
        ),
        st.builds(lambda body: Over(kind=Extreme.SUM, indices=("i",), body=body), parts),
        st.builds(Indicator, condition=conditions),
        st.builds(
            lambda one, two, when: Cases(
                branches=(Branch(value=one, condition=when), Branch(value=two, condition=None))
            ),
            parts,
            parts,
            conditions,
        ),
        st.builds(lambda one, two: Matrix(rows=((one, two), (two, one))), parts, parts),
        st.builds(Listing, items=several),
    )


LEAVES: st.SearchStrategy[Tree] = st.one_of(
    st.builds(Number, text=st.sampled_from(["0", "1", "2", "0.5"])),
    st.builds(Symbol, name=st.sampled_from([*NAMES, "lr", "L"]), index=INDICES, updated=st.booleans()),
    st.builds(Unknown, name=st.sampled_from(["N", "q"])),
    st.builds(lambda by: Derivative(of=Symbol(name="L"), by=Symbol(name=by)), st.sampled_from(list(NAMES))),
    st.builds(Kronecker, left=LETTERS, right=LETTERS),
    st.just(Ones()),
)
TREES = st.recursive(LEAVES, _grown, max_leaves=8)
AROUND = st.builds(
    Surroundings,
    names=st.just(NAMES),
    steps=st.just((("p", "h"),)),
    functions=st.just(("relu", "step", "sign")),
    sizes=st.just({"N": 7, "K": 5}),
    indices=st.sampled_from([{}, {"i": 5}, {"i": 5, "j": 4}]),
    is_gradient=st.booleans(),
    consumers=st.just({"x": ("h", "p"), "h": ("p",), "p": ("L",)}),
    quantity=st.sampled_from(
        [
            None,
            Symbol(name="x"),
            Symbol(name="x", updated=True),
            Derivative(of=Symbol(name="L"), by=Symbol(name="x")),
        ]
    ),
    rate=st.sampled_from(["", "lr"]),
    targets=st.just(frozenset({"p"})),
)


@settings(max_examples=60, deadline=None)
@given(tree=TREES, around=AROUND)
def test_edits_of_any_formula_are_distinct_and_no_more_than_allowed(tree: Tree, around: Surroundings) -> None:
    found = list(edits(tree, around))
    made = {edit.tree for edit in found}
    assert len(made) == len(found) <= 8_000
    assert tree not in made
    assert {edit.slip for edit in found} <= set(SPECIAL_FIRST)
    assert all(edit.text and edit.rule for edit in found)


@settings(max_examples=30, deadline=None)
@given(tree=TREES, around=AROUND)
def test_what_nothing_fits_has_no_explanation(tree: Tree, around: Surroundings) -> None:
    assert explain(tree, around, lambda _: False) is None


@settings(max_examples=30, deadline=None)
@given(tree=TREES, around=AROUND, data=st.data())
def test_a_formula_that_is_one_edit_away_is_found(
    tree: Tree, around: Surroundings, data: st.DataObject
) -> None:
    found = list(edits(tree, around))
    if found:
        chosen = data.draw(st.sampled_from(found))
        explained = explain(tree, around, lambda formula: formula == chosen.tree, most=len(found))
        assert explained is not None
        assert explained.tree == chosen.tree

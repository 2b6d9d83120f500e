"""Whatever a tree says, evaluating it ends soon, and raises nothing but its own errors."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Mapping

import numpy as np
import pytest
from clock import allowed
from evaluate_points import Point, batch_point, skip_point, vector_point
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.formulas.limits import Budget, Caps, ExhaustedError
from grader.formulas.tree import (
    Absolute,
    Application,
    Branch,
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
    Norm,
    Number,
    Ones,
    Over,
    Power,
    Primed,
    Product,
    Sum,
    Symbol,
    Times,
    Transpose,
    Tree,
    Unknown,
)
from grader.formulas.values.evaluate import (
    Definition,
    Readings,
    UnevaluableError,
    as_evaluated,
    evaluate,
    evaluate_over,
    ranges,
)

POINTS = (skip_point(), vector_point(), batch_point())
VECTORS = POINTS[1]
ONE = Number(text="1")


def _ends(tree: Tree, point: Point, **keywords: object) -> UnevaluableError | ExhaustedError | None:
    """Evaluate in less than a second of processor time; return the error that stopped it."""
    begun = time.process_time()
    try:
        evaluate(tree, point.world, budget=Budget(Caps()), axes=point.table.axes, **keywords)  # type: ignore[arg-type]
    except (UnevaluableError, ExhaustedError) as error:
        return error
    finally:
        assert time.process_time() - begun < allowed(1.0)
    return None


# --------------------------------------------------------------------------------------------------------------
# Attacks


@pytest.mark.parametrize(
    "tex",
    [
        r"\sum_{k=1}^{1000000000000000} 1",
        r"\sum_{k=1}^{10^{15}} k",
        r"\sum_{k=-10^{15}}^{3} 1",
        r"\prod_{i=1}^{100} \prod_{j=1}^{100} \prod_{k=1}^{100} (i + j + k)",
        r"\sum_{i,j,k,l=1}^{90} 1",
    ],
)
def test_long_sums_and_large_exponents_are_refused_at_once(tex: str) -> None:
    error = _ends(VECTORS.tree(tex), VECTORS)

    assert isinstance(error, UnevaluableError)
    assert error.kind == "work"


def _nested(depth: int) -> Tree:
    tree: Tree = ONE
    for _ in range(depth):
        tree = Negative(operand=tree)
    return tree


def test_deep_trees_are_refused_whatever_the_depth() -> None:
    for depth in (200, 2_000):
        error = _ends(_nested(depth), VECTORS)
        assert isinstance(error, UnevaluableError)
        assert error.kind == "work"
    assert _ends(_nested(100), VECTORS) is None


def test_sums_over_indices_and_functions_in_one_another_are_refused_whatever_the_depth() -> None:
    over: Tree = ONE
    call: Tree = ONE
    entry: Tree = Listing(items=(ONE, ONE))
    for _ in range(1_000):
        over = Over(kind=Extreme.SUM, indices=("k",), body=over, upper=ONE)
        call = Cases(branches=(Branch(value=Call(function="exp", arguments=(call,)), condition=None),))
        entry = Listing(items=(Entry(operand=entry, index=(ONE,)), ONE))
    for tree in (over, call, entry):
        assert isinstance(_ends(tree, POINTS[0]), UnevaluableError)


def test_products_and_fractions_nested_in_one_another_are_refused_whatever_the_depth() -> None:
    tree: Tree = ONE
    for _ in range(1_000):
        tree = Product(factors=(ONE, Fraction(top=tree, bottom=ONE)), signs=(Times.DOT,))
    error = _ends(tree, VECTORS)
    assert isinstance(error, UnevaluableError)

    for _ in range(1_000):
        tree = Product(factors=(tree, ONE), signs=(Times.DOT,))
    assert isinstance(_ends(tree, VECTORS), UnevaluableError)


def _doubling(count: int) -> dict[str, Definition]:
    own = {"q0": Definition(tree=Symbol(name="x"))}
    for one in range(1, count):
        before = Unknown(name=f"q{one - 1}")
        own[f"q{one}"] = Definition(tree=Sum(terms=(before, before)))
    return own


def test_definitions_that_double_are_evaluated_once_each() -> None:
    error = _ends(Unknown(name="q30"), POINTS[0], definitions=_doubling(31))

    assert error is None
    assert evaluate(Unknown(name="q30"), POINTS[0].world, definitions=_doubling(31)).value == 1.3 * 2**30


def test_functions_that_double_are_refused() -> None:
    t = Unknown(name="t")
    own = {"f0": Definition(tree=Sum(terms=(t, t)), arguments=("t",))}
    for one in range(1, 40):
        inner = Application(of=Unknown(name=f"f{one - 1}"), arguments=(t,))
        own[f"f{one}"] = Definition(tree=Sum(terms=(inner, inner)), arguments=("t",))
    error = _ends(Application(of=Unknown(name="f39"), arguments=(ONE,)), POINTS[0], definitions=own)

    assert isinstance(error, UnevaluableError)
    assert error.kind == "work"


def test_a_long_chain_of_definitions_is_refused_and_no_stack_overflows() -> None:
    own = {f"q{one}": Definition(tree=Negative(operand=Unknown(name=f"q{one + 1}"))) for one in range(5_000)}

    assert isinstance(_ends(Unknown(name="q0"), POINTS[0], definitions=own), UnevaluableError)
    by_index = {
        f"q{one}": Definition(tree=Unknown(name=f"q{one + 1}", index=(Index(name="k"),)), indices=("k",))
        for one in range(5_000)
    }
    assert isinstance(_ends(Unknown(name="q0"), POINTS[0], definitions=by_index), UnevaluableError)
    assert isinstance(
        _ends(Derivative(of=Unknown(name="q0"), by=Symbol(name="x")), POINTS[0], definitions=own),
        UnevaluableError,
    )


def test_differences_of_differences_are_not_exact_enough_and_refused() -> None:
    tree: Tree = Product(factors=(Symbol(name="x"),) * 3, signs=(Times.DOT,) * 2)
    for count in range(200):
        tree = Derivative(of=Sum(terms=(tree, Symbol(name="x"))), by=Symbol(name="x"))
        if count in {1, 12, 50, 199}:
            assert isinstance(_ends(tree, POINTS[0]), UnevaluableError)


def test_outer_products_do_not_grow_beyond_a_bound() -> None:
    wide = Listing(items=(ONE,) * 3_000)
    tree = Product(factors=(wide, Transpose(operand=wide)), signs=(Times.DOT,))

    tracemalloc.start()
    try:
        error = _ends(tree, VECTORS)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(error, UnevaluableError)
    assert error.kind == "work"
    assert peak < 10 * 2**20


def test_diagonal_matrices_do_not_grow_beyond_a_bound() -> None:
    tree = Call(function="diag", arguments=(Listing(items=(ONE,) * 3_000),))

    assert isinstance(_ends(tree, VECTORS), UnevaluableError)


@pytest.mark.parametrize("text", ["1" * 5_000, "1e999999", "abc", "", "1.2.3", "nan", "0" * 5_000])
def test_a_number_is_whatever_it_can_be_read_as(text: str) -> None:
    for tree in (
        Number(text=text),
        Symbol(name="x", index=(Number(text=text),)),
        Over(kind=Extreme.SUM, indices=("k",), body=ONE, upper=Number(text=text)),
        Power(base=ONE, exponent=Number(text=text)),
    ):
        _ends(tree, VECTORS)


# --------------------------------------------------------------------------------------------------------------
# Random trees

NAMES = [
    *POINTS[0].world.graph.index,
    *POINTS[1].world.graph.index,
    *POINTS[2].world.graph.index,
    "K",
    "N",
    "lr",
]
letters = st.sampled_from([*"ijkc", "q"])
texts = st.sampled_from(["0", "1", "2", "3", "0.5", "65", "1e300", "-1"])
index_parts: st.SearchStrategy[Tree] = st.one_of(
    letters.map(lambda one: Index(name=one)),
    texts.map(lambda one: Number(text=one)),
    letters.map(lambda one: Sum(terms=(Index(name=one), ONE))),
)
indices = st.lists(index_parts, max_size=2).map(tuple)
symbols = st.builds(
    Symbol,
    name=st.sampled_from(NAMES),
    index=indices,
    updated=st.sampled_from([False, False, True]),
    sample=st.sampled_from(["", "", "<i>", "<1>", "<x>"]),
    primes=st.sampled_from([0, 0, 0, 1]),
)
unknowns = st.builds(Unknown, name=st.sampled_from([*"qrfgck"]), index=indices)
leaves: st.SearchStrategy[Tree] = st.one_of(
    symbols,
    unknowns,
    texts.map(lambda one: Number(text=one)),
    st.sampled_from(["e", "pi"]).map(lambda one: Constant(name=one)),
    letters.map(lambda one: Index(name=one)),
    st.just(Ones()),
    st.builds(Function, name=st.just("relu")),
    st.builds(Kronecker, left=index_parts, right=index_parts),
)
FUNCTIONS = [
    *[
        "exp",
        "log",
        "sqrt",
        "relu",
        "step",
        "sign",
        "tanh",
        "sigmoid",
        "softmax",
        "max",
        "min",
        "sum",
        "mean",
    ],
    *["diag", "tr", "det", "leaky", "tan", "abs", "identity", "softplus", "other"],
]


def _grown(parts: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    several = st.lists(parts, min_size=1, max_size=3).map(tuple)
    signs = st.sampled_from(list(Times))
    conditions = st.lists(
        st.tuples(parts, st.sampled_from(["<", "<=", "=", "!=", ">=", ">", "in"])), min_size=1, max_size=2
    )
    condition = st.tuples(parts, conditions).map(
        lambda two: Condition(
            operands=(two[0], *(one for one, _ in two[1])), comparisons=tuple(s for _, s in two[1])
        )
    )
    bound = st.none() | parts
    return st.one_of(
        several.map(lambda one: Sum(terms=one)),
        st.lists(st.tuples(signs, parts), min_size=1, max_size=3).flatmap(
            lambda rest: parts.map(
                lambda first: Product(
                    factors=(first, *(one for _, one in rest)), signs=tuple(sign for sign, _ in rest)
                )
            )
        ),
        parts.map(lambda one: Negative(operand=one)),
        parts.map(lambda one: Transpose(operand=one)),
        parts.map(lambda one: Absolute(operand=one)),
        parts.map(lambda one: Primed(operand=one)),
        st.builds(Norm, operand=parts, order=st.sampled_from(["2", "1", "F", "infty", "7"])),
        st.builds(Fraction, top=parts, bottom=parts),
        st.builds(Power, base=parts, exponent=parts),
        st.builds(Entry, operand=parts, index=indices),
        st.builds(Derivative, of=parts, by=symbols | unknowns),
        st.builds(
            Call,
            function=st.sampled_from(FUNCTIONS),
            arguments=several,
            index=indices,
            primes=st.integers(0, 2),
        ),
        st.builds(Application, of=symbols | unknowns, arguments=several),
        st.builds(
            Over,
            kind=st.sampled_from(list(Extreme)),
            indices=st.lists(letters, max_size=2, unique=True).map(tuple),
            body=parts,
            lower=bound,
            upper=bound,
            conditions=st.lists(condition, max_size=1).map(tuple),
        ),
        condition,
        st.builds(Indicator, condition=condition | parts),
        st.lists(st.builds(Branch, value=parts, condition=st.none() | condition | parts), max_size=3).map(
            lambda one: Cases(branches=tuple(one))
        ),
        st.lists(several, max_size=2).map(lambda one: Matrix(rows=tuple(one))),
        st.builds(Listing, items=several, has_dots=st.booleans()),
    )


trees = st.recursive(leaves, _grown, max_leaves=12)
definitions = st.dictionaries(
    st.sampled_from([*"qrfg", "s'", "x'", "z2'"]),
    st.builds(
        Definition,
        tree=trees,
        indices=st.lists(letters, max_size=2, unique=True).map(tuple),
        arguments=st.sampled_from([(), (), ("x",), ("q", "r")]),
    ),
    max_size=3,
)
readings = st.builds(
    Readings,
    dot_is_inner=st.booleans(),
    total=st.booleans(),
    first_index=st.sampled_from([0, 1]),
    gradients_are_rows=st.booleans(),
    vectors_are_rows=st.booleans(),
)


def _is_a_sentence(reason: str) -> None:
    assert reason.endswith(".")
    assert len(reason) < 200


def _evaluate_in_every_way(
    tree: Tree, point: Point, own: Mapping[str, Definition], reading: Readings
) -> None:
    try:
        found = evaluate(
            tree, point.world, definitions=own, readings=reading, axes=point.table.axes, indices={"k": 1}
        )
    except UnevaluableError as error:
        _is_a_sentence(error.reason)
    else:
        assert found.value.dtype == np.float64
        assert found.value.ndim in {0, 2}
    try:
        letters_ = ranges([tree], point.world, own, axes=point.table.axes)
        evaluate_over(
            tree, point.world, letters_, definitions=own, readings=reading, budget=Budget(Caps(steps=5_000))
        )
    except (UnevaluableError, ExhaustedError):
        pass


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(tree=trees, point=st.sampled_from(POINTS), own=definitions, reading=readings)
def test_a_random_tree_has_a_real_value_or_a_reason(
    tree: Tree, point: Point, own: dict[str, Definition], reading: Readings
) -> None:
    begun = time.process_time()
    _evaluate_in_every_way(tree, point, own, reading)
    assert time.process_time() - begun < 4.0


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(tree=trees, point=st.sampled_from(POINTS), own=definitions)
def test_a_value_is_the_same_every_time(tree: Tree, point: Point, own: dict[str, Definition]) -> None:
    found: list[object] = []
    for _ in range(2):
        try:
            one = evaluate(tree, point.world, definitions=own)
            found.append((one.value.tobytes(), one.notes))
        except UnevaluableError as error:
            found.append(error.reason)
    assert found[0] == found[1]


def test_a_value_of_the_point_takes_the_form_of_an_evaluated_one() -> None:
    for name in ("x", "W1", "L"):
        np.testing.assert_array_equal(
            as_evaluated(VECTORS.world.value(name)), evaluate(Symbol(name=name), VECTORS.world).value
        )

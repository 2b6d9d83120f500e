"""Brackets behind a value are what it is computed from where they can be nothing else, and a factor everywhere else."""

from __future__ import annotations

import numpy as np
import pytest
from formula_names import parsed

from grader.formulas import Caps, Meaning, Name, symbol_table
from grader.formulas.documents.lex import lex
from grader.formulas.limits import Budget
from grader.formulas.parsing.parse import parse_side
from grader.formulas.tokens import NoteKind
from grader.formulas.tree import Application, Call, Index, Product, Sum, Symbol, Tree, Unknown
from grader.formulas.values.evaluate import UnevaluableError, evaluate, evaluate_over
from grader.formulas.world import World
from reference.network import trace
from reference.operations import log, softmax, total

S, D, P, T = (Symbol(name=one) for one in "sdpt")
K = Index(name="k")
P_K = Symbol(name="p", index=(K,))
SHIFTED = Sum(terms=(S, D))
SCORES = np.array([0.3, -1.2, 0.8])
EXPECTED = np.exp(SCORES) / np.exp(SCORES).sum()

TABLE = symbol_table(
    [
        Name(name="s", spellings=("s",), axes=1),
        Name(name="t", spellings=("t",), axes=1),
        Name(name="p", spellings=("p", r"\hat{y}"), axes=1, inputs=frozenset("s")),
        Name(name="L", spellings=("L",), inputs=frozenset("pst")),
        Name(name="d", spellings=("d",)),
        Name(name="K", spellings=("K", "C")),
        Name(name="softmax", spellings=("softmax",), meaning=Meaning.FUNCTION),
    ]
)


def side(tex: str) -> Tree:
    """Read a side of a task with a shift."""
    budget = Budget(Caps())
    found = parse_side(lex(tex, 0, len(tex), budget).tokens, TABLE, budget)
    assert found.tree is not None, found.problem
    return found.tree


def world() -> World:
    """Return a point of a softmax with its loss, and a shift."""

    def network(n: object) -> None:
        n.p = softmax(n.s)  # type: ignore[attr-defined]
        n.L = -total(n.t * log(n.p))  # type: ignore[attr-defined]

    graph = trace(network)
    run = graph.forward({"s": SCORES, "t": np.array([0.0, 0.0, 1.0])})
    return World(graph=graph, run=run, extra={"d": np.asarray(0.7)}, sizes={"K": 3}, hot={"c": "t"})


@pytest.mark.parametrize(
    "tex",
    [
        "p_k(s + d)",
        "p_k(s_k + d)",
        "p_k(s_1 + d, \\dots, s_K + d)",
        "p_k(s_1 + d, s_2 + d, \\ldots, s_K + d)",
        "p_k(s_1 + d; \\ldots; s_C + d)",
        r"p_k\left( s + d \right)",
    ],
)
def test_a_value_of_shifted_inputs_is_read_as_that(tex: str) -> None:
    assert side(tex) == Application(of=P_K, arguments=(SHIFTED,))


@pytest.mark.parametrize(
    "tex",
    [
        "p(s + d)",
        "p(s - d)",
        r"p(s + d\mathbf{1})",
        r"p(s + 2d)",
        "p(d + s)",
        r"\hat{y}(s + d)",
        r"\mathrm{softmax}(s + d)",
    ],
)
def test_a_softmax_of_shifted_scores_is_the_softmax_of_the_scores(tex: str) -> None:
    assert evaluate(side(tex), world()).value.ravel() == pytest.approx(EXPECTED)


@pytest.mark.parametrize(
    "tex",
    [
        "p_k(s + d)",
        "p_k(s_1 + d, \\dots, s_K + d)",
        r"\mathrm{softmax}(s + d)_k",
        r"\mathrm{softmax}(s_k + d)",
        r"\mathrm{softmax}(s_k)",
        "p_k(s)",
        r"p_k(\theta)",
        "p_k(s; W)",
    ],
)
def test_its_entries_are_those_of_the_softmax(tex: str) -> None:
    assert evaluate_over(side(tex), world(), {"k": 3}).value == pytest.approx(EXPECTED)


def test_the_loss_follows_where_its_scores_are_shifted() -> None:
    shifted = evaluate(side("L(s + d)"), world()).value
    assert shifted == pytest.approx(-np.log(EXPECTED[2]))
    assert evaluate(side("s_1 + d"), world()).value == pytest.approx(1.0)


@pytest.mark.parametrize(
    "tex",
    [
        "p_k(1 - p_k)",
        "p_k(t_k - p_k)",
        "p_k(s_k - t_k)",
        r"p_k(s_k - \sum_j s_j)",
        "p_k(s_k + 1)",
        "p_k(s_k + p_k)",
        "p_k(s_k + s_k)",
        "p_k(d + 1)",
        "t_k(s_k + d)",
        "s_k(s_k + d)",
        "p_k(s_k d)",
        "p_k(s_k + d t_k)",
        "p_k(s_1 + d, s_2 + d)",
        r"p_k(s_2 + d, \dots, s_K + d)",
        r"p_k(s_1 + d, \dots, s_K - d)",
    ],
)
def test_other_brackets_are_no_place_where_it_is_computed(tex: str) -> None:
    budget = Budget(Caps())
    found = parse_side(lex(tex, 0, len(tex), budget).tokens, TABLE, budget).tree
    assert found is None or isinstance(found, Product)


@pytest.mark.parametrize(
    "tex", [r"\hat y(1-\hat y)", "h_1(1-h_1)", r"z_1(h_0 - w_1)", "z_1(w_1 x)", "h_0(g)", "L - z_0(1 - x)"]
)
def test_factors_in_a_skip_network_stay_factors(tex: str) -> None:
    assert "Application" not in repr(parsed(tex).tree)


@pytest.mark.parametrize(
    "tex", [r"L(\theta)", "L(w)", r"L(\hat y, y; \theta)", "L(a, b)", r"z_1(\theta)", "z_1(h_0, b)"]
)
def test_what_a_value_depends_on_may_be_named_in_any_words(tex: str) -> None:
    assert isinstance(parsed(tex).tree, Application)


def test_an_argument_that_nobody_knows_is_left_out_with_a_note() -> None:
    found = evaluate(side(r"L(\theta)"), world())
    assert found.value == pytest.approx(-np.log(EXPECTED[2]))
    assert any("left out" in note for note in found.notes)


def test_an_accented_input_that_nobody_explained_is_not_left_out() -> None:
    tree = side(r"p(\tilde{s})")
    assert tree == Application(of=P, arguments=(Unknown(name="tilde(s)"),))
    with pytest.raises(UnevaluableError):
        evaluate(tree, world())


def test_a_softmax_of_a_whole_value_has_no_index_put_to_it() -> None:
    assert side(r"\mathrm{softmax}(s)") == Call(function="softmax", arguments=(S,))
    assert side(r"\mathrm{softmax}(s)_k") == side(r"\mathrm{softmax}(s_k)")


def test_reading_one_entry_as_the_whole_is_noted() -> None:
    budget = Budget(Caps())
    tex = "p_k(s_k + d)"
    notes = parse_side(lex(tex, 0, len(tex), budget).tokens, TABLE, budget).notes
    assert [note.kind for note in notes] == [NoteKind.READING]


def test_the_last_entry_may_be_named_by_their_number() -> None:
    assert evaluate(side("s_K"), world()).value == pytest.approx(0.8)


def test_brackets_in_brackets_are_read_once_however_deep() -> None:
    tex = "p_k(" * 40 + "s + d" + ")" * 40
    budget = Budget(Caps())
    parse_side(lex(tex, 0, len(tex), budget).tokens, TABLE, budget)
    assert budget.caps.steps - budget.left < 2_000

"""Cases with arrays: sizes that differ pairwise, one sample and several, one-hot rows, labels, probabilities, and cases at the edge."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.assignment import Kind, Unit
from grader.assignment_file import read
from grader.cases import cases_of, worked_case
from grader.conventions import check_conventions
from grader.errors import AssignmentError
from grader.marking.expectations import expectations
from grader.model import Case
from grader.plan import calls

NETWORK = """
from reference.operations import softmax_cross_entropy, total

def classify(n):
    n.logits = n.X @ n.W + n.b
    n.L = softmax_cross_entropy(n.logits, n.T)

def add_labels(n):
    n.L = total(n.X * n.P) + total(n.y)
"""
TEXT = """
schema = 1
title = "One layer"
network = "network.py:classify"
inputs = ["X"]
targets = ["T"]
parameters = ["W", "b"]
[functions.forward]
arguments = ["X", "W", "b"]
returns = ["logits"]
[functions.backward]
arguments = ["X", "T", "W", "b"]
returns = ["W", "b"]
[functions.update]
arguments = ["weights", "gradients", "lr"]
returns = ["W_new", "b_new"]
[[questions]]
id = "all"
functions = ["forward", "backward", "update"]
points = 10
[conventions]
reduction = "mean"
weights = "in_out"
bias = "(M,)"
labels = "one_hot"
[cases]
drawn = 6
sizes = { N = [1, 4, 6], D = [3, 5], K = [2, 7] }
shapes = { X = ["N", "D"], W = ["D", "K"], b = ["K"], T = ["N", "K"] }
kinds = { T = "one_hot" }
ranges = { X = [-2.0, 2.0], W = [-1.0, 1.0], b = [-1.0, 1.0], lr = [0.1, 0.9] }
[cases.worked]
X = [[1.0, 2.0]]
W = [[0.5, 0.0], [0.0, 0.25]]
b = [0.0, 0.5]
T = [[1.0, 0.0]]
lr = 0.5
[[cases.edge]]
X = [[1000.0, -1000.0]]
W = [[1.0, -1.0], [0.0, 1.0]]
b = [0.0, 0.0]
T = [[0.0, 1.0]]
"""


OTHER_CASES = """
shapes = { X = ["N", "K"], P = ["N", "K"], y = ["N"] }
kinds = { P = "probabilities", y = "labels:K" }
ranges = { X = [-1.0, 1.0] }
"""


def unit(folder: Path, *changes: tuple[str, str]) -> Unit:
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / "network.py").write_text(NETWORK, encoding="utf-8")
    (folder / "assignment.toml").write_text(text, encoding="utf-8")
    [made] = read(folder).units
    return made


def drawn(made: Unit, seed: int = 1) -> list[Case]:
    cases = cases_of(made, np.random.default_rng(seed))
    return [case for case in cases if case.name != "worked" and not case.edge]


@pytest.mark.parametrize("seed", range(5))
def test_the_sizes_of_a_case_differ_pairwise_and_one_sample_occurs_beside_several(
    seed: int, tmp_path: Path
) -> None:
    shapes = [
        {name: np.shape(value) for name, value in case.leaves.items()} for case in drawn(unit(tmp_path), seed)
    ]
    assert len(shapes) == 6
    for case in shapes:
        n, d = case["X"]
        assert case["W"] == (d, case["b"][0])
        assert case["T"] == (n, case["b"][0])
        assert len({n, d, case["b"][0]}) == 3
    assert {1} < {case["X"][0] for case in shapes}


def test_a_target_is_one_hot_and_a_gradient_to_step_along_has_the_shape_of_its_weight(tmp_path: Path) -> None:
    for case in drawn(unit(tmp_path)):
        T = case.leaves["T"]
        assert np.array_equal(T.sum(axis=1), np.ones(len(T)))
        assert set(np.unique(T)) == {0.0, 1.0}
        assert {n: g.shape for n, g in case.given_gradients.items()} == {
            n: case.leaves[n].shape for n in ("W", "b")
        }


def test_no_entry_that_is_drawn_evenly_is_close_to_zero(tmp_path: Path) -> None:
    for case in drawn(unit(tmp_path)):
        assert np.min(np.abs(case.leaves["X"])) >= 0.2


def test_labels_are_whole_numbers_below_the_classes_and_probabilities_sum_to_one(tmp_path: Path) -> None:
    made = unit(
        tmp_path,
        ("classify", "add_labels"),
        ('targets = ["T"]', 'targets = ["P", "y"]'),
        ('parameters = ["W", "b"]', "parameters = []"),
        (TEXT[TEXT.index("[functions.forward]") : TEXT.index("[[questions]]")],
         '[functions.forward]\narguments = ["X", "P", "y"]\nreturns = "L"\n'),
        ('functions = ["forward", "backward", "update"]', 'functions = ["forward"]'),
        (TEXT[TEXT.index("[conventions]") : TEXT.index("[cases]")], ""),
        (TEXT[TEXT.index("shapes =") :],
         OTHER_CASES),
    )  # fmt: skip
    assert made.cases.leaves["y"].kind is Kind.LABELS
    found = [case.leaves for case in drawn(made)]
    for leaves in found:
        assert np.allclose(leaves["P"].sum(axis=1), 1.0)
        assert np.all(leaves["P"] > 0.0)
        assert np.array_equal(leaves["y"], np.floor(leaves["y"]))
        assert np.all((leaves["y"] >= 0) & (leaves["y"] < leaves["P"].shape[1]))
    assert len({float(label) for leaves in found for label in leaves["y"]}) > 2
    # What students get is an array of integers.
    everything = expectations(made, drawn(made))
    labels: list[Any] = [call.arguments[2] for call in calls([everything])]
    assert {label.dtype for label in labels} == {np.dtype(np.int64)}


def test_the_worked_case_and_the_edges_are_as_written(tmp_path: Path) -> None:
    made = unit(tmp_path)
    worked = worked_case(made)
    assert worked is not None
    assert (worked.rate, worked.leaves["W"].tolist()) == (0.5, [[0.5, 0.0], [0.0, 0.25]])
    [edge] = [case for case in cases_of(made, np.random.default_rng(1)) if case.edge]
    assert edge.name == "drawn-7"
    assert edge.leaves["X"].tolist() == [[1000.0, -1000.0]]


def test_an_assignment_without_a_worked_case_has_drawn_ones_alone(tmp_path: Path) -> None:
    text = TEXT[TEXT.index("[cases.worked]") : TEXT.index("[[cases.edge]]")]
    made = unit(tmp_path, (text, ""))
    assert worked_case(made) is None
    assert {case.name for case in cases_of(made, np.random.default_rng(1)) if not case.edge} == {
        f"drawn-{k}" for k in range(1, 7)
    }


@pytest.mark.parametrize(
    ("change", "key", "part"),
    [
        (('"N", "D"], W', '"N", "Q"], W'), "cases.shapes.X", "`Q` is no name in cases.sizes"),
        (('T = "one_hot"', 'T = "hot"'), "cases.kinds.T", "`hot` is no kind"),
        (('T = "one_hot"', 'T = "labels"'), "cases.kinds.T", "number of classes"),
        (("X = [-2.0, 2.0], ", ""), "cases.ranges", "`X` has no range"),
        (("lr = [0.1, 0.9]", "X = [-1.0, 1.0]"), "", ""),
        (("b = [0.0, 0.5]", "b = [0.0, 0.5, 1.0]"), "cases.worked", "K is"),
        (("b = [0.0, 0.5]", "b = 0.5"), "cases.worked.b", "0 axes, its shape 1"),
        (("X = [[1.0, 2.0]]", "X = [[1.0], [2.0, 3.0]]"), "cases.worked.X", "no array"),
        (("X = [[1000.0, -1000.0]]\n", ""), "cases.edge[0]", "`X` has no value"),
        (("lr = 0.5\n", ""), "cases.worked", "`lr` has no value"),
        (("N = [1, 4, 6]", "N = []"), "cases.sizes", "length >= 1"),
    ],
)  # fmt: skip
def test_a_case_that_cannot_be_is_named_with_its_key(
    change: tuple[str, str], key: str, part: str, tmp_path: Path
) -> None:
    with pytest.raises(AssignmentError) as caught:
        unit(tmp_path, change)
    assert key in caught.value.message
    assert part in caught.value.message
    assert caught.value.remedy


# --------------------------------------------------------------------------------------------------------------
# Conventions


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (('"mean"', '"sum"'), "conventions.reduction: with every sample twice the loss is 1 times what it was, not 2"),
        (('"in_out"', '"out_in"'), "conventions.weights: the shape of W is (D, K)"),
        (('"(M,)"', '"(1, M)"'), "conventions.bias: the shape of b is (K,)"),
        (('labels = "one_hot"', 'labels = "integer"'), "conventions.labels: T is drawn as one-hot"),
    ],
)  # fmt: skip
def test_a_declared_convention_that_the_network_does_not_keep_is_refused(
    change: tuple[str, str], part: str, tmp_path: Path
) -> None:
    made = unit(tmp_path, change)
    with pytest.raises(AssignmentError) as caught:
        check_conventions(made, cases_of(made, np.random.default_rng(1)))
    assert part in caught.value.message


def test_weights_keep_their_convention_where_an_input_is_as_wide_as_the_output(tmp_path: Path) -> None:
    made = unit(
        tmp_path,
        ('inputs = ["X"]\ntargets = ["T"]', 'inputs = ["X", "T"]\ntargets = []'),
    )
    check_conventions(made, cases_of(made, np.random.default_rng(1)))


def test_conventions_that_the_network_keeps_pass(tmp_path: Path) -> None:
    made = unit(tmp_path)
    assert made.conventions.reduction == "mean"
    check_conventions(made, cases_of(made, np.random.default_rng(1)))

"""A wrong formula of vectors, matrices or indices is explained by the one change that makes it right, and shown where."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from grader.formulas import Caps, Meaning, Name, SymbolTable, symbol_table
from grader.formulas.documents.lex import lex
from grader.formulas.edits.search import Edit, Surroundings, edits, explain
from grader.formulas.limits import Budget
from grader.formulas.parsing.parse import parse_side
from grader.formulas.tree import Derivative, Symbol, Tree, walk
from grader.formulas.values.evaluate import UnevaluableError, evaluate, evaluate_over
from grader.formulas.world import World
from reference.network import trace
from reference.networks.two_layer_softmax import two_layer_softmax

D, H, K = 3, 4, 5
SIZES = {"D": D, "H": H, "K": K}
GRAPH = trace(two_layer_softmax)
SHAPES: Mapping[str, tuple[int, ...]] = {
    "x": (D, 1),
    "W1": (H, D),
    "b1": (H, 1),
    "W2": (K, H),
    "b2": (K, 1),
    "y": (K, 1),
    "z1": (H, 1),
    "h": (H, 1),
    "z2": (K, 1),
    "y_hat": (K, 1),
}
NODES = ("z1", "h", "z2", "y_hat")
READERS = {
    "W1": ("z1",),
    "b1": ("z1",),
    "z1": ("h",),
    "W2": ("z2",),
    "h": ("z2",),
    "b2": ("z2",),
    "z2": ("y_hat",),
    "y_hat": ("L",),
    "y": ("L",),
}
RANGES = {"i": K, "n": K, "j": H, "k": D}


def _table() -> SymbolTable:
    return symbol_table(
        [
            Name(name="x", spellings=("x",), axes=1),
            Name(name="y", spellings=("y",), axes=1),
            Name(name="W1", spellings=("W_1",), axes=2, is_parameter=True),
            Name(name="b1", spellings=("b_1",), axes=1, is_parameter=True),
            Name(name="W2", spellings=("W_2", "W^{(2)}"), axes=2, is_parameter=True),
            Name(name="b2", spellings=("b_2",), axes=1, is_parameter=True),
            *(Name(name=one, spellings=(one,), axes=1, inputs=frozenset(SHAPES)) for one in ("h",)),
            Name(name="z1", spellings=("z_1", "z^{(1)}"), axes=1),
            Name(name="z2", spellings=("z_2", "z"), axes=1),
            Name(name="y_hat", spellings=(r"\hat{y}", "p"), axes=1),
            Name(name="L", spellings=("L",)),
            *(Name(name=one, spellings=(one,)) for one in ("D", "H", "K", "N")),
            Name(name="lr", spellings=(r"\eta",)),
            Name(name="sigmoid", spellings=(r"\sigma",), meaning=Meaning.FUNCTION),
        ]
    )


TABLE = _table()


def _world(seed: int) -> World:
    generator = np.random.default_rng(seed)
    leaves = {name: generator.normal(size=SHAPES[name]) for name in ("x", "W1", "b1", "W2", "b2")}
    leaves["y"] = np.eye(K)[:, [seed % K]]
    return World(
        graph=GRAPH, run=GRAPH.forward(leaves), extra={"lr": np.asarray(0.37)}, sizes={**SIZES, "N": 7}
    )


WORLDS = tuple(_world(seed) for seed in range(1, 5))


def tree(tex: str) -> Tree:
    budget = Budget(Caps())
    found = parse_side(lex(tex, 0, len(tex), budget).tokens, TABLE, budget)
    assert found.tree is not None, found.problem
    return found.tree


def values(formula: Tree, letters: str) -> list[np.ndarray]:
    """Return what a formula is worth at every point, entry by entry where it has letters."""
    ranges = {letter: RANGES[letter] for letter in letters}
    if letters:
        return [evaluate_over(formula, world, ranges).value for world in WORLDS]
    return [evaluate(formula, world).value for world in WORLDS]


def fits(expected: Tree, letters: str) -> Callable[[Tree], bool]:
    targets = values(expected, letters)

    def same(formula: Tree) -> bool:
        try:
            found = values(formula, letters)
        except UnevaluableError:
            return False
        return all(
            one.shape == two.shape and np.allclose(one, two, rtol=1e-9, atol=1e-12)
            for one, two in zip(found, targets, strict=True)
        )

    return same


def around(quantity: str, letters: str) -> Surroundings:
    label = tree(quantity)
    names = dict(SHAPES)
    if isinstance(label, Symbol) and label.name in NODES and not label.updated:
        names = {name: SHAPES[name] for name in SHAPES if name not in NODES[NODES.index(label.name) :]}
    return Surroundings(
        names=names,
        steps=(("h", "z1"), ("y_hat", "z2")),
        functions=("relu", "step", "sign", "sigmoid", "tanh"),
        sizes={**SIZES, "N": 7},
        indices={letter: RANGES[letter] for letter in letters},
        spellings={"W2": "W_2", "y_hat": r"\hat{y}"},
        is_gradient=isinstance(label, Derivative),
        consumers=READERS,
        quantity=label,
        rate="lr",
        targets=frozenset({"y"}),
    )


def explained(quantity: str, letters: str, wrong: str, right: str) -> Edit | None:
    is_right = fits(tree(right), letters)
    assert not is_right(tree(wrong)), "the planted mistake must show"
    return explain(tree(wrong), around(quantity, letters), is_right)


DZ2, DH = r"\frac{dL}{dz_2}", r"\frac{dL}{dh}"
DZ1, DW1, DW2 = r"\frac{dL}{dz_1}", r"\frac{dL}{dW_1}", r"\frac{dL}{dW_2}"
BACK = r"W_2^T (\hat{y} - y)"

VECTORS: list[tuple[str, str, str, str, str | None]] = [
    ("z_1", "W_1 x - b_1", "W_1 x + b_1", "sign-flipped", " - b_1"),
    ("z_1", "W_1 x + b_2", "W_1 x + b_1", "wrong-operand", "b_2"),
    ("z_2", "W_2 z_1 + b_2", "W_2 h + b_2", "wrong-operand", "z_1"),
    ("z_1", "W_1 x", "W_1 x + b_1", "path-dropped", "W_1 x"),
    ("z_1", "b_1", "W_1 x + b_1", "path-dropped", "b_1"),
    ("z_1", "x + b_1", "W_1 x + b_1", "factor-missing", "x"),
    ("z_1", "x W_1 + b_1", "W_1 x + b_1", "not-transposed", "x W_1"),
    ("z_1", "W_1^T x + b_1", "W_1 x + b_1", "not-transposed", "W_1^T"),
    ("h", "z_1", r"\sigma(z_1)", "activation-missing", "z_1"),
    ("h", r"\sigma'(z_1)", r"\sigma(z_1)", "wrong-operand", r"\sigma'(z_1)"),
    (DZ2, r"y - \hat{y}", r"\hat{y} - y", "sign-flipped", r"y - \hat{y}"),
    (DZ2, r"\hat{y}", r"\hat{y} - y", "target-missing", r"\hat{y}"),
    (DZ2, r"\frac{1}{K}(\hat{y} - y)", r"\hat{y} - y", "scaled", r"\frac{1}{K}"),
    (DZ2, r"\frac{1}{N}(\hat{y} - y)", r"\hat{y} - y", "batch-mean-twice", r"\frac{1}{N}"),
    (DZ2, r"\hat{y} - y", r"\frac{1}{N}(\hat{y} - y)", "batch-mean-missing", r"\hat{y} - y"),
    (DZ2, r"\hat{y} - y", r"\frac{1}{K}(\hat{y} - y)", "scaled", r"\hat{y} - y"),
    (DH, r"W_2 (\hat{y} - y)", BACK, "not-transposed", "W_2"),
    (DH, r"(\hat{y} - y) W_2^T", BACK, "not-transposed", r"\hat{y} - y) W_2^T"),
    (DW2, r"h (\hat{y} - y)^T", r"(\hat{y} - y) h^T", "not-transposed", None),
    (DW2, r"h^T (\hat{y} - y)", r"(\hat{y} - y) h^T", "not-transposed", None),
    (DW2, r"(\hat{y} - y) h", r"(\hat{y} - y) h^T", "not-transposed", "h"),
    (DW2, r"(\hat{y} - y) x^T", r"(\hat{y} - y) h^T", "wrong-factor", "x^T"),
    (DW2, r"\hat{y} - y", r"(\hat{y} - y) h^T", "factor-missing", r"\hat{y} - y"),
    (DZ1, BACK, rf"{BACK} \odot \sigma'(z_1)", "derivative-missing", None),
    (
        DZ1,
        rf"{BACK} \odot \sigma(z_1)",
        rf"{BACK} \odot \sigma'(z_1)",
        "value-for-derivative",
        r"\sigma(z_1)",
    ),
    (DZ1, rf"{BACK} \odot h", rf"{BACK} \odot \sigma'(z_1)", "value-for-derivative", "h"),
    (DZ1, rf"{BACK} \odot \sigma'(h)", rf"{BACK} \odot \sigma'(z_1)", "derivative-misplaced", "h"),
    (
        DZ1,
        rf"{BACK} \odot z_1 \odot (1 - z_1)",
        rf"{BACK} \odot h \odot (1 - h)",
        "derivative-misplaced",
        None,
    ),
    (DZ1, rf"{BACK} \odot h \odot (1 + h)", rf"{BACK} \odot h \odot (1 - h)", "sign-flipped", " + h"),
    (DZ1, rf"{DZ2} \odot h \odot (1 - h)", rf"{DH} \odot h \odot (1 - h)", "wrong-factor", DZ2),
    (DW1, rf"{DH} x^T", rf"{DZ1} x^T", "derivative-missing", DH),
    (DW1, rf"{DZ1} h^T", rf"{DZ1} x^T", "wrong-factor", "h^T"),
    (DW1, rf"x {DZ1}^T", rf"{DZ1} x^T", "not-transposed", None),
    (
        DZ2,
        r"\hat{y} \odot (1 - \hat{y}) \odot \frac{dL}{d\hat{y}}",
        r"\hat{y} - y",
        "jacobian-diagonal",
        None,
    ),
    (DW2, r"(\hat{y} - y) \odot h^T", r"(\hat{y} - y) h^T", "wrong-factor", None),
    ("W_1^{new}", rf"W_1 + \eta {DW1}", rf"W_1 - \eta {DW1}", "ascent", None),
    ("W_1^{new}", rf"W_1 - {DW1}", rf"W_1 - \eta {DW1}", "rate-missing", DW1),
    ("W_1^{new}", rf"W_1 - \eta {DW1}^T", rf"W_1 - \eta {DW1}", "not-transposed", None),
]

INDEXED: list[tuple[str, str, str, str, str, str | None]] = [
    (DZ2, "i", r"y_i - \hat{y}_i", r"\hat{y}_i - y_i", "sign-flipped", r"y_i - \hat{y}_i"),
    (DZ2, "i", r"-y_i (1 - \hat{y}_i)", r"\hat{y}_i - y_i", "jacobian-diagonal", None),
    (
        r"\frac{d \hat{y}}{d z_2}",
        "in",
        r"\hat{y}_i (1 - \hat{y}_i)",
        r"\hat{y}_i (\delta_{in} - \hat{y}_n)",
        "jacobian-diagonal",
        None,
    ),
    (
        r"\frac{d \hat{y}}{d z_2}",
        "in",
        r"\hat{y}_i (\delta_{in} - \hat{y}_i)",
        r"\hat{y}_i (\delta_{in} - \hat{y}_n)",
        "wrong-factor",
        r"\hat{y}_i",
    ),
    (
        DH,
        "j",
        r"W^{(2)}_{ij} (\hat{y}_i - y_i)",
        r"\sum_{i=1}^K W^{(2)}_{ij} (\hat{y}_i - y_i)",
        "not-summed",
        None,
    ),
    (DZ2, "i", r"\hat{y}_i", r"\hat{y}_i - y_i", "target-missing", r"\hat{y}_i"),
    (DW2, "ij", r"\hat{y}_i - y_i", r"(\hat{y}_i - y_i) h_j", "factor-missing", r"\hat{y}_i - y_i"),
    (DW2, "ij", r"(\hat{y}_i - y_i) z^{(1)}_j", r"(\hat{y}_i - y_i) h_j", "wrong-factor", "z^{(1)}_j"),
    (DW2, "ij", r"(\hat{y}_j - y_j) h_i", r"(\hat{y}_i - y_i) h_j", "wrong-factor", None),
    (
        DH,
        "j",
        r"\sum_{i=1}^K W^{(2)}_{ji} (\hat{y}_i - y_i)",
        r"\sum_{i=1}^K W^{(2)}_{ij} (\hat{y}_i - y_i)",
        "not-transposed",
        "W^{(2)}_{ji}",
    ),
    (
        DH,
        "j",
        r"\sum_{i=1}^K (\hat{y}_i - y_i)",
        r"\sum_{i=1}^K W^{(2)}_{ij} (\hat{y}_i - y_i)",
        "factor-missing",
        None,
    ),
    (DZ1, "j", r"\frac{dL}{dh_j}", r"\frac{dL}{dh_j} h_j (1 - h_j)", "derivative-missing", None),
    (
        r"\hat{y}",
        "i",
        r"\frac{e^{z_i}}{\sum_{k=1}^K z_k}",
        r"\frac{e^{z_i}}{\sum_{k=1}^K e^{z_k}}",
        "activation-missing",
        "z_k",
    ),
    (r"\frac{dL}{d\hat{y}}", "i", r"-\frac{1}{\hat{y}_i}", r"-\frac{y_i}{\hat{y}_i}", "factor-missing", None),
    (r"\frac{dL}{d\hat{y}}", "i", r"-y_i", r"-\frac{y_i}{\hat{y}_i}", "factor-missing", "y_i"),
    (
        r"\frac{dL}{d\hat{y}}",
        "i",
        r"-\frac{\hat{y}_i}{y_i + 1}",
        r"-\frac{y_i + 1}{\hat{y}_i}",
        "wrong-factor",
        None,
    ),
    ("L", "", r"\sum_{k=1}^K y_k \log \hat{y}_k", r"-\sum_{k=1}^K y_k \log \hat{y}_k", "sign-flipped", None),
    (
        "L",
        "",
        r"-\sum_{k=1}^K y_k \hat{y}_k",
        r"-\sum_{k=1}^K y_k \log \hat{y}_k",
        "activation-missing",
        None,
    ),
    (
        "L",
        "",
        r"-\sum_{k=1}^K \log \hat{y}_k",
        r"-\sum_{k=1}^K y_k \log \hat{y}_k",
        "factor-missing",
        r"\log \hat{y}_k",
    ),
]


def _is_found(edit: Edit | None, wrong: str, slip: str, marked: str | None) -> None:
    assert edit is not None
    assert edit.slip == slip, edit
    assert 0 <= edit.start < edit.end <= len(wrong)
    if marked is not None:
        assert wrong[edit.start : edit.end] == marked


@pytest.mark.parametrize(("quantity", "wrong", "right", "slip", "marked"), VECTORS)
def test_a_planted_mistake_in_vectors_is_named_and_marked(
    quantity: str, wrong: str, right: str, slip: str, marked: str | None
) -> None:
    _is_found(explained(quantity, "", wrong, right), wrong, slip, marked)


@pytest.mark.parametrize(("quantity", "letters", "wrong", "right", "slip", "marked"), INDEXED)
def test_a_planted_mistake_in_entries_is_named_and_marked(
    quantity: str, letters: str, wrong: str, right: str, slip: str, marked: str | None
) -> None:
    _is_found(explained(quantity, letters, wrong, right), wrong, slip, marked)


@pytest.mark.parametrize(
    ("quantity", "letters", "wrong", "right"),
    [
        (DZ1, "", r"W_2 (y - \hat{y}) \odot \sigma'(z_1)", rf"{BACK} \odot \sigma'(z_1)"),
        (DW1, "", rf"{DH} h^T", rf"{DZ1} x^T"),
        (DW2, "ij", r"(y_i - \hat{y}_i) h_j^2", r"(\hat{y}_i - y_i) h_j"),
        ("z_1", "", "W_1^T x - b_1", "W_1 x + b_1"),
    ],
)
def test_two_mistakes_in_one_formula_are_explained_by_no_single_change(
    quantity: str, letters: str, wrong: str, right: str
) -> None:
    assert explained(quantity, letters, wrong, right) is None


def test_no_edit_of_vectors_goes_in_a_circle() -> None:
    """dL/dW1 comes last: nothing is explained by it, and z1 not by what is computed from it."""
    for edit in edits(tree(rf"{DH} x^T"), around(DW1, "")):
        assert not any(isinstance(one, Derivative) and one.by.name == "W1" for one in walk(edit.tree))
    for edit in edits(tree("W_1 x - b_1"), around("z_1", "")):
        assert not any(isinstance(one, Symbol) and one.name in NODES for one in walk(edit.tree))


def test_a_factor_is_put_in_with_the_letters_that_count_it() -> None:
    """Letter i goes over K classes: of the vectors, those of K entries may be a missing factor, and no matrix."""
    found = {edit.rule for edit in edits(tree("2"), around(DZ2, "i")) if edit.text == "a factor is missing"}
    factors = ("b2_i", "y_i", "z2_i", r"\hat{y}_i", r"∂L/∂\hat{y}_i", r"-∂L/∂\hat{y}_i")
    assert found == {f"the factor {factor} is missing" for factor in factors}


def test_entries_are_shown_with_their_letters() -> None:
    """A spelling that has a script of its own stands in brackets before the letters."""
    found = explained(
        DH, "j", r"\sum_{i=1}^K (\hat{y}_i - y_i)", r"\sum_{i=1}^K W^{(2)}_{ij} (\hat{y}_i - y_i)"
    )
    assert found is not None
    assert found.rule == "the factor (W_2)_{ij} is missing"


def test_an_edit_of_long_products_of_matrices_is_bounded() -> None:
    long = " + ".join([r"W_2^T (\hat{y} - y) \odot h \odot (1 - h)"] * 12)
    assert len(list(edits(tree(long), around(DZ1, "")))) <= 8_000

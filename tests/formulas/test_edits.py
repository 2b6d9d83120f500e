"""A wrong formula of single numbers is explained by the one change that makes it right, and shown where."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import singledispatch
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from formula_names import read, tree

from grader.formulas.edits.search import SPECIAL_FIRST, Edit, Surroundings, edits, explain
from grader.formulas.tree import (
    Absolute,
    Call,
    Derivative,
    Fraction,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Sum,
    Symbol,
    Times,
    Tree,
    walk,
)
from grader.formulas.world import World
from grader.slips import SLIPS
from reference.network import trace
from reference.networks.skip_network import skip_network

GRAPH = trace(skip_network)
LEAVES = ("x", "y", "w0", "w1", "ws", "w2")
NODES = ("z0", "h0", "z1", "h1", "z2", "y_hat")
CONSUMERS = {
    "w0": ("z0",),
    "z0": ("h0",),
    "w1": ("z1",),
    "h0": ("z1", "z2"),
    "z1": ("h1",),
    "w2": ("z2",),
    "ws": ("z2",),
    "h1": ("z2",),
    "z2": ("y_hat",),
    "y_hat": ("L",),
}
SPELLINGS = {"w0": r"\omega_0", "w1": r"\omega_1", "w2": r"\omega_2", "ws": r"\omega_s", "lr": r"\alpha"}


def _world(x: float, y: float, w0: float, w1: float) -> World:
    leaves = {"x": x, "y": y, "w0": w0, "w1": w1, "ws": 0.83, "w2": -0.61}
    run = GRAPH.forward({name: np.asarray(value) for name, value in leaves.items()})
    return World(graph=GRAPH, run=run, extra={"lr": np.asarray(0.37)}, sizes={"N": 7})


WORLDS = (
    _world(1.31, -2.9, 0.47, 0.59),
    _world(1.7, 4.3, 0.9, 1.21),
    _world(0.71, -3.7, 1.1, -0.53),  # the second unit is off
    _world(-1.13, -2.2, 0.37, 0.71),  # both are off
    _world(-0.9, 0.21, -1.3, 0.4),
    _world(2.3, -0.17, 0.8, -1.4),
    _world(-1.9, -0.11, -0.6, 0.29),
    _world(1.51, 0.13, 0.77, 0.31),
)

FUNCTIONS: dict[str, Callable[[float], float]] = {
    "relu": lambda z: max(z, 0.0),
    "step": lambda z: float(z > 0),
    "sign": lambda z: float((z > 0) - (z < 0)),
    "exp": math.exp,
    "log": math.log,
    "identity": lambda z: z,
}


@singledispatch
def number(node: Node, world: World) -> float:
    """Evaluate what these tests need, and nothing else."""
    raise ValueError(node, world)


@number.register
def _(node: Number, _world: World) -> float:
    return float(node.text)


@number.register
def _(node: Symbol, world: World) -> float:
    return float(world.value(node.name)) * (0.123 if node.updated else 1.0)


@number.register
def _(node: Negative, world: World) -> float:
    return -number(node.operand, world)


@number.register
def _(node: Sum, world: World) -> float:
    return sum(number(term, world) for term in node.terms)


@number.register
def _(node: Product, world: World) -> float:
    made = number(node.factors[0], world)
    for sign, factor in zip(node.signs, node.factors[1:], strict=True):
        made = made / number(factor, world) if sign is Times.DIVIDE else made * number(factor, world)
    return made


@number.register
def _(node: Fraction, world: World) -> float:
    return number(node.top, world) / number(node.bottom, world)


@number.register
def _(node: Power, world: World) -> float:
    return math.pow(number(node.base, world), number(node.exponent, world))


@number.register
def _(node: Absolute, world: World) -> float:
    return abs(number(node.operand, world))


@number.register
def _(node: Call, world: World) -> float:
    name = "step" if (node.function, node.primes) == ("relu", 1) else node.function + "'" * node.primes
    return FUNCTIONS[name](number(node.arguments[0], world))


@number.register
def _(node: Derivative, world: World) -> float:
    assert isinstance(node.of, Symbol)
    of, by = node.of.name, node.by.name
    if of == "L":
        return float(world.gradient(by))
    return float(world.local(of, by) if world.is_parent(of, by) else world.total(of, by))


def fits(expected: Node) -> Callable[[Tree], bool]:
    """Return whether a formula has the values of another one."""
    targets = [number(expected, world) for world in WORLDS]

    def same(formula: Tree) -> bool:
        try:
            found = [number(formula, world) for world in WORLDS]
        except (ArithmeticError, ValueError, KeyError):
            return False
        return all(
            math.isclose(one, two, rel_tol=1e-9, abs_tol=1e-12)
            for one, two in zip(found, targets, strict=True)
        )

    return same


def around(quantity: str) -> Surroundings:
    """Return what may stand in a formula of a quantity."""
    label = _tree(quantity)
    is_gradient = isinstance(label, Derivative)
    names = [*LEAVES, *NODES]
    if isinstance(label, Symbol) and not label.updated and label.name in NODES:
        names = names[: names.index(label.name)]
    return Surroundings(
        names=dict.fromkeys([*names, "lr"] if isinstance(label, Symbol) and label.updated else names, ()),
        steps=(("h0", "z0"), ("h1", "z1")),
        functions=("relu", "step", "sign"),
        spellings=SPELLINGS,
        is_gradient=is_gradient,
        consumers=CONSUMERS,
        quantity=label,
        rate="lr",
        targets=frozenset({"y"}),
    )


def explained(quantity: str, wrong: str, right: str) -> Edit | None:
    """Return what explains a wrong formula, given the right one."""
    is_right = fits(_tree(right))
    assert not is_right(_tree(wrong)), "the planted mistake must show"
    return explain(_tree(wrong), around(quantity), is_right)


def written(short: str) -> str:
    """Return a formula in TeX: `D[z_1]` stands for a gradient, SIGN and INNER for what comes again and again."""
    tex = short.replace("SIGN", r"sign(y-\hat{y})").replace("INNER", r"(\omega_2 u(z_1)\omega_1 + \omega_s)")
    return re.sub(r"D\[(.*?)\]", r"\\frac{\\delta L}{\\delta \1}", tex)


def _tree(short: str) -> Tree:
    return tree(written(short))  # type: ignore[return-value]


PLANTED: list[tuple[str, str, str, str | None, str | None]] = [
    # signs
    (r"D[\omega_2]", r"SIGNh_1", r"-SIGNh_1", "sign-flipped", r"SIGNh_1"),
    (r"D[\hat{y}]", r"-sign(y+\hat{y})", r"-SIGN", "sign-flipped", r"+\hat{y}"),
    (
        "z_2",
        r"\omega_s h_0 - \omega_2 h_1",
        r"\omega_s h_0 + \omega_2 h_1",
        "sign-flipped",
        r" - \omega_2 h_1",
    ),
    (
        r"D[h_0]",
        r"-SIGN(\omega_2 u(z_1)\omega_1 - \omega_s)",
        r"-SIGNINNER",
        "sign-flipped",
        r" - \omega_s",
    ),
    (r"D[z_2]", r"SIGN", r"SIGN \cdot -1", "sign-flipped", "SIGN"),
    # one value for another
    (r"D[\omega_s]", r"-SIGNh_1", r"-SIGNh_0", "wrong-factor", "h_1"),
    (r"D[h_1]", r"-SIGN\omega_1", r"-SIGN\omega_2", "wrong-factor", r"\omega_1"),
    ("z_1", r"\omega_1 x", r"\omega_1 h_0", "wrong-operand", "x"),
    (r"\hat{y}", "z_1", "z_2", "wrong-operand", "z_1"),
    ("z_2", r"\omega_2 h_0 + \omega_s h_1", r"\omega_s h_0 + \omega_2 h_1", "wrong-operand", None),
    (r"D[\omega_0]", r"D[z_1] x", r"D[z_0] x", "wrong-factor", r"D[z_1]"),
    (r"D[z_0]", r"D[h_0]\frac{\partial h_1}{\partial z_1}", r"D[h_0] u(z_0)", "derivative-misplaced", None),
    (r"D[\omega_1]", r"D[h_1] h_0", r"D[z_1] h_0", "derivative-missing", None),
    # functions
    (r"D[z_1]", r"-SIGN\omega_2 ReLU(z_1)", r"-SIGN\omega_2 u(z_1)", "value-for-derivative", "ReLU(z_1)"),
    (r"D[z_1]", r"-SIGN\omega_2 h_1", r"-SIGN\omega_2 u(z_1)", "value-for-derivative", "h_1"),
    (r"D[z_1]", r"-SIGN\omega_2 z_1", r"-SIGN\omega_2 u(z_1)", "value-for-derivative", "z_1"),
    (r"D[z_1]", r"-SIGN\omega_2 u(z_0)", r"-SIGN\omega_2 u(z_1)", "derivative-misplaced", "z_0"),
    (r"D[\hat{y}]", r"-|y-\hat{y}|", r"-SIGN", "value-for-derivative", r"|y-\hat{y}|"),
    (r"D[\hat{y}]", r"-(y-\hat{y})", r"-SIGN", "derivative-missing", r"y-\hat{y}"),
    (r"D[\omega_2]", r"-2(y-\hat{y})h_1", r"-SIGNh_1", "wrong-loss", r"2(y-\hat{y})h_1"),
    ("h_0", r"\omega_0 x", "ReLU(z_0)", "activation-missing", r"\omega_0 x"),
    ("h_1", "u(z_1)", "ReLU(z_1)", "wrong-operand", "u(z_1)"),
    ("L", r"(y-\hat{y})^2", r"|y-\hat{y}|", "wrong-loss", None),
    ("L", r"\frac{1}{2}(y-\hat{y})^2", r"|y-\hat{y}|", "wrong-loss", None),
    ("L", r"y-\hat{y}", r"|y-\hat{y}|", "wrong-loss", r"y-\hat{y}"),
    # factors
    (
        r"D[\omega_0]",
        r"-SIGNINNERu(z_0)",
        r"-SIGNINNERu(z_0)x",
        "factor-missing",
        r"SIGNINNERu(z_0)",
    ),
    (r"D[z_0]", r"-SIGNINNER", r"-SIGNINNERu(z_0)", "derivative-missing", None),
    (
        r"D[h_0]",
        r"-SIGN(\omega_2 \omega_1 + \omega_s)",
        r"-SIGNINNER",
        "derivative-missing",
        r"\omega_2 \omega_1",
    ),
    (r"D[\omega_0]", "x", r"D[z_0]x", "factor-missing", "x"),
    ("z_0", r"\omega_0", r"\omega_0 x", "factor-missing", r"\omega_0"),
    (r"D[z_1]", r"-SIGN\omega_2 u(z_1) x", r"-SIGN\omega_2 u(z_1)", "wrong-factor", "x"),
    ("z_0", r"\omega_0 x \cdot 3", r"\omega_0 x", "scaled", "3"),
    (r"D[\omega_2]", r"-\frac{SIGN}{h_1}", r"-SIGNh_1", None, None),
    # constants
    (r"D[\omega_s]", r"-2SIGNh_0", r"-SIGNh_0", "scaled", "2"),
    (r"D[\omega_s]", r"-\frac{1}{2}SIGNh_0", r"-SIGNh_0", "scaled", r"\frac{1}{2}"),
    ("z_0", r"\omega_0 x", r"2 \omega_0 x", "scaled", r"\omega_0 x"),
    # terms
    (r"D[h_0]", r"-SIGN\omega_s", r"-SIGNINNER", "path-dropped", None),
    (r"D[h_0]", r"-SIGN\omega_2 u(z_1)\omega_1", r"-SIGNINNER", "path-dropped", None),
    (r"D[z_0]", r"-SIGN\omega_s u(z_0)", r"-SIGNINNERu(z_0)", "path-dropped", None),
    (r"D[\omega_0]", r"-SIGN\omega_s u(z_0)x", r"-SIGNINNERu(z_0)x", "path-dropped", None),
    ("z_2", r"\omega_2 h_1", r"\omega_s h_0 + \omega_2 h_1", "path-dropped", r"\omega_2 h_1"),
    ("z_1", r"\omega_1 h_0 + x", r"\omega_1 h_0", "wrong-operand", " + x"),
    (r"D[\hat{y}]", r"-sign(-\hat{y})", r"-SIGN", "target-missing", r"-\hat{y}"),
    # numbers
    (r"D[\omega_s]", r"-SIGNh_0^2", r"-SIGNh_0", "wrong-factor", "2"),
    # steps
    (r"\omega_0^{new}", r"\omega_0 + \alpha D[\omega_0]", r"\omega_0 - \alpha D[\omega_0]", "ascent", None),
    (
        r"\omega_0^{new}",
        r"\omega_0 - D[\omega_0]",
        r"\omega_0 - \alpha D[\omega_0]",
        "rate-missing",
        r"D[\omega_0]",
    ),
    (
        r"\omega_0^{new}",
        r"\omega_0 - \alpha \alpha D[\omega_0]",
        r"\omega_0 - \alpha D[\omega_0]",
        "rate-twice",
        r"\alpha",
    ),
    (
        r"\omega_0^{new}",
        r"\omega_0 - \alpha^2 D[\omega_0]",
        r"\omega_0 - \alpha D[\omega_0]",
        "rate-twice",
        r"\alpha^2",
    ),
    (r"\omega_0^{new}", r"\omega_0", r"\omega_0 - \alpha D[\omega_0]", "step-missing", r"\omega_0"),
    (r"\omega_0^{new}", r"-\alpha D[\omega_0]", r"\omega_0 - \alpha D[\omega_0]", "weight-missing", None),
    (r"\omega_0^{new}", r"\alpha D[\omega_0]", r"\omega_0 - \alpha D[\omega_0]", "weight-missing", None),
    (
        r"\omega_0^{new}",
        r"\omega_1 - \alpha D[\omega_0]",
        r"\omega_0 - \alpha D[\omega_0]",
        "wrong-operand",
        r"\omega_1",
    ),
    (
        r"\omega_0^{new}",
        r"\omega_0 - \alpha D[\omega_1]",
        r"\omega_0 - \alpha D[\omega_0]",
        "wrong-operand",
        r"D[\omega_1]",
    ),
    (r"D[h_1]", r"-SIGN\omega_2^{new}", r"-SIGN\omega_2", "updated-weights-used", None),
]


@pytest.mark.parametrize(("quantity", "wrong", "right", "slip", "marked"), PLANTED)
def test_a_planted_mistake_is_named_and_marked(
    quantity: str, wrong: str, right: str, slip: str | None, marked: str | None
) -> None:
    found = explained(quantity, wrong, right)
    assert found is not None
    if slip is not None:
        assert found.slip == slip, found
    if marked is not None:
        assert written(wrong)[found.start : found.end] == written(marked)
    assert 0 <= found.start < found.end <= len(written(wrong))


def test_two_mistakes_in_one_formula_are_explained_by_no_single_change() -> None:
    for quantity, wrong, right in (
        (r"D[\omega_0]", r"SIGN INNER u(z_0)", r"-SIGN INNER u(z_0) x"),
        (r"D[z_1]", r"-SIGN \omega_1 ReLU(z_1)", r"-SIGN \omega_2 u(z_1)"),
        (r"D[\omega_1]", r"-2 SIGN \omega_2 h_0", r"-SIGN \omega_2 u(z_1) h_0"),
        ("z_2", r"\omega_s h_1 - \omega_2 h_1", r"\omega_s h_0 + \omega_2 h_1"),
        (r"\omega_0^{new}", r"\omega_1 + \alpha D[\omega_0]", r"\omega_0 - \alpha D[\omega_0]"),
    ):
        assert explained(quantity, wrong, right) is None


def _own_value(node: Node, quantity: Node) -> bool:
    return any(one == quantity for one in walk(node))


@pytest.mark.parametrize(
    ("quantity", "wrong"),
    [
        (r"D[\omega_0]", r"-SIGN INNER u(z_0)"),
        (r"D[z_1]", r"D[z_1] x"),
        (r"D[h_0]", r"2 D[h_0] \omega_1 + D[z_2]\omega_s"),
        ("z_1", r"z_1 x + \omega_1"),
        ("z_1", r"\omega_1"),
    ],
)
def test_no_edit_holds_what_is_asked_for(quantity: str, wrong: str) -> None:
    label = tree(written(quantity))
    found = list(edits(_tree(wrong), around(quantity)))
    assert found
    assert not any(_own_value(edit.tree, label) for edit in found)


@pytest.mark.parametrize("wrong", [r"\omega_1", r"\omega_1 + h_0", "2"])
def test_a_value_is_not_explained_by_what_is_computed_from_it(wrong: str) -> None:
    behind = {"h1", "z2", "y_hat", "L"}
    for edit in edits(_tree(wrong), around("z_1")):
        assert not any(isinstance(one, Symbol) and one.name in behind for one in walk(edit.tree))


def test_a_gradient_is_explained_by_gradients_nearer_the_loss_alone() -> None:
    """dL/dz1 may be computed from those of h1, z2 and y_hat; that of z0 or w1 comes after it."""
    found = {
        one.by.name
        for edit in edits(_tree(r"\omega_2 u(z_1)"), around(r"D[z_1]"))
        for one in walk(edit.tree)
        if isinstance(one, Derivative) and one.of == Symbol(name="L")
    }
    assert found == {"h1", "z2", "y_hat"}


def test_a_gradient_of_later_is_never_the_whole_answer() -> None:
    """2 dL/dz0 for dL/dh0 may be twice too much at a point where z0 = h0; it explains nothing."""
    found = edits(_tree(r"2 D[z_0]"), around(r"D[h_0]"))
    assert all(edit.tree != _tree(r"D[z_0]") for edit in found)


WHOLE = r"-SIGN INNER u(z_0) + \frac{1}{2}(x - \omega_1)^2"


def test_each_tree_is_yielded_once_and_never_the_formula_itself() -> None:
    wrong = _tree(WHOLE)
    found = [edit.tree for edit in edits(wrong, around(r"D[\omega_0]"))]
    assert len(found) == len(set(found))
    assert wrong not in found


def test_there_are_some_thousand_edits_at_most() -> None:
    assert 500 < len(list(edits(_tree(WHOLE), around(r"D[\omega_0]")))) < 3_000
    long = " + ".join([r"\omega_2 u(z_1) \omega_1"] * 45)
    assert len(list(edits(_tree(long), around(r"D[\omega_0]")))) <= 8_000


def test_edits_are_tried_no_more_often_than_allowed() -> None:
    tried: list[Tree] = []

    def never(formula: Tree) -> bool:
        tried.append(formula)
        return False

    assert explain(_tree(WHOLE), around(r"D[\omega_0]"), never, most=37) is None
    assert len(tried) == 37


def test_all_offsets_lie_within_the_formula() -> None:
    length = len(written(WHOLE))
    for edit in edits(_tree(WHOLE), around(r"D[\omega_0]")):
        assert 0 <= edit.start < edit.end <= length, edit


def test_slips_are_known_and_weighed_in_the_order_of_their_table() -> None:
    assert [name for name in SLIPS if name in SPECIAL_FIRST] == list(SPECIAL_FIRST)
    for quantity in (r"D[\omega_0]", "z_2", r"\omega_0^{new}"):
        assert {edit.slip for edit in edits(_tree(WHOLE), around(quantity))} <= set(SPECIAL_FIRST)


def test_a_special_slip_is_preferred_to_a_general_one_of_the_same_kind() -> None:
    """h1 for its own derivative is a value for a derivative, whatever else has the same number there."""
    found = explained(r"D[z_1]", r"-SIGN \omega_2 h_1", r"-SIGN \omega_2 u(z_1)")
    assert found is not None
    assert found.slip == "value-for-derivative"


def test_the_text_names_the_mistake_and_the_rule_what_belongs_there() -> None:
    found = explained(r"D[\omega_0]", r"-SIGN INNER u(z_0)", r"-SIGN INNER u(z_0)x")
    assert found is not None
    assert (found.text, found.rule) == ("a factor is missing", "the factor x is missing")
    found = explained("z_1", r"\omega_1 x", r"\omega_1 h_0")
    assert found is not None
    assert found.text == "x stands where another value belongs"
    assert found.rule == "h0 belongs where x stands"


def test_names_are_shown_as_the_task_spells_them() -> None:
    found = explained("z_1", "h_0", r"\omega_1 h_0")
    assert found is not None
    assert found.rule == r"the factor \omega_1 is missing"


def test_without_what_is_optional_the_plain_mistakes_are_still_found() -> None:
    """Neither the quantity nor who reads it is known."""
    plain = Surroundings(names=dict.fromkeys([*LEAVES, *NODES], ()), is_gradient=True)
    right = _tree(r"-SIGN h_0")
    for wrong, slip in (
        (r"SIGN h_0", "sign-flipped"),
        (r"-SIGN h_1", "wrong-factor"),
        (r"-SIGN", "factor-missing"),
        (r"-2 SIGN h_0", "scaled"),
    ):
        found = explain(_tree(wrong), plain, fits(right))
        assert found is not None
        assert found.slip == slip


DOCUMENT = Path(__file__).parent / "skip_network.md"


def test_every_side_of_a_whole_document_has_edits_that_can_be_shown() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    sides = [side.tree for line in read(text).lines for side in line.sides if side.tree is not None]
    assert len(sides) > 100
    for side in sides:
        for edit in islice(edits(side, around(r"D[\omega_0]")), 40):
            assert 0 < edit.start < edit.end <= len(text)
            assert edit.text[0].islower() or edit.text[0] in "\\L"
            assert edit.tree != side


@pytest.mark.parametrize(
    ("wrong", "part"),
    [
        (r"\begin{cases} 0, & z_0 > 0 \\ 1, & \text{otherwise} \end{cases}", "two cases are exchanged"),
        (r"\mathbb{1}[z_0 < 0]", "a condition is the wrong way round"),
        (r"\begin{pmatrix} x & y \\ x & -y \end{pmatrix}", "a sign is flipped"),
        (r"\frac{x w_0}{y}", "a fraction is upside down"),
    ],
)
def test_what_stands_in_environments_is_edited_too(wrong: str, part: str) -> None:
    assert part in {edit.text for edit in edits(_tree(wrong), around(r"D[\omega_0]"))}


def test_the_entry_of_a_matrix_is_put_where_it_stood() -> None:
    wrong, right = (_tree(rf"\begin{{pmatrix}} x & y \\ {one} & y \end{{pmatrix}}") for one in ("z_0", "h_0"))
    found = explain(wrong, around(r"D[\omega_0]"), lambda formula: formula == right)
    assert found is not None
    assert found.text == "z0 stands where another factor belongs"


def test_an_edited_tree_differs_in_one_place_alone() -> None:
    """Of the leaves of the tree, those that are not edited stand where they stood."""
    wrong = _tree(r"-SIGN \omega_1 u(z_1)")
    before = [one for one in walk(wrong) if isinstance(one, Symbol)]
    for edit in edits(wrong, around(r"D[z_1]")):
        if edit.text.endswith("stands where another factor belongs"):
            after = [one for one in walk(edit.tree) if isinstance(one, Symbol)]
            assert len(after) == len(before)
            assert sum(one != two for one, two in zip(before, after, strict=True)) == 1

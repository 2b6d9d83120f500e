"""What is said around a formula: the case it holds in, another network, or that it is wrong."""

from __future__ import annotations

import pytest
from formula_names import read, sources

from grader.formulas.documents.context import Said
from grader.formulas.documents.restrictions import is_restriction
from grader.formulas.documents.withdrawn import Withdrawal

A, B = "$z_0 = w_1$", "$z_0 = w_0 x$"
OK = "read"


def said(text: str) -> list[str]:
    """Return for every line whether it was read, or what stands in the way."""
    found = []
    for line in read(text).lines:
        problems = {side.problem.text for side in line.sides if side.problem is not None}
        found.append(line.withdrawn.value or (problems.pop() if problems else OK))
    return found


HOLDS_IN_A_CASE = [
    f"For $z_1 > 0$: {A}.",
    f"For $z_1 \\le 0$ we have {A}.",
    f"If $y > \\hat y$, then {A}.",
    f"if z_1 > 0 we have {A}",
    f"If the second unit is off ($z_1 < 0$), then {A}.",
    f"If the second unit is off, then {A}.",
    f"When the unit is inactive: {A}.",
    f"Case 1, $k = c$: {A}",
    f"Case 2, $k \\neq c$: {A}",
    f"Case 2: $k \\neq c$.\n\n$${A[1:-1]}$$",
    f"Fall 1 ($k = c$): {A}",
    f"### Case 1: the unit is on\n\n$${A[1:-1]}$$",
    f"{A} for $z_1 > 0$.",
    f"{A} (for $k \\neq c$).",
    f"{A} ($z_1 > 0$).",
    f"{A} if the unit is active.",
    f"{A} for all other classes.",
    f"{A} for $y > \\hat y$ and $1$ otherwise.",
    f"For the true class {A}.",
    f"Suppose the unit is off. Then {A}.",
    f"Without the skip connection we would have {A}.",
    f"Without the skip connection\n\n$${A[1:-1]}$$",
    f"Ignoring the skip path, {A}.",
    f"In a plain network {A}.",
    f"Otherwise {A}.",
    f"Falls $z_1 > 0$, gilt {A}.",
    f"Ohne die Abk\u00fcrzung w\u00e4re {A}.",
    f"F\u00fcr $z_1 > 0$ ist {A}.",
    f"For $w_s = 0$ we get {A}.",
    f"with $z_1 > 0$ {A}",
    f"$${A[1:-1]}$$\n\nfor $z_1 > 0$.",
]


@pytest.mark.parametrize("text", HOLDS_IN_A_CASE)
def test_a_formula_that_holds_in_a_case_is_not_read_as_the_general_one(text: str) -> None:
    assert [one for one in said(text) if one != OK] == [Said.CONDITION.value]


HOLDS = [
    f"For the backward pass we get {B}.",
    f"For $w_2$: {B}.",
    f"for each $k$: {B}",
    f"For all $k \\in \\{{1, \\dots, K\\}}$ we have {B}.",
    f"For $0 \\le k < K$: {B}.",
    f"Since $y > \\hat y$ in our case, {B}.",
    f"because $z_1 > 0$ {B}",
    f"If $z_1 > 0$, which is the case here, {B}.",
    f"For $w_2$, since $z_1 > 0$, we get {B}.",
    f"For $z_1 \\neq 0$ we get {B}.",
    f"For $y \\neq \\hat y$: {B}.",
    f"If we apply the chain rule we get {B}.",
    f"When we differentiate, {B}.",
    f"In case of doubt see the graph: {B}.",
    f"Without loss of generality {B}.",
    f"Without further steps {B}.",
    f"As one would expect, {B}.",
    f"For the other weights we get {B}.",
    f"If $z_1 > 0$ the slope is 1. Together {B}.",
    f"{B}, and for $w_1$ the same.",
    f"{B}, since $z_1 > 0$.",
    f"{B} because the unit is on.",
    f"{B} where $w_0$ is the weight.",
    "$z_0 = 0.5$ ($z_0 > 0$)",
    f"{B}. If the unit is off, nothing comes through.",
    f"The unit may be on or off.\n\n$${B[1:-1]}$$",
    f"If it is off, the slope is 0.\n\n$${B[1:-1]}$$",
    f"In the first case the slope is 1.\n\n{B}",
    f"## Case study\n\n{B}",
    f"We do not forget the input: {B}.",
    f"Nothing is wrong: {B}.",
    f"{B}. It is wrong to forget the input.",
    f"{B}. Incorrect answers are common.",
    f"Instead, {B}.",
]


@pytest.mark.parametrize("text", HOLDS)
def test_reasons_ranges_and_plain_talk_are_no_condition(text: str) -> None:
    assert said(text)[-1] == OK


TAKEN_BACK = [
    f"First try (wrong!): {A}\n\nCorrected: {B}",
    f"Wrong: {A}\n\nRight: {B}",
    f"One might think that {A}, but this forgets the input. Instead, {B}.",
    f"One might think that\n\n$${A[1:-1]}$$\n\nbut this forgets the input. Instead,\n\n$${B[1:-1]}$$",
    f"{A} (wrong). So {B}.",
    f"{A}. This is wrong, since the input is missing. So {B}.",
    f"{A}, but this misses the input. So {B}.",
    f"{A}, which is wrong. So {B}.",
    f"Instead of {A} we get {B}.",
    f"Man k\u00f6nnte denken, dass {A}, aber das ist falsch. Also {B}.",
]


@pytest.mark.parametrize("text", TAKEN_BACK)
def test_what_is_said_to_be_wrong_is_withdrawn_and_what_comes_for_it_stands(text: str) -> None:
    assert said(text) == [Withdrawal.SAID.value, OK]


@pytest.mark.parametrize(
    "text",
    [
        f"My first attempt: {A}\n\nCorrected: {B}",
        f"At first I had {A}. Then I found {B}.",
        f"A naive application gives {A}. In fact {B}.",
        f"{A} (the sign was wrong). So {B}.",
        f"One might think that {A}, and indeed this holds. In short {B}.",
    ],
)
def test_what_may_have_been_taken_back_waits_for_a_person(text: str) -> None:
    assert said(text) == [Said.DOUBT.value, OK]


def test_together_ends_the_cases_before_it() -> None:
    text = (
        r"Case 1, $k = c$: $\frac{\partial L}{\partial s_c} = p_c - 1$" + "\n\n"
        r"Case 2, $k \neq c$: $\frac{\partial L}{\partial s_k} = p_k$" + "\n\n"
        r"Together: $\frac{\partial L}{\partial s_k} = p_k - t_k$"
    )

    assert said(text) == [Said.CONDITION.value] * 2 + [OK]


def test_a_condition_behind_a_formula_is_not_said_of_the_next_one() -> None:
    assert said(f"{A} (for $z_1 > 0$), and {B}") == [Said.CONDITION.value, OK]
    assert said(f"{A} for $z_1 > 0$. {B}") == [Said.CONDITION.value, OK]


def test_a_condition_with_a_colon_is_said_of_the_displays_behind_it_until_there_is_prose() -> None:
    text = f"For $z_1 > 0$:\n\n$${A[1:-1]}$$\n\nand\n\n$${A[1:-1]}$$\n\nIn general we have\n\n$${B[1:-1]}$$"

    assert said(text) == [Said.CONDITION.value] * 2 + [OK]


def test_an_index_that_a_formula_holds_for_is_no_line_and_a_zero_that_is_claimed_is_one() -> None:
    assert len(read("For $k = c$ we get $z_0 = w_1$.").lines) == 1
    assert [line.sides[0].source for line in read("If the unit is off: $h_1 = 0$").lines] == ["h_1"]
    assert [line.sides[0].source for line in read("Case 2 ($k \\neq c$): $z_2 = 0$").lines] == ["z_2"]


def test_a_name_explained_for_a_case_alone_has_no_value() -> None:
    (line,) = read("The slope is $f'(a) = 1$ for $a > 0$ and $0$ otherwise.").lines

    assert line.sides[0].tree is not None
    assert line.sides[1].tree is None


@pytest.mark.parametrize("value", [r"\frac14", r"-\tfrac{3}{4}", "1/4", "0.25", "0{,}25", "12"])
def test_what_stands_beside_a_number_is_the_next_number_of_a_list(value: str) -> None:
    """A mask has no such values: `0` and `1` may hold in a case."""
    assert said(f"$z_1 = {value}$, $w_s = 0$, $h_1 = {value}$") == [OK, OK, OK]
    assert said("$h_1 = 1$, $w_s = 0$.")[0] == Said.CONDITION


@pytest.mark.parametrize(
    ("formula", "restricts"),
    [
        ("z_1 > 0", True),
        (r"z_1 \le 0", True),
        (r"y < \hat y", True),
        ("k = c", True),
        (r"k \neq c", True),
        ("t_k = 1", True),
        (r"t_k \neq 1", True),
        ("u(z_1) = 0", True),
        ("w_s = 0", True),
        (r"z \in (0, \infty)", True),
        (r"z_1 \neq 0", False),
        (r"y \neq \hat y", False),
        (r"1 \le k \le K", False),
        ("0.5 > 0", False),
        ("h_0 = 0.5 > 0", False),
        ("x = 1", False),
        (r"\eta = 1", False),
        (r"k = 1, \dots, K", False),
        (r"k \in \{1, \dots, K\}", False),
        ("z_2 = h_1", False),
        ("w_s' = 0", False),
        (r"w_s^{\text{new}} = 0", False),
        ("w_s^{(t+1)} = 0", False),
    ],
)
def test_a_restriction_is_told_from_a_range_and_from_a_value(formula: str, restricts: bool) -> None:
    assert is_restriction(formula) is restricts


@pytest.mark.parametrize(
    "clause",
    [
        r", \quad z_1 > 0",
        r", \quad k \neq c",
        r", \quad k = c",
        r"\quad \text{for } k = c",
        r"\quad \text{if } z_1 > 0",
        r"\quad (k \neq c)",
        r"\quad \text{if the unit is on}",
        r"\text{ otherwise}",
        r"\quad \text{without the skip connection}",
        r"\text{ (wrong)}",
        r", \text{ for } z_1 > 0",
    ],
)
def test_a_condition_within_a_formula_is_neither_a_line_nor_passed_over(clause: str) -> None:
    for text in (f"$$z_0 = w_1 {clause}$$", f"$z_0 = w_1 {clause}$"):
        assert said(text) == [Said.CONDITION.value]


def test_a_condition_before_a_formula_within_it_holds_for_it() -> None:
    assert said(r"$$\text{For } z_1 > 0: h_1 = z_1$$") == [Said.CONDITION.value]
    assert said(r"$$\text{if } k = c: \quad p_k = s_k - 1$$") == [Said.CONDITION.value]


@pytest.mark.parametrize(
    "text",
    [
        r"$$z_0 = w_0 x \quad \text{where } w_0 = 0.5$$",
        r"$$z_0 = 0.5 \quad \text{since } z_1 > 0$$",
        r"$$z_0 = 0.5, \quad z_1 = 0.25 > 0, \quad h_1 = 0.25$$",
        r"$$p_k = t_k, \quad k = 1, \dots, K$$",
        r"$$p_k = t_k \quad \text{for all } k$$",
        r"$$h_0 = 0.5 \;(> 0)$$",
        r"$$z_0 = w_0 x, \quad z_1 = w_1 h_0$$",
        r"$$h_0 = \text{ReLU}(z_0)$$",
        r"$$p_k = \sum_{j \neq k} s_j$$",
        r"$$z_0 = x [z_1 > 0]$$",
    ],
)
def test_names_reasons_and_ranges_within_a_formula_are_no_condition(text: str) -> None:
    assert set(said(text)) == {OK}


@pytest.mark.parametrize(
    "text",
    [
        r"h_1 = z_1 \text{ if } z_1 > 0, \text{ else } 0",
        r"h_1 = z_1 \text{ if } z_1 > 0, \quad 0 \text{ otherwise}",
        r"h_1 = z_1 \text{ for } z_1 > 0, \quad 0 \text{ for } z_1 \leq 0",
        r"h_1 = z_1 \quad (z_1 > 0), \quad 0 \quad (z_1 \leq 0)",
    ],
)
def test_two_values_for_opposite_conditions_are_cases(text: str) -> None:
    (line,) = read(f"$${text}$$").lines
    (asked,) = read(
        r"$$h_1 = \begin{cases} z_1 & z_1 > 0 \\ 0 & "
        + ("z_1 \\leq 0" if "leq" in text else r"\text{else}")
        + r"\end{cases}$$"
    ).lines

    assert line.sides[1].tree is not None
    assert line.sides[1].tree == asked.sides[1].tree


@pytest.mark.parametrize(
    "text",
    [
        r"h_1 = z_1 \text{ for } z_1 > 1, \quad 0 \text{ for } z_1 < 0",
        r"h_1 = z_1 \text{ if } z_1 > 0, \quad 0 \text{ if } z_0 < 0",
        r"h_1 = z_1 \text{ if } z_1 > 0, \quad h_1 = 0 \text{ otherwise}",
    ],
)
def test_conditions_that_leave_something_open_are_not_put_together(text: str) -> None:
    assert set(said(f"$${text}$$")) == {Said.CONDITION.value}


STEP = r"$w_0^{new} = w_0 - \lambda \frac{\partial L}{\partial w_0}$"


def test_a_name_with_a_number_before_the_gradient_in_a_step_is_the_rate() -> None:
    asked = read(r"$w_0^{new} = w_0 - \eta \frac{\partial L}{\partial w_0}$").lines[0].sides[1].tree

    for text in (f"{STEP} with $\\lambda = 1$", f"We take $\\lambda = 0.5$. {STEP}"):
        (step,) = [line for line in read(text).lines if len(line.sides[0].source) > len(r"\lambda")]
        assert step.sides[1].tree == asked


@pytest.mark.parametrize(
    "text",
    [
        STEP,
        STEP + r" with $\lambda = z_0$",
        r"$\lambda = 1$ and $w_0^{new} = w_0 - \lambda x$",
        r"$\lambda = 1$ and $w_0^{new} = w_0 - \lambda \frac{\partial L}{\partial w_1}$",
        r"$\lambda = 1$ and $w_0^{new} = w_0 - \eta \lambda \frac{\partial L}{\partial w_0}$",
    ],
)
def test_a_name_without_a_number_or_elsewhere_is_no_rate(text: str) -> None:
    steps = [line for line in read(text).lines if line.sides[0].source.startswith("w_0")]

    notes = [note.text for line in steps for side in line.sides for note in side.notes]
    assert not [text for text in notes if "learning rate" in text]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (r"h_0 = 0.5 \text{ and } z_1 = 0.25", [["h_0", "= 0.5"], ["z_1", "= 0.25"]]),
        (r"z_0 = a x \text{ with } a = w_0", [["z_0", "= a x"], ["a", "= w_0"]]),
        (
            r"z_0 = w_0 x \text{ where } w_0 = 0.5 \text{ and thus } z_0 = 0.5",
            [
                ["z_0", "= w_0 x"],
                ["w_0", "= 0.5"],
                ["z_0", "= 0.5"],
            ],
        ),
    ],
)
def test_words_between_two_equations_part_them(text: str, asked: list[list[str]]) -> None:
    assert sorted(sources(f"$${text}$$")) == sorted(asked)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (r"h_0 = \text{ReLU}(z_0) = 0.5", 3),
        (r"z_0 = w_0 \text{ and } x", 2),
        (r"w_0^{\text{new}} = w_0 = 0.5", 3),
    ],
)
def test_words_that_are_names_or_part_no_equations_part_nothing(text: str, count: int) -> None:
    assert [len(line) for line in sources(f"$${text}$$")] == [count]


def test_all_other_classes_are_what_is_left_of_the_cases() -> None:
    (said_in_words,) = read(
        r"$$p_k = \begin{cases} s_k - 1, & \text{for the true class } k = c \\ s_k, & \text{for all other classes}\end{cases}$$"
    ).lines
    (in_signs,) = read(
        r"$$p_k = \begin{cases} s_k - 1, & k = c \\ s_k, & \text{otherwise}\end{cases}$$"
    ).lines
    (of_another,) = read(
        r"$$p_k = \begin{cases} s_k - 1, & k = c \\ s_k, & \text{for the other network}\end{cases}$$"
    ).lines

    assert said_in_words.sides[1].tree is not None
    assert said_in_words.sides[1].tree == in_signs.sides[1].tree
    assert of_another.sides[1].tree is None


LAYERS = r"w_i \leftarrow w_i - \eta \frac{\partial L}{\partial w_i}"


@pytest.mark.parametrize(
    "text",
    [
        f"For $i = 1, 2$: ${LAYERS}$",
        f"For $i = 1$ and $2$: ${LAYERS}$".replace("$ and $", " and "),
        f"${LAYERS}$ for $i \\in \\{{1, 2\\}}$",
        f"$${LAYERS}, \\quad i \\in \\{{1, 2\\}}$$",
        f"$$\\begin{{align*}} {LAYERS}, & i&\\in\\{{1,2\\}} \\end{{align*}}$$",
    ],
)
def test_a_line_for_several_layers_is_one_for_each(text: str) -> None:
    asked = [
        line.sides for line in read(f"${LAYERS}$ ${LAYERS}$".replace("_i", "_1", 3).replace("_i", "_2")).lines
    ]

    found = [line.sides for line in read(text).lines if line.sides[0].source == "w_i"]
    assert [[side.tree for side in sides] for sides in found] == [
        [side.tree for side in sides] for sides in asked
    ]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        (f"${LAYERS}$", "w_i"),
        (f"${LAYERS}$ for $i = 1, \\dots, 2$", "w_i"),
        (f"${LAYERS}$ for $i = 1, 7$", "w_i"),
        (f"${LAYERS}$ for $j = 1, 2$", "w_i"),
        ("For $k = 1, 2$: $p_k = s_k$", "p_k"),
    ],
)
def test_a_line_without_such_layers_stays_one(text: str, label: str) -> None:
    assert len([line for line in read(text).lines if line.sides[0].source == label]) == 1


PART = r"\left(\frac{\partial L}{\partial h_0}\right)"
GRADIENT = r"$\frac{\partial L}{\partial h_0} = w_s$"


def test_a_part_of_a_gradient_has_a_name_of_its_own_and_the_whole_has_the_gradients() -> None:
    (whole,) = read(GRADIENT).lines
    for word in ("main", "skip"):
        (line,) = read(f"${PART}_{{\\text{{{word}}}}} = w_s$").lines
        assert line.sides[0].tree is not None
        assert line.sides[0].tree != whole.sides[0].tree
    (total,) = read(f"${PART}_{{\\text{{total}}}} = w_s$").lines
    assert total.sides[0].tree == whole.sides[0].tree


def test_a_case_behind_a_bar_is_not_left_out_and_a_point_is() -> None:
    (case,) = read(r"$\frac{\partial L}{\partial s_k}\Big|_{k=c} = p_k - 1$").lines
    (point,) = read(r"$\frac{\partial L}{\partial h_0}\Big|_{x=1} = w_s$").lines

    assert case.sides[0].tree is None
    assert point.sides[0].tree == read(GRADIENT).lines[0].sides[0].tree

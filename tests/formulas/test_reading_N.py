"""Notation of packages, of other languages and of other books is read; what only looks like it is not."""

from __future__ import annotations

import pytest
from evaluate_points import skip_point, vector_point
from formula_names import parsed, read, tree

from grader.formulas.tokens import NoteKind
from grader.formulas.tree import (
    Absolute,
    Call,
    Cases,
    Derivative,
    Index,
    Indicator,
    Norm,
    Number,
    Ones,
    Symbol,
    Unknown,
    walk,
)
from grader.formulas.values.evaluate import UnevaluableError

L, X, Y_HAT = (Symbol(name=one) for one in ("L", "x", "y_hat"))
DL_DY_HAT = Derivative(of=L, by=Y_HAT)


def is_unread(tex: str) -> bool:
    """Whether a side has no tree, or one with a name that nobody knows."""
    found = parsed(tex).tree
    return found is None or any(isinstance(node, Unknown) for node in walk(found))


@pytest.mark.parametrize(
    "tex",
    [
        r"\pdv*{L}{\hat y}",
        r"\diffp{L}{\hat{y}}",
        r"\diff{L}{\hat y}",
        r"\partialderivative{L}{\hat{y}}",
        r"\derivative{L}{\hat y}",
        r"\frac { \partial {L} } { \partial {\hat{y}} }",
        r"\frac{\partial L}{\partial {\hat y}}",
    ],
)
def test_a_derivative_in_the_commands_of_packages_is_read(tex: str) -> None:
    assert tree(tex) == DL_DY_HAT


@pytest.mark.parametrize("tex", [r"\pdv[2]{L}{z_0}", r"\pdv{L}{z_0}{z_1}", r"\diffp[2]{L}{z_0}"])
def test_a_second_derivative_in_them_is_not(tex: str) -> None:
    assert parsed(tex).tree is None


def test_bars_by_a_command_are_bars() -> None:
    assert tree(r"\abs{x}") == tree(r"\abs*{x}") == Absolute(operand=X)
    assert tree(r"\norm{x}") == Norm(operand=X)


def test_bars_by_a_command_take_their_argument_alone() -> None:
    assert tree(r"\abs{x} z_0") == tree(r"|x| z_0")
    assert tree(r"2\abs{x - z_0}") == tree(r"2|x - z_0|")


def test_double_brackets_are_those_of_iverson() -> None:
    found = tree(r"\llbracket z_1 > 0 \rrbracket")
    assert found == tree("[z_1 > 0]")
    assert isinstance(found, Indicator)


@pytest.mark.parametrize("word", [r"\operatorname{heaviside}", r"\mathrm{Heaviside}"])
def test_the_function_of_heaviside_is_the_step(word: str) -> None:
    assert tree(rf"{word}(z_1)") == Call(function="step", arguments=(Symbol(name="z1"),))


@pytest.mark.parametrize("word", ["sig", "Hea", "act"])
def test_a_word_that_could_be_several_functions_is_none(word: str) -> None:
    assert is_unread(rf"\text{{{word}}}(z_1)")


def test_the_logarithm_of_a_sum_of_exponentials_is_one_number() -> None:
    point = vector_point()
    assert float(point.value(r"\mathrm{logsumexp}(z_2)")) == pytest.approx(
        float(point.value(r"\log \sum_k e^{z_{2,k}}")), rel=1e-12
    )


def test_a_circled_slash_divides_entry_by_entry() -> None:
    point = vector_point()
    assert point.value(r"-y \oslash \hat y") == pytest.approx(point.value(r"-\frac{y}{\hat y}"))


@pytest.mark.parametrize(
    "words", ["en otro caso", "de lo contrario", "si no", "dans le cas contraire", "en caso contrario"]
)
def test_what_is_left_of_the_cases_is_said_in_other_languages(words: str) -> None:
    found = tree(rf"\begin{{cases}} 1 & \text{{si }} z_0 > 0 \\ 0 & \text{{{words}}} \end{{cases}}")
    assert isinstance(found, Cases)
    assert found.branches[1].condition is None


@pytest.mark.parametrize("words", ["en el primer caso", "si no es positivo", "en otro problema"])
def test_other_words_beside_a_case_are_not_taken_for_the_rest(words: str) -> None:
    assert (
        parsed(rf"\begin{{cases}} 1 & \text{{si }} z_0 > 0 \\ 0 & \text{{{words}}} \end{{cases}}").tree
        is None
    )


@pytest.mark.parametrize(
    "label",
    [
        r"w_0^{\text{updated}}",
        r"w_0^{\text{upd}}",
        r"w_0^{nouveau}",
        r"w_0^{nuevo}",
        r"w_{0,\text{after}}",
        r"w_{0}^{(\text{new})}",
        r"w_{0,\mathrm{next}}",
    ],
)
def test_labels_for_after_the_step_come_in_other_words(label: str) -> None:
    assert tree(label) == Symbol(name="w0", updated=True)


def test_labels_for_before_the_step_do_not_mean_after_it() -> None:
    assert tree(r"w_0^{\text{before}}") == tree(r"w_{0,\text{old}}") == Symbol(name="w0")


@pytest.mark.parametrize("label", [r"w_0^{\text{best}}", r"w_{0,\text{star}}", r"z_0^{\text{updated}}"])
def test_other_labels_are_no_value_after_the_step(label: str) -> None:
    found = parsed(label).tree
    assert found is None or not any(isinstance(node, Symbol) and node.updated for node in walk(found))


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        (r"{\partial L \over \partial \hat y}", DL_DY_HAT),
        (r"{ \partial L \over \partial {\hat{y}} }", DL_DY_HAT),
        (r"{x \over 2} z_0", tree(r"\frac{x}{2} z_0")),
        (r"\sqrt{x \over 2}", tree(r"\sqrt{\frac{x}{2}}")),
        (r"{{1 \over 2} \over x}", tree(r"\frac{\frac{1}{2}}{x}")),
    ],
)
def test_a_fraction_in_plain_tex_is_one(tex: str, expected: object) -> None:
    assert tree(tex) == expected


@pytest.mark.parametrize("tex", [r"{1 \over 2 \over 3}", r"1 \over 2"])
def test_a_bar_of_which_the_halves_are_not_clear_is_not_read(tex: str) -> None:
    assert parsed(tex).tree is None


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"7.5\mathrm{e}{-1}", "7.5e-1"),
        (r"7.5\mathrm{e-1}", "7.5e-1"),
        (r"2.5\text{e-1}", "2.5e-1"),
        (r"5\mathrm{E}{-01}", "5e-01"),
        (r"5\mathrm{e}{+2}", "5e+2"),
        (r"2.5e-1", "2.5e-1"),
    ],
)
def test_a_power_of_ten_in_upright_letters_belongs_to_its_number(tex: str, text: str) -> None:
    assert tree(tex) == Number(text=text)


@pytest.mark.parametrize("tex", [r"5 e - 1", r"5\mathrm{e} - 1", r"x\text{e-1}", r"5\mathrm{e}x"])
def test_a_letter_e_beside_anything_else_is_no_power_of_ten(tex: str) -> None:
    assert is_unread(tex)


@pytest.mark.parametrize("tex", ["e", r"e^T", r"\mathrm{e} h_0", r"2 e", r"\mathbf{e}", "e_k"])
def test_a_letter_e_to_which_nothing_is_raised_is_no_number(tex: str) -> None:
    assert is_unread(tex)


@pytest.mark.parametrize("tex", [r"e^{x}", r"\frac{e^{x}}{e + e^{x}}", r"e^2", r"\log_e x", r"e^{-1}"])
def test_eulers_number_is_read_where_something_is_raised_to_it(tex: str) -> None:
    assert not is_unread(tex)


def test_a_power_of_e_is_that_of_the_number_or_of_the_students_own_name() -> None:
    point = skip_point()
    assert float(point.value("e^2")) == pytest.approx(7.38905609893065)
    own = point.definitions({"e": ("3", (), ())})
    assert float(point.value("e^2", definitions=own)) == 9.0
    assert float(point.value("e x", definitions=own)) == pytest.approx(3.9)


@pytest.mark.parametrize(
    ("tex", "plain"),
    [
        (r"\left|x - \left|y\right|\right|", "abs(x - abs(y))"),
        (r"\left|x \left|y\right|\right| + z_1", "abs(x * abs(y)) + z_1"),
        (r"\bigl|x \bigl|y\bigr|\bigr|", "abs(x * abs(y))"),
        (r"\lvert x \lvert y \rvert\rvert", "abs(x * abs(y))"),
        (r"\left|x\right| \left|y\right|", "abs(x) * abs(y)"),
        (r"\left|[-y] \left|\hat y\right|\right| + z_1", r"abs((-y) * abs(\hat y)) + z_1"),
    ],
)
def test_bars_that_say_so_open_and_close(tex: str, plain: str) -> None:
    found, expected = (skip_point().value(one) for one in (tex, plain.replace("abs", r"\operatorname{abs}")))
    assert float(found) == pytest.approx(float(expected))


@pytest.mark.parametrize(
    ("tex", "same"), [(r"|x|\,|y|", r"\left|x\right|\left|y\right|"), ("|x||y|", "|x| |y|")]
)
def test_plain_bars_close_where_one_is_open(tex: str, same: str) -> None:
    assert tree(tex) == tree(same)


@pytest.mark.parametrize(
    "tex",
    [
        r"\mathbb{1}_{\mathbb{R}^+}(z_1)",
        r"\mathbb{1}_{\mathbb{R}_{>0}}(z_1)",
        r"\mathbf{1}_{(0,\infty)}(z_1)",
        r"\chi_{(0,\infty)}(z_1)",
        r"\chi_{(0, +\infty)}(z_1)",
        r"I_{]0,\infty[}(z_1)",
        r"\mathbb{1}_{>0}(z_1)",
        r"\mathbb{1}[\text{if } z_1 > 0]",
        r"\mathbb{1}(\text{when } z_1 > 0)",
    ],
)
def test_an_indicator_of_a_set_or_with_words_is_one_of_its_condition(tex: str) -> None:
    assert tree(tex) == tree(r"\mathbb{1}[z_1 > 0]")


@pytest.mark.parametrize(
    "tex",
    [
        r"\mathbb{1}_{\mathbb{Q}}(z_1)",
        r"\mathbb{1}_{[-1,1]}(z_1)",
        r"\mathbb{1}_{A}(z_1)",
        r"\chi_{A}(z_1)",
        r"\mathbb{1}[\text{not } z_1 > 0]",
        r"\mathbb{1}_{\mathbb{R}^-}(z_1)",
    ],
)
def test_an_indicator_of_another_set_is_not_read(tex: str) -> None:
    found = parsed(tex).tree
    assert found is None or any(isinstance(node, Unknown | Ones) for node in walk(found))


def test_a_set_that_holds_zero_holds_it_in_its_indicator() -> None:
    assert tree(r"\mathbb{1}_{[0,\infty)}(z_1)") == tree(r"\mathbb{1}[z_1 \ge 0]")


def test_a_dot_above_a_function_is_its_derivative() -> None:
    found = parsed(r"\dot{\mathrm{ReLU}}(z_1)")
    assert found.tree == Call(function="relu", arguments=(Symbol(name="z1"),), primes=1)
    assert [note.kind for note in found.notes] == [NoteKind.READING]


def test_a_dot_above_a_name_is_not() -> None:
    assert is_unread(r"\dot{q}(z_1)")


def test_an_index_with_a_prime_counts_apart() -> None:
    point = vector_point()
    found = point.value(r"\frac{\exp\{z_k^{(2)}\}}{\sum_{k'}\exp\{z_{k'}^{(2)}\}}")
    assert found.ravel() == pytest.approx(point.value(r"\hat y").ravel())
    assert tree(r"\sum_{k'=1}^{4} s_{k'}") == tree(r"\sum_{k^\prime=1}^{4} s_{k^{\prime}}")


def test_a_prime_at_a_name_or_in_the_index_of_a_weight_stays_what_it_was() -> None:
    assert tree(r"\omega_{s'}") == Symbol(name="ws", updated=True)
    assert tree("s'_k") == Symbol(name="s", index=(Index(name="k"),), primes=1)


@pytest.mark.parametrize("tex", [r"\hat y - y \in \mathbb{R}^K", r"\hat y - y \in \mathbb{R}^{K \times 1}"])
def test_the_set_that_a_value_is_in_is_left_out(tex: str) -> None:
    found = parsed(tex)
    assert found.tree == tree(r"\hat y - y")
    assert [note.kind for note in found.notes] == [NoteKind.READING]


@pytest.mark.parametrize("tex", [r"x \in \{1, 2\}", r"x \in A", r"(x \in \mathbb{R}) z_0", r"\in \mathbb{R}"])
def test_other_memberships_are_not(tex: str) -> None:
    assert parsed(tex).tree is None


@pytest.mark.parametrize("tex", ["g(x + z_0)", r"\sigma(x + z_0)", "g (z_1)"])
def test_brackets_behind_a_number_of_the_students_own_are_a_factor(tex: str) -> None:
    point = skip_point()
    own = point.definitions({"g": (r"-2 \hat y", (), ()), "sigma": (r"-2 \hat y", (), ())})
    expected = point.value(r"-2 \hat y \cdot z_1" if "z_1" in tex else r"-2 \hat y \cdot (x + z_0)")
    assert float(point.value(tex, definitions=own)) == pytest.approx(float(expected))


@pytest.mark.parametrize("tex", [r"g(\hat y)", r"g(\hat y, y)", r"g(\theta)"])
def test_what_it_is_made_of_is_no_factor(tex: str) -> None:
    point = skip_point()
    own = point.definitions({"g": (r"-2 (\hat y - y)", (), ())})
    found = point.evaluated(tex, definitions=own)
    assert float(found.value) == pytest.approx(float(point.value(r"-2 (\hat y - y)")))
    assert found.notes == ("`g` is defined without arguments; they are left out.",)


def test_two_values_that_it_is_not_made_of_are_not_understood() -> None:
    point = skip_point()
    own = point.definitions({"g": (r"-2 \hat y", (), ())})
    with pytest.raises(UnevaluableError):
        point.value("g(x + 1, z_0)", definitions=own)


@pytest.mark.parametrize("at", [{"w1": 0.7}, {"w1": -0.7}])
def test_a_function_of_the_students_own_is_derived_by_its_prime(at: dict[str, float]) -> None:
    point = skip_point(at)
    own = point.definitions({"f": (r"\max(a, 0)", (), ("a",)), "phi": ("ReLU", (), ())})
    step = float(point.value("u(z_1)"))
    assert float(point.value("f'(z_1)", definitions=own)) == pytest.approx(step)
    assert float(point.value(r"\varphi'(z_1)", definitions=own)) == step
    assert float(point.value(r"\varphi(z_1)", definitions=own)) == float(point.value("ReLU(z_1)"))


@pytest.mark.parametrize("tex", ["q'(z_1)", "f''(z_1)", "f'(x, z_1)"])
def test_a_prime_at_what_cannot_be_derived_is_not_understood(tex: str) -> None:
    point = skip_point()
    own = point.definitions({"f": (r"a^2", (), ("a",))})
    with pytest.raises(UnevaluableError):
        point.value(tex, definitions=own)


@pytest.mark.parametrize("w0", [0.5, -0.5])
@pytest.mark.parametrize(
    "tex",
    [
        r"\frac{d}{dz_1}\mathrm{ReLU}(z_1)",
        r"\frac{d\,\mathrm{ReLU}(z_1)}{d z_1}",
        r"\frac{d ReLU(z_1)}{dz_1}",
    ],
)
def test_a_function_is_derived_by_its_rule_at_a_kink_too(tex: str, w0: float) -> None:
    point = skip_point({"w0": w0})
    assert float(point.value(tex)) == float(point.value("u(z_1)")) == (w0 > 0)


def test_a_function_of_a_vector_is_derived_entry_by_entry() -> None:
    point = vector_point()
    right = point.value(r"\frac{d \sigma(z_1)}{d z_1} \frac{\partial L}{\partial h}")
    assert right == pytest.approx(point.value(r"\frac{\partial L}{\partial z_1}"))


def test_the_rule_of_a_function_is_not_taken_where_more_than_a_name_stands_in_it() -> None:
    point = skip_point()
    found = point.value(r"\frac{d}{d w_1} \mathrm{ReLU}(w_1 h_0)")
    assert float(found) == pytest.approx(float(point.value("h_0")))


def test_the_larger_of_nought_and_a_name_is_derived_by_the_same_rule() -> None:
    point = skip_point({"w0": -0.5})
    assert float(point.value(r"\frac{d}{dz_1} \max(z_1, 0)")) == 0.0
    own = point.definitions({"f": (r"\max(0, a)", (), ("a",))})
    assert float(point.value("f'(z_1)", definitions=own)) == 0.0


def test_signs_that_are_drawn_together_are_one() -> None:
    (line,) = read(r"$w_0 \,-\!=\, \alpha x$").lines
    assert line.sides[0].tree == Symbol(name="w0", updated=True)
    assert line.sides[1].tree == tree(r"w_0 - (\alpha x)")

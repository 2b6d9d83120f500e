"""Notation of packages, of other languages and of other books is read; what only looks like it is not."""

from __future__ import annotations

import pytest
from evaluate_points import vector_point
from formula_names import parsed, tree

from grader.formulas.tree import (
    Absolute,
    Call,
    Cases,
    Derivative,
    Indicator,
    Norm,
    Symbol,
    Unknown,
    walk,
)

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

"""Numbers worked out by hand: rounding on the way is no mistake, a wrong digit in the second place is one."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from corpus import ASSIGNMENTS
from numbers_by_hand import (
    Network,
    Rounding,
    bare,
    each_alone,
    in_chains,
    network,
    rounded,
    second_digit_wrong,
    with_steps,
    worked_out,
)
from paper import SKIP, findings, graded, marks, not_correct, points, question, verdicts
from skip_sheet import EACH_NUMBER, EXPLICIT, NUMBERS, but, d, displays, sheet

from grader.assignment_file import load
from grader.model import Grade, Status
from grader.session import Session, session

FEW, MANY = range(10), range(10, 70)
"""Seeds of networks: those of every run, and two hundred more."""
SEEDS = [*FEW, *(pytest.param(seed, marks=pytest.mark.slow) for seed in MANY)]


def task_with(net: Network, folder: Path) -> Session:
    """Return the task on the skip network with other numbers printed in it."""
    text = (ASSIGNMENTS / SKIP / "assignment.toml").read_text(encoding="utf-8")
    (folder / "assignment.toml").write_text(text.split("[cases.worked]")[0] + net.toml, encoding="utf-8")
    return session(load(str(folder)), "numbers")


def handed_in(lines: Mapping[str, str], task: Session) -> Grade:
    return graded(f"# Pen and paper\n\n## 3)\n\n{displays(lines)}\n", under=task)


def written(net: Network, generator: random.Random) -> list[tuple[str, dict[str, str]]]:
    """Write a network out in four ways: rounded in chains or each alone, to 3 or 4 digits, bare or with the steps."""
    ways: list[tuple[str, Callable[[Network, Rounding], dict[str, str]]]] = [
        ("in chains", in_chains),
        ("each alone", each_alone),
    ]
    found = []
    for name, way in ways:
        for digits in (3, 4):
            zeros = generator.random() < 0.5
            numbers = way(net, rounded(digits, zeros=zeros))
            has_steps = generator.random() < 0.5
            lines = with_steps(net, numbers) if has_steps else bare(numbers)
            found.append((f"{name}, {digits} digits, {zeros=}, {has_steps=}", lines))
    return found


def test_the_network_worked_out_here_is_the_one_of_the_task() -> None:
    """At the numbers of the task, whose results were worked out by hand."""
    net = Network(x=1.0, y=-3.0, w0=0.5, w1=0.5, w2=0.5, ws=0.5, lr=1.0)
    found = worked_out(net, float)

    assert found["z2"] == 0.375
    assert found["dL/dw0"] == 0.75
    assert found["w0_new"] == -0.25
    assert bare(each_alone(net, rounded(4, zeros=False))).keys() == NUMBERS.keys()


def test_numbers_are_rounded_as_by_hand() -> None:
    write = rounded(3, zeros=True)
    assert [write(value) for value in (0.0123451, -2.675, 0.9996, 0.0)] == ["0.0123", "-2.68", "1.00", "0"]
    assert rounded(3, zeros=False)(0.49996) == "0.5"


@pytest.mark.parametrize("seed", SEEDS)
def test_rounding_over_several_steps_is_no_mistake(seed: int, tmp_path: Path) -> None:
    generator = random.Random(seed)
    net = network(generator)
    task = task_with(net, tmp_path)

    for way, lines in written(net, generator):
        result = handed_in(lines, task)
        assert not_correct(result, "numbers") == {}, (way, net)
        assert points(result)["numbers"] == 2.0
        assert findings(result) == []
        assert result.first_mistake is None


@pytest.mark.parametrize("seed", SEEDS)
def test_a_wrong_digit_in_the_second_place_is_found(seed: int, tmp_path: Path) -> None:
    """The first unit is on: else the second one stands on its kink, where any gradient behind it will do."""
    generator = random.Random(1_000 + seed)
    net = next(net for _ in range(100) if (net := network(generator)).w0 * net.x > 0)
    task = task_with(net, tmp_path)
    numbers = each_alone(net, rounded(generator.choice([3, 4]), zeros=True))
    name = generator.choice([name for name, number in numbers.items() if len(number.strip("-0.")) > 1])
    wrong = {**numbers, name: second_digit_wrong(numbers[name], generator)}

    result = handed_in(bare(wrong), task)

    assert verdicts(result, "numbers")[name] == "wrong", (name, numbers[name], wrong[name], net)
    assert points(result)["numbers"] == pytest.approx(2.0 - EACH_NUMBER)


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("1", "wrong"),
        ("0.7", "wrong"),
        ("0.8", "wrong"),
        ("0.76", "wrong"),
        ("0.74", "wrong"),
        ("-0.75", "wrong"),
        ("7.5", "wrong"),
        ("0.750", "correct"),
        ("3/4", "correct"),
        (r"\frac{3}{4}", "correct"),
        ("0.7500", "correct"),
        (r"7.5 \cdot 10^{-1}", "correct"),
    ],
)
def test_a_number_is_right_where_it_is_the_same_but_for_its_last_place(line: str, verdict: str) -> None:
    """dL/dh0 is 0.75 exactly, a number that nobody needs to round."""
    lines = but(NUMBERS, dh0=f"{d('h_0')} = {line}")
    result = graded(sheet(EXPLICIT, lines))

    assert verdicts(result, "numbers")["dL/dh0"] == verdict


def test_a_wrong_number_behind_a_right_formula_is_miscalculated_and_what_is_computed_from_it_follows() -> (
    None
):
    """The formula is right; 0.85 for 0.75 goes on to dL/dz0, dL/dw0 and w0_new."""
    lines = but(
        NUMBERS,
        dh0=rf"{d('h_0')} = -sign(y - \hat{{y}}) (\omega_2 u(z_1) \omega_1 + \omega_s) = 0.85",
        dz0=f"{d('z_0')} = 0.85",
        dw0=d(r"\omega_0") + " = 0.85",
        w0_new=r"\omega_0' = -0.35",
    )
    result = graded(sheet(EXPLICIT, lines))

    assert findings(result) == [("numbers", "miscalculated", "dL/dh0")]
    assert not_correct(result, "numbers") == {
        "dL/dh0": "wrong",
        "dL/dz0": "follows",
        "dL/dw0": "follows",
        "w0_new": "follows",
    }
    assert points(result)["numbers"] == pytest.approx(2.0 - EACH_NUMBER)


@pytest.mark.parametrize(
    ("line", "slip"),
    [
        (r"z_2 = \frac14 + \frac18 = \frac12", "miscalculated"),
        (r"z_2 = 0.5 \cdot 0.5 + 0.5 \cdot 0.25 = 0.5", "miscalculated"),
        (r"z_2 = 0.25 + 0.125 = -0.375", "sign-flipped"),
        (r"z_2 = 0.25 + 0.25 = 0.5", "factor-missing"),
    ],
)
def test_no_slip_is_named_where_the_step_to_a_wrong_number_is_written_and_right(line: str, slip: str) -> None:
    """0.5 is also what comes out without the factor w_2, but who writes 1/8 has not left it out."""
    result = graded(sheet(EXPLICIT, but(NUMBERS, z2=line, y_hat=r"\hat y = z_2", L="L = 3.375")))

    assert [one for one in findings(result) if one[2] == "z2"] == [("numbers", slip, "z2")]


@pytest.mark.parametrize(
    "step",
    [
        "",
        r"0.5 \cdot 0.5 = ",
        r"\frac{\partial L}{\partial z_1} \omega_1 + \frac{\partial L}{\partial z_2} \omega_s = ",
    ],
)
def test_a_number_that_two_slips_give_is_that_of_the_path_left_out(step: str) -> None:
    """dL/dh0 is 0.5 + 0.25; 0.25 is the path over h1 alone, and 0.5 - 0.25 besides, which nobody has written."""
    lines = but(
        NUMBERS, dh0=f"{d('h_0')} = {step}0.25", dz0=f"{d('z_0')} = 0.25", dw0=d(r"\omega_0") + " = 0.25"
    )
    result = graded(sheet(EXPLICIT, lines | {"w0_new": r"\omega_0' = 0.25"}))

    assert findings(result) == [("numbers", "path-dropped", "dL/dh0")]


def test_a_wrong_step_to_a_right_number_is_wrong() -> None:
    """0.5 times 0.5 is not what z_1 is made of where 0.5 plus 0.5 is written."""
    result = graded(sheet(EXPLICIT, but(NUMBERS, z1=r"z_1 = 0.5 + 0.5 = 0.25")))

    assert verdicts(result, "numbers")["z1"] == "wrong"


def test_a_formula_without_a_number_does_not_answer_where_numbers_are_asked() -> None:
    result = graded(sheet(EXPLICIT, but(NUMBERS, z1=r"z_1 = \omega_1 h_0")))

    assert not_correct(result, "numbers").keys() == {"z1"}
    assert marks(result, "numbers")["z1"][0] in ("missing", "undecided")
    assert points(result)["numbers"] == pytest.approx(2.0 - EACH_NUMBER)


def test_numbers_do_not_answer_where_formulas_are_asked() -> None:
    """They are right for one network; the formula for all of them is asked."""
    result = graded(sheet(but(EXPLICIT, z1="z_1 = 0.25"), NUMBERS))

    assert set(not_correct(result, "derivation")) == {"z1"}
    assert question(result, "derivation").status is Status.GRADED

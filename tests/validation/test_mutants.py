"""Mutants are made of the text alone: which there are, where they are, and what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence

from copies import SMALL

from grader.assignment_file import load
from grader.model import Source
from grader.mutants import Mutant, mutants_of, sampled
from grader.sandbox import Runner
from grader.session import session
from grader.validation.bench import Stock
from grader.validation.ground import SECRET
from grader.validation.mutant_table import Survivor, enough_cases, proof_of, weak
from grader.validation.mutation import Fate, Measure, fate_of
from grader.validation.places import first_places
from grader.validation.proof import Outcome


def made(text: str) -> list[Mutant]:
    return list(mutants_of([Source(name="work.py", cells=(text,))]))


def changes(body: str, arguments: str = "a, b") -> set[tuple[str, str, str]]:
    """Return kind, before and after of the mutants of a function's body."""
    return {(one.kind, one.before, one.after) for one in made(f"def f({arguments}):\n    {body}\n")}


def test_an_operator_is_exchanged_its_operands_exchanged_and_each_dropped() -> None:
    assert {change for change in changes("return a - b") if change[1] == "a - b"} == {
        ("operator", "a - b", "a + b"),
        ("operator", "a - b", "b - a"),
        ("operand", "a - b", "a"),
        ("operand", "a - b", "b"),
    }


def test_a_variable_stands_for_another_one_of_the_function_and_a_key_for_another_key() -> None:
    found = changes("return a['x'] * a['y']")
    assert ("variable", "a", "b") in found
    assert ("variable", "a['x']", "a['y']") in found
    assert ("variable", "a['y']", "a['x']") in found


def test_constants_comparisons_and_signs_are_exchanged() -> None:
    found = changes("return -a if b > 1 else 0.5")
    assert {("operator", "-a", "a"), ("operator", "b > 1", "b >= 1"), ("operator", "b > 1", "b < 1")} <= found
    assert {("constant", "1", "2"), ("constant", "1", "0"), ("constant", "0.5", "1.0")} <= found


def test_calls_keywords_and_transposes_are_dropped() -> None:
    found = changes("return np.sum(a.T, axis=0)")
    assert ("operand", "a.T", "a") in found
    assert ("operand", "np.sum(a.T, axis=0)", "np.sum(a.T)") in found


def test_a_line_is_dropped_and_what_is_no_line_of_work_is_not() -> None:
    text = 'def f(a):\n    """Say what it does."""\n    a += 1\n    raise ValueError(a)\n'
    assert [(one.kind, one.before, one.line) for one in made(text) if one.kind == "line"] == [
        ("line", "a += 1", 3)
    ]
    assert not any("Say" in one.before or one.line == 4 for one in made(text))


def test_a_mutant_differs_in_one_place_and_is_named_after_it() -> None:
    text = "class Layer:\n    def back(self, g):\n        return g * self.W\n"
    [mutant] = [one for one in made(text) if one.after == "g"]

    assert mutant.text == "work.py, line 3, Layer.back: g * self.W -> g"
    assert mutant.sources[0].cells == ("class Layer:\n    def back(self, g):\n        return (g)\n",)


def test_letters_outside_of_ascii_do_not_shift_the_place_of_a_change() -> None:
    text = "def f(a, b):\n    ä = a  # Übung\n    return ä + b\n"
    [mutant] = [one for one in made(text) if one.after == "ä - b"]
    assert mutant.sources[0].cells == ("def f(a, b):\n    ä = a  # Übung\n    return (ä - b)\n",)


def test_every_mutant_of_a_shipped_solution_is_python_and_no_two_are_the_same() -> None:
    stock = Stock(assignment=load("skip_network"), most_mutants=10_000)
    texts = [mutant.sources[0].cells[0] for mutant in stock.every_mutant]
    for text in texts[::7]:
        compile(text, "mutant", "exec")
    assert len(set(texts)) == len(texts) > 400


def test_a_sample_is_spread_over_the_whole_and_always_the_same() -> None:
    mutants = made("def f(a, b):\n    c = a + b\n    d = a * c\n    return c - d\n")
    few = sampled(mutants, 5)
    assert few == sampled(mutants, 5)
    assert len(few) == 5
    assert {few[0].line, few[-1].line} == {2, 4}
    assert sampled(mutants, len(mutants)) == tuple(mutants)


# --------------------------------------------------------------------------------------------------------------
# What becomes of them


def fate(assignment_name: str, before: str, after: str) -> Fate:
    """Run the solution of an assignment with one text exchanged for another."""
    stock = Stock(assignment=load(assignment_name), most_mutants=1)
    assert stock.solution is not None
    text = stock.solution.sources[0].cells[0]
    assert text.count(before) == 1
    mutant = Mutant(
        file="solution.py",
        line=1,
        function="f",
        kind="operator",
        before=before,
        after=after,
        sources=(Source(name="solution.py", cells=(text.replace(before, after),)),),
    )
    with Runner() as runner:
        measure = Measure(
            session=stock.units_session(SECRET, 0),
            own={},
            experiments=stock.experiments,
            grid=stock.grid,
            grid_calls=stock.grid_calls,
            run=runner.run,
            isolation=runner.isolation.level.value,
        )
        return fate_of(0, mutant, stock.solution, measure)


def test_a_mutant_that_changes_a_gradient_is_refused_and_found_at_the_gradient() -> None:
    found = fate("skip_network", 'd_z1 = d_h1 * (node["z1"] > 0)', "d_z1 = d_h1")
    assert found.changes
    assert not found.accepted
    assert not found.stops
    assert found.placed
    assert (found.wrong, found.found) == ("dL/dz1", "dL/dz1")
    assert 0.1 < found.share < 0.9, "it shows where z1 is negative"
    assert "w1 = " in found.killer


def test_a_mutant_that_is_equal_away_from_kinks_changes_nothing_and_keeps_all_points() -> None:
    found = fate("skip_network", 'd_z1 = d_h1 * (node["z1"] > 0)', 'd_z1 = d_h1 * (node["z1"] >= 0)')
    assert not found.changes
    assert not found.stops
    assert found.accepted


def test_a_mutant_that_raises_only_stops() -> None:
    found = fate(SMALL, "return (softmax(s) - t) / len(s)", "return (softmax(s) - t) / len(len(s))")
    assert found.stops
    assert not found.changes
    assert not found.accepted


def test_a_mutant_of_training_is_told_by_the_curve_of_an_experiment() -> None:
    stock = Stock(assignment=load("mlp_lab"), most_mutants=100_000)
    place = next(
        i for i, one in enumerate(stock.mutants) if one.function == "train" and one.before == "-rate"
    )
    assert stock.solution is not None
    with Runner() as runner:
        measure = Measure(
            session=stock.units_session(SECRET, 0),
            own={},
            experiments=stock.experiments,
            grid=stock.grid,
            grid_calls=stock.grid_calls,
            run=runner.run,
            isolation="",
        )
        found = fate_of(place, stock.mutants[place], stock.solution, measure)
    assert found.changes
    assert not found.accepted
    assert found.found == found.wrong == "batches.losses"


def test_the_place_of_a_mistake_is_the_first_quantity_or_what_nobody_asks_for_before_it() -> None:
    unit = load("skip_network").units[0]
    assert first_places(unit, {"dL/dz1", "dL/dw1", "dL/dw0"}) == {"dL/dz1"}
    lab = next(unit for unit in load("mlp_lab").units if unit.name == "network")
    asked = first_places(lab, {"dL/dW1"})
    assert "network.dL/dW1" in asked
    assert "network.dL/dA1" in asked, "the gradient by the layer's output is not asked for"
    assert first_places(unit, set()) == frozenset()


# --------------------------------------------------------------------------------------------------------------
# The row


def fates(*changes: bool, accepted: bool = False, placed: bool = True) -> list[Fate]:
    return [
        Fate(
            number=i,
            changes=one,
            stops=False,
            accepted=accepted,
            placed=placed,
            share=0.2,
            wrong="z0",
            found="z1",
        )
        for i, one in enumerate(changes)
    ]


def test_the_row_counts_what_is_refused_placed_and_equal() -> None:
    mutants = made("def f(a, b):\n    return a + b\n")[:4]
    proof = proof_of(mutants, 9, fates(True, True, True, False), [])
    assert proof.outcome is Outcome.HOLDS
    assert proof.found.startswith(
        "4 of 9, evenly spread: 3 change a number, 0 only stop, the others are equal"
    )
    assert "not accepted 3 of 3 (100.0 %), first mistake at the place 3 of 3 (100.0 %)" in proof.found


def test_a_survivor_fails_the_row_with_its_inputs_and_the_number_of_cases_that_show_it() -> None:
    mutants = made("def f(a, b):\n    return a + b\n")[:2]
    survivor = Survivor(text=mutants[0].text, killer="x = 2.0", drawn=8)
    proof = proof_of(mutants, 2, fates(True, True), [survivor])
    assert proof.outcome is Outcome.FAILS
    assert proof.details[0].endswith("8 drawn cases show it; it shows at x = 2.0")
    assert "`drawn = 8`" in proof.remedy
    hidden = proof_of(mutants, 2, fates(True, True), [Survivor(text="m", killer="x = 2.0", drawn=None)])
    assert "[[cases.edge]]" in hidden.remedy


def test_too_many_first_mistakes_elsewhere_fail_the_row() -> None:
    mutants = made("def f(a, b):\n    return a + b\n")[:2]
    proof = proof_of(mutants, 2, fates(True, True, placed=False), [])
    assert proof.outcome is Outcome.FAILS
    assert proof.details[0].endswith("z1, not z0")


def test_cases_are_added_two_by_two_up_to_16_until_a_mutant_is_shown() -> None:
    asked: list[int] = []

    def survive(numbers: Sequence[int], count: int) -> list[int]:
        asked.append(count)
        return [number for number in numbers if number == 7 and count < 10]

    assert enough_cases([3, 7], 6, survive) == {3: 8, 7: 10}
    assert asked == [8, 10]
    assert enough_cases([7], 6, lambda numbers, count: [7]) == {}


def test_mutants_that_show_on_few_inputs_are_tried_on_the_cases_of_other_classes() -> None:
    assert weak([Fate(number=2, changes=True, stops=False, accepted=False, share=0.1)]) == [2]
    assert weak([Fate(number=3, changes=True, stops=False, accepted=False, share=0.9)]) == []


def test_a_mask_on_a_value_that_is_zero_with_it_is_refused_on_every_secret() -> None:
    """It was accepted on some: where z0 is negative y_hat is 0, and neither is above 0."""
    unit = load("skip_network").units[0]
    for number in range(6):
        table = session(load("skip_network"), f"secret {number}").tables[0]
        shown = False
        for reference in table.cases:
            run, back = reference.forward, reference.backward
            z0, y_hat = (float(unit.graph.value(run, name)) for name in ("z0", "y_hat"))
            shown |= (z0 > 0) != (y_hat > 0) and float(unit.graph.gradient(back, "h0")) != 0.0
        assert shown

"""`grader validate` finds each fault that is planted into a copy of a shipped assignment, and none where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from copies import SMALL, copy_of, exchange, failing, ground_of, validated
from installed import call

from grader.assignment_file import read
from grader.handout import hand_out
from grader.markers import without_solution
from grader.secret import PRACTICE, generator
from grader.session import session
from grader.validation import by_autograd, corpus, coverage, leaks, numeric, points, tolerance
from grader.validation.both_ends import hand_out_proof, solution_proof
from grader.validation.ground import SECRET
from grader.validation.proof import Outcome

ROWS = {
    *("solution", "hand-out", "leaks", "points", "cases", "gradients", "autograd", "tolerance"),
    *("numerical", "slips", "slips apart", "mutants", "corpus", "texts"),
}


def test_a_sound_assignment_has_a_row_for_each_proof_and_exit_code_0(tmp_path: Path) -> None:
    done = call("validate", copy_of(SMALL, tmp_path), "-j", "1", "--mutants", "12")

    assert done.code == 0, done.out
    *table, last = done.out.splitlines()
    assert last == f"{SMALL} is sound."
    outcomes = {line[:13].strip(): line[13:29].strip() for line in table}
    assert outcomes == dict.fromkeys(ROWS, "holds") | {"corpus": "does not apply"}
    assert "mutants: 12 of 12" in done.err, "who waits is told how far it is"


@pytest.mark.slow
def test_a_shipped_assignment_is_sound_with_its_corpus() -> None:
    done = call("validate", SMALL, "--json", "--mutants", "60")

    assert done.code == 0, done.out
    assert {proof["outcome"] for proof in done.document["proofs"]} == {"holds"}


def test_a_wrong_reference_is_found_by_its_solution(tmp_path: Path) -> None:
    folder = copy_of(SMALL, tmp_path)
    exchange(folder / "network.py", "n.L = mean(", "n.L = 2.0 * mean(", count=1)

    with ground_of(folder) as ground:
        proof, _ = solution_proof(ground)

    assert proof.outcome is Outcome.FAILS
    assert any(detail.startswith("loss: ") for detail in proof.details)
    assert "compare the solution with the network" in proof.remedy


def test_a_wrong_derivative_rule_of_a_reference_is_found_by_differences_and_named(tmp_path: Path) -> None:
    folder = copy_of(SMALL, tmp_path)
    network = folder / "network.py"
    text = network.read_text(encoding="utf-8")
    rule = (
        "\n\nfrom dataclasses import replace as _replace\n"
        "_right = softmax_cross_entropy_rows\n"
        "softmax_cross_entropy_rows = _replace(\n"
        "    _right, rules=(lambda g, out, s, t: 1.02 * _right.rules[0](g, out, s, t), _right.rules[1])\n)\n"
    )
    at = text.index("\ndef ")
    network.write_text(text[:at] + rule + text[at:], encoding="utf-8")

    tables = session(read(folder), "seed 1").tables
    proof = numeric.proof_of(tables)

    assert proof.outcome is Outcome.FAILS
    assert proof.details[0].startswith("compound.dL/ds[0, 0] on worked: ")
    assert "by the rules" in proof.details[0]
    assert by_autograd.proof_of(tables).outcome is Outcome.FAILS, "autograd has a form of its own"


def test_a_missing_batch_mean_in_the_solution_is_found_and_named(tmp_path: Path) -> None:
    folder = copy_of(SMALL, tmp_path)
    exchange(folder / "solution.py", "return (softmax(s) - t) / len(s)", "return softmax(s) - t")

    with ground_of(folder) as ground:
        proof, _ = solution_proof(ground)

    assert proof.outcome is Outcome.FAILS
    [detail] = proof.details
    assert detail.startswith("gradient: ")
    assert "at compound.dL/ds" in detail


@pytest.mark.slow
def test_a_range_on_a_kink_is_found_before_anything_is_run(tmp_path: Path) -> None:
    folder = copy_of("skip_network", tmp_path)
    exchange(folder / "assignment.toml", "x = [-2.0, 2.0]", "x = [-1e-9, 1e-9]")

    done, proofs = validated(folder)

    assert done.code == 1
    assert failing(proofs) == {"cases"}
    assert "kinks" in proofs["cases"]["found"]
    assert proofs["cases"]["remedy"] == "widen the ranges"


def test_a_range_on_one_side_of_a_kink_is_found_and_may_be_accepted(tmp_path: Path) -> None:
    folder = copy_of("skip_network", tmp_path)
    file = folder / "assignment.toml"
    exchange(file, "x = [-2.0, 2.0], w0 = [-1.6, 1.6]", "x = [0.5, 2.0], w0 = [0.4, 1.6]")

    def proof() -> tuple[Outcome, tuple[str, ...]]:
        found = coverage.proof_of(session(read(folder), "seed 1").tables)
        return found.outcome, found.details

    assert proof() == (Outcome.FAILS, ("z0 < 0",))
    exchange(file, "[cases]\n", '[cases]\nunreachable = ["z0 < 0"]\n')
    assert proof() == (Outcome.HOLDS, ())


@pytest.mark.slow
def test_cases_that_hide_a_slip_are_found_with_the_slip(tmp_path: Path) -> None:
    """With one sample in every batch nobody sees a forgotten mean."""
    folder = copy_of(SMALL, tmp_path)
    file = folder / "assignment.toml"
    exchange(file, "N = [1, 4, 6]", "N = [1]", count=3)
    text = file.read_text(encoding="utf-8")
    for unit in ("softmax", "cross_entropy", "compound"):
        start = text.index(f"[units.{unit}.cases.worked]")
        end = text.index("\n\n", start)
        text = text[:start] + text[end + 2 :]
    file.write_text(
        text[: text.index("[[units.compound.cases.edge]]")] + text[text.index("[[questions]]") :], "utf-8"
    )

    done, proofs = validated(folder)

    assert done.code == 1
    assert proofs["slips apart"]["outcome"] == "fails"
    hidden = [detail for detail in proofs["slips apart"]["details"] if detail.startswith("hidden: ")]
    assert any("batch-mean" in detail for detail in hidden)


def test_a_tolerance_so_loose_that_zeros_pass_is_found(tmp_path: Path) -> None:
    folder = copy_of(SMALL, tmp_path)
    with (folder / "assignment.toml").open("a", encoding="utf-8") as file:
        file.write("\n[marking]\natol = 100.0\n")

    proof = tolerance.proof_of(session(read(folder), "seed 1").tables)

    assert proof.outcome is Outcome.FAILS
    assert "zeros for everything earn 100%" in " ".join(proof.details)


def test_points_that_differ_from_the_table_in_the_task_are_found(tmp_path: Path) -> None:
    folder = copy_of(SMALL, tmp_path)
    exchange(
        folder / "assignment.toml",
        'functions = ["backward"]\npoints = 4',
        'functions = ["backward"]\npoints = 5',
    )

    proof = points.proof_of(read(folder), None)

    assert proof.outcome is Outcome.FAILS
    assert proof.details == ("the table in task.md says 10 points, assignment.toml 11",)


def test_a_quantity_that_carries_points_in_two_questions_is_found(tmp_path: Path) -> None:
    folder = copy_of("skip_network", tmp_path)
    exchange(
        folder / "assignment.toml",
        'functions = ["update", "step"]\npoints = 3\n',
        'functions = ["update"]\npoints = 2\n\n[[questions]]\nid = "whole"\nfunctions = ["step"]\npoints = 1\n',
    )
    proof = points.proof_of(read(folder), None)

    assert proof.outcome is Outcome.FAILS
    assert proof.details[0] == "w0_new carries points in two questions, update and whole"


def test_a_solution_left_in_the_hand_out_is_found_with_file_and_line(tmp_path: Path) -> None:
    folder = copy_of(SMALL, tmp_path)
    solution = (folder / "solution.py").read_text(encoding="utf-8")
    left = solution.replace(
        "    # BEGIN SOLUTION\n    return (softmax(s) - t) / len(s)\n    # END SOLUTION\n",
        "    return (softmax(s) - t) / len(s)\n",
    )
    assert left != solution
    (folder / "template.py").write_text(without_solution(left, ".py", "template.py"), encoding="utf-8")

    assignment = read(folder)
    proof = leaks.proof_of(assignment, hand_out(assignment))

    assert proof.outcome is Outcome.FAILS
    assert "a line of the solution: return (softmax(s) - t) / len(s)" in proof.details[0]
    assert ".py, line " in proof.details[0]


def test_a_whole_solution_in_the_hand_out_earns_points_and_is_found(tmp_path: Path) -> None:
    folder = copy_of(SMALL, tmp_path)
    text = (folder / "solution.py").read_text(encoding="utf-8")
    (folder / "template.py").write_text(
        "\n".join(line for line in text.splitlines() if "SOLUTION" not in line), encoding="utf-8"
    )

    with ground_of(folder) as ground:
        made = hand_out(ground.assignment)
        proof, _ = hand_out_proof(ground, made)

    assert proof.outcome is Outcome.FAILS
    assert any("earns 4 of 4 points" in detail for detail in proof.details)
    assert leaks.proof_of(ground.assignment, made).outcome is Outcome.FAILS


def test_a_path_of_a_machine_and_a_password_in_the_task_are_found(tmp_path: Path) -> None:
    folder = copy_of(SMALL, tmp_path)
    with (folder / "task.md").open("a", encoding="utf-8") as file:
        file.write("\nThe data lie in /home/" + "lecturer/grading. The password: hunter2hunter2\n")

    assignment = read(folder)
    proof = leaks.proof_of(assignment, hand_out(assignment))

    assert proof.outcome is Outcome.FAILS
    assert any("a path of a machine: /home/" + "lecturer/grading" in detail for detail in proof.details)
    assert any("looks like a secret" in detail for detail in proof.details)


def test_a_submission_that_gets_other_points_than_expected_is_found(tmp_path: Path) -> None:
    folder = copy_of(SMALL, tmp_path)
    place = folder / "submissions"
    (place / "correct").mkdir(parents=True)
    (place / "correct" / "plain.py").write_bytes((folder / "solution.py").read_bytes())
    (place / "correct" / "forgotten.py").write_bytes((folder / "solution.py").read_bytes())
    (place / "expected.toml").write_text(
        '["correct/plain.py"]\nstatus = "graded"\nfirst_mistake = ""\n'
        "points = { softmax = 3.0, loss = 3.0, gradient = 3.0 }\n",
        encoding="utf-8",
    )

    with ground_of(folder) as ground:
        assert ground.solution is not None
        plain = ground.graded(ground.solution)
    results = [corpus.judged("correct/plain.py", corpus.entries(folder)["correct/plain.py"], plain)]
    proof = corpus.proof_of(folder, results)

    assert proof.outcome is Outcome.FAILS
    assert proof.details == (
        "correct/forgotten.py: it is not in expected.toml",
        "correct/plain.py: gradient: 4.0 points, not 3.0",
    )


def test_an_assignment_that_cannot_be_read_fails_in_one_row(tmp_path: Path) -> None:
    folder = copy_of(SMALL, tmp_path)
    exchange(folder / "assignment.toml", "schema = 1", "schema = 2")

    done, proofs = validated(folder)

    assert done.code == 1
    assert failing(proofs) == {"reads"}


def test_the_practice_secret_is_not_what_is_validated_with() -> None:
    assert generator(SECRET).random() != generator(PRACTICE).random()

"""One test per question: what it ends with, what it says, and that nothing in a submission breaks how it is said."""

from __future__ import annotations

import re

import pytest
from pytest_runs import Run

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


def test_right_work_passes_as_module_notebook_and_folder(graded: Run) -> None:
    for name in ("tuples", "notebook.ipynb", "two_files"):
        assert graded.outcomes(name) == ["passed", "passed", "passed"], name


def test_one_mistake_fails_one_test_and_what_follows_from_it_is_an_expected_failure(graded: Run) -> None:
    assert graded.outcomes("skip_path_dropped") == ["passed", "failure", "xfail"]


def test_a_failure_says_points_first_mistake_finding_and_the_worked_values_that_are_not_right(
    graded: Run,
) -> None:
    """By hand: of dL/dh0 = ws dL/dz2 + w1 dL/dz1 = 0.5 + 0.25 the first term is left out, so all after it is a third."""
    text = graded.told["skip_path_dropped::gradients"].text.splitlines()
    assert text[0] == (
        "3 of 4 points: first mistake: dL/dh0 \N{EM DASH} one of the paths into it is left out"
    )
    assert text[1].startswith("At dL/dh0: the path through z2 is left out.")
    assert [line.split() for line in text[2:]] == [
        ["quantity", "verdict", "yours", "expected", "case"],
        ["dL/dh0", "wrong", "0.25", "0.75", "worked"],
        ["dL/dz0", "follows", "0.25", "0.75", "worked"],
        ["dL/dw0", "follows", "0.25", "0.75", "worked"],
    ]


def test_what_only_follows_says_from_where(graded: Run) -> None:
    told = graded.told["skip_path_dropped::update"]
    assert told.message == "3 of 3 points: w0_new follows from the first mistake, dL/dh0"


def test_a_function_that_is_not_there_fails_its_question_alone(graded: Run) -> None:
    assert graded.outcomes("no_update") == ["passed", "passed", "failure"]
    assert graded.told["no_update::update"].text == (
        "0 of 3 points: no function `update` in no_update.py; found: backward, forward, loss, relu"
    )


def test_a_function_that_raises_fails_its_question_with_the_error_and_the_line(graded: Run) -> None:
    assert graded.outcomes("raises_in_backward") == ["passed", "failure", "passed"]
    told = graded.told["raises_in_backward::gradients"]
    assert told.text == "0 of 4 points: `backward` raised KeyError: 'z_1' (raises_in_backward.py, line 34)"


def test_a_file_that_is_no_python_is_one_error_and_no_failure(graded: Run) -> None:
    assert graded.outcomes("half_a_function") == ["error", "skipped", "skipped"]
    assert "SyntaxError: '(' was never closed (half_a_function.py, line 45)" in (
        graded.told["half_a_function::forward"].message
    )
    assert "see the error of forward" in graded.told["half_a_function::update"].message


def test_no_failure_shows_a_line_of_ours(graded: Run) -> None:
    assert "Traceback" not in graded.out
    assert "pytest_plugin" not in graded.out
    assert graded.err == ""


def test_the_exit_code_is_that_of_pytest_for_failures(graded: Run) -> None:
    assert graded.code == pytest.ExitCode.TESTS_FAILED


def test_the_header_and_the_summary_name_assignment_cases_points_and_isolation(graded: Run) -> None:
    assert "\ngrader: skip_network, practice cases\n" in graded.out
    summary = graded.out.partition("= grader: skip_network, practice cases =")[2]
    points = dict(re.findall(r"^(\S+)  +([\d.]+ of 10 points)", summary, re.MULTILINE))
    assert points == {
        "half_a_function.py": "0 of 10 points",
        "no_update.py": "7 of 10 points",
        "notebook.ipynb": "10 of 10 points",
        "raises_in_backward.py": "6 of 10 points",
        "skip_path_dropped.py": "9 of 10 points",
        "tuples.py": "10 of 10 points",
        "two_files": "10 of 10 points",
    }
    assert re.search(r"in isolation (jail|fence|seal|limits|process)\. Marking uses other cases\.", summary)


def test_the_short_summary_names_file_question_and_mistake(graded: Run) -> None:
    assert "FAILED skip_path_dropped.py::gradients - 3 of 4 points: first mistake" in graded.out
    assert "ERROR half_a_function.py::forward - `forward` cannot be read" in graded.out


def test_the_junit_file_has_the_points_of_each_test(graded: Run) -> None:
    properties = graded.told["skip_path_dropped::gradients"].properties
    assert properties["points"] == "3.0"
    assert properties["max_points"] == "4.0"
    assert properties["pending_points"] == "0.0"
    assert properties["assignment"] == "skip_network"
    assert properties["cases"] == "practice"
    total = sum(float(one.properties["max_points"]) for one in graded.told.values())
    assert total == 80.0


def test_hostile_messages_and_prints_reach_neither_the_terminal_nor_the_junit_file_as_they_are(
    graded: Run,
) -> None:
    """The file was read as XML to get here."""
    told = graded.told["mein code.hostile::forward"]
    assert told.outcome == "failure"
    assert "<script>alert(1)</script>" in told.text
    assert "[red]x[/red]" in told.text
    assert not CONTROL.search(told.text.replace("\n", ""))
    assert not CONTROL.search(graded.out.replace("\n", ""))
    assert max(map(len, graded.out.splitlines())) < 5_000


def test_what_a_submission_printed_stands_below_its_failures(graded: Run) -> None:
    section = graded.out.partition("forward (hostile.py)")[2]
    assert "Captured stdout call" in section
    assert "]]> <b>bold</b> [bold red]rich[/]" in section
    assert "#x1B" not in graded.told["mein code.hostile::forward"].text


def test_a_derivation_fails_with_the_line_and_what_is_wrong_in_it(written: Run) -> None:
    failed = [
        one
        for key, one in written.told.items()
        if key.startswith("value_for_the_mask") and one.outcome == "failure"
    ]
    assert any("wrong, line" in one.text for one in failed)


def test_a_line_that_cannot_be_read_skips_its_question_with_the_reason(written: Run) -> None:
    told = written.told["a_line_that_cannot_be_read.md::derivation"]
    assert told.outcome == "skipped"
    assert "A person must look for dL/dh0: lines that may give it could not be read." in told.text
    assert float(told.properties["points"]) == 1.88
    assert float(told.properties["pending_points"]) == pytest.approx(2 / 17)


def test_a_text_is_skipped_because_a_person_reads_it(written: Run) -> None:
    told = written.told["value_for_the_mask.md::falls"]
    assert told.outcome == "skipped"
    assert "A person reads what is written under `2)`" in told.text


def test_a_scan_skips_every_question_and_fails_none(written: Run) -> None:
    assert set(written.outcomes("only_a_scan.pdf")) == {"skipped"}

"""Written work goes through the same doors as code: listed, shown, checked and graded, and nothing of it is ever run."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest
from installed import call, once, results, without_measurements
from result_schema import violations
from written_class import (
    BY_HAND,
    CODE,
    FORMS,
    REPORT,
    WRITING,
    every_form,
    mixed_class,
    neuron,
    notebook,
)

from grader.cli import course, run

SLIPS = BY_HAND / "mixed" / "two_small_slips.md"
LAST_SENTENCE = "Practice cases were used; marking uses others."


@pytest.fixture(scope="session")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the class of every form, graded by two workers into `out`. Not to be changed."""

    def make(root: Path) -> None:
        folder = every_form(root / "class")
        done = call("grade", "skip_network_by_hand", folder, "-o", root / "out", "--seed", "7", "-j", "2")
        assert done.code == 0, done.err

    return once(tmp_path_factory, "forms", make)


@pytest.fixture(scope="session")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the class that hands in code and formulas, graded into `out`. Not to be changed."""

    def make(root: Path) -> None:
        asked, folder = neuron(root / "neuron"), mixed_class(root / "class")
        done = call("grade", asked, folder, "-o", root / "out", "--seed", "7")
        assert done.code == 0, done.err

    return once(tmp_path_factory, "mixed", make)


def questions(result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {question["id"]: question for question in result["questions"]}


# --------------------------------------------------------------------------------------------------------------
# list and show


def test_list_says_what_each_assignment_asks_for() -> None:
    lines = call("list").out.splitlines()
    asks = {line.split()[0]: line for line in lines if "  " in line}
    assert "formulas, numbers, texts" in asks["skip_network_by_hand"]
    assert "formulas, texts" in asks["mlp_lab_report"]
    assert "code" in asks["skip_network"]
    assert "formulas" not in asks["skip_network"]


def test_show_gives_the_numbers_of_a_sheet_and_what_they_cannot_tell_apart() -> None:
    """By hand: the output is z2, so its gradient is that of z2; all weights are 1/2 and x is 1, so many numbers are equal.

    After the step w0 is -1/4, so nothing passes the first ReLU, the output is 0, and the loss is 3.
    """
    document = call("show", "skip_network_by_hand", "--json").document
    values = {entry["name"]: (entry["value"], entry["question"]) for entry in document["quantities"]}
    assert values["dL/dw0"] == (0.75, "numbers")
    assert values["ws_new"] == (0.0, "numbers")
    assert values["L_new"] == (3.0, "numbers")
    assert len(values) == 22
    assert document["coinciding"]["everywhere"] == [["z2", "y_hat"], ["dL/dy_hat", "dL/dz2"]]
    assert document["coinciding"]["worked"] == [
        ["z0", "h0", "dL/dws", "dL/dh1", "dL/dz1"],
        ["z1", "h1", "dL/dw2", "dL/dw1", "w1_new", "w2_new"],
        ["dL/dh0", "dL/dz0", "dL/dw0"],
    ]
    shown = call("show", "skip_network_by_hand").out
    assert "so that one answers for the other: z2 = y_hat; dL/dy_hat = dL/dz2\n" in shown
    assert "on the worked case only: z0 = h0 = dL/dws" in shown


def test_show_says_so_where_a_sheet_has_no_worked_case() -> None:
    done = call("show", "mlp_lab_report")
    assert (
        done.out == "The report on the lab of layer classes: no worked case is printed (`[cases.worked]`)\n"
    )


def test_show_of_code_and_formulas_has_every_quantity_once(tmp_path: Path) -> None:
    """By hand: z = 0, a = 1/2, L = 1/4, dL/dz = 2 (a - 1) a (1 - a) = -1/4."""
    document = call("show", neuron(tmp_path / "neuron"), "--json").document
    values = {entry["name"]: entry["value"] for entry in document["quantities"]}
    assert values == {"z": 0.0, "a": 0.5, "L": 0.25, "dL/dz": -0.25, "dL/dw": -0.5, "dL/db": -0.25}
    assert len(document["quantities"]) == 6


# --------------------------------------------------------------------------------------------------------------
# check


def test_check_shows_how_each_line_was_read_and_ends_with_one_where_a_line_is_wrong() -> None:
    """The assignment is found by what is derived."""
    done = call("check", SLIPS)
    assert (done.code, done.err) == (1, "")
    lines = done.out.splitlines()
    assert lines[0] == "A network with a skip connection, by hand: two_small_slips.md"
    assert lines[1].startswith("First mistake: dL/dw0")
    assert r"  right        line 21: z_{0} = \omega_{0}x" in lines
    [wrong] = [line for line in lines if line.startswith("  wrong ")]
    assert r"\frac{\delta L}{\delta \omega_0}" in wrong
    assert "column 1388" in wrong
    assert r"               not right: -sign(y-\hat{y})(\omega_2 u(z_1)\omega_1 + \omega_s)u(z_0)" in lines
    assert "               It is labelled dL/dw0, and is the right value of dL/dh0." in lines
    assert "(counts as dL/dh0)" in done.out
    # By hand: 16 of 17 right and one of them under another label; 21 right and two under other labels.
    assert "on the practice cases: 1.85 of 2 points" in lines
    assert "on the practice cases: 1.95 of 2 points" in lines
    assert lines[-1] == LAST_SENTENCE


def test_a_note_that_many_lines_share_is_told_once() -> None:
    shown = call("check", SLIPS).out
    assert len(re.findall(r"On \d+ lines: `\\delta` is read as the mark of a derivative", shown)) == 2
    assert shown.count("is read as the mark of a derivative") == 2


def test_right_formulas_end_with_zero_and_say_what_a_person_reads() -> None:
    done = call("check", BY_HAND / "correct" / "three_digits.md")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[1] == "No mistake was found on the worked case and the practice cases."
    assert done.out.splitlines()[-1] == (
        "Practice cases pass; marking uses other cases, and 5 questions are read by a person."
    )


def test_a_right_formula_under_another_label_is_not_all_correct() -> None:
    assert call("check", BY_HAND / "mixed" / "labels_exchanged.md").code == 1


def test_a_scan_waits_for_a_person_and_is_not_said_to_be_correct() -> None:
    done = call("check", BY_HAND / "awaiting" / "only_a_scan.pdf", "-a", "skip_network_by_hand")
    assert (done.code, done.err) == (1, "")
    assert "`only_a_scan.pdf` cannot be read by the grader" in done.out
    assert "2 wait for a person" in done.out


def test_a_text_of_no_assignment_is_told_to_name_one(tmp_path: Path) -> None:
    (tmp_path / "mine.md").write_text("Dear diary, $a^2 + b^2 = c^2$.\n", encoding="utf-8")
    done = call("check", tmp_path / "mine.md")
    assert done.code == 2
    assert "no assignment is recognised by what is derived or headed in it" in done.err
    assert "name it with -a; shipped are: " in done.err


def test_markup_in_a_formula_is_shown_as_it_is(tmp_path: Path) -> None:
    text = "# Pen and paper\n\n## 1)\n\n$z_0 = [bold red]\\omega_0 x \x1b[31m$\n"
    (tmp_path / "mine.md").write_text(text, encoding="utf-8")
    done = call("check", tmp_path / "mine.md", "-a", "skip_network_by_hand")
    assert done.code == 1
    assert "[bold red]" in done.out
    assert "\x1b" not in done.out


def test_the_json_of_check_holds_every_line_with_its_place_and_verdict() -> None:
    [checked] = call("check", "--json", SLIPS).document["checks"]
    lines = questions(checked)["derivation"]["lines"]
    assert {line["verdict"] for line in lines} == {"right", "wrong", "mislabelled", "definition"}
    assert [line["quantity"] for line in lines if line["verdict"] == "mislabelled"] == ["dL/dh0"]


def test_check_marks_code_and_formulas_of_one_notebook_together(tmp_path: Path) -> None:
    asked = neuron(tmp_path / "neuron")
    (tmp_path / "mine.ipynb").write_text(notebook(CODE, WRITING), encoding="utf-8")
    done = call("check", tmp_path / "mine.ipynb", "-a", asked)
    assert (done.code, done.err) == (0, "")
    assert r"  right        cell 1, line 5: \frac{\partial L}{\partial z} = 2 (a - y) a (1 - a)" in done.out
    assert done.out.splitlines()[-1].endswith("and 1 question is read by a person.")


# --------------------------------------------------------------------------------------------------------------
# grade


@pytest.mark.parametrize("student", FORMS)
def test_written_work_is_graded_in_every_form_and_waits_where_it_is_not_read(
    student: str, forms: Path
) -> None:
    result = results(forms / "out")[student]
    derivation, numbers = (questions(result)[name] for name in ("derivation", "numbers"))
    for question, points in zip((derivation, numbers), FORMS[student], strict=True):
        if points is None:
            assert question["status"] == "awaiting"
            assert question["pending_points"] > 0.0
        else:
            assert (question["status"], question["pending_points"]) == ("graded", 0.0)
            assert question["points"] == pytest.approx(points)


@pytest.mark.parametrize("student", ["pdf", "picture", "scans", "packed_scan"])
def test_of_a_scan_alone_all_points_wait(student: str, forms: Path) -> None:
    result = results(forms / "out")[student]
    assert (result["points"], result["pending_points"], result["max_points"]) == (0.0, 7.0, 7.0)
    assert {question["status"] for question in result["questions"]} == {"awaiting"}


def test_every_result_of_written_work_follows_the_contract(forms: Path, mixed: Path) -> None:
    for folder in (forms, mixed):
        found = {student: violations(result) for student, result in results(folder / "out").items()}
        assert found == {student: [] for student in found}


def test_the_csv_gives_points_that_are_decided_and_leaves_the_others_open(forms: Path) -> None:
    with (forms / "out" / "grades.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert set(rows) == set(FORMS)
    assert (rows["tex"]["derivation"], rows["tex"]["numbers"], rows["tex"]["points"]) == ("2", "2", "")
    assert (rows["pdf"]["derivation"], rows["pdf"]["numbers"]) == ("", "")


def test_nothing_is_run_and_no_isolation_is_claimed(forms: Path) -> None:
    assert {result["environment"]["isolation"] for result in results(forms / "out").values()} == {"none"}


def test_one_worker_and_two_come_to_the_same_results_on_written_work(forms: Path, tmp_path: Path) -> None:
    done = call(
        "grade", "skip_network_by_hand", forms / "class", "-o", tmp_path / "out", "--seed", "7", "-j", "1"
    )
    assert done.code == 0, done.err
    first, again = results(forms / "out"), results(tmp_path / "out")
    assert {name: without_measurements(entry) for name, entry in again.items()} == {
        name: without_measurements(entry) for name, entry in first.items()
    }


def test_written_work_is_graded_where_nobody_may_run_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a machine without any wall, and without a word of trust."""

    def refuses(*_: object, **__: object) -> None:
        raise AssertionError("it asked for isolation, or opened a sandbox")

    for name in ("grader.cli.course.protection", "grader.batch.choose_isolation", "grader.work.Runner"):
        monkeypatch.setattr(name, refuses)
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "anna.md").write_text(SLIPS.read_text(encoding="utf-8"), encoding="utf-8")
    for more in ((), ("--isolation", "jail", "--force")):
        arguments = ["grade", "skip_network_by_hand", str(tmp_path / "class"), "-o", str(tmp_path / "out")]
        assert run([*arguments, *more]) == 0
    [result] = results(tmp_path / "out").values()
    assert result["points"] > 3.0


def test_code_and_formulas_of_one_network_are_marked_side_by_side(mixed: Path) -> None:
    given = results(mixed / "out")
    points = {
        student: tuple(question["points"] for question in result["questions"][:2])
        for student, result in given.items()
    }
    # By hand: a slip costs one of four functions' quantities, and one of five formulas.
    assert points == {
        "both": (4.0, 5.0),
        "folder": (4.0, 5.0),
        "slips": (3.0, 4.0),
        "code_alone": (4.0, 0.0),
        "writing_alone": (0.0, 5.0),
        "scan": (0.0, 0.0),
    }
    assert given["scan"]["pending_points"] == 10.0
    slips = [finding["slip"] for q in given["slips"]["questions"] for finding in q["findings"]]
    assert slips == ["sign-flipped", "factor-missing"]


def test_the_demonstration_knows_the_written_documents_that_ship() -> None:
    """`tests/test_wheel.py` looks at what it makes of them."""
    shipped = {"skip_network_by_hand": BY_HAND, "mlp_lab_report": REPORT}
    assert {name: (shipped[name] / path).is_file() for name, path in course.DEMO_WRITTEN.items()} == {
        "skip_network_by_hand": True,
        "mlp_lab_report": True,
    }

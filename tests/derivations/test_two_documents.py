"""Two hand-ins of which every line was judged by a person: points, findings, lines, and whose text is whose."""

from __future__ import annotations

import pytest
from corpus import CORPORA
from paper import REPORT, SKIP, findings, graded_file, lines, marks, points, question, read_as, shared

from grader.model import Grade, LineResult, LineVerdict, Status

RIGHT, MISLABELLED = LineVerdict.RIGHT, LineVerdict.MISLABELLED


@pytest.fixture(scope="module")
def slips() -> Grade:
    """Return the grade of the sheet on the skip network."""
    return graded_file(CORPORA[SKIP].folder / "mixed" / "two_small_slips.md", shared(SKIP))


@pytest.fixture(scope="module")
def report() -> Grade:
    """Return the grade of the report on the lab."""
    return graded_file(CORPORA[REPORT].folder / "mixed" / "sign_of_the_gradient.md", shared(REPORT))


def test_the_sheet_gets_its_points_and_five_texts_wait(slips: Grade) -> None:
    """Part 1: of 17 weights one is lost and a quarter of one; part 3: two quarters of 21."""
    assert points(slips) == {
        "derivation": pytest.approx(2.0 * (17 - 1.25) / 17),
        "skip_effect": 0.0,
        "numbers": pytest.approx(2.0 * (21 - 0.5) / 21),
        "one_step": 0.0,
        "falls": 0.0,
        "initialisation": 0.0,
        "rate": 0.0,
    }
    assert slips.pending_points == 3.0
    assert {one.id: one.status for one in slips.questions} == {
        "derivation": Status.GRADED,
        "skip_effect": Status.AWAITING,
        "numbers": Status.GRADED,
        "one_step": Status.AWAITING,
        "falls": Status.AWAITING,
        "initialisation": Status.AWAITING,
        "rate": Status.AWAITING,
    }


def test_the_first_mistake_of_the_sheet_is_the_gradient_that_lacks_a_factor(slips: Grade) -> None:
    assert slips.first_mistake == "dL/dw0"
    assert findings(slips) == [
        ("derivation", "factor-missing", "dL/dw0"),
        ("derivation", "mislabelled", "dL/dh0"),
        ("numbers", "mislabelled", "dL/dw2"),
        ("numbers", "mislabelled", "dL/dz1"),
    ]


def test_every_quantity_of_the_sheet_that_no_finding_is_about_is_correct(slips: Grade) -> None:
    off = {name: mark for name, mark in marks(slips, "derivation").items() if mark != ("correct", 1.0)}
    assert off == {"dL/dw0": ("wrong", 0.0), "dL/dh0": ("correct", 0.75)}
    off = {name: mark for name, mark in marks(slips, "numbers").items() if mark != ("correct", 1.0)}
    assert off == {"dL/dw2": ("correct", 0.75), "dL/dz1": ("correct", 0.75)}


def test_every_line_of_the_derivation_has_its_verdict(slips: Grade) -> None:
    """In the order of the document; `u` and `sign` are explained above, |f(x)|' is a rule for any f."""
    assert read_as(slips, "derivation") == [
        (None, None, LineVerdict.DEFINITION),
        (None, None, LineVerdict.DEFINITION),
        *((name, name, RIGHT) for name in ("z0", "h0", "z1", "h1", "z2", "y_hat", "L")),
        (None, None, RIGHT),
        *((f"dL/d{name}", f"dL/d{name}", RIGHT) for name in ("y_hat", "z2", "ws", "w2", "h1", "z1", "w1")),
        ("dL/dw0", "dL/dh0", MISLABELLED),
        ("dL/dz0", "dL/dz0", RIGHT),
        ("dL/dw0", "dL/dw0", LineVerdict.WRONG),
    ]


def test_every_line_of_the_numbers_has_its_verdict(slips: Grade) -> None:
    """-sign(y_1 - y_hat) = -sign(-3.375) = 1 is about nothing that is asked, and true."""
    assert read_as(slips, "numbers") == [
        *((name, name, RIGHT) for name in ("z0", "h0", "z1", "h1", "z2", "y_hat", "L")),
        (None, None, RIGHT),
        *((f"dL/d{name}", f"dL/d{name}", RIGHT) for name in ("y_hat", "z2", "ws")),
        ("dL/dws", "dL/dw2", MISLABELLED),
        ("dL/dh1", "dL/dh1", RIGHT),
        ("dL/dh1", "dL/dz1", MISLABELLED),
        ("dL/dw1", "dL/dw1", RIGHT),
        ("dL/dw1", "dL/dw1", LineVerdict.REPEATED),
        *((f"dL/d{name}", f"dL/d{name}", RIGHT) for name in ("h0", "z0", "w0")),
        *((f"{name}_new", f"{name}_new", RIGHT) for name in ("w0", "w1", "w2", "ws")),
    ]


def test_only_the_side_without_the_factor_is_off(slips: Grade) -> None:
    wrong = [
        side.source for line in lines(slips, "derivation") for side in line.sides if side.is_right is False
    ]
    assert wrong == [r"-sign(y-\hat{y})(\omega_2 u(z_1)\omega_1 + \omega_s)u(z_0)"]
    assert not [side for line in lines(slips, "numbers") for side in line.sides if side.is_right is False]


def test_a_line_is_found_at_its_place_under_its_heading(slips: Grade) -> None:
    """`z_{2}` of part 1 stands on line 29, `z_2` of part 3 goes over three displays from line 55 on."""

    def place_of(line: LineResult) -> tuple[str, int, int, str, int]:
        return line.place.file, line.place.line, line.column, line.place.heading, len(line.sides)

    of_z2 = [
        place_of(line)
        for name in ("derivation", "numbers")
        for line in lines(slips, name)
        if line.label == "z2"
    ]
    assert of_z2 == [
        ("two_small_slips.md", 29, 3, "1)", 2),
        ("two_small_slips.md", 55, 3, "3)", 4),
    ]


def test_the_stray_bracket_is_told_and_costs_nothing(slips: Grade) -> None:
    told = [
        (line.quantity, line.verdict) for line in lines(slips, "numbers") if "stray" in " ".join(line.notes)
    ]
    assert told == [("dL/dw1", LineVerdict.REPEATED)]
    assert marks(slips, "numbers")["dL/dw1"] == ("correct", 1.0)


def test_reading_delta_as_the_mark_of_a_derivative_is_told_once_for_each_question(slips: Grade) -> None:
    """Part 1: a rule and ten gradients; part 3: ten gradients, one of them twice, and four steps."""
    told = r"`\delta` is read as the mark of a derivative."
    assert question(slips, "derivation").notes == (f"On 11 lines: {told}",)
    assert question(slips, "numbers").notes == (f"On 15 lines: {told}",)


def test_each_text_of_the_sheet_is_the_one_under_its_heading(slips: Grade) -> None:
    """Numbers 1) to 4) stand under two headings; the answer to 2) of the first half is no experiment."""
    begins = {
        "skip_effect": ("2)", 39, "In a deep stack"),
        "one_step": ("1)", 75, "In our run"),
        "falls": ("2)", 79, "Over many steps"),
        "initialisation": ("3)", 83, "No. It depends"),
        "rate": ("4)", 87, "If the curve"),
    }
    for name, (heading, line, words) in begins.items():
        one = question(slips, name)
        assert one.place is not None
        assert one.text is not None
        assert (one.place.heading, one.place.line) == (heading, line)
        assert one.text.startswith(words)


def test_the_report_loses_the_gradient_alone_and_two_texts_wait(report: Grade) -> None:
    assert points(report) == {"forward": 1.0, "gradient": 0.0, "shift": 1.0, "rates": 0.0, "amplitudes": 0.0}
    assert report.pending_points == 2.0
    assert report.first_mistake == "dL/ds"
    assert findings(report) == [("gradient", "sign-flipped", "dL/ds")]
    assert marks(report, "forward") == {"p": ("correct", 1.0), "L": ("correct", 1.0)}
    assert marks(report, "gradient") == {"dL/ds": ("wrong", 0.0)}
    assert marks(report, "shift") == {"shift_invariance": ("correct", 1.0)}


def test_both_forms_of_the_loss_are_right_and_the_gradient_is_wrong(report: Grade) -> None:
    """The second form takes for granted that the target sums to 1."""
    of_forward = [one for one in read_as(report, "forward") if one[1] in ("p", "L")]
    assert of_forward[0] == ("p", "p", RIGHT)
    assert [(label, said) for label, _, said in of_forward if label == "L"] in (
        [("L", RIGHT), ("L", RIGHT)],
        [("L", RIGHT), ("L", LineVerdict.REPEATED)],
    )
    assert [one for one in read_as(report, "gradient") if one[1]] == [("dL/ds", "dL/ds", LineVerdict.WRONG)]


def test_every_step_of_the_proof_is_seen_and_right(report: Grade) -> None:
    proofs = [line for line in lines(report, "shift") if line.verdict is RIGHT]
    assert [len(line.sides) for line in proofs] == [5]
    assert not [
        line for line in lines(report, "shift") if line.verdict in (LineVerdict.WRONG, LineVerdict.UNREAD)
    ]


def test_both_texts_of_the_report_are_under_their_headings(report: Grade) -> None:
    for name, heading, words in (
        ("rates", "Assignment 1.", "Training gets better"),
        ("amplitudes", "Assignment 3.", "How the mean size"),
    ):
        one = question(report, name)
        assert one.place is not None
        assert one.text is not None
        assert one.place.heading == heading
        assert words in one.text

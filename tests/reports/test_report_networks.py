"""The network in a report: whose values stand on it, at which level, and what is drawn and folded of several."""

from __future__ import annotations

import re

import pytest
from parsed import Page
from samples import all_correct, grade, quantity, question, raised, sign_flipped

from grader.assignment_file import load
from grader.model import Grade, Verdict
from grader.outlines import outline_of, outlines
from grader.reports.conditions import MarkingFacts
from grader.reports.networks import NetworkView, network_views, short_text
from grader.reports.student import student_html, student_markdown
from grader.reports.view import StudentView, public_view
from reference.network import trace
from reference.networks.skip_network import skip_network

SKIP = MarkingFacts(title="A network with a skip connection", outlines=outlines(load("skip_network")))
LAB = MarkingFacts(title="A lab", outlines=outlines(load("mlp_lab")))


def view(made: Grade, level: str = "hints", facts: MarkingFacts = SKIP) -> StudentView:
    return public_view(made, level, facts=facts)


def lab(**verdicts: Verdict) -> Grade:
    """Make a grade of a lab: `relu_delta__dX` is `relu_delta.dL/dX`."""
    rows = [quantity(name.replace("__d", ".dL/d").replace("__", "."), one) for name, one in verdicts.items()]
    first = next((row.name for row in rows if row.verdict is Verdict.WRONG), None)
    return grade(question("layers", 1.0, 2.0, *rows), first_mistake=first)


def drawn(made: StudentView) -> NetworkView:
    assert len(made.networks) == 1
    return made.networks[0]


def test_a_node_has_the_value_of_the_worked_case_and_none_of_a_hidden_one() -> None:
    made = grade(
        question("a", 1.0, 1.0, quantity("z0", actual=0.125), quantity("h0", case="drawn-2", actual=0.75))
    )
    values = {mark.quantity: mark.value for mark in drawn(view(made, "full")).marks}
    assert values == {"z0": "0.125", "h0": ""}


def test_the_inputs_of_the_worked_case_are_those_printed_in_the_task() -> None:
    """x = 1, y = -3 and every weight 0.5."""
    halves = dict.fromkeys(("w0", "w1", "w2", "ws"), "0.5")
    assert SKIP.outlines[0].given == {"x": "1", "y": "-3"} | halves


def test_below_hints_no_number_is_drawn() -> None:
    made = student_html(view(sign_flipped(), "verdicts"))
    svg = made[made.index("<svg class=") : made.index("</svg>", made.index('class="bpg-net"'))]
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    assert "first mistake" in texts
    assert not [text for text in texts if re.fullmatch(r"-?[\d.e+-]+", text)]


def test_at_points_there_is_no_drawing() -> None:
    assert view(sign_flipped(), "points").networks == ()
    assert "bpg-net" not in student_html(view(sign_flipped(), "points")).replace(".bpg-net", "")


def test_of_a_quantity_in_two_questions_the_worse_answer_is_drawn_and_one_that_was_given() -> None:
    made = grade(
        question("formulas", 0.0, 1.0, quantity("z0", Verdict.WRONG), quantity("h0", Verdict.MISSING)),
        question("numbers", 1.0, 1.0, quantity("z0"), quantity("h0")),
    )
    verdicts = {mark.quantity: mark.verdict for mark in drawn(view(made)).marks}
    assert verdicts == {"z0": Verdict.WRONG, "h0": Verdict.CORRECT}


def test_the_first_mistake_is_tagged_in_the_question_where_it_is_wrong_alone() -> None:
    made = grade(
        question("formulas", 0.0, 1.0, quantity("z0", Verdict.WRONG)),
        question("numbers", 1.0, 1.0, quantity("z0")),
        first_mistake="z0",
    )
    assert [one.quantities[0].first_mistake for one in view(made).questions] == [True, False]
    assert view(made).first_mistake_in == 1


def test_of_a_lab_the_network_of_the_first_mistake_is_shown_and_the_others_are_folded() -> None:
    made = view(lab(relu__Y=Verdict.CORRECT, relu_delta__dX=Verdict.WRONG), facts=LAB)
    page = Page(student_html(made))
    assert [one.name for one in made.networks] == ["relu_delta", "relu"]
    assert "Where it happened: relu_delta" in " ".join(page.text.split())
    assert len(page.named("details")) == 1


def test_networks_that_are_all_correct_stand_behind_the_questions() -> None:
    right = view(lab(relu__Y=Verdict.CORRECT, softmax__Y=Verdict.CORRECT), facts=LAB)
    wrong = view(lab(relu__Y=Verdict.CORRECT, softmax__Y=Verdict.MISSING), facts=LAB)
    for made, first in ((right, False), (wrong, True)):
        text = student_html(made)
        assert (text.index('id="net"') < text.index('id="q1"')) is first


def test_a_network_of_which_nothing_is_said_is_not_drawn() -> None:
    assert network_views(LAB.outlines, [quantity("elsewhere.z0")], None, values=True) == ()


def test_a_report_is_titled_with_the_title_of_the_assignment() -> None:
    assert "A network with a skip connection" in student_html(view(all_correct()))
    assert student_markdown(view(all_correct())).startswith("# alice - A network with a skip connection\n")


@pytest.mark.parametrize("level", ["full", "hints"])
def test_markdown_has_the_network_as_a_table(level: str) -> None:
    made = student_markdown(view(sign_flipped(), level))
    rows = [line for line in made.splitlines() if line.startswith(("| `x`", "| `y_hat` | `z2`"))]
    assert rows == [
        "| `x` |  | given `1` |  |  |",
        "| `y_hat` | `z2` | correct `0.5` | wrong `-1` (first mistake) |  |",
    ]


def test_who_stopped_with_an_error_is_led_to_the_question() -> None:
    made = view(raised())
    assert made.first_mistake_in is None
    assert made.to_look_at == 2


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        (0.5, "0.5"),
        (-0.123456, "-0.1235"),
        (-0.000012345, "-1.2e-05"),
        (123456.0, "1.2e+05"),
        ("nan", "nan"),
        ([1.0, 2.0], "(2)"),
        ([[1.0, 2.0]] * 3, "3\N{MULTIPLICATION SIGN}2"),
        ({"shape": [64, 10], "dtype": "float64", "head": []}, "64\N{MULTIPLICATION SIGN}10"),
        ({"shape": [1000, 1000, 1000], "dtype": "float64", "head": []}, ""),
        ("<script>", ""),
    ],
)
def test_a_value_in_a_drawing_has_at_most_eight_letters(numbers: object, text: str) -> None:
    assert short_text(numbers) == text
    assert len(text) <= 8


def test_equal_views_are_equal_so_that_they_are_drawn_once() -> None:
    one, other = (drawn(view(sign_flipped(student=name))) for name in ("alice", "ben"))
    assert one == other
    assert hash(one) == hash(other)


def test_two_outlines_of_one_network_are_not_mixed_up() -> None:
    assert outline_of(trace(skip_network)) != outline_of(trace(skip_network))

"""Gradients as rows: one convention where every line keeps to it, and mistakes of single lines where one does not."""

from __future__ import annotations

import pytest
from paper import SHEET, graded, question, verdicts

from grader.reports.view import public_view

FORWARD = r"""
## Forward pass

$z^{(1)} = W^{(1)} x + b^{(1)}$

$h = \sigma(z^{(1)})$

$z^{(2)} = W^{(2)} h + b^{(2)}$

$\hat y = \mathrm{softmax}(z^{(2)})$

$L = -\sum_k y_k \log \hat y_k$

## Gradients
"""
ROWS = {
    "z^{(2)}": r"(\hat y - y)^\top",
    "W^{(2)}": r"h \frac{\partial L}{\partial z^{(2)}}",
    "b^{(2)}": r"\frac{\partial L}{\partial z^{(2)}}",
    "h": r"\frac{\partial L}{\partial z^{(2)}} W^{(2)}",
    "z^{(1)}": r"\frac{\partial L}{\partial h} \odot (h \odot (1 - h))^\top",
    "W^{(1)}": r"x \frac{\partial L}{\partial z^{(1)}}",
    "b^{(1)}": r"\frac{\partial L}{\partial z^{(1)}}",
}
PARAMETERS = ("W^{(1)}", "b^{(1)}", "W^{(2)}", "b^{(2)}")
COLUMNS = {"h": r"W^{(2)\top} (\hat y - y)", "W^{(2)}": r"(\hat y - y) h^\top"}


def sheet(gradients: dict[str, str], step: str | None = r"^\top") -> str:
    """Return a hand-in; `step` is what stands at the gradient in the update."""
    lines = [rf"$\frac{{\partial L}}{{\partial {by}}} = {formula}$" for by, formula in gradients.items()]
    if step is not None:
        lines.append("## Update")
        lines += [
            rf"${name} \leftarrow {name} - \eta (\frac{{\partial L}}{{\partial {name}}}){step}$"
            for name in PARAMETERS
        ]
    return FORWARD + "\n\n".join(lines) + "\n"


def slips(result: object, name: str) -> list[str]:
    return [finding.slip for finding in question(result, name).findings]  # type: ignore[arg-type]


def test_gradients_that_are_rows_throughout_are_one_convention() -> None:
    result = graded(sheet(ROWS), SHEET)
    # dL/db2 and dL/db1 name a gradient before them, and are right in both; of the other five the question keeps 0.8.
    assert question(result, "gradients").points == pytest.approx(4 * (2 + 5 * 0.8) / 7)
    assert question(result, "update").points == pytest.approx(0.8)
    assert slips(result, "gradients") == slips(result, "update") == ["other-convention"]


def test_a_report_tells_of_one_convention_once_over_all_questions() -> None:
    assert public_view(graded(sheet(ROWS), SHEET)).explanation.startswith(
        "First mistake: dL/dz2 \N{EM DASH} it is right, but in another convention than the one asked for; "
        "the 8 values after it follow from it. "
    )


def test_they_need_no_update_beside_them() -> None:
    result = graded(sheet(ROWS, step=None), SHEET)
    assert slips(result, "gradients") == ["other-convention"]


@pytest.mark.parametrize("by", COLUMNS)
def test_one_column_among_rows_makes_a_mixture_and_no_convention(by: str) -> None:
    result = graded(sheet({**ROWS, by: COLUMNS[by]}), SHEET)
    assert "other-convention" not in slips(result, "gradients")
    assert verdicts(result, "gradients")["dL/dz2"] == "invalid"


def test_a_step_that_takes_rows_for_columns_makes_a_mixture() -> None:
    result = graded(sheet(ROWS, step=""), SHEET)
    assert "other-convention" not in slips(result, "gradients")


@pytest.mark.parametrize(
    ("by", "formula"),
    [
        ("z^{(2)}", r"(y - \hat y)^\top"),
        ("z^{(1)}", r"\frac{\partial L}{\partial h} \odot h^\top"),
        ("W^{(1)}", r"2 x \frac{\partial L}{\partial z^{(1)}}"),
        ("W^{(2)}", r"(h \frac{\partial L}{\partial z^{(2)}})^\top"),
        ("W^{(2)}", r"(\frac{1}{\eta} (W^{(2)} - W^{(2)}_{new}))^\top"),
        ("h", r"\frac{\partial L}{\partial h}"),
    ],
)
def test_a_mistake_among_rows_is_no_convention(by: str, formula: str) -> None:
    result = graded(sheet({**ROWS, by: formula}), SHEET)
    assert "other-convention" not in slips(result, "gradients")


def test_a_single_row_among_missing_gradients_is_no_convention() -> None:
    result = graded(sheet({"z^{(2)}": ROWS["z^{(2)}"]}, step=None), SHEET)
    assert "other-convention" not in slips(result, "gradients")
    # It is off for dL/dz2, and follows for dL/db2, which equals it everywhere.
    assert question(result, "gradients").points == pytest.approx(4 / 7)


def test_entries_have_no_layout_and_stand_beside_rows() -> None:
    entries = {by: formula for by, formula in ROWS.items() if by != "W^{(2)}"}
    text = sheet(entries).replace(
        "## Gradients\n",
        "## Gradients\n\n$\\frac{\\partial L}{\\partial W^{(2)}_{kj}} = (\\hat y_k - y_k) h_j$\n\n",
    )
    assert slips(graded(text, SHEET), "gradients") == ["other-convention"]
    exchanged = text.replace(r"W^{(2)}_{kj}}", r"W^{(2)}_{jk}}")
    assert exchanged != text
    assert "other-convention" not in slips(graded(exchanged, SHEET), "gradients")

"""Rules of findings as formulas: MathML for HTML and LaTeX for Markdown, or the text alone where it is no rule."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.reports.markdown import typeset
from grader.reports.typeset import latex, mathml

CORE = {"math", "mrow", "mi", "mn", "mo", "mtext", "mfrac", "msub", "msup", "msubsup", "mover", "mspace"}
"""Elements of MathML Core (W3C) that are drawn by every browser."""


def _math(text: str) -> ET.Element:
    found = mathml(text)
    assert found is not None
    return ET.fromstring(
        str(found).replace("&", "&amp;").replace("&amp;#", "&#").replace("&amp;amp;", "&amp;")
    )


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        (
            "dL/dz0 = dL/dh0 * h0",
            r"\frac{\partial L}{\partial z_{0}} = \frac{\partial L}{\partial h_{0}} \cdot h_{0}",
        ),
        ("dL/dW = X.T @ dL/dY", r"\frac{\partial L}{\partial W} = {X}^\top \, \frac{\partial L}{\partial Y}"),
        ("y_hat = relu'(z2)", r"\hat{y} = \mathrm{relu}'\left(z_{2}\right)"),
        ("w0_new = w0 - lr * g", r"w_{0}^{\text{new}} = w_{0} - \mathrm{lr} \cdot g"),
        ("b = sum(g, axis=0) / N", r"b = \frac{\sum_{\text{axis }0}\left(g\right)}{N}"),
        ("L = |y - t|^2", r"L = {\left\lvert y - t\right\rvert }^{2}"),
        ("L = log(p)[y]", r"L = {\mathrm{log}\left(p\right)}_{[y]}"),
        ("a = h (1 - h)", r"a = h \, \left(1 - h\right)"),
        ("a = b, where b = c", r"a = b\ \text{where}\ b = c"),
        ("a = g * (1 where z > 0, else 0.01)", None),
    ],
)
def test_a_rule_is_written_as_on_paper(text: str, formula: str | None) -> None:
    assert mathml(text) is not None
    assert latex(text) == formula or formula is None


def test_a_fraction_needs_no_brackets_and_other_places_keep_theirs() -> None:
    assert latex("a = (b - c) / (d + e)") == r"a = \frac{b - c}{d + e}"
    assert latex("a = (b - c) * (d + e)") == r"a = \left(b - c\right) \cdot \left(d + e\right)"


def test_a_derivative_is_a_fraction_and_says_its_text_where_it_is_not_drawn() -> None:
    math = _math("dL/dh0 = dL/dz1 * w1")
    assert math.get("alttext") == "dL/dh0 = dL/dz1 * w1"
    fractions = math.findall("mfrac")
    assert ["".join(one.itertext()) for one in fractions] == ["∂L∂h0", "∂L∂z1"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a =",
        "(a",
        "a)",
        "a b = where",
        "the loss falls by half",
        "loss = what falls by half",
        "a",
        "<script>alert(1)</script>",
        "a = `b`",
        r"a = \href{x}{y}",
        "a" * 700,
        "(" * 300 + "a" + ")" * 300,
        "a = $x$",
        "relu' = 1",
    ],
)
def test_what_is_no_rule_is_left_as_text(text: str) -> None:
    assert mathml(text) is None
    assert latex(text) is None
    assert "$`" not in typeset(text)


@given(st.text(alphabet="abLdzW01_.'()[]|*/@^-+=<>, &\"`$\\é\n", max_size=60))
def test_any_text_gives_elements_of_mathml_core_or_none(text: str) -> None:
    if mathml(text) is None:
        assert latex(text) is None
        return
    elements = {element.tag for element in _math(text).iter()}
    assert elements <= CORE
    written = latex(text) or ""
    assert not set(written) & set("`$<\n")
    assert written.count("{") == written.count("}")


def test_markdown_has_the_rule_as_formula_and_as_code() -> None:
    assert typeset("h0 = z0") == "$`h_{0} = z_{0}`$, in code `h0 = z0`"
    assert typeset("a value that falls") == "`a value that falls`"

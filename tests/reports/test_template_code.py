"""Our own templates are compiled in a quicker way, which must write what Jinja's own writes; an instructor's are not."""

from __future__ import annotations

from pathlib import Path

import markupsafe
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from jinja2.compiler import CodeGenerator
from markupsafe import Markup

from grader.reports.environments import html_environment, markdown_environment
from grader.reports.template_code import OwnCode, escape


class Says:
    """Says of itself what it is in HTML."""

    def __html__(self) -> str:
        return "<i>html</i>"

    def __str__(self) -> str:
        return "<b>text</b>"


@given(st.one_of(st.text(), st.integers(), st.floats(allow_nan=False), st.booleans(), st.none()))
def test_a_value_is_escaped_as_markupsafe_escapes_it(value: object) -> None:
    assert escape(value) == markupsafe.escape(value)


def test_what_looks_like_markup_but_is_a_plain_text_is_escaped_each_time() -> None:
    for _ in range(2):
        assert escape("<script>") == "&lt;script&gt;"


def test_markup_is_given_back_as_the_object_it_is_and_what_speaks_html_is_asked() -> None:
    already = Markup("<b>&amp;</b>")
    assert escape(already) is already
    assert escape(Says()) == "<i>html</i>"


def test_a_compiled_template_of_ours_escapes_every_value() -> None:
    template = html_environment().from_string("{{ one }} {{ two }} {{ three }}")
    written = template.render(one="<a href='x'>", two=Markup("<b>"), three="&" * 100)
    assert written == "&lt;a href=&#39;x&#39;&gt; <b> " + "&amp;" * 100


def test_a_name_that_is_not_there_is_an_error_in_our_templates() -> None:
    with pytest.raises(UndefinedError):
        html_environment().from_string("{{ nobody.name }}").render()
    with pytest.raises(AttributeError):
        html_environment().from_string("{{ one.nothing }}").render(one=Says())


def test_templates_of_an_instructor_are_compiled_as_jinja_does_it(tmp_path: Path) -> None:
    # There, what starts with an underscore is out of reach, and an item is found where there is no attribute.
    assert html_environment().code_generator_class is OwnCode
    for environment in (html_environment(tmp_path), markdown_environment(tmp_path)):
        assert environment.code_generator_class is CodeGenerator
    written = html_environment(tmp_path).from_string("{{ one.name }}").render(one={"name": "<b>"})
    assert written == "&lt;b&gt;"

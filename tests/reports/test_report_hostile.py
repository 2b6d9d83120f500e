"""Text of a submission never becomes markup, in any field of a grade, in any report."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from parsed import Page, markdown_structure, markdown_text, markdown_tokens
from samples import hostile, written

from grader.reports.class_rows import class_row
from grader.reports.conditions import Feedback
from grader.reports.course import class_html
from grader.reports.markdown import escape
from grader.reports.student import student_html, student_markdown
from grader.reports.text import clean
from grader.reports.view import public_view

ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</td></tr></table></style></title><h1>",
    "<!-- ",
    "]]><![CDATA[",
    '" onmouseover="alert(1)" x=\'',
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt; &#60;b&#62; &amp;",
    "[x](javascript:alert(1))",
    "![x](http://example.org/x.png)",
    "[x]: http://example.org",
    "<http://example.org>",
    "`code` ``` ````",
    "~~~ ~~gone~~",
    "a | b || c \\| d",
    "**bold** __bold__ *it* _it_",
    "# heading #",
    "- item",
    "+ item",
    "12. item",
    "3) item",
    "> quote",
    "===",
    "---",
    "    indented",
    "\\",
    "\\`",
    "=cmd|' /C calc'!A0",
    "a\n\n# heading\n\n| a | b |\n|---|---|\n",
    "a\n---\n",
    "```\n</details>\n",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07",
    "\u202egnp.exe\u2066\u200f",
    "nul\x00 bell\x07 del\x7f c1\x9b",
    "lone \udc80 surrogate",
    "$x$ $$y$$ [^1] :smile:",
    "@everyone a@b.example www.example.org https://example.org",
    "\u2028line\u2029para\x85next",
)
ACTIVE = st.text(alphabet="<>&\"'`*_[]()#!|~$\\{}=+-:.@/ \n\tx1\u202e\x1b\udc80", min_size=1, max_size=30)


def html(text: str) -> str:
    return student_html(public_view(hostile(text), Feedback.FULL))


def markdown(text: str) -> str:
    return student_markdown(public_view(hostile(text), Feedback.FULL))


def class_page(text: str) -> str:
    return class_html([class_row("alice", hostile(text)), class_row("bob", hostile(text))], assignment=text)


HTML_STRUCTURE = Page(html("x")).tags
CLASS_STRUCTURE = Page(class_page("x")).tags
MARKDOWN_STRUCTURE = markdown_structure(markdown("x"))


@pytest.mark.parametrize("text", ATTACKS)
def test_a_student_page_has_the_same_tags_and_attributes_whatever_the_texts(text: str) -> None:
    page = Page(html(text))
    assert page.tags == HTML_STRUCTURE
    assert page.comments == 0


@pytest.mark.parametrize("text", ATTACKS)
def test_a_class_page_has_the_same_tags_and_attributes_whatever_the_texts(text: str) -> None:
    page = Page(class_page(text))
    assert page.tags == CLASS_STRUCTURE
    assert page.comments == 0


@pytest.mark.parametrize("text", ATTACKS)
def test_a_markdown_report_has_the_same_structure_whatever_the_texts(text: str) -> None:
    assert markdown_structure(markdown(text)) == MARKDOWN_STRUCTURE


def test_the_structures_compared_above_are_not_empty_and_hold_every_part() -> None:
    assert [tag for tag, _ in HTML_STRUCTURE].count("article") == 3
    assert [tag for tag, _ in HTML_STRUCTURE].count("details") == 3
    assert MARKDOWN_STRUCTURE.count("table_open") == 4
    assert MARKDOWN_STRUCTURE.count("fence") == 15
    assert [tag for tag, _ in CLASS_STRUCTURE].count("table") == 6


@settings(max_examples=60)
@given(text=ACTIVE.filter(lambda text: bool(text.strip())))
@example(text="\\")
@example(text="1.")
def test_any_mix_of_active_characters_leaves_the_structure_alone(text: str) -> None:
    assert Page(html(text)).tags == HTML_STRUCTURE
    assert markdown_structure(markdown(text)) == MARKDOWN_STRUCTURE


@settings(max_examples=300)
@given(text=ACTIVE)
def test_escaped_markdown_renders_as_the_text_itself(text: str) -> None:
    one_line = " ".join(clean(text, 100).split())
    tokens = markdown_tokens(f"- {escape(one_line)}\n")
    shown = "".join(token.content for token in tokens if token.type in ("text", "text_special"))
    assert shown.replace("\u200b", "") == one_line


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "a | b || c \\| d", "**bold** `code`"])
def test_the_reader_sees_the_hostile_text_itself(text: str) -> None:
    assert text in Page(html(text)).text
    assert text in markdown_text(markdown(text))


@pytest.mark.parametrize("text", ATTACKS)
def test_no_control_or_bidi_character_and_no_surrogate_reaches_a_report(text: str) -> None:
    forbidden = set("\x00\x07\x1b\x7f\x85\x9b\u200f\u2028\u2029\u202e\u2066\udc80")
    for report in (html(text), markdown(text), class_page(text)):
        assert not forbidden & set(report)
        report.encode("utf-8")


def test_terminal_colours_are_removed_as_a_whole() -> None:
    assert clean("\x1b[1;31mValueError\x1b[0m: no", 100) == "ValueError: no"


@pytest.mark.parametrize(
    "text", ["@everyone", "a@b.example", "https://example.org/x", "www.example.org", "MAILTO:a"]
)
def test_mentions_and_bare_links_are_broken_for_renderers_that_make_links_of_them(text: str) -> None:
    escaped = escape(text)
    assert "\u200b" in escaped
    assert text not in escaped


def test_long_texts_are_cut_and_say_so() -> None:
    page = Page(html("y" * 100_000))
    assert "[cut: " in page.text
    # Four written answers and five comments of all that is kept of one.
    assert len(page.text) < 80_000 + 4 * 24_100 + 5 * 4_100
    assert "[cut: " in markdown("y" * 100_000)


def test_many_notes_are_counted_not_listed() -> None:
    view = public_view(hostile("x"), Feedback.FULL)
    assert view.notes == ("x",)
    many = public_view(
        type(hostile("x"))(
            assignment="a", student="s", files=(), sha256="", status=hostile("x").status, questions=(),
            notes=tuple("n" for _ in range(1_000)), environment=hostile("x").environment,
        )
    )  # fmt: skip
    assert len(many.notes) == 41
    assert many.notes[-1] == "… and 960 more"


def test_a_hostile_file_name_stays_one_path_below_reports() -> None:
    page = Page(class_html([class_row('../x" onclick="y?#<', hostile("x"))], assignment="a"))
    targets = {attributes["href"] for attributes in page.named("a")}
    outside = {target for target in targets if target and not target.startswith("#")}
    assert outside == {"reports/..%2Fx%22%20onclick%3D%22y%3F%23%3C.html"}


@pytest.mark.parametrize("page", [html("x"), class_page("x")])
def test_a_page_loads_nothing_and_runs_nothing(page: str) -> None:
    read = Page(page)
    names = {tag for tag, _ in read.tags}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
    assert "url(" not in page
    assert "@import" not in page
    assert {attributes["href"] for attributes in read.named("use")} <= {
        f"#v-{name}" for name in ("correct", "follows", "wrong", "missing", "invalid", "undecided")
    }


@pytest.mark.parametrize("text", ATTACKS)
def test_a_written_answer_is_shown_as_text_in_its_lines(text: str) -> None:
    """What was written line by line is read line by line, whatever it is."""
    answer = f"first\n{text}\n\nlast"
    shown = "first\n" + clean(text, 1_000) + "\n\nlast"
    view = public_view(written(answer))

    page = Page(student_html(view))
    assert page.tags == Page(student_html(public_view(written("x")))).tags
    assert shown in page.text

    report = student_markdown(view)
    assert markdown_structure(report) == markdown_structure(student_markdown(public_view(written("x"))))
    assert shown in [token.content.rstrip("\n") for token in markdown_tokens(report) if token.type == "fence"]

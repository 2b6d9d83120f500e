"""An instructor's templates stand for ours, cannot turn escaping off, and fail before a class is graded or not at all."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from corpus import CORPUS
from installed import call
from msgspec import Struct
from msgspec.structs import replace

from grader.errors import UsageError
from grader.reports.conditions import Feedback
from grader.reports.files import render_student
from grader.reports.overrides import OVERRIDABLE, check_templates, digest_of
from grader.reports.sample import FACTS, GRADES
from grader.reports.view import public_view

ROOT = Path(__file__).parent.parent.parent
SHIPPED = ROOT / "grader" / "reports" / "templates"

sys.path.insert(0, str(ROOT / "scripts"))
from template_fields import PAGE, views, with_fields  # noqa: E402


def folder(path: Path, files: Mapping[str, str]) -> Path:
    """Write templates into a folder of their own."""
    path.mkdir()
    for name, text in files.items():
        (path / name).write_text(text, encoding="utf-8")
    return path


def refused(path: Path, files: Mapping[str, str]) -> str:
    with pytest.raises(UsageError) as caught:
        check_templates(folder(path, files))
    return caught.value.message


# --------------------------------------------------------------------------------------------------------------
# Before a class is graded


def test_a_copy_of_every_template_of_ours_gives_the_reports_that_ours_give(tmp_path: Path) -> None:
    for name in OVERRIDABLE:
        shutil.copy(SHIPPED / name, tmp_path)
    check_templates(tmp_path)
    for grade in GRADES[:2]:
        assert render_student(grade, "full", FACTS, tmp_path) == render_student(grade, "full", FACTS)


@pytest.mark.parametrize(
    ("files", "where", "why"),
    [
        ({"student.html.j2": "<p>\n{{ view.pionts }}"}, "student.html.j2:2: ", "pionts"),
        ({"student.md.j2": "\n\n{% if %}"}, "student.md.j2:3: ", "Expected an expression"),
        ({"class.html.j2": "{{ view.submissions / 0 }}"}, "class.html.j2:1: ", "division by zero"),
        ({"student.html.j2": "\n{% include 'head.html.j2' %}"}, "student.html.j2:2: ", "there is no template head.html.j2"),
        (
            {"student.html.j2": "{% include 'head.html.j2' %}", "head.html.j2": "\n\n{{ nothing }}"},
            "head.html.j2:3: ",
            "'nothing' is undefined",
        ),
        ({"student.html.j2": "{{ view.student | safe }}"}, "student.html.j2:1: ", "No filter named 'safe'"),
        ({"style.css": "{% autoescape false %}{% endautoescape %}"}, "style.css:1: ", "escaping cannot be turned off"),
        ({"student.html.j2": "{{ view.__class__ }}"}, "student.html.j2:1: ", "unsafe"),
    ],
)  # fmt: skip
def test_an_error_in_a_template_is_told_with_its_file_line_and_reason(
    files: Mapping[str, str], where: str, why: str, tmp_path: Path
) -> None:
    message = refused(tmp_path / "own", files)
    assert f"{tmp_path / 'own' / where}" in message
    assert why in message


def test_an_error_that_shows_at_one_feedback_level_alone_is_found(tmp_path: Path) -> None:
    text = "{% if view.level == 'points' %}{{ view.nothing }}{% endif %}"
    assert "student.html.j2:1" in refused(tmp_path / "own", {"student.html.j2": text})


def test_a_misspelt_name_of_a_file_is_told(tmp_path: Path) -> None:
    message = refused(tmp_path / "own", {"studnet.html.j2": ""})
    assert message.endswith("studnet.html.j2 stands for no template of ours, and no other one includes it")


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    own = folder(tmp_path / "own", {})
    (own / "style.css").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match=r"style\.css: it is not UTF-8"):
        check_templates(own)


def test_what_has_another_ending_is_no_template(tmp_path: Path) -> None:
    check_templates(folder(tmp_path / "own", {"README.txt": "{% if", "logo.svg": "<svg/>"}))


def test_the_made_up_class_has_something_in_every_field_of_a_report() -> None:
    seen: dict[str, set[str]] = {}

    def look(view: object) -> None:
        if not isinstance(view, Struct):
            return
        for field in view.__struct_fields__:
            value = getattr(view, field)
            if value not in (None, (), "", 0, False):
                seen.setdefault(type(view).__name__, set()).add(field)
            for one in value if isinstance(value, tuple) else (value,):
                look(one)

    for level in Feedback:
        for grade in GRADES:
            look(public_view(grade, level, facts=FACTS))
    for name in ("StudentView", "QuestionView", "QuantityView", "FindingView", "LineView", "MarkView"):
        [view] = [one for one in views() if one.__name__ == name]
        # Lines are left out where there are hundreds.
        missing = set(view.__struct_fields__) - seen[name] - {"lines_left_out"}
        assert not missing, name


# --------------------------------------------------------------------------------------------------------------
# What they may do


def test_what_a_student_wrote_is_escaped_in_templates_of_others(tmp_path: Path) -> None:
    own = folder(
        tmp_path / "own", {"student.html.j2": "{{ view.student }}", "student.md.j2": "{{ view.student }}"}
    )
    files = render_student(replace(GRADES[0], student="<b>*x*</b>"), "full", FACTS, own)
    assert files.html == "&lt;b&gt;*x*&lt;/b&gt;"
    assert "<b>" not in files.markdown
    assert "*x*" not in files.markdown.replace("\\*", "")


def test_a_rule_may_be_added_to_ours(tmp_path: Path) -> None:
    own = folder(tmp_path / "own", {"style.css": '{% include "shipped/style.css" %}\nh1 { color: teal; }'})
    made = render_student(GRADES[0], "full", FACTS, own)
    assert "h1 { color: teal; }" in made.html
    assert (
        made.html.replace("h1 { color: teal; }", "").split()
        == render_student(GRADES[0], "full", FACTS).html.split()
    )


def test_two_folders_do_not_mix(tmp_path: Path) -> None:
    badges = "{% macro badge(verdict, count=none) %}@@{% endmacro %}"
    macros = (SHIPPED / "macros.html.j2").read_text(encoding="utf-8")
    own = folder(tmp_path / "own", {"macros.html.j2": macros + badges})
    assert "@@" in render_student(GRADES[0], "full", FACTS, own).html
    assert "@@" not in render_student(GRADES[0], "full", FACTS).html


def test_where_a_template_fails_on_a_real_submission_ours_is_taken_and_it_is_told(tmp_path: Path) -> None:
    text = "{% if view.student == 'zoe' %}\n{{ view.nothing }}{% endif %}mine"
    own = folder(tmp_path / "own", {"student.html.j2": text})
    check_templates(own)
    assert render_student(GRADES[0], "full", FACTS, own).html == "mine"
    zoe = replace(GRADES[0], student="zoe")
    made = render_student(zoe, "full", FACTS, own)
    assert made.html == render_student(zoe, "full", FACTS).html
    assert made.template_error is not None
    assert f"{own / 'student.html.j2'}:2: " in made.template_error


def test_a_change_in_name_or_content_is_seen(tmp_path: Path) -> None:
    one = folder(tmp_path / "one", {"style.css": "a", "class.css": ""})
    same = folder(tmp_path / "same", {"style.css": "a", "class.css": "", "notes.txt": "x"})
    moved = folder(tmp_path / "moved", {"style.css": "", "class.css": "a"})
    assert digest_of(one) == digest_of(same) != digest_of(moved)


def test_the_list_of_fields_on_the_page_is_that_of_the_views() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == with_fields(text), "run python scripts/template_fields.py"


def test_the_page_names_every_template_that_can_be_replaced() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert not [name for name in OVERRIDABLE if f"`{name}`" not in text]


# --------------------------------------------------------------------------------------------------------------
# From the command line


def test_a_class_keeps_its_templates_and_is_written_again_when_one_changes(tmp_path: Path) -> None:
    own = folder(tmp_path / "own", {"student.html.j2": "A {{ view.points }}"})
    handed_in, out = tmp_path / "in", tmp_path / "out"
    handed_in.mkdir()
    shutil.copy(CORPUS / "correct" / "in_place_update.py", handed_in / "zoe.py")
    page = out / "reports" / "zoe.html"
    grading = ("grade", "skip_network", handed_in, "-o", out, "--seed", "1", "--trust-submissions")
    assert call(*grading, "--templates", own).code == 0
    assert page.read_text(encoding="utf-8") == "A 10"

    (own / "student.html.j2").write_text("B {{ view.points }}", encoding="utf-8")
    done = call(*grading)
    assert "0 graded, 1 unchanged" in done.out
    assert page.read_text(encoding="utf-8") == "B 10"

    (own / "student.html.j2").write_text("{% if view.student == 'zoe' %}{{ x }}{% endif %}", encoding="utf-8")
    done = call("report", out)
    assert done.code == 0
    assert "a template failed, and the reports concerned were written with ours: " in done.err
    assert "student.html.j2:1: 'x' is undefined" in done.err.replace("\n", " ")
    assert "<!doctype html>" in page.read_text(encoding="utf-8")

    shutil.rmtree(own)
    gone = call("report", out)
    assert gone.code == 2
    assert "--no-templates" in gone.err
    assert call("report", out, "--no-templates").code == 0


def test_a_typo_ends_the_command_before_anything_is_graded(tmp_path: Path) -> None:
    own = folder(tmp_path / "own", {"student.html.j2": "{{ view.pionts }}"})
    submission = CORPUS / "correct" / "in_place_update.py"
    done = call("grade", "skip_network", submission, "-o", tmp_path / "out", "--templates", own)
    assert done.code == 2
    assert "student.html.j2:1:" in done.err
    assert not (tmp_path / "out").exists()

"""What GitHub's runner reads: commands, the summary, outputs; and that no text of a submission becomes one of them."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import flipped, grade, outcome, quantity, question, renamed
from markdown_it import MarkdownIt

from grader.exports.github import (
    MOST_SUMMARY_BYTES,
    command,
    error_annotations,
    step_output,
    stopped,
    summary,
    without_commands,
)
from grader.exports.plain import PRACTICE, log
from grader.model import Status, Verdict

DOCUMENTED = {"file", "line", "endLine", "col", "endColumn", "title"}
"""Properties of the commands `error`, `warning` and `notice` in GitHub's reference."""
COMMAND = re.compile(r"::(?P<kind>error|warning|notice)(?: (?P<properties>[^:]*))?::(?P<message>.*)")


def parsed(line: str) -> tuple[str, dict[str, str], str]:
    """Read a command as the runner does: properties are split at commas, and percent signs undone."""
    match = COMMAND.fullmatch(line)
    assert match is not None, line
    pairs = [pair.split("=", 1) for pair in (match["properties"] or "").split(",") if pair]
    return match["kind"], {key: undone(value) for key, value in pairs}, undone(match["message"])


def undone(text: str) -> str:
    for escaped, character in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(escaped, character)
    return text


def is_command(line: str) -> bool:
    """Say whether the runner takes a line for a command: the form of today at its start, the old one anywhere."""
    return line.lstrip().startswith("::") or "##[" in line


def test_an_annotation_has_the_documented_form_and_escapes() -> None:
    line = command("error", "100 %\r\nsecond", file="a,b:c.py", line=3, title="50 %: x")
    assert line == "::error file=a%2Cb%3Ac.py,line=3,title=50 %25%3A x::100 %25%0D%0Asecond"


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_whatever_the_texts_are_a_command_is_one_line_that_reads_back(
    file: str, title: str, message: str
) -> None:
    line = command("error", message, file=file, title=title)
    assert "\n" not in line
    assert "\r" not in line
    kind, properties, told = parsed(line)
    assert kind == "error"
    assert told == message
    assert properties == {key: text for key, text in (("file", file), ("title", title)) if text}


def test_a_mistake_is_an_error_at_the_line_of_its_function() -> None:
    (line,) = error_annotations([outcome(grade(flipped()))])
    kind, properties, message = parsed(line)
    assert kind == "error"
    assert properties == {"file": "work/alice.py", "line": "8", "title": "Gradients: 3 of 4 points"}
    assert properties.keys() <= DOCUMENTED
    assert message.split("\n") == [
        "First mistake: dL/dw0 \N{EM DASH} the sign is flipped.",
        "At dL/dw0: the sign is flipped.",
        "dL/dw0 is wrong: yours -0.75, expected 0.75 (worked)",
    ]


def test_an_error_that_was_raised_is_shown_at_the_line_that_raised_it() -> None:
    message = "`forward` raised ZeroDivisionError: division by zero (alice.py, line 5)"
    raised = question("forward", 0.0, status=Status.FAILED, message=message)
    (line,) = error_annotations([outcome(grade(raised))])
    assert parsed(line)[1]["line"] == "5"
    assert parsed(line)[2] == message


def test_right_work_has_no_annotation() -> None:
    assert list(error_annotations([outcome(grade())])) == []


def test_what_is_said_of_every_question_is_said_once() -> None:
    message = "not Python (alice.py, line 2)"
    every = [
        question(name, 0.0, status=Status.UNREADABLE, message=message)
        for name in ("forward", "gradients", "update")
    ]
    (line,) = error_annotations([outcome(grade(*every, status=Status.UNREADABLE, message="not Python"))])
    assert parsed(line)[1]["title"] == "Forward and 2 more: 0 of 10 points"


def test_the_question_of_the_first_mistake_comes_first() -> None:
    missing = question("forward", 0.0, status=Status.MISSING, message="no function `forward`")
    lines = list(error_annotations([outcome(grade(missing, flipped()))]))
    assert [parsed(line)[1]["title"][:9] for line in lines] == ["Gradients", "Forward: "]


def test_more_than_ten_errors_become_nine_and_one_that_counts_the_rest() -> None:
    many = [renamed(outcome(grade(flipped())), number) for number in range(12)]
    lines = list(error_annotations(many))
    assert len(lines) == 10
    assert parsed(lines[-1])[2] == "3 more, see the log and the summary of the job."
    assert len(list(error_annotations(many[:10]))) == 10


ATTACKS = (
    "::error::mine",
    "  ::add-mask::points",
    "x\n::set-output name=result::x",
    "x\r::add-path::/tmp",
    "##[group]mine",
    "x ##[add-mask]points",
    "##[error]mine",
    "::stop-commands::mine",
    "%0A::error::mine",
    "\x1b[31m::error::mine\x1b[0m",
    "section_start:1560896352:mine\r\x1b[0Kmine",
    "\u2028::error::mine",
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_of_a_submission_is_a_command_of_the_runner(attack: str) -> None:
    hostile = question("forward", 0.0, status=Status.FAILED, message=f"{attack}\n{attack}", notes=(attack,))
    wrong = question("update", 0.0, quantities=(quantity(attack, Verdict.INVALID, reason=attack),))
    of = outcome(grade(hostile, flipped(attack), wrong, notes=(attack,), printed=attack), name=attack)
    whole = [*error_annotations([of]), *stopped(list(log([of])), "TOKEN")]
    lines = [line for text in whole for line in re.split(r"[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", text)]
    ours = [line for line in lines if is_command(line)]
    assert all(line.startswith("::error ") for line in ours[:-2])
    assert ours[-2:] == ["::stop-commands::TOKEN", "::TOKEN::"]
    assert not any("\x1b" in line for line in lines)
    log_lines = lines[lines.index("::stop-commands::TOKEN") + 1 : -1]
    assert log_lines
    assert not any(is_command(line) for line in log_lines)


@given(st.text(alphabet=":#[] \tax%", max_size=12))
def test_a_line_of_the_log_is_never_a_command(line: str) -> None:
    assert not is_command(without_commands(line))


def test_a_line_without_commands_stays_as_it_is() -> None:
    assert without_commands("  passed  3 of 3  a::b ## [x]") == "  passed  3 of 3  a::b ## [x]"


def test_the_summary_says_that_it_is_practice_and_holds_the_report() -> None:
    text = summary([outcome(grade(flipped()))])
    assert text.startswith(PRACTICE)
    assert "# alice - skip\\_network" in text
    assert "At dL/dw0: the sign is flipped." in text


_AT_THE_END = ("Notes", "What the code printed", "How this was marked")
MARKUP = (
    "<img src=x onerror=alert(1)>",
    "![x](https://example.org/x.png)",
    "[x](https://example.org)",
    "@everyone https://example.org www.example.org",
    "</table><h1>x</h1>",
    "\n\n# 10 of 10 points\n\n",
)


@pytest.mark.parametrize("text", MARKUP)
def test_no_text_of_a_submission_is_markup_in_the_summary(text: str) -> None:
    hostile = question("forward", 0.0, status=Status.FAILED, message=text, notes=(text,))
    whole = summary([outcome(grade(hostile, flipped(text), student=text, notes=(text,), printed=text))])
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(whole)
    every = [one for token in tokens for one in (token, *(token.children or ()))]
    assert not {one.type for one in every} & {"link_open", "image", "html_inline", "html_block"}
    # GitHub makes links and mentions of bare texts, too.
    assert not re.search(
        r"(?:@|://|www\.)\w", "".join(one.content for one in every if one.type == "text"), re.ASCII
    )
    titles = [after.content for one, after in pairwise(tokens) if one.type == "heading_open"]
    assert "10 of 10 points" not in titles
    assert titles[1:] == [
        "Forward: 0 of 3 points",
        "Gradients: 3 of 4 points",
        "Update: 3 of 3 points",
        *_AT_THE_END,
    ]


def test_the_summary_stays_under_its_limit_and_says_what_it_leaves_out() -> None:
    long = [renamed(outcome(grade(flipped(), printed="x\n" * 4_000)), number) for number in range(200)]
    text = summary(long)
    assert 500_000 < len(text.encode()) < MOST_SUMMARY_BYTES
    assert "work/student199.py: 9 of 10 points on practice cases." in text.replace("\\_", "_")
    many = [renamed(one, number) for number, one in enumerate(long * 40)]
    text = summary(many, used=MOST_SUMMARY_BYTES - 40_000)
    assert len(text.encode()) < 40_000
    assert re.search(r"^\d{4} more have no room here; see the log of the job\.$", text, re.MULTILINE)


def test_outputs_of_a_step_are_lines_of_names_and_values() -> None:
    assert step_output({"result": "eyJ9", "points": "9"}) == "result=eyJ9\npoints=9\n"


def test_an_output_of_several_lines_is_refused() -> None:
    with pytest.raises(AssertionError):
        step_output({"result": "x\npoints=10"})

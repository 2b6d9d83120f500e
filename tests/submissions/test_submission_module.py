"""A Python file is read whatever editor wrote it."""

from __future__ import annotations

import codecs
import time
from collections.abc import Callable

import pytest
from clock import allowed
from hypothesis import given
from hypothesis import strategies as st

from grader.model import Submission
from grader.submissions.limits import UnusableError
from grader.submissions.module import read_module

HandIn = Callable[[str, bytes], Submission]


def text_of(submission: Submission) -> str:
    (source,) = submission.sources
    (text,) = source.cells
    return text


def test_a_module_is_one_source_with_one_cell(hand_in: HandIn) -> None:
    submission = hand_in("alice.py", b"w = 0.5\n")

    assert text_of(submission) == "w = 0.5\n"
    assert submission.sources[0].name == "alice.py"
    assert not submission.sources[0].is_notebook
    assert submission.files == ("alice.py",)
    assert submission.student == "alice"
    assert (submission.problem, submission.conflict, submission.notes) == (None, None, ())


def test_the_case_of_the_suffix_does_not_matter(hand_in: HandIn) -> None:
    assert text_of(hand_in("ALICE.PY", b"w = 0.5\n")) == "w = 0.5\n"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("# é\n".encode(), "# é\n"),
        (codecs.BOM_UTF8 + b"x = 1\n", "x = 1\n"),
        (b"# -*- coding: latin-1 -*-\n# \xe9\n", "# -*- coding: latin-1 -*-\n# é\n"),
        (
            b"#!/usr/bin/python\r\n# coding: cp1252\r\ns = '\x80'\r\n",
            "#!/usr/bin/python\n# coding: cp1252\ns = '€'\n",
        ),
        (b"# coding: shift_jis\ns = '\x82\xa0'\n", "# coding: shift_jis\ns = 'あ'\n"),
        (b"# coding: cp1252\rs = '\x80'\r", "# coding: cp1252\ns = '€'\n"),
    ],
    ids=["utf-8", "utf-8 with mark", "latin-1", "second line", "japanese", "old macintosh line ends"],
)
def test_a_declared_or_default_encoding_is_obeyed_without_a_note(
    hand_in: HandIn, data: bytes, text: str
) -> None:
    submission = hand_in("a.py", data)

    assert text_of(submission) == text
    assert submission.notes == ()


@pytest.mark.parametrize(
    ("data", "text", "word"),
    [
        (b"# \xe9\n", "# é\n", "Latin-1"),
        (b"# coding: utf-8\ns = '\xe9'\n", "# coding: utf-8\ns = 'é'\n", "Latin-1"),
        (b"# coding: klingon\n# \xc3\xa9\n", "# coding: klingon\n# é\n", "UTF-8"),
        (b"# coding: ascii\n# \xc3\xa9\n", "# coding: ascii\n# é\n", "UTF-8"),
        (b"# coding: rot13\nx = 1\n", "# coding: rot13\nx = 1\n", "UTF-8"),
        (b"# coding: unicode_escape\ns = '\\d'\n", "# coding: unicode_escape\ns = '\\d'\n", "UTF-8"),
        (codecs.BOM_UTF16_LE + "x = 'é'\r\n".encode("utf-16-le"), "x = 'é'\n", "UTF-16"),
        (codecs.BOM_UTF16_BE + "x = 'é'\n".encode("utf-16-be"), "x = 'é'\n", "UTF-16"),
        (codecs.BOM_UTF32_LE + "x = 'é'\n".encode("utf-32-le"), "x = 'é'\n", "UTF-32"),
    ],
)
def test_a_repaired_encoding_is_named_in_a_note(hand_in: HandIn, data: bytes, text: str, word: str) -> None:
    submission = hand_in("a.py", data)

    assert text_of(submission) == text
    assert len(submission.notes) == 1
    assert word in submission.notes[0]


def test_a_codec_that_takes_quadratic_time_is_not_used(hand_in: HandIn) -> None:
    """Python's own decoder for `punycode` needs about a minute for this file."""
    start = time.process_time()
    hand_in("a.py", b"# coding: punycode\n#-" + b"a" * 1_000_000)

    assert time.process_time() - start < allowed(2.0)


@pytest.mark.parametrize("data", [b"x = 1\0\n", "x = 1\n".encode("utf-16-le")])
def test_nul_bytes_are_a_problem(hand_in: HandIn, data: bytes) -> None:
    problem = hand_in("a.py", data).problem

    assert problem is not None
    assert "`a.py` holds NUL bytes" in problem


def test_half_of_a_utf_16_character_is_a_problem(hand_in: HandIn) -> None:
    problem = hand_in("a.py", codecs.BOM_UTF16_LE + b"x\0=").problem

    assert problem is not None
    assert "UTF-16" in problem


def test_line_ends_become_newlines_and_tabs_stay(hand_in: HandIn) -> None:
    assert text_of(hand_in("a.py", b"if x:\r\n\ty = 1\rz = 2\n")) == "if x:\n\ty = 1\nz = 2\n"


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n", codecs.BOM_UTF8])
def test_an_empty_file_is_an_empty_source_with_a_note(hand_in: HandIn, data: bytes) -> None:
    submission = hand_in("a.py", data)

    assert submission.problem is None
    assert text_of(submission) == ""
    assert submission.notes == ("`a.py` is empty.",)


@given(st.one_of(st.binary(max_size=300), st.binary(max_size=60).map(lambda data: b"# coding: " + data)))
def test_any_bytes_are_text_or_a_problem_in_one_sentence(data: bytes) -> None:
    problem, text = "`a.py` .", ""
    try:
        (text,) = read_module("a.py", data)[0].cells
    except UnusableError as error:
        problem = str(error)

    assert problem.startswith("`a.py` ")
    assert problem.endswith(".")
    assert not set(text) & set("\0\r")
    text.encode("utf-8")

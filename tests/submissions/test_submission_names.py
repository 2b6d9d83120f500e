"""Names from submissions are shown and stored safely."""

from __future__ import annotations

import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.submissions.names import display, distinct, file_name, listed, quoted, same_name_key

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=120)
PLAIN = st.text(string.ascii_letters + string.digits + "_", min_size=1, max_size=80)
# Names that hit the rules: dots, devices of Windows, spaces, accents in both forms, marks, surrogates.
ODD_TEXT = st.lists(
    st.sampled_from(
        [
            ".",
            "-",
            "_",
            " ",
            "nul",
            "CON",
            "a",
            "Z",
            "e\u0301",
            "\u00e9",
            "\u0301",
            "\udcff",
            "\u202e",
            "/",
            "\\",
            "字",
        ]
    )
).map("".join)
DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{digit}" for port in ("com", "lpt") for digit in range(10))}


@pytest.mark.parametrize("name", ["alice", "Bob_2", "anna.k", "a-b", "x", "Zoë", "李雷", "console"])
def test_a_plain_name_stays_exactly_as_it_is(name: str) -> None:
    assert file_name(name, ()) == name


@given(PLAIN)
def test_plain_ascii_names_stay_unless_windows_has_a_device_of_that_name(name: str) -> None:
    assert (file_name(name, ()) == name) == (name.casefold() not in DEVICES)


def test_a_changed_name_ends_in_the_hash_of_the_student() -> None:
    # printf %s 'Ada Lovelace' | sha256sum
    assert file_name("Ada Lovelace", ()) == "Ada_Lovelace-76740216"


def test_a_name_taken_in_another_case_gets_the_hash() -> None:
    # printf %s alice | sha256sum
    assert file_name("alice", {"ALICE"}) == "alice-2bd806c9"


@pytest.mark.parametrize("student", ["nul", "CON.txt", ".nul.x", "-Aux.a", "lpt1 ", "com\u00b9.x"])
def test_a_device_of_windows_is_no_name_with_any_suffix(student: str) -> None:
    stem = file_name(student, ()).partition(".")[0]

    assert stem.casefold() not in DEVICES | {"com\u00b9"}


def test_a_long_name_in_a_script_of_four_bytes_a_letter_stays_below_255_bytes() -> None:
    assert len(file_name("\U00020000" * 70, ()).encode()) <= 200


@given(st.one_of(ANY_TEXT, ODD_TEXT))
def test_every_name_is_safe_on_every_file_system(student: str) -> None:
    name = file_name(student, ())

    assert 1 <= len(name) <= 80
    assert len(name.encode("utf-8")) <= 200
    assert name[0] not in ".- "
    assert name[-1] not in ". "
    assert not set(name) & set('/\\:*?"<>| ')
    assert name.isprintable()
    assert name.split(".")[0].lower() not in DEVICES
    assert unicodedata.normalize("NFC", name) == name


@given(st.one_of(ANY_TEXT, ODD_TEXT))
def test_a_safe_name_is_kept_when_made_safe_again(student: str) -> None:
    once = file_name(student, ())

    assert file_name(once, ()) == once


@given(st.lists(st.one_of(ANY_TEXT, ODD_TEXT), max_size=12))
def test_no_two_names_meet_on_a_file_system_that_ignores_case(students: list[str]) -> None:
    taken: list[str] = []
    for student in students:
        taken.append(file_name(student, taken))

    assert len({unicodedata.normalize("NFKD", name.casefold()) for name in taken}) == len(students)


@given(ANY_TEXT)
def test_the_same_student_gets_the_same_name(student: str) -> None:
    assert file_name(student, ["bob"]) == file_name(student, ["bob"])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("alice", "alice"),
        ("<script>", "<script>"),
        ("a\nb\x1b[31m", "a\ufffdb\ufffd[31m"),
        ("photo\u202eyp.gpj", "photo\ufffdyp.gpj"),
        ("caf\udce9", "caf\ufffd"),
        ("zero\u200bwidth", "zero\ufffdwidth"),
        ("\u0646\u06cc\u0645\u200c\u0641", "\u0646\u06cc\u0645\u200c\u0641"),
    ],
)
def test_what_must_not_be_shown_is_replaced(text: str, shown: str) -> None:
    assert display(text) == shown


@given(ANY_TEXT)
def test_a_displayed_text_is_valid_utf_8_of_the_same_length(text: str) -> None:
    shown = display(text)

    assert len(shown.encode("utf-8").decode("utf-8")) == len(text)


def test_two_names_that_look_the_same_stay_two() -> None:
    one, two = distinct("al\udcff.py"), distinct("al\udcfe.py")

    assert one != two
    assert one.startswith("al\ufffd-")
    assert one.endswith(".py")


def test_a_quoted_name_cannot_leave_its_quotes_and_is_cut() -> None:
    assert quoted("a`b") == "`a'b`"
    assert len(quoted("x" * 255)) == 123
    assert "…" in quoted("x" * 255)


def test_a_list_of_names_says_how_many_more_there_are() -> None:
    assert listed(["a", "b"]) == "`a`, `b`"
    assert listed(list("abcdefg")) == "`a`, `b`, `c`, `d`, `e` and 2 more"


def test_case_and_composition_make_no_other_student() -> None:
    assert same_name_key("Zoe\u0308") == same_name_key("ZO\u00cb")
    assert same_name_key("zoe") != same_name_key("zo\u00eb")

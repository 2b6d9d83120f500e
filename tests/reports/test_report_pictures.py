"""Pictures in reports: they show what the level allows, are read without colour, and stay whole whatever stands in them."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from installed import call
from markupsafe import escape
from msgspec.structs import replace
from samples import grade, quantity, question, raised, sign_flipped

import grader.reports
from grader.model import Curve, ErrorMap, Excerpt, Grade, Status, Traceback, Verdict
from grader.reports.curves import CurveView, curve_view
from grader.reports.error_maps import WORDS, MapView, map_view
from grader.reports.view import QuantityView, StudentView, public_view
from grader.serialize import dumps, loads

HERE = "{http://www.w3.org/2000/svg}"
RULES = Path(grader.reports.__file__).parent / "templates" / "pictures.css"
MAP = ErrorMap(shape=(2, 3), dtype="float32", rows=("012", "34x"), worst=(1, 2), differing=5)
OWN = Curve(length=5, steps=(0, 1, 2, 3, 4), values=(2.0, 1.0, 0.5, 0.25, 0.125))
EXPECTED = Curve(length=5, steps=(0, 1, 2, 3, 4), values=(2.0, 1.5, 1.0, 0.77, 0.66))


def with_pictures(case: str, **fields: Any) -> Grade:
    """Make a grade with a map and a curve on a case."""
    row = quantity("dL/dW", Verdict.WRONG, case=case, error_map=MAP, curve=OWN, expected_curve=EXPECTED)
    return grade(question("training", 0.0, 1.0, replace(row, **fields)))


def row_of(view: StudentView) -> QuantityView:
    """Return the one quantity."""
    return view.questions[0].quantities[0]


def the_map(view: StudentView) -> MapView:
    """Return the one map."""
    found = row_of(view).error_map
    assert found is not None
    return found


def the_curve(view: StudentView) -> CurveView:
    """Return the one field of curves."""
    found = row_of(view).curve
    assert found is not None
    return found


def parsed(svg: str) -> ET.Element:
    """Read a picture strictly."""
    return ET.fromstring(svg)


# --------------------------------------------------------------------------------------------------------------
# What the level allows


@pytest.mark.parametrize(("level", "case"), [("full", "drawn-1"), ("full", "worked"), ("hints", "worked")])
def test_sizes_of_differences_are_told_where_the_expected_values_are(level: str, case: str) -> None:
    shown = the_map(public_view(with_pictures(case), level))
    assert (shown.rows, shown.worst) == (("012", "34x"), (1, 2))


def test_of_a_drawn_case_hints_tell_where_an_array_is_off_and_not_by_how_much() -> None:
    sizes = [
        replace(MAP, rows=tuple(row.translate(str.maketrans("1234", one * 4)) for row in MAP.rows))
        for one in "1234"
    ]
    views = [
        the_map(public_view(with_pictures("drawn-1", error_map=replace(one, worst=worst)), "hints"))
        for one, worst in zip([MAP, *sizes], [(1, 2), (0, 1), (0, 2), (1, 0), (1, 1)], strict=True)
    ]
    assert {(view, view.svg, view.text) for view in views} == {(views[0], views[0].svg, views[0].text)}
    assert (views[0].rows, views[0].worst) == (("0++", "++x"), None)
    assert views[0].caption == "5 of 6 entries are off or not finite."


@pytest.mark.parametrize("level", ["verdicts", "points"])
def test_below_hints_there_is_no_picture(level: str) -> None:
    view = public_view(with_pictures("worked"), level)
    assert not any(one.maps or one.curves for one in view.questions)


def test_the_expected_curve_is_shown_at_full_only() -> None:
    full, hints = (the_curve(public_view(with_pictures("drawn-1"), level)) for level in ("full", "hints"))
    assert (full.own, full.expected) == (OWN, EXPECTED)
    assert (hints.own, hints.expected) == (OWN, None)
    other = replace(EXPECTED, values=(9.0, 8.0, 7.0, 6.0, 5e9))
    unlike = public_view(with_pictures("drawn-1", expected_curve=other), "hints")
    assert the_curve(unlike).svg == hints.svg
    assert the_curve(unlike).summary == hints.summary


def test_an_expected_curve_alone_shows_nothing_below_full() -> None:
    made = with_pictures("drawn-1", curve=None, error_map=None)
    assert row_of(public_view(made, "hints")).curve is None
    assert the_curve(public_view(made, "full")).own is None


@pytest.mark.parametrize("level", ["full", "hints", "verdicts"])
def test_where_the_code_stopped_is_shown_like_the_message_that_says_so(level: str) -> None:
    assert public_view(stopped("x = 1"), level).questions[0].tracebacks
    assert not public_view(stopped("x = 1"), "points").questions[0].tracebacks


# --------------------------------------------------------------------------------------------------------------
# Maps


def test_each_class_is_a_mark_of_its_own_at_its_cells() -> None:
    drawn = parsed(map_view(MAP, with_sizes=True).svg)
    paths = {one.get("class"): one.get("d") for one in drawn.iter("path")}
    assert paths == {
        "m-ok": "M0 0h.1",
        "m-1": "M1 0h.1",
        "m-2": "M2 0h.1",
        "m-3": "M0 1h.1",
        "m-4": "M1 1h.1",
        "m-lost": "M2 1m-.3-.3l.6.6m0-.6l-.6.6",
    }
    (frame,) = [one for one in drawn.iter("rect") if one.get("class") == "m-worst"]
    assert (frame.get("x"), frame.get("y")) == ("1.5", "0.5")


def test_a_larger_difference_is_a_larger_mark() -> None:
    rules = RULES.read_text(encoding="utf-8")
    widths = [
        float(found)
        for name in ("ok", "1", "2", "3", "4")
        for found in re.findall(rf"\.m-{name}\b[^{{]*{{[^}}]*stroke-width: ([\d.]+)", rules)
    ]
    assert len(widths) == 5
    assert widths == sorted(set(widths))


def test_a_stretch_of_cells_is_drawn_in_one_stroke() -> None:
    row = ErrorMap(shape=(8,), dtype="float64", rows=("04444400",), worst=(0, 1), differing=5)
    drawn = parsed(map_view(row, with_sizes=True).svg)
    assert [one.get("d") for one in drawn.iter("path")] == ["M0 0h.1M6 0h1.1", "M1 0h4.1"]


def test_a_map_says_in_words_what_it_shows() -> None:
    view = map_view(MAP, with_sizes=True)
    title = parsed(view.svg).find("title")
    assert title is not None
    assert title.text is not None
    assert title.text.startswith("Where it is off, 2 \N{MULTIPLICATION SIGN} 3. 5 of 6 entries are off")
    assert [words for _, words in view.key] == [WORDS[one] for one in "01234x"]
    assert all(parsed(sample).get("aria-hidden") == "true" for sample, _ in view.key)


def test_a_map_is_told_in_signs_where_no_picture_can_be() -> None:
    assert map_view(MAP, with_sizes=True).text == "· ░ ▒\n▓ █ \N{MULTIPLICATION SIGN}"
    signs = dict(map_view(MAP, with_sizes=False).text_key)
    assert signs == {"·": "as expected", "■": "off", "\N{MULTIPLICATION SIGN}": "not finite"}


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (
            ErrorMap(shape=(2,), dtype="float64", rows=("44",), worst=(0, 0), differing=2),
            "All 2 entries are off.",
        ),
        (
            ErrorMap(shape=(3,), dtype="float64", rows=("040",), worst=(0, 1), differing=1),
            "1 of 3 entries is off.",
        ),
        (
            ErrorMap(shape=(2, 1, 2), dtype="float64", rows=("04", "00"), worst=(0, 1), differing=1),
            "1 of 4 entries is off. The last axis runs across, the others down.",
        ),
        (
            ErrorMap(shape=(48,), dtype="float64", rows=("4" + 23 * "0",), worst=(0, 0), differing=2),
            "2 of 48 entries are off. Each cell stands for several entries and shows the worst.",
        ),
    ],
)
def test_a_caption_counts(found: ErrorMap, words: str) -> None:
    assert map_view(found, with_sizes=False).caption == words


def test_a_full_map_takes_few_bytes() -> None:
    generator = np.random.default_rng(5)
    rows = tuple("".join(generator.choice(list("01234x"), 24)) for _ in range(24))
    worst = ErrorMap(shape=(24, 24), dtype="float64", rows=rows, worst=(0, 0), differing=480)
    assert len(map_view(worst, with_sizes=True).svg) < 8_000
    assert len(dumps(with_pictures("worked", error_map=worst))) - len(dumps(with_pictures("worked"))) < 1_000


# --------------------------------------------------------------------------------------------------------------
# Curves


def heights(svg: str, name: str) -> list[float]:
    """Return how far down each point of a line stands."""
    (path,) = [one for one in parsed(svg).iter("path") if one.get("class") == name]
    return [float(point.split()[1]) for point in re.split("[ML]", path.get("d") or "")[1:]]


def field(own: Curve | None, expected: Curve | None = None) -> CurveView:
    """Draw curves."""
    view = curve_view("xor.losses", own, expected)
    assert view is not None
    return view


def curve(*values: float | str) -> Curve:
    """Make a short curve."""
    return Curve(length=len(values), steps=tuple(range(len(values))), values=values)


def test_a_larger_value_stands_higher_and_equal_ones_on_one_line() -> None:
    own = heights(field(curve(1.0, 3.0, 2.0), curve(1.0, 1.0, 3.0)).svg, "c-own")
    expected = heights(field(curve(1.0, 3.0, 2.0), curve(1.0, 1.0, 3.0)).svg, "c-expected")
    assert own[1] < own[2] < own[0]
    assert expected == [own[0], own[0], own[1]]
    assert own[2] == pytest.approx((own[0] + own[1]) / 2, abs=0.1)


@pytest.mark.parametrize(
    ("values", "is_log"),
    [
        ((1.0, 0.001), True),
        ((1.0, 0.02), False),
        ((1.0, 0.0), False),
        ((1.0, -1e-9), False),
        (("nan",), False),
    ],
)
def test_the_scale_is_logarithmic_over_two_decades_above_zero(
    values: tuple[float | str, ...], *, is_log: bool
) -> None:
    view = field(curve(*values))
    assert view.is_log == is_log
    assert ("(log)" in view.svg) == is_log


def test_equal_steps_of_a_logarithmic_scale_are_equal_factors() -> None:
    own = heights(field(curve(1000.0, 100.0, 10.0, 1.0)).svg, "c-own")
    steps = np.diff(own)
    assert np.allclose(steps, steps[0], atol=0.15)


def test_a_line_ends_where_a_value_is_not_finite_and_that_is_marked_and_said() -> None:
    view = field(curve(1.0, 2.0, "inf", "nan", 1.5))
    (path,) = [one for one in parsed(view.svg).iter("path") if one.get("class") == "c-own"]
    assert [len(part.split("L")) for part in (path.get("d") or "").split("M")[1:]] == [2, 1]
    assert "c-lost" in view.svg
    assert view.summary == "Yours starts at 1 and ends at 1.5 (step 4); it is not finite at step 2."


def test_lines_are_told_apart_without_colour() -> None:
    texts = {one.get("class"): one.text for one in parsed(field(OWN, EXPECTED).svg).iter("text")}
    assert (texts["c-own-label"], texts["c-expected-label"]) == ("yours", "expected")
    assert re.search(r"\.c-expected {[^}]*stroke-dasharray: \d", RULES.read_text(encoding="utf-8"))


def test_the_names_of_two_lines_that_end_alike_do_not_overlap() -> None:
    for own, expected in ((1.0, 1.0), (1.0, 1.01), (1.01, 1.0)):
        labels = [
            float(one.get("y") or 0)
            for one in parsed(field(curve(2.0, own), curve(2.0, expected)).svg).iter("text")
            if "label" in (one.get("class") or "")
        ]
        assert abs(labels[0] - labels[1]) >= 11.9


NUMBERS = st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["nan", "inf", "-inf"]))


@given(st.lists(NUMBERS, min_size=1, max_size=9), st.lists(NUMBERS, min_size=1, max_size=9))
def test_any_curve_is_drawn_inside_the_picture(own: list[float | str], expected: list[float | str]) -> None:
    view = field(curve(*own), curve(*expected))
    root = parsed(view.svg)
    _, _, width, height = (float(one) for one in (root.get("viewBox") or "").split())
    for path in root.iter("path"):
        numbers = re.findall(r"-?[.\w]+", re.sub("[MLHVhml]", " ", path.get("d") or ""))
        assert all(-8.0 <= float(one) <= max(width, height) for one in numbers)
    for text in root.iter("text"):
        assert 0.0 <= float(text.get("y") or -1) <= height + 12.0


# --------------------------------------------------------------------------------------------------------------
# What both keep


def test_what_a_student_or_an_author_writes_stays_text() -> None:
    hostile = "</title><script>alert(1)</script>&\"'"
    made = with_pictures("worked", name=hostile, error_map=replace(MAP, dtype=hostile))
    view = public_view(made, "full")
    for svg in (the_map(view).svg, the_curve(view).svg):
        assert "<script" not in svg
        assert parsed(svg).find(".//script") is None


def test_pictures_bring_no_colour_of_their_own() -> None:
    view = public_view(with_pictures("worked"), "full")
    drawn = f"{the_map(view).svg}{the_curve(view).svg}{RULES.read_text(encoding='utf-8')}"
    assert not re.search(r"#[0-9a-fA-F]{3}|rgb|hsl|style=", drawn)


def test_every_class_in_a_picture_has_its_rule() -> None:
    view = public_view(with_pictures("worked"), "full")
    lost = field(curve(1.0, "nan"), OWN).svg
    off = map_view(MAP, with_sizes=False).svg
    drawn = f"{the_map(view).svg}{the_curve(view).svg}{lost}{off}{the_map(view).key[0][0]}"
    names = {name for found in re.findall(r'class="([^"]*)"', drawn) for name in found.split()}
    rules = set(re.findall(r"\.([a-z][\w-]*)", RULES.read_text(encoding="utf-8")))
    assert names <= rules


def test_pictures_are_stored_with_the_grade_and_a_grade_without_them_is_read() -> None:
    made = replace(with_pictures("worked"), tracebacks=stopped("x").questions[0].tracebacks)
    assert loads(dumps(made)) == made
    stored = json.loads(dumps(sign_flipped()))
    del stored["tracebacks"]
    for one in stored["questions"]:
        del one["tracebacks"]
        for row in one["quantities"]:
            del row["error_map"], row["curve"], row["expected_curve"]
    assert loads(json.dumps(stored)) == sign_flipped()


# --------------------------------------------------------------------------------------------------------------
# Tracebacks


def stopped(*lines: str, **fields: Any) -> Grade:
    """Make a grade of code that stopped at the last of some lines."""
    excerpt = Excerpt(
        file="alice.py", cell=None, line=29 + len(lines), function="backward", first=30, lines=lines
    )
    found = Traceback(function="backward", error="ValueError: no", frames=(replace(excerpt, **fields),))
    one = replace(raised().questions[1], status=Status.FAILED, tracebacks=(found,))
    return grade(one)


def test_the_line_that_failed_is_marked_among_those_around_it() -> None:
    (frame,) = (
        public_view(stopped("    for x in y:", "", "        z = x / 0")).questions[0].tracebacks[0].frames
    )
    assert frame.where == "alice.py, line 32, in backward"
    assert frame.text == "  30  for x in y:\n  31\n> 32      z = x / 0"


def test_a_cell_is_named_and_the_top_of_a_file_is_no_function() -> None:
    (frame,) = public_view(stopped("x", cell=4, function="<module>")).questions[0].tracebacks[0].frames
    assert frame.where == "alice.py, cell 4, line 30"


def test_hostile_lines_stay_one_line_each() -> None:
    made = stopped("a\x00\x1b[31m\u202eb", "c\x0b\x0c\nd", "e", file="x\ny.py", function="f\n\u2028g")
    (frame,) = public_view(made).questions[0].tracebacks[0].frames
    assert [line.number for line in frame.lines] == [30, 31, 32]
    assert len(frame.text.split("\n")) == 3
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e\u2028]", frame.text + frame.where)


# --------------------------------------------------------------------------------------------------------------
# From the command to the page

SUBMISSIONS = Path(__file__).parent.parent.parent / "assignments" / "two_layer_net" / "submissions"


def test_a_report_shows_where_arrays_are_off_and_where_code_stopped(tmp_path: Path) -> None:
    handed_in = tmp_path / "class"
    handed_in.mkdir()
    for name in ("wrong/bias_averaged.py", "failed/transpose_missing.py"):
        shutil.copy(SUBMISSIONS / name, handed_in)
    done = call("grade", "two_layer_net", handed_in, "-o", tmp_path / "out", "--seed", "1")
    assert done.code == 0, done.err
    off, failed = (
        (tmp_path / "out" / "reports" / f"{name}.html").read_text(encoding="utf-8")
        for name in ("bias_averaged", "transpose_missing")
    )
    assert '<svg class="map"' in off
    assert "entries are off" in off
    # Each is read from the file that was handed in: the line that the traceback names, and those around it.
    text = (SUBMISSIONS / "failed" / "transpose_missing.py").read_text(encoding="utf-8").splitlines()
    number = int(re.findall(r"transpose_missing\.py, line (\d+)", failed)[0])
    for line in (text[number - 2], text[number - 1], text[number]):
        assert str(escape(line.strip())) in failed

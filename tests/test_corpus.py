"""Every submission of the corpus gets, through the installed command, what was worked out for it by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from corpus import CORPUS, LIMITED, departures, expected, folders, student, submissions
from installed import call, once, results
from result_schema import violations

EXPECTED = expected()
IN_A_LIMIT = [path for path in EXPECTED if path.startswith(LIMITED)]
QUICK = [path for path in EXPECTED if path not in IN_A_LIMIT]
MARKED = [path for path in EXPECTED if path.startswith(("correct/", "follows/", "wrong/"))]

Results = Mapping[str, Mapping[str, Any]]


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Grade all that runs into no limit, once."""

    def grade(out: Path) -> None:
        done = call("grade", "skip_network", *folders(limited=False), "-o", out, "--seed", "1")
        assert done.code == 0, done.err

    return results(once(tmp_path_factory, "corpus", grade))


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Run `grader demo`, which grades the whole corpus, once."""

    def grade(out: Path) -> None:
        done = call("demo", "-o", out)
        assert done.code == 0, done.err
        assert f"{out / 'index.html'}" in done.out

    return results(once(tmp_path_factory, "demo", grade))


def test_the_corpus_and_what_is_expected_of_it_name_the_same_submissions() -> None:
    assert submissions() == sorted(EXPECTED)


def test_the_corpus_has_at_least_forty_submissions_and_some_of_each_kind() -> None:
    assert len(EXPECTED) >= 40
    kinds = Counter(path.partition("/")[0] for path in EXPECTED)
    assert set(kinds) == {path.name for path in folders(limited=True)}
    assert kinds["correct"] >= 20


def test_every_submission_of_the_corpus_is_a_student_of_its_own() -> None:
    """Else two of them would be one student's, and nobody's work would be graded."""
    assert max(Counter(map(student, EXPECTED)).values()) == 1


def test_every_result_in_the_output_is_one_of_the_corpus(graded: Results) -> None:
    assert set(graded) == set(map(student, QUICK))


@pytest.mark.parametrize("path", QUICK)
def test_it_gets_what_was_worked_out_by_hand(path: str, graded: Results) -> None:
    assert list(departures(EXPECTED[path], graded[student(path)])) == []


@pytest.mark.parametrize("path", QUICK)
def test_its_result_file_follows_the_contract(path: str, graded: Results) -> None:
    assert violations(graded[student(path)]) == []


@pytest.mark.slow
@pytest.mark.parametrize("path", EXPECTED)
def test_the_demonstration_gives_it_what_was_worked_out_by_hand(path: str, demo: Results) -> None:
    """Those that run into a limit included."""
    result = demo[student(path)]
    assert list(departures(EXPECTED[path], result)) == []
    assert violations(result) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 22))
def test_no_grade_depends_on_the_seed(seed: int, tmp_path: Path) -> None:
    """On seeds beside the one of the quick test; `seed` is part of no expectation."""
    kinds = [CORPUS / kind for kind in ("correct", "follows", "wrong")]
    done = call("grade", "skip_network", *kinds, "-o", tmp_path / "out", "--seed", str(seed))
    assert done.code == 0, done.err

    given = results(tmp_path / "out")

    found = {path: list(departures(EXPECTED[path], given[student(path)])) for path in MARKED}
    assert {path: texts for path, texts in found.items() if texts} == {}


def result_of(path: str, graded: Results) -> dict[str, Any]:
    """Return a copy of a result down to the quantities of its first question."""
    result = dict(graded[student(path)])
    first, *rest = result["questions"]
    result["questions"] = [{**first, "quantities": [dict(entry) for entry in first["quantities"]]}, *rest]
    return result


def test_a_departure_from_what_is_expected_is_seen(graded: Results) -> None:
    """The comparison itself: one change each of status, points, verdict, first mistake and findings."""
    want = EXPECTED["wrong/ascent.py"]
    result = result_of("wrong/ascent.py", graded)

    verdict = result_of("wrong/ascent.py", graded)
    verdict["questions"][0]["quantities"][0]["verdict"] = "follows"
    points = result_of("wrong/ascent.py", graded)
    points["questions"][0]["points"] = 2.0
    silent = {**result, "questions": [{**entry, "findings": []} for entry in result["questions"]]}

    assert list(departures(want, verdict)) == ["forward: z0 is follows, not correct"]
    assert list(departures(want, points)) == ["forward: 2.0 points, not 3.0"]
    assert list(departures(want, {**result, "status": "fault"})) == ["status is fault, not graded"]
    assert list(departures(want, {**result, "first_mistake": "z0"}))
    assert list(departures(want, silent))
    assert list(departures({**want, "point": 3}, result)) == ["expected.toml: unknown keys {'point'}"]


def test_a_violation_of_the_schema_is_seen(graded: Results) -> None:
    result = result_of("correct/tuples.py", graded)
    first = result["questions"][0]["quantities"][0]
    broken = [
        {**result, "extra": 1},
        {**result, "points": 10},
        {**result, "status": "failed"},
        {**result, "first_mistake": 3},
        {**result, "final": False},
        {**result, "max_points": 11.0},
        {key: result[key] for key in sorted(result)},
    ]
    for key, value in [("case", "drawn"), ("actual", "NaN"), ("actual", [True]), ("verdict", "right")]:
        changed = result_of("correct/tuples.py", graded)
        changed["questions"][0]["quantities"][0] = {**first, key: value}
        broken.append(changed)

    assert violations(result) == []
    assert all(violations(entry) for entry in broken)

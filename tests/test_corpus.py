"""Every submission of every corpus gets, through the installed command, what was worked out for it by hand."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from corpus import CORPORA, LIMITED
from installed import call, once, results
from result_schema import violations

from grader.validation.departures import completed, departures

Results = Mapping[str, Mapping[str, Any]]

SKIP = CORPORA["skip_network"]
EVERY = [(name, path) for name, corpus in CORPORA.items() for path in corpus.expected]
QUICK = [(name, path) for name, path in EVERY if CORPORA[name].is_quick(path)]
TRAINING = [
    (name, path) for name, path in EVERY if not path.startswith(LIMITED) and (name, path) not in QUICK
]
MARKED = ("correct", "follows", "mixed", "wrong")
"""Kinds of submissions whose verdicts stand on the hidden cases."""

SEEDED = [
    (name, seed)
    for name in CORPORA
    for seed in range(2, 22)
    if os.environ.get("GRADER_SEEDS") or name == "skip_network" or seed % 3 == 0
]
"""Twenty seeds of the skip network, and six of the others, or twenty of all where `make seeds` asks for all."""

Chosen = Sequence[tuple[str, str]]


def grader_of(chosen: Chosen, kind: str, factory: pytest.TempPathFactory) -> Callable[[str], Results]:
    """Return what grades the chosen submissions of an assignment as one class, once, when it is first asked for."""

    @cache
    def attempt(name: str) -> Results | str:
        paths = [path for one, path in chosen if one == name]
        handed_in = CORPORA[name].class_of(paths, factory.mktemp(name) / "class")

        def grade(out: Path) -> None:
            done = call("grade", name, handed_in, "-o", out, "--seed", "1")
            assert done.code == 0, done.err

        try:
            return results(once(factory, f"{kind}-{name}", grade))
        except AssertionError as error:  # kept too: each test would grade the class again, to the same end
            return str(error)

    def of(name: str) -> Results:
        graded = attempt(name)
        assert not isinstance(graded, str), graded
        return graded

    return of


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Results]:
    """Grade all of an assignment that takes much less than a second each."""
    return grader_of(QUICK, "quick", tmp_path_factory)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Results]:
    """Grade all of an assignment that train."""
    return grader_of(TRAINING, "training", tmp_path_factory)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Run `grader demo`, which grades the corpus of the skip network, once."""

    def grade(out: Path) -> None:
        done = call("demo", "-o", out)
        assert done.code == 0, done.err
        assert f"{out / 'index.html'}" in done.out

    return results(once(tmp_path_factory, "demo", grade))


@pytest.mark.parametrize("name", CORPORA)
def test_the_corpus_and_what_is_expected_of_it_name_the_same_submissions(name: str) -> None:
    assert CORPORA[name].submissions() == sorted(CORPORA[name].expected)


@pytest.mark.parametrize("name", CORPORA)
def test_a_corpus_has_right_work_in_several_styles_and_wrong_work_of_each_kind(name: str) -> None:
    kinds = Counter(path.partition("/")[0] for path in CORPORA[name].expected)
    assert set(kinds) == {path.name for path in CORPORA[name].folders(limited=True)}
    assert kinds["correct"] >= 4
    assert kinds["wrong"] >= 8


def test_the_corpus_of_the_skip_network_is_a_class_of_its_own() -> None:
    assert len(SKIP.expected) >= 40
    assert sum(path.startswith("correct/") for path in SKIP.expected) >= 20


@pytest.mark.parametrize("name", CORPORA)
def test_every_submission_of_a_corpus_is_a_student_of_its_own(name: str) -> None:
    """Else two of them would be one student's, and nobody's work would be graded."""
    assert max(Counter(map(CORPORA[name].student, CORPORA[name].expected)).values()) == 1


@pytest.mark.parametrize("name", CORPORA)
def test_every_result_in_the_output_is_one_of_the_corpus(name: str, graded: Callable[[str], Results]) -> None:
    assert set(graded(name)) == {CORPORA[name].student(path) for one, path in QUICK if one == name}


@pytest.mark.parametrize(("name", "path"), QUICK)
def test_it_gets_what_was_worked_out_by_hand(name: str, path: str, graded: Callable[[str], Results]) -> None:
    corpus = CORPORA[name]
    assert list(departures(corpus.expected[path], graded(name)[corpus.student(path)])) == []


@pytest.mark.parametrize(("name", "path"), QUICK)
def test_its_result_file_follows_the_contract(name: str, path: str, graded: Callable[[str], Results]) -> None:
    assert violations(graded(name)[CORPORA[name].student(path)]) == []


@pytest.mark.slow
@pytest.mark.parametrize(("name", "path"), TRAINING)
def test_work_that_trains_gets_what_was_worked_out_by_hand(
    name: str, path: str, trained: Callable[[str], Results]
) -> None:
    corpus = CORPORA[name]
    result = trained(name)[corpus.student(path)]
    assert list(departures(corpus.expected[path], result)) == []
    assert violations(result) == []


@pytest.mark.slow
@pytest.mark.parametrize("path", SKIP.expected)
def test_the_demonstration_gives_it_what_was_worked_out_by_hand(path: str, demo: Results) -> None:
    """Those that run into a limit included."""
    result = demo[SKIP.student(path)]
    assert list(departures(SKIP.expected[path], result)) == []
    assert violations(result) == []


@pytest.mark.slow
@pytest.mark.parametrize(("name", "seed"), SEEDED)
def test_no_grade_depends_on_the_seed(name: str, seed: int, tmp_path: Path) -> None:
    """On seeds beside the one of the quick test; `seed` is part of no expectation."""
    corpus = CORPORA[name]
    paths = [path for one, path in QUICK if one == name and path.startswith(MARKED)]
    handed_in = corpus.class_of(paths, tmp_path / "class")
    done = call("grade", name, handed_in, "-o", tmp_path / "out", "--seed", str(seed))
    assert done.code == 0, done.err

    given = results(tmp_path / "out")

    found = {path: list(departures(corpus.expected[path], given[corpus.student(path)])) for path in paths}
    assert {path: texts for path, texts in found.items() if texts} == {}


def result_of(path: str, graded: Callable[[str], Results]) -> dict[str, Any]:
    """Return a copy of a result down to the quantities of its first question."""
    result = dict(graded("skip_network")[SKIP.student(path)])
    first, *rest = result["questions"]
    result["questions"] = [{**first, "quantities": [dict(entry) for entry in first["quantities"]]}, *rest]
    return result


def test_a_departure_from_what_is_expected_is_seen(graded: Callable[[str], Results]) -> None:
    """The comparison itself: one change each of status, points, verdict, first mistake and findings."""
    want = SKIP.expected["wrong/ascent.py"]
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


def test_points_that_wait_for_another_reason_than_expected_are_seen(graded: Callable[[str], Results]) -> None:
    """Of a question that waits in part: all points where nothing is said, else those that are said."""
    name, path = "skip_network_by_hand", "mixed/a_line_that_cannot_be_read.md"
    result, want = graded(name)[CORPORA[name].student(path)], CORPORA[name].expected[path]
    said = {key: value for key, value in want.items() if key != "pending"}

    assert list(departures(want, result)) == []
    assert [text.split(":")[0] for text in departures(said, result)] == ["derivation"]
    assert len(list(departures({**want, "pending": {"derivation": 0.0}}, result))) == 1


def test_a_violation_of_the_schema_is_seen(graded: Callable[[str], Results]) -> None:
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


def test_an_entry_takes_from_the_defaults_what_it_leaves_out() -> None:
    """Tables key by key, everything else as a whole."""
    defaults = {
        "status": "graded",
        "points": {"relu": 1.0, "softmax": 1.0},
        "question_status": {"text": "missing"},
    }

    entry = completed({"points": {"relu": 0.5}, "first_mistake": "relu.Y"}, defaults)

    assert entry == {
        "status": "graded",
        "first_mistake": "relu.Y",
        "points": {"relu": 0.5, "softmax": 1.0},
        "question_status": {"text": "missing"},
    }

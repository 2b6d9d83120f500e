"""The page on accuracy has the counts of the rewritings and of the injected errors, and the class of the benchmark is what it says."""

from __future__ import annotations

import importlib
import re
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest
from injected import INJECTED
from rewritings import REWRITINGS
from written_outcomes import ALL, FAMILIES, counted, departures_of, error_cells, kind_of, outcome_of

ROOT = Path(__file__).resolve().parents[2]


def documented() -> dict[str, list[str]]:
    """Read the rows of the generated part of the page on written work, by their first cell; both sums in one list."""
    text = (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8")
    generated = text.split("<!-- generated: written table -->")[1].split("<!-- end of generated part -->")[0]
    rows: dict[str, list[str]] = {}
    for row in re.findall(r"^\| (.*) \|$", generated, re.MULTILINE):
        first, *others = row.split(" | ")
        rows.setdefault(first, []).extend(others)
    return rows


def test_every_rewriting_is_of_one_family_and_every_error_of_one_kind() -> None:
    named = [name for names in FAMILIES.values() for name in names]
    assert sorted(named) == sorted(REWRITINGS)
    assert {kind_of(error) for error in INJECTED} == {
        "values in formulas",
        "gradients in formulas",
        "values with numbers",
        "gradients with numbers",
        "new weights",
    }


def test_the_page_counts_every_rewriting_and_every_error() -> None:
    rows = documented()
    assert {family: int(rows[family][0]) for family in FAMILIES} == {
        family: len(names) for family, names in FAMILIES.items()
    }
    kinds = Counter(kind_of(error) for error in INJECTED)
    assert {kind: int(rows[kind][0]) for kind in kinds} == kinds
    assert [rows[ALL][0], rows[ALL][2]] == [str(len(REWRITINGS)), str(len(INJECTED))]


@pytest.mark.slow
def test_the_page_has_the_counts_that_come_out() -> None:
    rows = documented()
    for family, names in FAMILIES.items():
        assert rows[family][1] == str(sum(not departures_of(name) for name in names))
    for kind, counts in counted(outcome_of(error) for error in INJECTED).items():
        assert rows[kind][-5:] == list(error_cells(kind, counts))[1:]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Import the benchmark; its folder is no package."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module("written")


def test_no_two_submissions_of_the_benchmark_are_alike_and_it_is_the_same_every_time(
    written: ModuleType, tmp_path: Path
) -> None:
    folders = [tmp_path / "one", tmp_path / "other"]
    for folder in folders:
        folder.mkdir()
        kinds = written.write_class(folder, 60)
        assert kinds == {"of the corpus": 20, "rewritten": 20, "rewritten with an error": 20}
    one, other = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders)

    assert one == other
    assert len(set(one.values())) == 60

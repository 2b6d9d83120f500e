"""`grader new`: what it writes, what it refuses, and copies with other numbers."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest
from installed import call

from grader.assignment_file import load, read, shipped_folder
from grader.authoring.copying import copied
from grader.authoring.corpus import leave_out
from grader.authoring.folder import small, write
from grader.authoring.numbers import redrawn, units_of
from grader.authoring.task_text import left_over, with_numbers
from grader.authoring.toml_lines import replaced, without_tables

CODE = ("skip_network", "softmax_cross_entropy", "two_layer_net")
WRITTEN = ("skip_network_by_hand", "softmax_sheet")


def test_a_new_assignment_is_complete(tmp_path: Path) -> None:
    done = call("new", "my_first", "--no-validate", folder=tmp_path)
    assert done.code == 0, done.err
    place = tmp_path / "my_first"
    assert {path.name for path in place.iterdir()} == {
        *("assignment.toml", "network.py", "solution.py", "task.md", "submissions")
    }
    expected = tomllib.loads((place / "submissions" / "expected.toml").read_text(encoding="utf-8"))
    files = {path.relative_to(place / "submissions").as_posix() for path in place.glob("submissions/*/*.py")}
    assert files == expected.keys()
    assert sum(path.startswith("wrong/") for path in files) >= 3
    task = (place / "task.md").read_text(encoding="utf-8")
    assert "`my_first.py` or `my_first.ipynb`" in task
    assert read(place).max_points == 10


@pytest.mark.slow
def test_a_new_assignment_is_proved_sound(tmp_path: Path) -> None:
    done = call("new", "first", folder=tmp_path)
    assert done.code == 0, done.out
    assert "first is sound." in done.out


@pytest.mark.slow
def test_a_copy_leaves_out_the_one_submission_that_gets_something_else_and_keeps_the_others(
    tmp_path: Path,
) -> None:
    write(tmp_path / "first", small("first"))
    write(tmp_path / "second", copied(read(tmp_path / "first"), "second", 4).files)
    expected = tmp_path / "second" / "submissions" / "expected.toml"
    text = expected.read_text(encoding="utf-8")
    expected.write_text(text.replace("update = 1.5", "update = 2.5"), encoding="utf-8")
    count, gone = leave_out(tmp_path / "second", 1, lambda _what, _done, _total: None)
    assert count == 6
    assert [one.path for one in gone] == ["wrong/uphill.py"]
    assert "2.5" in gone[0].why
    assert len(tomllib.loads(expected.read_text(encoding="utf-8"))) == 5
    assert not (expected.parent / "wrong" / "uphill.py").exists()
    assert (expected.parent / "wrong" / "sign_of_the_loss.py").is_file()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("skip_network",), "ships with the grader"),
        (("two words",), "no name of an assignment"),
        (("../",), "no name of an assignment"),
        (("there",), "is there already"),
        (("other", "--seed", "3"), "goes with --from"),
        (("other", "--from", "nowhere"), "there is no assignment `nowhere`"),
    ],
)
def test_a_call_that_cannot_be_meant_so_writes_nothing(
    tmp_path: Path, arguments: tuple[str, ...], why: str
) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "notes.txt").write_text("mine", encoding="utf-8")
    done = call("new", *arguments, folder=tmp_path)
    assert done.code == 2
    assert why in done.err
    assert [path.name for path in tmp_path.rglob("*")] == ["there", "notes.txt"]


@pytest.mark.parametrize("name", [*CODE, *WRITTEN])
def test_a_copy_asks_the_same_with_other_numbers(tmp_path: Path, name: str) -> None:
    original = load(name)
    write(tmp_path / "mine", copied(original, "mine", 11).files)
    copy = read(tmp_path / "mine")
    assert [(q.id, q.points, q.functions) for q in copy.questions] == [
        (q.id, q.points, q.functions) for q in original.questions
    ]
    for unit, old in units_of(original).items():
        new = units_of(copy)[unit]
        assert new.graph == old.graph
        assert len(new.cases.edges) == len(old.cases.edges)
        if old.cases.worked is not None and new.cases.worked is not None:
            assert {k: v.shape for k, v in new.cases.worked.items()} == {
                k: v.shape for k, v in old.cases.worked.items()
            }
            assert any(np.any(new.cases.worked[k] != v) for k, v in old.cases.worked.items())
        if any(rule.range for rule in old.cases.leaves.values()):
            assert any(new.cases.leaves[k].range != rule.range for k, rule in old.cases.leaves.items())


def test_the_same_seed_makes_the_same_copy_and_another_one_another() -> None:
    original = load("skip_network")
    assert copied(original, "mine", 5) == copied(original, "mine", 5)
    assert copied(original, "mine", 5).files["task.md"] != copied(original, "mine", 6).files["task.md"]


def test_a_copy_says_the_seed_that_it_was_made_from() -> None:
    text = copied(load("skip_network"), "mine", 5).files["assignment.toml"].decode()
    assert text.startswith(
        "# skip_network with other numbers: `grader new mine --from skip_network --seed 5`.\n"
    )


@pytest.mark.parametrize("seed", range(8))
def test_a_new_worked_case_lets_every_gradient_show_that_the_old_one_shows(seed: int) -> None:
    new = redrawn(load("skip_network"), np.random.default_rng(seed)).worked[""]
    x, y, w0, w1, w2, ws = (float(new[name]) for name in ("x", "y", "w0", "w1", "w2", "ws"))
    z0 = w0 * x
    z1 = w1 * z0
    assert z0 > 0
    assert z1 > 0
    assert y != ws * z0 + w2 * z1
    assert len({abs(value) for value in (x, y, w0, w1, w2, ws)}) == 6


def test_what_two_functions_are_given_together_stays_the_same_for_both() -> None:
    new = redrawn(load("softmax_cross_entropy"), np.random.default_rng(2)).worked
    assert np.array_equal(new["softmax"]["s"], new["compound"]["s"])
    assert np.array_equal(np.sum(new["cross_entropy"]["p"], axis=1).round(12), [1, 1])
    assert np.array_equal(np.sum(new["compound"]["t"], axis=1), [1, 1])


def test_numbers_are_replaced_in_a_text_where_they_stand_behind_their_name() -> None:
    unit = load("skip_network_by_hand")
    units = units_of(unit)
    new = {"": {**units[""].cases.worked, "x": np.asarray(0.35), "lr": np.asarray(0.3)}}  # type: ignore[dict-item]
    text = "Take `x = 1`, `max = 1`, `x = 10`, learning rate 1.\n\nIt gives all four weights 0.5.\n\n## Points\n\n0.5 each\n"
    changed = with_numbers(text, units, new)
    assert changed.startswith("Take `x = 0.35`, `max = 1`, `x = 10`, learning rate 0.3.\n")
    assert list(left_over(changed, units)) == [(3, "It gives all four weights 0.5.")]


def test_no_number_of_the_old_case_is_left_in_the_section_that_prints_it() -> None:
    task = copied(load("softmax_cross_entropy"), "mine", 1).files["task.md"].decode()
    section = task.partition("## Numbers to try")[2].partition("\n## ")[0]
    assert "s = " in section
    for old in ("0.665241", "2.236745", "0.7,", "0.524911"):
        assert old not in section


def test_values_are_replaced_in_a_file_and_its_comments_stay() -> None:
    text = 'a = 1 # "one"\n[t."u v"] # here\nb = { c = [1, 2], d = 3 }\n# end\n[[t.e]]\nb = 5\n'
    made = replaced(text, {("a",): 2, ("t", "u v", "b", "c"): [3.5], ("no",): 1})
    assert made == 'a = 2 # "one"\n[t."u v"] # here\nb = { c = [3.5], d = 3 }\n# end\n[[t.e]]\nb = 5\n'


def test_an_entry_over_several_lines_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"^a\.b$"):
        replaced("[a]\nb = [\n1,\n]\n", {("a", "b"): [2]})


def test_a_table_is_left_out_with_the_comment_above_it() -> None:
    text = '# all\n\n["a"]\nx = 1\n\n# of b\n["b"]\nx = 2\n\n# of c\n["c"]\nx = 3\n'
    assert without_tables(text, lambda name: name == "b") == '# all\n\n["a"]\nx = 1\n\n# of c\n["c"]\nx = 3\n'


def test_every_table_of_a_shipped_corpus_can_be_left_out() -> None:
    text = (shipped_folder() / "skip_network" / "submissions" / "expected.toml").read_text(encoding="utf-8")
    names = list(tomllib.loads(text))
    for gone in names[::20]:
        kept = tomllib.loads(without_tables(text, lambda name, gone=gone: name == gone))  # type: ignore[misc]
        assert list(kept) == [name for name in names if name != gone]

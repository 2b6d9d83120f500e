"""Reading an assignment folder: what a good one means, and what is said of each kind of bad entry."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.assignment import Role
from grader.assignment_file import load, read, shipped, shipped_folder
from grader.errors import AssignmentError, UsageError

GOOD = (shipped_folder() / "skip_network" / "assignment.toml").read_text(encoding="utf-8")
NETWORK = 'network = "reference.networks.skip_network:skip_network"'


def folder(tmp_path: Path, text: str, **files: str) -> Path:
    (tmp_path / "assignment.toml").write_text(text, encoding="utf-8")
    for name, content in files.items():
        (tmp_path / f"{name}.py").write_text(content, encoding="utf-8")
    return tmp_path


def exchanged(old: str, new: str) -> Callable[[], str]:
    def changed() -> str:
        assert GOOD.count(old) >= 1, f"the shipped file has no {old!r}"
        return GOOD.replace(old, new, 1)

    return changed


STEP = GOOD[GOOD.index("[functions.step]") : GOOD.index("[[questions]]")]

BAD = {
    # kind: (the text, the key that is named, a part of the message)
    "not TOML": (exchanged("schema = 1", "schema = = 1"), "", "not TOML"),
    "schema of another version": (exchanged("schema = 1", "schema = 2"), "schema", "Invalid enum value 2"),
    "key missing": (exchanged('title = "A network with a skip connection"\n', ""), "top level", "`title`"),
    "unknown key": (exchanged("schema = 1", "schema = 1\ncolour = 1"), "top level", "`colour`"),
    "wrong type": (exchanged('inputs = ["x"]', 'inputs = "x"'), "inputs", "a list is expected, not a text"),
    "wrong type in a list": (exchanged('inputs = ["x"]', "inputs = [1]"), "inputs", "a text is expected, not a whole number"),
    "unknown key of a function": (
        exchanged("[functions.step]\noptional", "[functions.step]\nfoo"), "functions", "`foo`"),
    "unknown leaf": (exchanged('inputs = ["x"]', 'inputs = ["x", "q"]'), "inputs, targets, parameters", "`q` is no leaf"),
    "leaf missing": (exchanged('inputs = ["x"]', "inputs = []"), "inputs, targets, parameters", "the network reads `x`"),
    "leaf twice": (exchanged('targets = ["y"]', 'targets = ["y", "x"]'), "inputs, targets, parameters", "more than once"),
    "no parameters": (exchanged('parameters = ["w0", "w1", "w2", "ws"]', "parameters = []"), "inputs, targets, parameters", "the network reads `w0`"),
    "loss that is not set": (exchanged('loss = "L"', 'loss = "J"'), "network", "does not set its loss `J`"),
    "network without a name": (exchanged(":skip_network", ""), "network", "has no `:NAME`"),
    "network module missing": (exchanged("reference.networks.skip_network:", "reference.nowhere:"), "network", "cannot be loaded"),
    "network function missing": (exchanged(":skip_network", ":nothing"), "network", "has no function `nothing`"),
    "network file missing": (exchanged("reference.networks.skip_network:", "absent.py:"), "network", "there is no file `absent.py`"),
    "unknown role": (exchanged("optional = true", 'optional = true\nrole = "stroll"'), "functions", "Invalid enum value 'stroll'"),
    "role not said": (exchanged("[functions.step]", "[functions.advance]"), "functions.advance", "is not said"),
    "name that is no name": (exchanged("[functions.step]", '[functions."a b"]\nrole = "step"'), "functions.a b", "no Python name"),
    "unknown value returned": (exchanged('"y_hat"]\n\n[functions.loss]', '"y"]\n\n[functions.loss]'), "functions.forward.returns", "`y` is no computed node"),
    "unknown gradient returned": (exchanged('"z1", "h0", "z0"]\nwelcome', '"z1", "h0", "z9"]\nwelcome'), "functions.backward.returns", "`z9` is no node"),
    "unknown new weight returned": (exchanged('"w2_new", "ws_new"]', '"w2_new", "ws"]'), "functions.update.returns", "`ws` is no updated parameter"),
    "returned twice": (exchanged('["z0", "h0", "z1"', '["z0", "z0", "z1"'), "functions.forward.returns", "more than once"),
    "welcome not in returns": (exchanged('welcome = ["y_hat"', 'welcome = ["x"'), "functions.backward.welcome", "`x` is no entry"),
    "everything welcome": (exchanged('welcome = ["y_hat"', 'welcome = ["w0", "w1", "w2", "ws", "y_hat"'), "functions.backward.welcome", "no result is required"),
    "unknown argument": (exchanged('arguments = ["y_hat", "y"]', 'arguments = ["y_hat", "k"]'), "functions.loss.arguments", "`k` is no argument"),
    "middle value as argument of forward": (exchanged('arguments = ["x", "w0"', 'arguments = ["h0", "w0"'), "functions.forward.arguments", "`h0` is asked for by another function"),
    "question without an id": (exchanged('id = "update"\n', ""), "questions", "`id`"),
    "question id with a slash": (exchanged('id = "update"', 'id = "a/b"'), "questions", "matching regex"),
    "a question called total": (exchanged('id = "update"', 'id = "total"'), "questions.id", "`total` means all questions together"),
    "questions of one id": (exchanged('id = "update"', 'id = "forward"'), "questions.id", "`forward` stands more than once"),
    "question of no function": (exchanged('functions = ["update", "step"]', "functions = []"), "questions.update", "for functions, or for formulas or numbers, or for a text"),
    "question of an unknown function": (exchanged('functions = ["update", "step"]', 'functions = ["update", "stop"]'), "questions.functions", "`stop` is no function"),
    "function in two questions": (exchanged('functions = ["update", "step"]', 'functions = ["update", "step", "loss"]'), "questions.functions", "`loss` stands more than once"),
    "function in no question": (exchanged('functions = ["update", "step"]', 'functions = ["update"]'), "questions", "no question asks for `step`"),
    "negative points": (exchanged("points = 4", "points = -4"), "questions", "> 0"),
    "no points": (exchanged("points = 4", "points = 0"), "questions", "> 0"),
    "infinite points": (exchanged("points = 4", "points = inf"), "questions.points", "`inf` is not finite"),
    "points that are no number": (exchanged("points = 4", "points = nan"), "questions.points", "`nan` is not finite"),
    "range empty": (exchanged("w1 = [-1.6, 1.6]", "w1 = [1.6, -1.6]"), "cases.ranges.w1", "is empty"),
    "range of one number": (exchanged("w1 = [-1.6, 1.6]", "w1 = [1.6]"), "cases.ranges", "length 2"),
    "range infinite": (exchanged("w1 = [-1.6, 1.6]", "w1 = [-inf, inf]"), "cases.ranges.w1", "finite"),
    "range missing": (exchanged("w1 = [-1.6, 1.6], ", ""), "cases.ranges", "`w1` has no range"),
    "rate's range missing": (exchanged(", lr = [0.1, 0.9]", ""), "cases.ranges", "`lr` has no range"),
    "range of an unknown leaf": (exchanged("w1 = [-1.6, 1.6]", "w1 = [-1.6, 1.6], q = [0, 1]"), "cases.ranges", "`q` is no leaf"),
    "worked value missing": (exchanged("w2 = 0.5\n", ""), "cases.worked", "`w2` has no value"),
    "worked value of an unknown leaf": (exchanged("w2 = 0.5\n", "w2 = 0.5\nq = 1\n"), "cases.worked", "`q` is no leaf"),
    "worked value not finite": (exchanged("w2 = 0.5\n", "w2 = nan\n"), "cases.worked", "finite"),
    "too many cases": (exchanged("drawn = 6", "drawn = 17"), "cases.drawn", "<= 16"),
    "no cases": (exchanged("drawn = 6", "drawn = 0"), "cases.drawn", ">= 1"),
    "near an unknown node": (exchanged('near = "y_hat"', 'near = "y_hut"'), "cases.y.near", "`y_hut` is no computed node"),
    "near with an empty range": (exchanged("else = [0.1, 1.0]", "else = [1.0, 0.1]"), "cases.y", "is empty"),
    "near by more than itself": (exchanged("within = 0.05", "within = 5"), "cases.y", "< 1"),
    "tolerance of a percent and more": (lambda: GOOD + "\n[marking]\nrtol = 0.1\n", "marking.rtol", "<= 0.01"),
    "follow share above one": (lambda: GOOD + "\n[marking]\nfollow_share = 2\n", "marking.follow_share", "<= 1"),
    "unknown way to compare": (lambda: GOOD + '\n[marking]\ncompare = "roughly"\n', "marking.compare", "roughly"),
    "no time": (exchanged("call_cpu_s = 2.0", "call_cpu_s = 0.0"), "limits.call_cpu_s", "> 0"),
    "hardly any memory": (exchanged("memory_mib = 512", "memory_mib = 1"), "limits.memory_mib", ">= 64"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_each_kind_of_bad_entry_is_named_with_file_key_and_remedy(kind: str, tmp_path: Path) -> None:
    text, key, part = BAD[kind]
    with pytest.raises(AssignmentError) as caught:
        read(folder(tmp_path, text()))
    message = caught.value.message
    assert message.startswith(f"{tmp_path / 'assignment.toml'}: {key}")
    assert part in message
    assert caught.value.remedy.strip()
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("code", "part"),
    [
        ("raise RuntimeError('no such thing')", "RuntimeError: no such thing"),
        ("def net(n: object) -> None", "SyntaxError"),
        ("net = 3", "has no function `net`"),
        ("def net(n):\n    n.z = n.w * n.x\n    n.z = n.w\n", "`z` is set after it was read or set"),
        ("def net(n):\n    pass\n", "does not set its loss `L`"),
    ],
)
def test_a_network_file_that_cannot_be_used_is_named(code: str, part: str, tmp_path: Path) -> None:
    text = GOOD.replace(NETWORK, 'network = "mine.py:net"')
    with pytest.raises(AssignmentError) as caught:
        read(folder(tmp_path, text, mine=code))
    assert caught.value.message.startswith(f"{tmp_path / 'assignment.toml'}: network: ")
    assert part in caught.value.message


def test_a_network_may_stand_in_the_folder(tmp_path: Path) -> None:
    code = "from reference.networks.skip_network import skip_network as net\n"
    found = read(folder(tmp_path, GOOD.replace(NETWORK, 'network = "mine.py:net"'), mine=code))
    assert found.units[0].graph.computed == ("z0", "h0", "z1", "h1", "z2", "y_hat", "L")
    assert found.name == tmp_path.name


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "assignment.toml").write_bytes(GOOD.encode() + b"# \xff\n")
    with pytest.raises(AssignmentError, match="not UTF-8"):
        read(tmp_path)


def test_a_folder_without_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(AssignmentError, match=re.escape(str(tmp_path / "assignment.toml"))):
        read(tmp_path)


# --------------------------------------------------------------------------------------------------------------
# Finding one


def test_a_shipped_assignment_is_found_by_name_and_any_by_its_folder(tmp_path: Path) -> None:
    assert "skip_network" in shipped()
    assert load("skip_network").name == "skip_network"
    assert load(str(folder(tmp_path, GOOD))).folder == tmp_path


def test_an_unknown_name_suggests_the_nearest_and_lists_all() -> None:
    with pytest.raises(UsageError) as caught:
        load("skip_netwrok")
    assert caught.value.message == "there is no assignment `skip_netwrok`"
    assert caught.value.remedy.startswith("did you mean `skip_network`?")
    with pytest.raises(UsageError) as caught:
        load("zebra")
    assert "did you mean" not in caught.value.remedy
    assert "skip_network" in caught.value.remedy


# --------------------------------------------------------------------------------------------------------------
# What a good one means


def test_points_add_up_to_what_they_are_on_paper() -> None:
    """1.8 + 1 + 1 + 1 + 1 + 1.5 + 1.2 + 0.6 + 0.45 + 0.45 is 10, and added one by one 9.999999999999998."""
    found = load("mlp_lab")
    assert found.max_points == 10.0


def test_the_shipped_file_is_read_as_written() -> None:
    found = load("skip_network")
    assert found.max_points == 10.0
    [unit] = found.units
    assert unit.parameters == ("w0", "w1", "w2", "ws")
    assert {name: spec.role for name, spec in unit.functions.items()} == {str(role): role for role in Role}
    backward = unit.functions["backward"]
    assert backward.quantities[0] == "dL/dw0"
    assert backward.required == {"dL/dw0", "dL/dw1", "dL/dw2", "dL/dws"}
    assert unit.functions["step"].optional
    assert unit.functions["loss"].single
    assert unit.cases.rate == (0.1, 0.9)
    assert found.limits.imports == ("numpy",)
    assert (found.policy.rtol, found.policy.follow_share, found.policy.edge_cost) == (1e-4, 1.0, 0.2)


def test_an_author_may_change_the_numbers_of_marking(tmp_path: Path) -> None:
    marking = (
        '\n[marking]\nrtol = 1e-6\natol = 1e-9\ncompare = "elementwise"\nfollow_share = 0.5\nedge_cost = 1\n'
    )
    policy = read(folder(tmp_path, GOOD + marking)).policy
    assert (policy.rtol, policy.atol, policy.elementwise) == (1e-6, 1e-9, True)
    assert (policy.follow_share, policy.edge_cost) == (0.5, 1.0)


def test_the_digest_changes_with_the_definition_and_with_the_networks_code(tmp_path: Path) -> None:
    text = GOOD.replace(NETWORK, 'network = "mine.py:net"')
    code = "from reference.networks.skip_network import skip_network as net\n"
    first = read(folder(tmp_path, text, mine=code)).digest
    assert read(folder(tmp_path, text, mine=code)).digest == first
    assert read(folder(tmp_path, text, mine=code + "# other\n")).digest != first
    assert read(folder(tmp_path, text + "# other\n", mine=code)).digest != first

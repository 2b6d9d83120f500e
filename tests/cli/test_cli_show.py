"""`list`, `show` and `doctor` say what there is, with `--json` as one document."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from installed import call

from grader import __version__

WORKED = {
    "z0": 0.5, "h0": 0.5, "z1": 0.25, "h1": 0.25, "z2": 0.375, "y_hat": 0.375, "L": 3.375,
    "dL/dy_hat": 1.0, "dL/dz2": 1.0, "dL/dws": 0.5, "dL/dw2": 0.25, "dL/dh1": 0.5, "dL/dz1": 0.5, "dL/dw1": 0.25,
    "dL/dh0": 0.75, "dL/dz0": 0.75, "dL/dw0": 0.75,
    "w0_new": -0.25, "w1_new": 0.25, "w2_new": 0.25, "ws_new": 0.0,
}  # fmt: skip
"""The worked case by hand, for x = 1, y = -3, every weight 1/2 and a learning rate of 1."""


def test_show_gives_the_worked_case_to_the_last_digit() -> None:
    document = call("show", "skip_network", "--json").document

    assert list(document) == ["schema", "assignment", "case", "quantities"]
    assert (document["schema"], document["assignment"], document["case"]) == (1, "skip_network", "worked")
    assert {entry["name"]: entry["value"] for entry in document["quantities"]} == WORKED
    assert len(document["quantities"]) == len(WORKED)


def test_show_writes_every_value_as_a_float_with_shape_and_question_and_no_zero_as_negative() -> None:
    for entry in call("show", "skip_network", "--json").document["quantities"]:
        assert list(entry) == ["name", "value", "shape", "question"]
        assert type(entry["value"]) is float
        assert math.copysign(1.0, entry["value"]) > 0 or entry["value"] < 0
        assert entry["shape"] == []
        kind = "update" if entry["name"].endswith("_new") else "forward"
        assert entry["question"] == ("gradients" if "/" in entry["name"] else kind)


def test_show_for_people_has_every_quantity_with_its_value() -> None:
    done = call("show", "skip_network")
    rows = {line.split()[1]: line.split()[2] for line in done.out.splitlines() if len(line.split()) == 3}
    assert {name: float(rows[name]) for name in WORKED} == WORKED
    assert "-0 " not in done.out
    assert done.err == ""


def test_show_says_so_where_there_is_no_worked_case(tmp_path: Path) -> None:
    (tmp_path / "network.py").write_text("def double(n):\n    n.L = 2.0 * n.x\n", encoding="utf-8")
    text = (
        'schema = 1\ntitle = "Twice"\nnetwork = "network.py:double"\ninputs = ["x"]\ntargets = []\nparameters = []\n'
        '[functions.loss]\narguments = ["x"]\nreturns = "L"\n'
        '[[questions]]\nid = "all"\nfunctions = ["loss"]\npoints = 1\n'
        "[cases]\nranges = { x = [1.0, 2.0] }\n"
    )
    (tmp_path / "assignment.toml").write_text(text, encoding="utf-8")
    assert call("show", str(tmp_path)).out == "Twice: no worked case is printed (`[cases.worked]`)\n"


def test_list_names_the_shipped_assignments() -> None:
    document = call("list", "--json").document
    assert list(document) == ["schema", "assignments"]
    entry = next(entry for entry in document["assignments"] if entry["name"] == "skip_network")
    assert entry == {"name": "skip_network", "title": "A network with a skip connection", "points": 10.0}
    assert "skip_network" in call("list").out


def test_doctor_says_which_isolation_is_in_force() -> None:
    document = call("doctor", "--json").document
    assert document["isolation"] in ("process", "limits", "seal", "fence", "jail")
    assert document["grader"] == __version__
    assert all(
        isinstance(probe["name"], str) and isinstance(probe["available"], bool)
        for probe in document["probes"]
    )
    assert f"isolation  {document['isolation']}" in call("doctor").out


def test_the_version_is_that_of_the_package() -> None:
    assert call("--version").out == f"grader, version {__version__}\n"


@pytest.mark.parametrize("command", ["demo", "list", "show", "check", "grade", "report", "doctor"])
def test_every_command_has_help_and_stands_in_the_list_of_commands(command: str) -> None:
    done = call(command, "--help")
    assert done.code == 0
    assert done.out.startswith(f"Usage: grader {command}")
    assert f"\n  {command} " in call("--help").out

"""What authors get wrong at first is one message that says where it is and what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.assignment_file import read
from grader.authoring.folder import small, write
from grader.errors import AssignmentError

TOML, NETWORK = "assignment.toml", "network.py"

TRIES = {
    # what is wrong: (file, what stands there, what the author wrote, a part of the message, a part of the remedy)
    "key at the top": (TOML, "parameters =", "paramters =", "no key `paramters`", "did you mean `parameters`?"),
    "key of a function": (TOML, 'ts = ["x", "w", "b"]', 't = ["x", "w", "b"]', "functions.forward: there is no key `argument`", "`arguments`?"),
    "key of a question": (TOML, "points = 3", "point = 3", "questions[0]: there is no key `point`", "`points`?"),
    "key of the cases": (TOML, "ranges =", "range =", "cases: there is no key `range`", "`ranges`?"),
    "name of a table": (TOML, "[functions.forward]", "[function.forward]", "no key `function`", "`functions`?"),
    "number for a pair": (TOML, "x = [-2.0, 2.0]", "x = 2.0", "cases.ranges.x: a list is expected, not a number", "docs/authors.md"),
    "text for a number": (TOML, "points = 3", 'points = "3"', "questions[0].points: a number is expected, not a text", "docs/authors.md"),
    "no points": (TOML, "points = 3", "points = 0", "a number > 0.0 is expected", "docs/authors.md"),
    "leaf without a range": (TOML, "x = [-2.0, 2.0], ", "", "`x` has no range", "add x = [LOW, HIGH]"),
    "function that nobody asks for": (TOML, '["forward", "loss"]', '["forward"]', "no question asks for `loss`", "add it to a question"),
    "file of the network": (TOML, "network.py:", "net.py:", "there is no file `net.py`", "name of the file"),
    "unset node": (NETWORK, "    n.z = n.w * n.x + n.b\n", "", "`x` is no leaf of the network: the network never reads it", "never set: z, y"),
    "node as an input": (TOML, 'inputs = ["x"]', 'inputs = ["x", "z"]', "`z` is no leaf of the network: the network sets it", "leave it out here"),
    "function of NumPy": (NETWORK, "sigmoid(n.z)", "__import__('numpy').exp(n.z)", "network.py, line 8: TypeError", "no other function of NumPy"),
    "function of math": (NETWORK, "sigmoid(n.z)", "__import__('math').exp(n.z)", "network.py, line 8: TypeError", "no other function of NumPy"),
    "branch on a value": (NETWORK, "sigmoid(n.z)", "n.z if n.z > 0 else 0", "network.py, line 8: TypeError", "no `if` on a value"),
    "too many inputs": (NETWORK, "sigmoid(n.z)", "sigmoid(n.z, 3)", "network.py, line 8: sigmoid takes 1 inputs", "network function"),
}  # fmt: skip


@pytest.mark.parametrize("tried", TRIES)
def test_a_first_try_is_answered_with_where_it_is_and_what_was_meant(tmp_path: Path, tried: str) -> None:
    file, there, written, message, remedy = TRIES[tried]
    folder = tmp_path / "mine"
    write(folder, small("mine"))
    text = (folder / file).read_text(encoding="utf-8")
    assert there in text
    (folder / file).write_text(text.replace(there, written, 1), encoding="utf-8")
    with pytest.raises(AssignmentError) as caught:
        read(folder)
    assert message in caught.value.message
    assert remedy in caught.value.remedy

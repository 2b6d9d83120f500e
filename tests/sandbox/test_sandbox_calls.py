"""Claims on many small calls in a row: what each gave, whatever the next one does."""

from __future__ import annotations

import math

import pytest
from sandbox_jobs import call, outcome

from grader.model import Ending


@pytest.mark.parametrize(
    ("end", "ending"),
    [
        ("os._exit(0)", Ending.KILLED),
        ("os.abort()", Ending.KILLED),
        ("while True: pass", Ending.TIMEOUT),
        ("raise ValueError", Ending.RAISED),
    ],
)
def test_what_a_call_gave_is_kept_when_the_next_one_ends_the_process(end: str, ending: Ending) -> None:
    text = f"import os\ndef f(x):\n    if x == 2.0:\n        {end}\n    return x\ndef g(): return 4.0\n"
    got = outcome(text, call("f", 1.0), call("f", 2.0), call("g"))
    assert (got.calls[0].value, got.calls[1].ending, got.calls[2].value) == (1.0, ending, 4.0)


@pytest.mark.parametrize(
    ("argument", "change", "changed"),
    [
        ({"w": 1.0, "b": [2.0, None]}, "pass", ()),
        ({"w": 1.0}, "x['w'] = 1.0", ()),
        ({"w": 1.0}, "x['w'] = 1", (0,)),
        ({"w": 0.0}, "x['w'] = -0.0", (0,)),
        ({"w": math.nan}, "pass", ()),
        ({"w": 1.0}, "x['v'] = 1.0", (0,)),
        ([1.0, (2.0, [3.0])], "x[1][1].append(4.0)", (0,)),
        (([1.0],), "x[0].clear()", (0,)),
        ([True, 1, "a", 10**30, math.inf], "pass", ()),
        (1.5, "x += 1", ()),
        ("text", "x += 'b'", ()),
        (None, "x = 1", ()),
    ],
)
def test_a_change_of_an_argument_is_told_and_none_is_made_up(
    argument: object, change: str, changed: tuple[int, ...]
) -> None:
    got = outcome(f"def f(x):\n    {change}\n", call("f", argument))
    assert got.calls[0].changed_arguments == changed


@pytest.mark.parametrize(
    "draw",
    ["import random\nf = lambda: random.random()", "import numpy as np\nf = lambda: float(np.random.rand())"],
)
def test_a_random_number_depends_on_the_call_alone(draw: str) -> None:
    got = outcome(draw, call("f"), call("f"))
    alone = outcome(f"g = lambda: None\n{draw}", call("g"), call("f"))
    assert got.calls[0].value != got.calls[1].value
    assert got.calls[1].value == alone.calls[1].value


def test_what_is_printed_belongs_to_its_call() -> None:
    got = outcome("def f(x): print(x)\n", *(call("f", float(number)) for number in range(3)))
    assert [made.printed for made in got.calls] == ["0.0\n", "1.0\n", "2.0\n"]

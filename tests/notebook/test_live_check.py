"""What a check does with live functions: copies, exceptions, prints, chance, time, parts; and what it leaves as it was."""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from corpus import ASSIGNMENTS
from live_code import SKIP_NETWORK, defined

from grader.errors import UsageError
from grader.notebook import Check
from grader.notebook.live import StoppedError

LAYERS = (ASSIGNMENTS / "two_layer_net" / "solution.py").read_text(encoding="utf-8")
DOUBLED = """
_relu_backward = relu_backward

def relu_backward(dout, cache):
    return 2 * _relu_backward(dout, cache)
"""


def _checked(path: Path, text: str, *questions: str) -> str:
    return str(Check("skip_network", namespace=defined(text, path / "code.py"))(*questions))


def test_right_functions_pass_and_nothing_is_called_correct_beyond_the_practice_cases(tmp_path: Path) -> None:
    text = _checked(tmp_path, SKIP_NETWORK)
    assert "No mistake was found on the worked case and the practice cases." in text
    assert text.endswith("Practice cases pass; marking uses other cases.")


def test_it_says_that_it_looked_at_the_live_notebook_and_what_can_differ(tmp_path: Path) -> None:
    text = _checked(tmp_path, SKIP_NETWORK)
    assert "looked at what the notebook holds now" in text
    assert "run from top to bottom" in text


def test_one_question_is_shown_alone(tmp_path: Path) -> None:
    text = _checked(tmp_path, SKIP_NETWORK, "gradients")
    assert "dL/dw0" in text
    assert "w0_new" not in text
    assert "y_hat  " not in text.replace("dL/dy_hat", "")


def test_a_mistake_in_another_question_is_named_where_this_one_follows_from_it(tmp_path: Path) -> None:
    """`ws` for `w1` in z1 alone: the gradients are worked out from the student's own values."""
    text = (
        SKIP_NETWORK
        + "\n_right = forward\n\ndef forward(x, w0, w1, w2, ws):\n    return _right(x, w0, -w1, w2, ws)\n"
    )
    shown = _checked(tmp_path, text, "forward")
    assert "First mistake: z1" in shown


def test_an_exception_is_told_with_the_line_of_the_student(tmp_path: Path) -> None:
    text = SKIP_NETWORK + "\ndef update(weights, gradients, lr):\n    raise KeyError('w9')\n"
    line = text.splitlines().index("    raise KeyError('w9')") + 1
    shown = _checked(tmp_path, text, "update")
    assert f"`update` raised KeyError: 'w9' (code.py, line {line})" in shown
    assert "Traceback" not in shown


def test_what_functions_print_is_kept_and_does_not_reach_the_cell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        SKIP_NETWORK
        + "\n_loss = loss\n\ndef loss(y_hat, y):\n    print('seen', y)\n    return _loss(y_hat, y)\n"
    )
    shown = _checked(tmp_path, text, "forward")
    assert "What your code printed:\nseen -3.0" in shown
    assert capsys.readouterr().out == ""


def test_printing_without_end_is_ended(tmp_path: Path) -> None:
    text = (
        SKIP_NETWORK
        + "\ndef update(weights, gradients, lr):\n    while True:\n        print('x' * 100_000)\n"
    )
    assert "printed or returned more than the limits allow" in _checked(tmp_path, text, "update")


def test_input_is_refused_and_comes_back(tmp_path: Path) -> None:
    text = SKIP_NETWORK + "\ndef update(weights, gradients, lr):\n    input('weight? ')\n"
    before = input
    assert "input is not available while grading" in _checked(tmp_path, text, "update")
    assert input is before


def test_the_generators_of_chance_go_on_where_they_were(tmp_path: Path) -> None:
    text = (
        SKIP_NETWORK
        + "\nimport numpy as np\n_old = loss\n\ndef loss(a, b):\n    np.random.rand(3)\n    return _old(a, b)\n"
    )
    with np.printoptions(threshold=sys.maxsize):
        before = random.getstate(), str(np.random.get_state(legacy=False))  # noqa: NPY002  (students')
        _checked(tmp_path, text, "forward")
        assert (random.getstate(), str(np.random.get_state(legacy=False))) == before  # noqa: NPY002


def test_a_call_beyond_the_limit_of_grading_is_told_when_it_returns(tmp_path: Path) -> None:
    """The limit of the assignment is 2 s of CPU time."""
    slow = "\nimport time\n\ndef update(weights, gradients, lr):\n    end = time.thread_time() + 2.3\n"
    slow += "    while time.thread_time() < end:\n        pass\n    return weights\n"
    started = time.thread_time()
    shown = _checked(tmp_path, SKIP_NETWORK + slow, "update")
    assert "`update` took more than 2 s of CPU time" in shown
    assert "not called again" in shown
    assert time.thread_time() - started < 10


def test_ctrl_c_stops_the_check_and_says_where(tmp_path: Path) -> None:
    text = SKIP_NETWORK + "\ndef update(weights, gradients, lr):\n    raise KeyboardInterrupt\n"
    line = len(text.splitlines())
    with pytest.raises(KeyboardInterrupt) as stopped:
        _checked(tmp_path, text, "update")
    assert isinstance(stopped.value, StoppedError)
    assert str(stopped.value) == f"stopped while `update` was running (code.py, line {line})"


def test_a_name_that_is_not_there_is_missing_and_a_near_one_is_named(tmp_path: Path) -> None:
    text = SKIP_NETWORK.replace("def update(", "def updated(")
    assert "no function `update` in this notebook" in _checked(tmp_path, text, "update")
    assert "did you mean `updated`?" in _checked(tmp_path, text, "update")


def test_a_name_that_is_no_function_is_told_with_its_type(tmp_path: Path) -> None:
    assert "not a function but of type int" in _checked(tmp_path, SKIP_NETWORK + "\nupdate = 3\n", "update")


def test_functions_of_an_imported_file_are_found_where_the_notebook_imports_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The notebook has `forward` by name; the file has the rest."""
    (tmp_path / "my_network_of_today.py").write_text(SKIP_NETWORK, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    namespace = defined("from my_network_of_today import forward\n", tmp_path / "code.py")
    shown = str(Check("skip_network", namespace=namespace)("gradients"))
    assert "No mistake was found" in shown


def test_what_the_notebook_defines_is_meant_whatever_its_files_define(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_network_of_old.py").write_text(
        SKIP_NETWORK.replace("weights[", "-weights["), encoding="utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)
    namespace = defined("from my_network_of_old import *\n", tmp_path / "imports.py")
    check = Check("skip_network", namespace=defined(SKIP_NETWORK, tmp_path / "code.py", namespace))
    assert "No mistake was found" in str(check())


def test_known_good_parts_stand_in_for_the_time_of_the_calls_alone(tmp_path: Path) -> None:
    """A wrong relu_backward is replaced where the network is looked at, and is the student's own again afterwards."""
    namespace = defined(LAYERS + DOUBLED, tmp_path / "code.py")
    before, modules = dict(namespace), set(sys.modules)
    shown = str(Check("two_layer_net", namespace=namespace)())
    assert "First mistake: " in shown
    assert namespace == before
    assert set(sys.modules) - modules <= {
        name for name in sys.modules if name.startswith(("grader", "reference"))
    }


def test_arguments_are_copies_so_that_a_function_that_changes_them_is_told(tmp_path: Path) -> None:
    text = (
        SKIP_NETWORK
        + "\n_up = update\n\ndef update(weights, gradients, lr):\n    new = _up(dict(weights), gradients, lr)\n    weights.clear()\n    return new\n"
    )
    assert "changes its argument `weights` in place" in _checked(tmp_path, text, "update")


def test_hints_go_from_the_place_over_the_kind_to_the_rule(tmp_path: Path) -> None:
    """The mask of h0 is left out: dL/dz0 is dL/dh0."""
    wrong = "\n_back = backward\n\ndef backward(x, y, w0, w1, w2, ws):\n    g = _back(x, y, w0, w1, w2, ws)\n    g['ws'] = -g['ws']\n    return g\n"
    check = Check("skip_network", namespace=defined(SKIP_NETWORK + wrong, tmp_path / "code.py"))
    where, kind, rule = (str(check("gradients", hint=hint)) for hint in (1, 2, 3))
    assert "dL/dws" in where
    assert "sign" not in where
    assert "sign" in kind
    assert "The rule: dL/dws = " not in kind
    assert "The rule: dL/dws = " in rule


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda check: check("gradient"), "no question `gradient` (did you mean `gradients`?)"),
        (lambda check: check("gradients", hint=4), "there is no hint 4"),
        (lambda check: check("gradients", text="x"), "asks for code, not for a text"),
        (lambda check: check.file("nowhere.ipynb"), "nowhere.ipynb"),
    ],
)
def test_a_wrong_call_is_told_in_one_message(call: object, message: str) -> None:
    assert callable(call)
    with pytest.raises(UsageError) as told:
        call(Check("skip_network", namespace={}))
    assert message in told.value.message
    assert told.value.remedy


def test_written_work_is_handed_over_as_text() -> None:
    text = "$$\\frac{\\partial L}{\\partial \\hat{y}} = -sign(y - \\hat{y})$$"
    shown = str(Check("skip_network_by_hand", namespace={})(text=text))
    assert "right  line 1" in shown
    assert "dL/dy_hat" in shown


def test_a_text_shows_the_questions_that_it_answers_and_one_that_is_asked_for() -> None:
    text = "$h_0 = ReLU(z_0)$"
    check = Check("skip_network_by_hand", namespace={})
    assert "No heading" not in str(check(text=text))
    assert "No heading" in str(check("skip_effect", text=text))


def test_what_only_follows_from_other_questions_is_never_called_correct(tmp_path: Path) -> None:
    """With a known-good relu_backward the network is right: the mistake is in another question, which is named."""
    namespace = defined(LAYERS + DOUBLED, tmp_path / "code.py")
    network = str(Check("two_layer_net", namespace=namespace)("network"))
    assert "Everything is correct" not in network
    assert "The first mistake is in \N{LEFT DOUBLE QUOTATION MARK}" in network
    assert "What is not correct here follows from it." in network


def test_without_its_text_written_work_is_not_looked_at_and_it_says_what_to_do() -> None:
    result = Check("skip_network_by_hand", namespace={})()
    assert result.grade is None
    assert not result.is_all_correct
    assert 'check.file("NAME.ipynb")' in str(result)
    assert "missing" not in str(result)

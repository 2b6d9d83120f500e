"""Solutions are taken out between their markers, and a slip of the author is an error with file and line, never a leak."""

from __future__ import annotations

import pytest

from grader.errors import AssignmentError
from grader.markers import has_markers, without_solution

FUNCTION = '''\
def double(x):
    """Return 2 x."""
    # BEGIN SOLUTION
    y = x + x
    return y
    # END SOLUTION


def half(x):
    return x / 2
'''


def of_python(text: str) -> str:
    return without_solution(text, ".py", "solution.py")


def test_in_a_function_a_solution_becomes_not_yet_written() -> None:
    assert of_python(FUNCTION) == (
        'def double(x):\n    """Return 2 x."""\n    raise NotImplementedError("not yet written")\n'
        "\n\ndef half(x):\n    return x / 2\n"
    )


def test_the_indentation_is_that_of_the_solution_wherever_its_markers_stand() -> None:
    text = "def f(x):\n    if x:\n# BEGIN SOLUTION\n        return 1\n# END SOLUTION\n    return 2\n"
    expected = 'def f(x):\n    if x:\n        raise NotImplementedError("not yet written")\n    return 2\n'
    assert of_python(text) == expected


def test_outside_of_functions_a_solution_leaves_nothing_and_the_gap_closes() -> None:
    text = "a = 1\n\n\n# BEGIN SOLUTION\ndef helper():\n    return 2\n\n\n# END SOLUTION\n\n\ndef f():\n    return a\n"
    assert of_python(text) == "a = 1\n\n\ndef f():\n    return a\n"


def test_a_solution_at_the_end_leaves_no_empty_lines() -> None:
    assert of_python("a = 1\n\n\n# BEGIN SOLUTION\nb = 2\n# END SOLUTION\n") == "a = 1\n"


def test_what_stands_behind_else_takes_the_place_of_the_solution() -> None:
    text = "def f():\n    # BEGIN SOLUTION else: return None  # yours\n    return 2\n    # END SOLUTION\n"
    assert of_python(text) == "def f():\n    return None  # yours\n"


def test_an_else_with_nothing_behind_it_leaves_nothing() -> None:
    text = "def f():\n    x = 1\n    # BEGIN SOLUTION else:\n    x = 2\n    # END SOLUTION\n    return x\n"
    assert of_python(text) == "def f():\n    x = 1\n    return x\n"


def test_the_markers_of_nbgrader_are_read_too() -> None:
    text = "def f():\n    ### BEGIN SOLUTION\n    return 2\n    ### END SOLUTION\n"
    assert of_python(text) == 'def f():\n    raise NotImplementedError("not yet written")\n'


@pytest.mark.parametrize(
    ("ending", "begin", "end"),
    [
        (".md", "<!-- BEGIN SOLUTION -->", "<!-- END SOLUTION -->"),
        (".tex", "% BEGIN SOLUTION", "  %% END SOLUTION"),
        (".txt", "# BEGIN SOLUTION", "# END SOLUTION"),
    ],
)
def test_texts_have_markers_of_their_own_and_nothing_is_left(ending: str, begin: str, end: str) -> None:
    text = f"Why?\n\n{begin}\nBecause.\n{end}\n\nWhat?\n"
    assert without_solution(text, ending, "solution") == "Why?\n\nWhat?\n"


def test_a_text_may_say_what_stands_in_the_place_of_an_answer() -> None:
    text = "Why?\n<!-- BEGIN SOLUTION else: *two sentences* -->\nBecause.\n<!-- END SOLUTION -->\n"
    assert without_solution(text, ".md", "solution.md") == "Why?\n*two sentences*\n"


def test_a_text_without_markers_stays_as_it_is() -> None:
    text = "The solution begins here.\n\n\n"
    assert not has_markers(text)
    assert without_solution(text, ".md", "solution.md") == text


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("def f():\n    # BEGIN SOLUTION\n    return 2\n", 2, "never ends"),
        ("x = 1\n# END SOLUTION\n", 2, "never began"),
        (
            "# BEGIN SOLUTION\nx = 1\n# BEGIN SOLUTION\n# END SOLUTION\n",
            3,
            "begins inside the one that begins in line 1",
        ),
        ("x = 1  # BEGIN SOLUTION\n# END SOLUTION\n", 1, "not read"),
        ("# begin solution\nx = 1\n# end solution\n", 1, "not read"),
        ("# BEGIN_SOLUTION\nx = 1\n# END SOLUTION\n", 1, "not read"),
        ("# BEGIN SOLUTION:\nx = 1\n# END SOLUTION\n", 1, "not read"),
        ("# BEGIN SOLUTION\nx = (\n# END SOLUTION\n", 2, "no Python"),
    ],
)
def test_markers_that_do_not_fit_are_an_error_with_file_and_line(text: str, line: int, said: str) -> None:
    with pytest.raises(AssignmentError) as raised:
        of_python(text)
    assert raised.value.message.startswith(f"solution.py: line {line}: ")
    assert said in raised.value.message
    assert raised.value.remedy


@pytest.mark.parametrize("ending", [".md", ".tex"])
def test_a_marker_of_another_language_is_an_error(ending: str) -> None:
    with pytest.raises(AssignmentError, match="line 1: this marker is not read"):
        without_solution("# BEGIN SOLUTION\nx\n# END SOLUTION\n", ending, "solution")


def test_code_that_falls_apart_without_its_solution_is_an_error_with_the_way_out() -> None:
    text = "class A:\n    # BEGIN SOLUTION\n    def f(self):\n        return 1\n    # END SOLUTION\n"
    with pytest.raises(AssignmentError, match="without its solution it is no Python") as raised:
        of_python(text)
    assert "else: pass" in raised.value.remedy
    assert of_python(text.replace("BEGIN SOLUTION", "BEGIN SOLUTION else: pass")) == "class A:\n    pass\n"
